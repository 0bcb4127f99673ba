import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Identity } from '../../protocol/generated/Identity.ts';
import type { SignedSignal } from '../../rtc/line/envelope.ts';
import { generateKey } from '../../trust/keys.ts';
import { signerOf, type Signer } from '../../trust/signer.ts';
import { isSigned, Openings, signSignal, type Opened, type Parties } from './passing.ts';
import { Rate } from './rate.ts';
import { ReplayWindow } from './replay-window.ts';

/** Guards: whoever passes a signal on can drop and delay it, and can neither make one nor change one nor say it twice. */

const FINGERPRINT = 'ab'.repeat(32);
const parties: Parties = { meetingId: 'm', from: 'ana', to: 'cyd', fingerprint: FINGERPRINT };
const data = { type: 'offer', sdp: `v=0\r\n${'a=x\r\n'.repeat(3_000)}` };
let ana: Signer;
let ben: Signer;
let identity: Identity;
let signed: SignedSignal;

beforeAll(async () => {
  ana = signerOf(await generateKey());
  ben = signerOf(await generateKey());
  identity = { key: ana.key, fingerprint: FINGERPRINT, signature: '' };
  signed = await signSignal(ana, parties, 'offer', data, 5);
});

function open(openings: Openings, what: SignedSignal, from = 'ana', to = 'cyd', shown = identity): Promise<Opened> {
  return new Promise((resolve) => {
    openings.open(from, to, shown, what, resolve);
  });
}

describe('a signal that is passed on', () => {
  test('arrives as it was said, however long', async () => {
    expect(await open(new Openings('m'), signed)).toEqual({ is: 'good', data });
  });

  test('counts once', async () => {
    const openings = new Openings('m');
    await open(openings, signed);
    expect(await open(openings, signed)).toEqual({ is: 'replayed' });
  });

  test.each<[string, () => Promise<Opened>]>([
    ['with other data', () => open(new Openings('m'), { ...signed, data: signed.data.replace('v=0', 'v=1') })],
    ['with another count', () => open(new Openings('m'), { ...signed, count: 6 })],
    ['of another type', () => open(new Openings('m'), { ...signed, type: 'answer' })],
    ['for somebody else', () => open(new Openings('m'), signed, 'ana', 'dan')],
    ['under another name', () => open(new Openings('m'), signed, 'eve')],
    ['of another meeting', () => open(new Openings('n'), signed)],
    ['of an earlier load of the page', () => open(new Openings('m'), signed, 'ana', 'cyd', { ...identity, fingerprint: 'cd'.repeat(32) })],
    ['signed by who passes it on', async () => open(new Openings('m'), await signSignal(ben, parties, 'offer', data, 5))],
    ['with no signature', () => open(new Openings('m'), { ...signed, signature: '' })],
  ])('%s is forged', async (_, look) => {
    expect(await look()).toEqual({ is: 'forged' });
  });

  test('that is forged uses no count up', async () => {
    const openings = new Openings('m');
    await open(openings, { ...signed, signature: (await signSignal(ben, parties, 'offer', data, 5)).signature });
    expect(await open(openings, signed)).toMatchObject({ is: 'good' });
  });

  test('floods nobody: what is too much is not looked at', async () => {
    const openings = new Openings('m');
    let looked = 0;
    for (let at = 0; at < 500; at += 1) {
      openings.open('ana', 'cyd', identity, { ...signed, signature: '' }, () => (looked += 1));
    }
    await expect.poll(() => looked).toBe(64);
    expect(await open(openings, signed)).toMatchObject({ is: 'good' });
    expect(looked).toBe(64);
  });

  test('is verified with the key that the roster shows, by the bytes of the statement', async () => {
    expect(await isSigned(ana.key, parties, signed)).toBe(true);
    expect(await isSigned(ben.key, parties, signed)).toBe(false);
  });
});

describe('a window of counts', () => {
  test('takes each once, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 200 }, (_, at) => at + 1)), (counts) => {
        const window = new ReplayWindow();
        expect(counts.every((count) => window.take(count))).toBe(true);
        expect(counts.some((count) => window.take(count))).toBe(false);
      }),
    );
  });

  test('forgets what is far behind, and takes it for seen', () => {
    const window = new ReplayWindow();
    window.take(1_000);
    expect(window.take(744)).toBe(false);
    expect(window.take(745)).toBe(true);
    expect(window.take(0)).toBe(false);
    expect(window.take(Number.MAX_VALUE)).toBe(false);
  });
});

test('a rate lets a burst through, and then what it is refilled with', () => {
  const rate = new Rate(3, 2, 0);
  expect([1, 2, 3, 4].map(() => rate.take(0))).toEqual([true, true, true, false]);
  expect(rate.take(499)).toBe(false);
  expect(rate.take(500)).toBe(true);
  expect([1, 2, 3, 4].map(() => rate.take(60_000))).toEqual([true, true, true, false]);
});
