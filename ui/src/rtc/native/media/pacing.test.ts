import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EncodeTime, FrameGate, keyRequestPause, nextSetup } from './pacing.ts';

function passed(count: number, step: (index: number) => number, framerate: number): number {
  const gate = new FrameGate();
  let frames = 0;
  for (let index = 0; index < count; index += 1) if (gate.pass(step(index), framerate)) frames += 1;
  return frames;
}

describe('the frame gate', () => {
  it('lets everything through that comes at the wanted rate, however it jitters', () => {
    expect(passed(300, (index) => index * 33_333 + (index % 2) * 4_000, 30)).toBe(300);
  });

  it('thins to any lower rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (framerate) => {
        const frames = passed(900, (index) => index * 33_333, framerate);
        expect(Math.abs(frames - framerate * 30)).toBeLessThanOrEqual(Math.max(2, framerate * 0.6));
      }),
    );
  });

  it('goes on after a pause and when time begins anew', () => {
    const gate = new FrameGate();
    expect([0, 33_333, 9_000_000, 9_033_333, 0, 33_333].map((time) => gate.pass(time, 30))).toEqual([true, true, true, true, true, true]);
  });
});

it('the time of an encoder counts work once, also while frames wait for each other', () => {
  const time = new EncodeTime();
  time.begin(1, 100);
  expect(time.end(1, 108)).toBe(8);
  time.begin(2, 140);
  time.begin(3, 142);
  expect([time.end(2, 150), time.end(3, 157)]).toEqual([10, 7]);
  expect(time.end(3, 200), 'nobody knows when it went in').toBe(0);
  time.begin(4, 300);
  time.begin(5, 333);
  expect(time.end(5, 340), 'the one before was dropped').toBe(7);
});

describe('the setup of an encoder', () => {
  const size = { width: 640, height: 480 };
  const setup = { ...size, bitrate: 1_000_000, framerate: 30 };

  it('is made at first and at each new size, at once', () => {
    expect(nextSetup(null, size, { bitrate: 1_000_000, framerate: 30 }, 0)).toEqual(setup);
    expect(nextSetup(setup, { width: 320, height: 240 }, { bitrate: 1_000_000, framerate: 30 }, 0)).toMatchObject({ width: 320 });
  });

  it('stays as it is while the rate wanders a little', () => {
    expect(nextSetup(setup, size, { bitrate: 900_000, framerate: 29 }, 9_000)).toBeNull();
    expect(nextSetup(setup, size, { bitrate: 1_100_000, framerate: 30 }, 9_000)).toBeNull();
  });

  it('goes down at once and up after a while', () => {
    expect(nextSetup(setup, size, { bitrate: 500_000, framerate: 30 }, 0)).toMatchObject({ bitrate: 500_000 });
    expect(nextSetup(setup, size, { bitrate: 2_000_000, framerate: 30 }, 100)).toBeNull();
    expect(nextSetup(setup, size, { bitrate: 2_000_000, framerate: 30 }, 2_000)).toMatchObject({ bitrate: 2_000_000 });
  });
});

it('requests for key frames come slower and slower, between 300 ms and 2 s', () => {
  expect([0, 1, 2, 3, 4, 100].map(keyRequestPause)).toEqual([300, 600, 1_200, 2_000, 2_000, 2_000]);
});
