import { expect, test } from 'vitest';

import type { Views } from '../../rtc/send/plan.ts';
import { Asking } from './asking.ts';
import type { Arrivals } from './way-in.ts';

const view = (height: number): Views => ({ camera: { height, framesPerSecond: height === 0 ? 0 : 30 }, screen: { height: 0, framesPerSecond: 0 } });

function asking(ids: string[], bits: number, height = 360): { asking: Asking; next: (share: number, asked?: ReadonlyMap<string, Views>) => boolean } {
  const made = new Asking();
  const views = new Map(ids.map((id) => [id, view(height)]));
  const next = (share: number, asked: ReadonlyMap<string, Views> = views): boolean => {
    const arrivals: Arrivals = { bits, packets: 200, lost: 200 * share, links: ids.length, losing: share > 0 ? ids.length : 0 };
    return made.judge(arrivals, { asked, free: views, cameras: new Set(ids) });
  };
  return { asking: made, next };
}

test('on a free way nobody is told anything', () => {
  const { asking: made, next } = asking(['a', 'b'], 3e6);
  for (let second = 0; second < 10; second += 1) expect(next(0)).toBe(false);
  expect([made.narrow, made.limitOf('a'), made.pictures]).toEqual([false, null, Infinity]);
});

test('on a narrow one each is told its share, once', () => {
  const { asking: made, next } = asking(['a', 'b', 'c'], 300_000);
  expect([next(0.5), next(0.5)]).toEqual([false, true]);
  expect(['a', 'b', 'c'].map((id) => made.limitOf(id))).toEqual([85_000, 85_000, 85_000]);
  expect(made.limitOf('somebody else')).toBeNull();
  expect([made.narrow, made.pictures]).toEqual([true, 5]);
  expect(next(0)).toBe(false);
});

test('where not all faces fit beside their voices there are fewer, and one at least', () => {
  const ids = Array.from({ length: 6 }, (_, index) => String(index));
  const { asking: made, next } = asking(ids, 320_000);
  next(0.5);
  next(0.5);
  expect(made.pictures).toBe(1);
  // Whoever is left out needs the voice alone, and the one who is shown gets the rest.
  next(0, new Map(ids.map((id) => [id, view(id === '0' ? 360 : 0)])));
  expect(made.limitOf('1')).toBe(40_000);
  expect(made.limitOf('0')).toBe(70_000);
});

test('fewer faces want less, and the way is no wider for it', () => {
  const { asking: made, next } = asking(['a', 'b', 'c', 'd', 'e'], 300_000);
  next(0.5);
  next(0.5);
  const one = new Map(['a', 'b', 'c', 'd', 'e'].map((id) => [id, view(id === 'a' ? 90 : 0)]));
  for (let second = 0; second < 14; second += 1) next(0, one);
  expect(made.narrow).toBe(true);
});
