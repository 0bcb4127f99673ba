import { expect, test } from 'vitest';

import { PULSE_MS, Pulses } from './pulse.ts';

const FRAME_MS = 1_000 / 30;

function count(seconds: number, opening: boolean): number {
  const pulses = new Pulses();
  let written = 0;
  for (let now = 0; now < seconds * 1_000; now += FRAME_MS) if (pulses.write(now * 1_000, opening, now)) written += 1;
  return written;
}

test('a few of the frames have a carrier, and each while a link waits for its first', () => {
  expect(count(10, false)).toBeGreaterThan(10_000 / (PULSE_MS + FRAME_MS) - 1);
  expect(count(10, false)).toBeLessThanOrEqual(10_000 / PULSE_MS + 1);
  expect(count(10, true)).toBeGreaterThanOrEqual(299);
});

test('no carrier is older than the one before: an encoder would leave it out', () => {
  const pulses = new Pulses();
  expect(pulses.at).toBeNull();
  expect(pulses.write(500, true, 0)).toBe(true);
  expect(pulses.write(400, true, 1_000)).toBe(false);
  expect(pulses.write(500, true, 1_000)).toBe(false);
  expect(pulses.write(600, true, 1_000)).toBe(true);
  expect(pulses.at).toBe(600);
});
