import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FREE_WAY_IN, judgeWayIn, sharesOf, type Arrivals, type WayIn } from './way-in.ts';

// Guards: a narrow way is noticed by who receives, and by nobody who has a good one; and it is found out when it is wide again.

const TERMS = { wanted: 3_000_000, least: 140_000 };

/** A second in which so much came of three, and this share was lost. */
function second(bits: number, share: number, losing = share > 0 ? 3 : 0): Arrivals {
  const packets = 200;
  return { bits, packets, lost: Math.round((packets * share) / (1 - share)), links: 3, losing };
}

function after(start: WayIn, seconds: readonly Arrivals[]): WayIn {
  return seconds.reduce((wayIn, arrivals) => judgeWayIn(wayIn, arrivals, TERMS), start);
}

const times = (count: number, arrivals: Arrivals): Arrivals[] => Array.from({ length: count }, () => arrivals);
const narrow = after(FREE_WAY_IN, times(2, second(300_000, 0.4)));

function limitOf(wayIn: WayIn): number {
  return wayIn.is === 'narrow' ? wayIn.limit : Infinity;
}

test('two seconds of much loss of several are a narrow way, and what came is its width', () => {
  expect(after(FREE_WAY_IN, [second(300_000, 0.4)])).toEqual({ is: 'free', badFor: 1 });
  expect(narrow.is).toBe('narrow');
  expect(limitOf(narrow)).toBeCloseTo(255_000);
});

test('one bad second, a few losses, losses of one link and two packets of three are nothing', () => {
  expect(after(FREE_WAY_IN, [second(300_000, 0.4), second(3e6, 0), second(300_000, 0.4)]).is).toBe('free');
  expect(after(FREE_WAY_IN, times(60, second(3e6, 0.05)))).toEqual(FREE_WAY_IN);
  expect(after(FREE_WAY_IN, times(60, second(3e6, 0.4, 1)))).toEqual(FREE_WAY_IN);
  expect(after(FREE_WAY_IN, times(60, { bits: 1_000, packets: 1, lost: 2, links: 2, losing: 2 }))).toEqual(FREE_WAY_IN);
});

test('what was asked for has time to show; what is still too much is asked for less, but for a bad second, and never for less than voices', () => {
  const settled = after(narrow, times(3, second(280_000, 0.3)));
  expect(limitOf(settled)).toBe(limitOf(narrow));
  expect(limitOf(after(settled, [second(240_000, 0.1), second(240_000, 0)]))).toBe(limitOf(narrow));
  const cut = after(settled, times(2, second(240_000, 0.1)));
  expect(limitOf(cut)).toBeCloseTo(255_000 * 0.85);
  // What comes just after everybody has begun to send less is not the width.
  expect(limitOf(after(settled, times(2, second(50_000, 0.1))))).toBeGreaterThanOrEqual(TERMS.least);
  expect(limitOf(after(FREE_WAY_IN, times(60, second(20_000, 0.4 * 0.5))))).toBeGreaterThanOrEqual(TERMS.least);
});

test('loss that stays the same however little is sent is not the width: nothing is asked for', () => {
  let wayIn = narrow;
  for (let round = 0; round < 60; round += 1) wayIn = judgeWayIn(wayIn, second(limitOf(wayIn) * 0.6, 0.4), TERMS);
  expect(wayIn.is).toBe('lossy');
  expect(after(wayIn, times(29, second(300_000, 0))).is).toBe('lossy');
  expect(after(wayIn, times(30, second(300_000, 0)))).toEqual(FREE_WAY_IN);
});

test('after calm more is tried, at first a little and then twice as much, until it is as wide as wanted', () => {
  const limits: number[] = [];
  let wayIn: WayIn = narrow;
  let seconds = 0;
  for (; wayIn.is === 'narrow' && seconds < 300; seconds += 1) {
    wayIn = judgeWayIn(wayIn, second(limitOf(wayIn), 0), TERMS);
    if (wayIn.is === 'narrow' && limits.at(-1) !== wayIn.limit) limits.push(wayIn.limit);
  }
  expect(wayIn).toEqual(FREE_WAY_IN);
  expect(limits.map((limit, index) => limit / (limits[index - 1] ?? limit))).toEqual([1, 1.25, 2, 2, 2]);
  expect(seconds).toBeLessThan(50);
});

test('a way that stays narrow is tried ever more seldom', () => {
  let wayIn: WayIn = narrow;
  const tried: number[] = [];
  for (let at = 0; at < 900; at += 1) {
    const before = limitOf(wayIn);
    const over = before > 300_000;
    wayIn = judgeWayIn(wayIn, second(Math.min(before, 300_000), over ? 0.15 : 0), TERMS);
    if (limitOf(wayIn) > before) tried.push(at);
  }
  const pauses = tried.map((at, index) => at - (tried[index - 1] ?? 0)).slice(1);
  expect(pauses.length).toBeGreaterThan(3);
  expect(pauses.at(-1)).toBeGreaterThan(90);
  expect(Math.max(...pauses)).toBeLessThan(150);
});

test('whatever comes, the limit is never more than came or twice what it was, and it does not end', () => {
  const seconds = fc.array(fc.record({ bits: fc.integer({ min: 0, max: 5_000_000 }), packets: fc.nat(500), lost: fc.nat(500), links: fc.nat(6), losing: fc.nat(6) }), { maxLength: 300 });
  fc.assert(
    fc.property(seconds, (all) => {
      let wayIn: WayIn = FREE_WAY_IN;
      for (const arrivals of all) {
        const before = limitOf(wayIn);
        wayIn = judgeWayIn(wayIn, arrivals, TERMS);
        const now = limitOf(wayIn);
        expect(now).toBeGreaterThanOrEqual(0);
        if (before === Infinity && now < Infinity) expect(now).toBeLessThanOrEqual(Math.max(arrivals.bits, TERMS.least));
        else if (now < Infinity) expect(now).toBeLessThanOrEqual(Math.max(before * 2, arrivals.bits));
      }
    }),
  );
});

test('shares are alike, but nobody gets more than it wants', () => {
  expect(sharesOf(300, new Map([['a', 200], ['b', 40], ['c', 300]]))).toEqual(new Map([['b', 40], ['a', 130], ['c', 130]]));
  expect(sharesOf(900, new Map([['a', 200], ['b', 40]]))).toEqual(new Map([['b', 40], ['a', 200]]));
  expect(sharesOf(900, new Map())).toEqual(new Map());
});
