import { describe, expect, it } from 'vitest';
import { identity, joinFields, makeIdentity, verifyIdentity } from './identity.ts';
import { generateKey } from './keys.ts';
import { signerOf } from './signer.ts';

const fingerprint = 'ab'.repeat(32);

describe('an identity', () => {
  it('holds for its meeting, its fingerprint and its key', async () => {
    const [ada, eve] = [signerOf(await generateKey()), signerOf(await generateKey())];
    const good = await makeIdentity(ada, 'm', fingerprint);
    expect(await verifyIdentity(good, 'm')).toEqual({ key: ada.key, fingerprint });
    expect(await verifyIdentity({ ...good, fingerprint: fingerprint.toUpperCase() }, 'm')).toEqual({ key: ada.key, fingerprint });
    expect(await verifyIdentity(good, 'n')).toBeUndefined();
    expect(await verifyIdentity({ ...good, fingerprint: 'ac'.repeat(32) }, 'm')).toBeUndefined();
    expect(await verifyIdentity({ ...good, fingerprint: 'no' }, 'm')).toBeUndefined();
    expect(await verifyIdentity({ ...good, key: eve.key }, 'm')).toBeUndefined();
    expect(await verifyIdentity({ ...good, key: '' }, 'm')).toBeUndefined();
  });

  it('is read from three texts and nothing else', async () => {
    const good = await makeIdentity(signerOf(await generateKey()), 'm', fingerprint.toUpperCase());
    expect(identity({ ...good, more: 1 })).toEqual(good);
    const bad = [null, {}, { ...good, key: 4 }, { ...good, signature: 'x' }, { ...good, fingerprint: 'ab:cd' }];
    for (const each of bad) expect(identity(each)).toBeUndefined();
  });

  it('is not made of what is no fingerprint', () => {
    expect(() => joinFields('m', 'no', new Uint8Array(), fingerprint)).toThrow(RangeError);
  });
});
