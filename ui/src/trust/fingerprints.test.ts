import { describe, expect, it } from 'vitest';
import { fingerprintsOf, matches } from './fingerprints.ts';

const good = 'ab'.repeat(32);
const colons = (hex: string): string => (hex.match(/../g) ?? []).join(':').toUpperCase();
const line = (hex: string, hash = 'sha-256'): string => `a=fingerprint:${hash} ${colons(hex)}`;
const sdp = (session: string[], media: string[] = []): string =>
  ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', ...session, 'm=audio 9 UDP/TLS/RTP/SAVPF 109', ...media, ''].join('\r\n');

describe('fingerprints of a description', () => {
  it('are those of the session and of its media', () => {
    expect(fingerprintsOf(sdp([line(good)], [line('cd'.repeat(20), 'SHA-1')]))).toEqual([
      { hash: 'sha-256', value: good },
      { hash: 'sha-1', value: 'cd'.repeat(20) },
    ]);
  });

  it.each([
    ['of the session', sdp([line(good)])],
    ['of a media section', sdp([], [line(good)])],
    ['of both, the hash in upper case', sdp([line(good, 'SHA-256')], [line(good)])],
    ['with line feeds alone', sdp([line(good)]).replaceAll('\r', '')],
  ])('match %s', (_, text) => {
    expect(matches(text, good)).toBe(true);
    expect(matches(text, good.toUpperCase())).toBe(true);
  });

  it.each([
    ['there is none', sdp([])],
    ['one is another', sdp([line(good)], [line('ac'.repeat(32))])],
    ['one is of another hash', sdp([line(good)], [line('cd'.repeat(20), 'sha-1')])],
    ['one cannot be read', sdp([line(good)], ['a=fingerprint:sha-256'])],
    ['one has a strange space', sdp([line(good)], [` a=fingerprint:\tsha-256 ${colons('ac'.repeat(32))}`])],
    ['one hides behind a carriage return', sdp([line(good), `a=x\r${line('ac'.repeat(32))}`])],
    ['it is longer', sdp([line(`${good}ab`)])],
    ['it has no colons', sdp([`a=fingerprint:sha-256 ${good}`])],
  ])('do not match where %s', (_, text) => {
    expect(matches(text, good)).toBe(false);
  });

  it('match nothing with an empty one', () => {
    expect(matches(sdp(['a=fingerprint:sha-256 x']), '')).toBe(false);
  });
});
