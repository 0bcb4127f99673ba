import { beforeEach, expect, test } from 'vitest';

import type { RenditionId } from '../plan.ts';
import { CARRIER_SIZE, FanOut, type Outcome } from './fan-out.ts';
import { PAUSE_MS } from './key-requests.ts';

// Guards: every link gets what it was assigned, from a key frame on; and the encoder is not asked for more key frames than it has to be.

let fanOut: FanOut<string>;
let now: number;
let made: number;

beforeEach(() => {
  fanOut = new FanOut();
  now = 10_000;
  made = 0;
});

function fed(...links: number[]): void {
  for (const link of links) {
    fanOut.add(link);
    fanOut.assign(link, { to: 'fed', rendition: 'large', by: 'carriers' });
  }
}

/** A frame of an encoder, a thirtieth of a second later. */
function encode(rendition: RenditionId, key = false): Outcome<string>[] {
  now += 33;
  made += 1;
  return fanOut.payload(rendition, { key, data: new Uint8Array([made]).buffer, at: now * 1_000, payloadType: 96 }, now);
}

function arrive(link: number, carrier: string, key = false, width = CARRIER_SIZE): Outcome<string>[] {
  return fanOut.carrier(link, { carrier, key, width: key ? width : 0, rtpTimestamp: undefined, payloadType: 96 }, now);
}

function asked(outcomes: Outcome<string>[]): RenditionId[] {
  return outcomes.flatMap((outcome) => (outcome.do === 'ask' ? [outcome.rendition] : []));
}

function written(outcomes: Outcome<string>[]): unknown[] {
  return outcomes.flatMap((outcome) => (outcome.do === 'write' ? [[outcome.link, outcome.carrier, outcome.data && new Uint8Array(outcome.data)[0]]] : []));
}

test('one frame of the encoder serves all links', () => {
  fed(1, 2);
  encode('large', true);
  expect(written(arrive(1, 'a', true))).toEqual([[1, 'a', 1]]);
  expect(written(arrive(2, 'b', true))).toEqual([[2, 'b', 1]]);
  encode('large');
  expect(written(arrive(2, 'd'))).toEqual([[2, 'd', 2]]);
  expect(written(arrive(1, 'c'))).toEqual([[1, 'c', 2]]);
});

test('a key frame is asked for once for all who need one, and at most twice a second', () => {
  fed(1, 2, 3);
  const first = [...arrive(1, 'a', true), ...arrive(2, 'b', true), ...arrive(3, 'c', true)];
  expect(asked(first)).toEqual(['large']);
  const started = now;
  let requests = 0;
  while (now - started < 10 * PAUSE_MS) requests += asked(encode('large')).length;
  expect(requests).toBeGreaterThanOrEqual(8);
  expect(requests).toBeLessThanOrEqual(10);
});

test('a link that comes later waits for a key frame, and the others go on', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  fed(2);
  expect(asked(encode('large'))).toEqual(['large']);
  expect(written(arrive(1, 'b'))).toEqual([[1, 'b', 2]]);
  expect(written(arrive(2, 'c', true))).toEqual([]);
  encode('large', true);
  expect(written(arrive(1, 'd'))).toEqual([[1, 'd', 3]]);
  expect(written(arrive(2, 'e'))).toEqual([[2, 'e', 3]]);
});

test('a link that changes to the other size goes on with the one it has until the new one has a key frame', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  fanOut.assign(1, { to: 'fed', rendition: 'small', by: 'carriers' });
  expect(fanOut.carries('small') && fanOut.carries('large')).toBe(true);
  expect(asked(encode('large'))).toEqual(['small']);
  expect(written(arrive(1, 'b'))).toEqual([[1, 'b', 2]]);
  expect(encode('small')).toEqual([]);
  expect(encode('small', true)).toContainEqual({ do: 'switched', link: 1, rendition: 'small' });
  expect(written(arrive(1, 'c'))).toEqual([[1, 'c', 4]]);
  expect(fanOut.carries('large')).toBe(false);
  // Nothing of the old one any more.
  encode('large');
  expect(written(arrive(1, 'd'))).toEqual([]);
});

test('a paused link sends nothing, and begins again with a key frame', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  fanOut.assign(1, { to: 'paused' });
  expect(fanOut.carries('large')).toBe(false);
  encode('large');
  expect(arrive(1, 'b')).toEqual([]);
  fanOut.assign(1, { to: 'fed', rendition: 'large', by: 'carriers' });
  expect(asked(encode('large'))).toEqual(['large']);
  expect(written(arrive(1, 'c'))).toEqual([]);
  encode('large', true);
  expect(written(arrive(1, 'd'))).toEqual([[1, 'd', 4]]);
});

test('a link with an encoder of its own gets its frames as they are', () => {
  fanOut.add(1);
  fanOut.assign(1, { to: 'own' });
  encode('large', true);
  expect(written(arrive(1, 'a', true, 640))).toEqual([[1, 'a', null]]);
  expect(written(arrive(1, 'b'))).toEqual([[1, 'b', null]]);
});

