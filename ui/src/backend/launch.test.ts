import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { placeOf } from './choose.ts';
import { hashWithoutSecrets, readLaunch, secretOfLink } from './launch.ts';

const FP = 'a'.repeat(64);

describe('the hash of a page', () => {
  test('of browser mode has a token and the meeting to open', () => {
    expect(readLaunch('#token=abc_-9&m=3f2a')).toMatchObject({
      credential: { kind: 'token', value: 'abc_-9' },
      open: { kind: 'meeting', meetingId: '3f2a' },
    });
  });

  test('of a hand-over has a ticket, and an address if no meeting is known', () => {
    expect(readLaunch('#ticket=t1&a=192.0.2.7%3A47000')).toMatchObject({
      credential: { kind: 'ticket', value: 't1' },
      open: { kind: 'address', text: '192.0.2.7:47000' },
    });
  });

  test('of a guest has meeting and fingerprint', () => {
    expect(readLaunch(`#m=3f2a&fp=${FP}`)).toEqual({
      credential: null,
      meetingId: '3f2a',
      fingerprint: FP,
      secret: null,
      open: { kind: 'meeting', meetingId: '3f2a' },
    });
  });

  test('with nonsense in it is as good as none', () => {
    const nothing = { credential: null, meetingId: null, fingerprint: null, secret: null, open: null };
    expect(readLaunch('')).toEqual(nothing);
    expect(readLaunch(`#token=a b&m=${'x'.repeat(65)}&fp=zz`)).toEqual(nothing);
    expect(readLaunch('#%E0%A4%A')).toEqual(nothing);
  });

  test('may be any text: what is taken from it has the form that it should have', () => {
    const part = fc.tuple(fc.constantFrom('token', 'ticket', 'm', 'a', 'fp', 's', '%'), fc.string({ unit: 'binary', maxLength: 100 }));
    const parts = fc.array(part, { maxLength: 8 }).map((all) => `#${all.map(([key, value]) => `${key}=${value}`).join('&')}`);
    const fits = (text: string | null | undefined, form: RegExp): boolean => text === null || text === undefined || form.test(text);
    fc.assert(
      fc.property(fc.oneof(parts, fc.string({ unit: 'binary' })), (hash) => {
        const { credential, meetingId, fingerprint, secret, open } = readLaunch(hash);
        const bare = readLaunch(hashWithoutSecrets(hash));
        return (
          fits(credential?.value, /^[\w-]{1,256}$/) &&
          fits(meetingId, /^[!-~]{1,64}$/) &&
          fits(fingerprint, /^[0-9a-f]{64}$/) &&
          fits(secret, /^[\w-]{1,64}$/) &&
          (open?.kind !== 'address' || open.text.length <= 2_048) &&
          bare.credential === null &&
          bare.secret === null &&
          fits(secretOfLink(`https://192.0.2.7/${hash}`), /^[\w-]{1,64}$/)
        );
      }),
      { numRuns: 50 },
    );
  });

  test('of a guest link may have a secret, in its alphabet and of its length', () => {
    expect(readLaunch(`#m=3f2a&fp=${FP}&s=q3Zb8lJ0T6m2yWc4kPfX_-`).secret).toBe('q3Zb8lJ0T6m2yWc4kPfX_-');
    expect(readLaunch(`#m=3f2a&s=${'a'.repeat(65)}`).secret).toBeNull();
    expect(readLaunch('#m=3f2a&s=a%2Fb').secret).toBeNull();
    expect(readLaunch('#m=3f2a&s=').secret).toBeNull();
  });

  test('is found in a link that somebody pasted, and nowhere else', () => {
    expect(secretOfLink(` https://192.0.2.7:4717/#m=3f2a&fp=${FP}&s=abc `)).toBe('abc');
    expect(secretOfLink(`https://192.0.2.7:4717/#m=3f2a&fp=${FP}`)).toBeNull();
    expect(secretOfLink('192.0.2.7:4717')).toBeNull();
    expect(secretOfLink('https://192.0.2.7:4717/?s=abc')).toBeNull();
    expect(secretOfLink(`https://h/#s=abc&x=${'y'.repeat(3_000)}`)).toBeNull();
  });

  test('keeps the meeting and nothing secret', () => {
    expect(hashWithoutSecrets('#token=abc&m=3f2a&a=h%3A1')).toBe('#m=3f2a&a=h%3A1');
    expect(hashWithoutSecrets('#ticket=abc')).toBe('');
    expect(hashWithoutSecrets('#ticket=abc&m=3f2a&s=abc')).toBe('#m=3f2a');
  });
});

test('a page knows its place', () => {
  expect(placeOf({ tauri: true, protocol: 'http:', hostname: 'tauri.localhost' })).toBe('app');
  expect(placeOf({ tauri: false, protocol: 'http:', hostname: '127.0.0.1' })).toBe('browser');
  expect(placeOf({ tauri: false, protocol: 'https:', hostname: '127.0.0.1' })).toBe('guest');
  expect(placeOf({ tauri: false, protocol: 'https:', hostname: '192.0.2.7' })).toBe('guest');
});
