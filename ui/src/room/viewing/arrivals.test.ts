import { expect, test } from 'vitest';

import type { SourceSample } from '../../rtc/stats.ts';
import { ArrivalCounter } from './arrivals.ts';

const sample = (ssrc: number, packets: number, packetsLost: number, bitrate = 1_000): SourceSample => ({ ssrc, packets, packetsLost, bitrate, frames: 0, sendDelaySeconds: 0, width: 0, height: 0 });

test('counts what came and what was lost since the last reading, of all links', () => {
  const counter = new ArrivalCounter();
  const read = (a: SourceSample, b: SourceSample): unknown => counter.read(new Map([['a', { incoming: { camera: a } }], ['b', { incoming: { microphone: b } }]]));
  expect(read(sample(1, 100, 5), sample(2, 50, 0))).toEqual({ bits: 0, packets: 0, lost: 0, links: 0, losing: 0 });
  expect(read(sample(1, 180, 25), sample(2, 100, 1))).toEqual({ bits: 2_000, packets: 130, lost: 21, links: 2, losing: 1 });
  // What comes again is not lost; a stream that is new has no past.
  expect(read(sample(1, 200, 20), sample(3, 900, 400))).toEqual({ bits: 1_000, packets: 20, lost: 0, links: 1, losing: 0 });
});
