import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CHAT_TEXT_CHARS, ROSTER_PEERS } from '../../protocol/limits.ts';
import { decodeEnvelope, encodeEnvelope, type Envelope } from './envelope.ts';

const signed = { type: 'offer', data: '{"sdp":"v=0"}', count: 7, signature: 's' } as const;
const all: Envelope[] = [
  { is: 'hello' },
  { is: 'near', ids: ['a', 'b'] },
  { is: 'moved' },
  { is: 'state', state: { microphone: true, camera: false, screen: false } },
  { is: 'chat', id: 'abcdefgh', text: 'hello' },
  { is: 'signal', type: 'ice-candidate', data: null },
  { is: 'views', camera: { height: 360, framesPerSecond: 30 }, screen: { height: 0, framesPerSecond: 0 } },
  { is: 'limit', bitrate: 85_000 },
  { is: 'limit', bitrate: null },
  { is: 'pass', to: 'c', signed },
  { is: 'passed', from: 'a', signed },
  { is: 'open', tunnel: 1 },
  { is: 'opened', tunnel: 1 },
  { is: 'closed', tunnel: 1, reason: 'host-left' },
];

test.each(all)('$is comes out as it went in', (envelope) => {
  expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
});

test('what was not asked for is left out', () => {
  expect(decodeEnvelope('{"is":"chat","id":"abcdefgh","text":"hello","from":"somebody else"}')).toEqual({ is: 'chat', id: 'abcdefgh', text: 'hello' });
});

test('a view between two steps is the larger one, and none is larger than the largest', () => {
  const said = { is: 'views', camera: { height: 271, framesPerSecond: 500 }, screen: { height: 100_000, framesPerSecond: 5 } };
  expect(decodeEnvelope(JSON.stringify(said))).toEqual({ is: 'views', camera: { height: 360, framesPerSecond: 120 }, screen: { height: 2160, framesPerSecond: 5 } });
});

test('a view without lines or without frames is none', () => {
  const said = { is: 'views', camera: { height: 240, framesPerSecond: 0 }, screen: { height: 0, framesPerSecond: 30 } };
  const none = { height: 0, framesPerSecond: 0 };
  expect(decodeEnvelope(JSON.stringify(said))).toEqual({ is: 'views', camera: none, screen: none });
});

test('a limit is a whole number of bits, or none', () => {
  for (const bitrate of ['', ',"bitrate":-1', ',"bitrate":1.5', ',"bitrate":"85000"']) expect(decodeEnvelope(`{"is":"limit"${bitrate}}`)).toBeUndefined();
});

test('what a newer version says is passed over', () => {
  expect(decodeEnvelope('{"is":"wave","hand":"left"}')).toBeNull();
  expect(decodeEnvelope('{"is":"toString"}')).toBeNull();
});

test.each([
  ['no JSON', '{"is":'],
  ['no object', '["hello"]'],
  ['no name', '{"hello":true}'],
  ['an id that is none', '{"is":"chat","id":"<b>","text":"hello"}'],
  ['an empty line', '{"is":"chat","id":"abcdefgh","text":"  "}'],
  ['a line that is too long', JSON.stringify({ is: 'chat', id: 'abcdefgh', text: 'x'.repeat(CHAT_TEXT_CHARS + 1) })],
  ['too many people', JSON.stringify({ is: 'near', ids: Array.from({ length: ROSTER_PEERS + 1 }, () => 'a') })],
  ['an unknown kind of signal', '{"is":"signal","type":"wink","data":null}'],
  ['a count below zero', JSON.stringify({ is: 'pass', to: 'c', signed: { ...signed, count: -1 } })],
  ['a signature that is too long', JSON.stringify({ is: 'passed', from: 'a', signed: { ...signed, signature: 's'.repeat(100) } })],
  ['a view without a screen', '{"is":"views","camera":{"height":90,"framesPerSecond":15}}'],
  ['a view of half a pixel', '{"is":"views","camera":{"height":0.5,"framesPerSecond":15},"screen":{"height":0,"framesPerSecond":0}}'],
  ['a reason that is none', '{"is":"closed","tunnel":1,"reason":"bored"}'],
])('%s is nonsense', (_, json) => {
  expect(decodeEnvelope(json)).toBeUndefined();
});

test('anything at all never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), fc.record({ is: fc.constantFrom(...all.map(({ is }) => is)), ids: fc.anything(), signed: fc.anything() }).map((value) => JSON.stringify(value))), (json) => {
      decodeEnvelope(json);
    }),
  );
});
