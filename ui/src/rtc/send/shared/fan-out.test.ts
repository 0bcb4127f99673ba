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
    fanOut.assign(link, { to: 'fed', rendition: 'large' });
  }
}

/** A frame of an encoder, a thirtieth of a second later. */
function encode(rendition: RenditionId, key = false): Outcome<string>[] {
  now += 33;
  made += 1;
  return fanOut.payload(rendition, { key, data: new Uint8Array([made]).buffer }, now);
}

function arrive(link: number, carrier: string, key = false, width = CARRIER_SIZE): Outcome<string>[] {
  return fanOut.carrier(link, { carrier, key, width: key ? width : 0 }, now);
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
  fanOut.assign(1, { to: 'fed', rendition: 'small' });
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
  fanOut.assign(1, { to: 'fed', rendition: 'large' });
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
