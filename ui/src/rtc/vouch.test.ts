import { describe, expect, test } from 'vitest';

import { generateKey } from '../trust/keys.ts';
import { makeIdentity } from '../trust/identity.ts';
import { signerOf } from '../trust/signer.ts';
import { Voucher } from './vouch.ts';

/** Guards the one rule that makes the code of a meeting mean something: no link to a certificate that its owner's key did not sign. */

const OURS = 'ab'.repeat(32);
const line = (hex: string): string => `a=fingerprint:sha-256 ${(hex.toUpperCase().match(/../g) ?? []).join(':')}`;
const sdp = (...fingerprints: string[]): string => ['v=0', ...fingerprints.map(line), 'm=audio 9 UDP/TLS/RTP/SAVPF 111', ''].join('\r\n');

describe('a description that its sender does not vouch for', () => {
  test('is refused: another certificate, none, a second one', async () => {
    const identity = await makeIdentity(signerOf(await generateKey()), 'm', OURS);
    expect(await new Voucher(identity, 'm').vouchesFor(sdp(OURS))).toBe(true);
    expect(await new Voucher(identity, 'm').vouchesFor(sdp('cd'.repeat(32)))).toBe(false);
    expect(await new Voucher(identity, 'm').vouchesFor(sdp())).toBe(false);
    expect(await new Voucher(identity, 'm').vouchesFor(sdp(OURS, 'cd'.repeat(32)))).toBe(false);
  });

  test('is refused under a signature for another meeting, or by another key', async () => {
    const [ada, eve] = [signerOf(await generateKey()), signerOf(await generateKey())];
    const identity = await makeIdentity(ada, 'm', OURS);
    expect(await new Voucher(identity, 'n').vouchesFor(sdp(OURS))).toBe(false);
    expect(await new Voucher({ ...identity, key: eve.key }, 'm').vouchesFor(sdp(OURS))).toBe(false);
  });

  test('of a minimal client is taken as it is', async () => {
    expect(await new Voucher(undefined, 'm').vouchesFor(sdp('cd'.repeat(32)))).toBe(true);
  });
});
