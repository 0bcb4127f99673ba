import { expect, it } from 'vitest';

import { MediaClock } from './media-clock.ts';

it('timestamps keep their distances, on the time of the clock', () => {
  const clock = new MediaClock();
  expect([0, 33_333, 66_666].map((timestamp, index) => clock.place(timestamp, 5_000_000 + index * 40_000))).toEqual([
    5_000_000, 5_033_333, 5_066_666,
  ]);
});

it('a source that begins anew goes on where the clock is', () => {
  const clock = new MediaClock();
  clock.place(90_000_000, 1_000_000);
  expect(clock.place(0, 1_100_000)).toBe(1_100_000);
  expect(clock.place(33_333, 1_133_000)).toBe(1_133_333);
});

it('never goes back, nor stands still', () => {
  const clock = new MediaClock();
  const first = clock.place(1_000, 0);
  expect(clock.place(1_000, 1)).toBeGreaterThan(first);
  expect(clock.place(0, 2)).toBeGreaterThan(first);
});

it('gives a source without a time that of the clock', () => {
  const clock = new MediaClock();
  const none = -9_223_372_036_854_776_000;
  expect([1_000_000, 1_033_000, 1_070_001].map((now) => clock.place(none, now))).toEqual([1_000_000, 1_033_000, 1_070_001]);
});
