import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asks, message, type Commit, type Reveal } from './message.ts';

const text = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString('base64url');
const commit: Commit = { is: 'commit', roster: text(1), round: 0, commitment: text(2), signature: text(3, 64) };
const reveal: Reveal = {
  is: 'reveal',
  roster: text(1),
  round: 0xffff_ffff,
  nonce: text(2),
  commitments: text(4),
  done: false,
  signature: text(3, 64),
};

describe('messages of a round', () => {
  it('are read, without what else is there', () => {
    expect(message({ ...commit, later: [] })).toEqual(commit);
    expect(message(reveal)).toEqual(reveal);
    expect(JSON.stringify(reveal).length).toBeLessThan(400);
  });

  it.each([
    null,
    [],
    {},
    { ...commit, is: 'other' },
    { ...commit, is: 'reveal' },
    { ...commit, round: -1 },
    { ...commit, round: 0x1_0000_0000 },
    { ...commit, round: 1.5 },
    { ...commit, commitment: text(2, 31) },
    { ...commit, signature: text(3) },
    { ...reveal, done: 0 },
  ])('are nothing else: %j', (bad) => {
    expect(message(bad)).toBeUndefined();
  });

  it('ask for what was lost until their sender has the code', () => {
    expect([asks(commit), asks(reveal), asks({ ...reveal, done: true })]).toEqual([true, true, false]);
  });

  it('are checked without an exception, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (value) => message(value) === undefined));
  });
});
