import { describe, expect, it } from 'vitest';
import { compare, fromBase64url, fromHex32, toBase64url, utf8 } from './bytes.ts';
import { exportKey, generateKey, importKey, isPublicKey, isSignature, sign, verify } from './keys.ts';

describe('keys', () => {
  it('sign what only they verify', async () => {
    const [ada, eve] = [await generateKey(), await generateKey()];
    const signature = await sign(ada, utf8('a'));
    expect(await verify(ada.public, utf8('a'), signature)).toBe(true);
    expect(await verify(ada.public, utf8('b'), signature)).toBe(false);
    expect(await verify(eve.public, utf8('a'), signature)).toBe(false);
    expect([ada.public.length, signature.length]).toEqual([87, 86]);
    expect([isPublicKey(ada.public), isSignature(signature)]).toEqual([true, true]);
  });

  it('are the same after a page was loaded anew', async () => {
    const key = await generateKey();
    const kept = JSON.parse(JSON.stringify(await exportKey(key))) as JsonWebKey;
    const again = await importKey(kept);
    expect(again?.public).toBe(key.public);
    if (again !== undefined) expect(await verify(key.public, utf8('a'), await sign(again, utf8('a')))).toBe(true);
  });

  it('are not made of anything else', async () => {
    const kept = await exportKey(await generateKey());
    const other = await exportKey(await generateKey());
    for (const bad of [{}, { ...kept, x: 'AAAA' }, { ...kept, d: '' }, { ...kept, kty: 'oct' }]) {
      expect(await importKey(bad)).toBeUndefined();
    }
    // Halves of two keys: whatever a library makes of them, nothing that it signs is good under the name.
    const mixed = await importKey({ ...kept, d: other.d ?? '' });
    if (mixed !== undefined) {
      expect(await verify(mixed.public, utf8('a'), await sign(mixed, utf8('a')))).toBe(false);
    }
  });

  it.each(['', 'A', 'A'.repeat(87), 'A'.repeat(86), 'ä'.repeat(87), 'B'.repeat(87)])('verify nothing as %s', async (bad) => {
    const key = await generateKey();
    const signature = await sign(key, utf8('a'));
    expect(isPublicKey(bad)).toBe(false);
    expect(await verify(bad, utf8('a'), signature)).toBe(false);
    expect(await verify(key.public, utf8('a'), bad)).toBe(false);
  });

  it('verify nothing with a point that is not on the curve', async () => {
    const point = new Uint8Array(65).fill(7);
    point[0] = 4;
    expect(await verify(toBase64url(point), utf8('a'), await sign(await generateKey(), utf8('a')))).toBe(false);
  });
});

describe('bytes', () => {
  it('have one text', () => {
    expect(fromBase64url('AQE', 2)).toEqual(Uint8Array.of(1, 1));
    // The same two bytes with a bit set that is not looked at, with padding, in the other alphabet, of another length.
    for (const bad of ['AQF', 'AQE=', 'AQ+', 'AQ', 'AQEA']) expect(fromBase64url(bad, 2)).toBeUndefined();
    expect(toBase64url(Uint8Array.of(251, 255))).toBe('-_8');
  });

  it('are read from 64 hexadecimal digits in lower case alone', () => {
    expect(fromHex32('ab'.repeat(32))).toEqual(new Uint8Array(32).fill(0xab));
    for (const bad of ['AB'.repeat(32), 'ab'.repeat(31), `${'ab'.repeat(31)}ag`, '']) expect(fromHex32(bad)).toBeUndefined();
  });

  it('stand in the order in which Rust sorts them', () => {
    expect(compare(Uint8Array.of(1, 255), Uint8Array.of(2))).toBeLessThan(0);
    expect(compare(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
    expect(compare(Uint8Array.of(1, 0), Uint8Array.of(1))).toBeGreaterThan(0);
    expect(compare(utf8('a'), utf8('a'))).toBe(0);
    // UTF-16 has these the other way round.
    expect(compare(utf8('𝄞'), utf8('\ufb01'))).toBeGreaterThan(0);
  });
});
