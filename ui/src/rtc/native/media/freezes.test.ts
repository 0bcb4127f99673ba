import { expect, it } from 'vitest';

import { Freezes } from './freezes.ts';

function shown(times: readonly number[]): Freezes {
  const freezes = new Freezes();
  for (const time of times) freezes.frame(time);
  return freezes;
}

const steady = Array.from({ length: 40 }, (_, index) => index * 33);

it('a steady video has no freeze', () => {
  expect(shown(steady).count).toBe(0);
});

it('a frame that comes 150 ms later than the average is a freeze of that length', () => {
  const freezes = shown([...steady, 39 * 33 + 200, 39 * 33 + 233]);
  expect(freezes.count).toBe(1);
  expect(freezes.duration).toBeCloseTo(0.2);
});

it('a hiccup is none, and neither is a pause of the sender', () => {
  expect(shown([...steady, 39 * 33 + 120]).count).toBe(0);
  const freezes = shown(steady);
  freezes.pause();
  freezes.frame(99_000);
  expect(freezes.count).toBe(0);
});
