import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CARRIES_LARGE, carry, carryAll, type Carry, type CarryReading } from './carry.ts';

// Guards: somebody with a narrow way gets small pictures soon, and does not flap between sizes.

const RATES = { large: 2_000_000, small: 180_000 };
const GOOD: CarryReading = { available: 5_000_000, sendDelayMs: 5 };
/** 300 kbit/s that get the large picture. */
const STUCK: CarryReading = { available: 290_000, sendDelayMs: 900 };

function after(start: Carry, ...readings: CarryReading[]): Carry {
  return readings.reduce((before, reading) => carry(before, reading, RATES), start);
}

function times(count: number, reading: CarryReading): CarryReading[] {
  return Array.from({ length: count }, () => reading);
}

test('a way without trouble carries the large picture for ever', () => {
  expect(after(CARRIES_LARGE, ...times(300, GOOD)).level).toBe('large');
});

test('a way that is stuck gets the small one after the first reading, and an encoder of its own if that is too much', () => {
  expect(after(CARRIES_LARGE, STUCK).level).toBe('small');
  const narrower: CarryReading = { available: 90_000, sendDelayMs: 900 };
  expect(after(CARRIES_LARGE, STUCK, narrower).level).toBe('own');
  expect(after(CARRIES_LARGE, ...times(20, narrower)).level).toBe('own');
});

test('one slow second is forgiven, two are not', () => {
  const slow: CarryReading = { available: null, sendDelayMs: 200 };
  expect(after(CARRIES_LARGE, slow, GOOD, slow, GOOD).level).toBe('large');
  expect(after(CARRIES_LARGE, slow, slow).level).toBe('small');
});

test('packets that wait in a busy computer say nothing of the way', () => {
  expect(after(CARRIES_LARGE, ...times(20, { available: 2_500_000, sendDelayMs: 700 })).level).toBe('large');
});

test('a low estimate without delay is one that had nothing to carry', () => {
  expect(after(CARRIES_LARGE, ...times(20, { available: 300_000, sendDelayMs: 3 })).level).toBe('large');
  expect(after(CARRIES_LARGE, ...times(2, { available: 300_000, sendDelayMs: 60 })).level).toBe('small');
});

test('a computer that is slow for most links is no narrow way, one link among them is', () => {
  const run = (bad: number): string[] => {
    let states = new Map(Array.from({ length: 5 }, (_, link) => [link, CARRIES_LARGE]));
    const readings = new Map([...states.keys()].map((link) => [link, link < bad ? STUCK : GOOD]));
    for (let second = 0; second < 5; second += 1) states = carryAll(states, readings, RATES);
    return [...states.values()].map(({ level }) => level);
  };
  expect(run(5)).toEqual(['large', 'large', 'large', 'large', 'large']);
  expect(run(1)).toEqual(['small', 'large', 'large', 'large', 'large']);
  expect(run(2)).toEqual(['small', 'small', 'large', 'large', 'large']);
});

test('up again after a while, and later each time that it did not hold', () => {
  let state = after(CARRIES_LARGE, STUCK);
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    let waited = 0;
    while (state.level !== 'large') {
      state = carry(state, GOOD, RATES);
      waited += 1;
    }
    waits.push(waited);
    state = carry(state, STUCK, RATES);
  }
  expect(waits).toEqual([10, 20, 40, 80, 120, 120]);
});

test('one that held is believed again', () => {
  let state = after(CARRIES_LARGE, STUCK, ...times(10, GOOD), STUCK);
  expect(state.patience).toBe(20);
  state = after(state, ...times(20 + 30, GOOD));
  expect(state).toMatchObject({ level: 'large', patience: 10 });
});

test('a step down is never more than two bad readings away, and no two steps up come sooner than ten apart', () => {
  const reading = fc.constantFrom(GOOD, STUCK, { available: null, sendDelayMs: 200 }, { available: 200_000, sendDelayMs: 40 });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 300 }), (readings) => {
      let state = CARRIES_LARGE;
      let sinceChange = 0;
      let bad = 0;
      for (const each of readings) {
        const next = carry(state, each, RATES);
        bad = each.sendDelayMs > 150 ? bad + 1 : 0;
        if (bad >= 2 && state.level === 'large') expect(next.level).not.toBe('large');
        sinceChange += 1;
        if (next.level !== state.level) {
          const up = next.level === 'large' || (next.level === 'small' && state.level === 'own');
          if (up) expect(sinceChange).toBeGreaterThanOrEqual(10);
          sinceChange = 0;
        }
        state = next;
      }
    }),
  );
});
