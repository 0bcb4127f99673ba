import fc from 'fast-check';
import { expect, test } from 'vitest';

import { MediaClock } from './media-clock.ts';

/** Guards that carriers have the times at which pictures were taken, and never go back. */

test('goes on by RTP time, whatever the clock on the wall says, also where it begins anew', () => {
  const clock = new MediaClock();
  const first = clock.microseconds(2 ** 32 - 1_500, 1_000);
  expect(first).toBe(1_000_000);
  expect(clock.microseconds(1_500, 1_050)).toBe(first + 33_333);
  expect(clock.microseconds(4_500, 1_051)).toBe(first + 66_666);
});

test('an encoder that is another one, or does not say, takes the time that it is', () => {
  const clock = new MediaClock();
  clock.microseconds(90_000, 1_000);
  expect(clock.microseconds(80_000, 5_000)).toBe(5_000_000);
  expect(clock.microseconds(undefined, 6_000)).toBe(6_000_000);
  expect(clock.microseconds(undefined, 6_033)).toBe(6_033_000);
});

test('every time is later than the one before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }), fc.integer({ min: 0, max: 100 }))), (frames) => {
      const clock = new MediaClock();
      let now = 0;
      let last = -1;
      for (const [rtp, ms] of frames) {
        now += ms;
        const time = clock.microseconds(rtp, now);
        expect(time).toBeGreaterThan(last);
        last = time;
      }
    }),
  );
});