test('a link that gets an encoder of its own sends carriers until that one has made a key frame', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  fanOut.assign(1, { to: 'own' });
  encode('large');
  expect(written(arrive(1, 'b'))).toEqual([[1, 'b', 2]]);
  // A carrier that was asked to be a key frame is still a carrier.
  encode('large');
  expect(written(arrive(1, 'c', true))).toEqual([[1, 'c', 3]]);
  expect(written(arrive(1, 'd', true, 640))).toEqual([[1, 'd', null]]);
  expect(written(arrive(1, 'e'))).toEqual([[1, 'e', null]]);
  expect(fanOut.carries('large')).toBe(false);
});

test('another camera begins with a key frame', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  fanOut.restart();
  expect(asked(encode('large'))).toEqual(['large']);
  expect(written(arrive(1, 'b'))).toEqual([]);
});

test('what is known of a link is counted', () => {
  fed(1);
  encode('large', true);
  arrive(1, 'a', true);
  encode('large');
  expect(fanOut.counts().get(1)).toEqual({ seen: 1, replaced: 1, passed: 0, waiting: 1 });
  fanOut.remove(1);
  expect(arrive(1, 'b')).toEqual([]);
  expect(fanOut.counts().size).toBe(0);
});

/** By copies, once its own encoder made something. */
function copied(...links: number[]): void {
  for (const link of links) {
    fanOut.add(link);
    fanOut.assign(link, { to: 'fed', rendition: 'large', by: 'copies' });
  }
}

/** A carrier of this link, from where its time begins. */
function pulse(link: number, key = false, beginning = 0, payloadType = 96): Outcome<string>[] {
  return fanOut.carrier(link, { carrier: 'carrier', key, width: CARRIER_SIZE, rtpTimestamp: beginning + now * 90, payloadType }, now);
}

function encodeCopied(rendition: RenditionId, key = false): Outcome<string>[] {
  const outcomes = encode(rendition, key);
  fanOut.pulses(rendition, now * 1_000, now);
  return outcomes;
}

function copies(outcomes: Outcome<string>[]): unknown[] {
  return outcomes.flatMap((outcome) => (outcome.do === 'copy' ? [[outcome.link, new Uint8Array(outcome.payload.data)[0], outcome.rtpTimestamp]] : []));
}

test('copies: every link gets each frame at its own time, and none of its carriers is sent', () => {
  copied(1, 2);
  encodeCopied('large', true);
  expect(copies(pulse(1, true, 100))).toEqual([[1, 1, 100 + now * 90]]);
  expect(copies(pulse(2, true, 200))).toEqual([[2, 1, 200 + now * 90]]);
  expect(copies(encodeCopied('large'))).toEqual([
    [1, 2, 100 + now * 90],
    [2, 2, 200 + now * 90],
  ]);
  expect(pulse(1, false, 100)).toEqual([]);
});

test('copies: a carrier of each frame until all links began, and then of a few', () => {
  copied(1, 2);
  const pulses = (frames: number): number => {
    let made = 0;
    for (let index = 0; index < frames; index += 1) {
      encode('large', index === 0);
      if (fanOut.pulses('large', now * 1_000, now)) made += 1;
    }
    return made;
  };
  expect(pulses(3)).toBe(3);
  pulse(1, true);
  expect(pulses(3)).toBe(3);
  pulse(2, true);
  expect(pulses(40)).toBeLessThanOrEqual(11);
  expect(fanOut.carries('large')).toBe(false);
  fanOut.assign(1, { to: 'paused' });
  fanOut.assign(2, { to: 'own' });
  fanOut.carrier(2, { carrier: 'camera', key: true, width: 640, rtpTimestamp: 1, payloadType: 96 }, now);
  expect(pulses(40)).toBe(0);
});

test('copies: a link that changes to the other size needs no other carrier for it', () => {
  copied(1);
  encodeCopied('large', true);
  pulse(1, true);
  fanOut.assign(1, { to: 'fed', rendition: 'small', by: 'copies' });
  expect(copies(encodeCopied('large'))).toHaveLength(1);
  expect(copies(encodeCopied('small', true))).toEqual([[1, 3, now * 90]]);
  expect(copies(encodeCopied('large'))).toEqual([]);
  expect(copies(encodeCopied('small'))).toHaveLength(1);
});

test('copies: one that the receiver asks for is a key frame, and the encoder is asked at once', () => {
  copied(1);
  encodeCopied('large', true);
  pulse(1, true);
  for (let index = 0; index < 20; index += 1) encodeCopied('large');
  expect(asked(pulse(1, true))).toEqual(['large']);
});

test('copies: a picture of the camera that was still on its way is not taken for a carrier', () => {
  fanOut.add(1);
  fanOut.assign(1, { to: 'own' });
  fanOut.assign(1, { to: 'fed', rendition: 'large', by: 'copies' });
  encodeCopied('large', true);
  const late = fanOut.carrier(1, { carrier: 'camera', key: false, width: 640, rtpTimestamp: 7, payloadType: 96 }, now);
  expect([...written(late), ...copies(late)]).toEqual([]);
  expect(copies(pulse(1, true))).toEqual([[1, 1, now * 90]]);
});

test('copies: a link that numbers the codec otherwise says so, and is served by carriers then', () => {
  copied(1);
  encodeCopied('large', true);
  pulse(1, true, 0, 120);
  expect(encodeCopied('large')).toContainEqual({ do: 'refused', link: 1 });
  fanOut.assign(1, { to: 'fed', rendition: 'large', by: 'carriers' });
  encode('large', true);
  expect(written(arrive(1, 'a', true))).toEqual([[1, 'a', 3]]);
});
