import { expect, test } from 'vitest';

import { FREE, judgePath, limitOf, type Path, type Reading } from './path.ts';

/** Guards that a slow way is noticed, and that one which was slow for a moment is not taken for slow for ever. */

const WANTED = 2_040_000;
const GOOD: Reading = { estimate: 3_000_000, delayMs: 2, limited: false, sent: 500_000, given: WANTED, wanted: WANTED };
const SLOW: Reading = { ...GOOD, estimate: 250_000, limited: true, sent: 200_000 };

function after(path: Path, reading: Reading, times: number): Path {
  let state = path;
  for (let time = 0; time < times; time += 1) state = judgePath(state, reading);
  return state;
}

test('a way that carries what is sent has no limit', () => {
  expect(limitOf(after(FREE, GOOD, 10))).toBeNull();
});

test('an estimate below what is wanted is no evidence alone: it grows only with what is sent', () => {
  expect(limitOf(after(FREE, { ...GOOD, estimate: 600_000 }, 30))).toBeNull();
});

test('somebody else’s encoder that sends far more than the estimate is too much for the way, though nothing waits', () => {
  expect(limitOf(after(FREE, { ...GOOD, estimate: 300_000, sent: 900_000 }, 3))).toBe(300_000);
  expect(limitOf(after(FREE, { ...GOOD, estimate: 800_000, sent: 900_000 }, 30))).toBeNull();
});

test('an estimate that grows is a beginning', () => {
  let path = FREE;
  for (const estimate of [300_000, 500_000, 800_000, 1_300_000, 2_100_000]) path = judgePath(path, { ...SLOW, estimate });
  expect(limitOf(path)).toBeNull();
});

test.each([
  ['an encoder that is held back', SLOW],
  ['packets that wait, where the encoder does not know', { ...SLOW, limited: false, delayMs: 300 }],
])('%s is evidence, within three readings', (_, reading) => {
  expect(limitOf(after(FREE, reading, 3))).toBe(250_000);
});

test('a slow way follows its estimate down at once, and never below what sound and a face take', () => {
  const short = after(FREE, SLOW, 3);
  expect(limitOf(judgePath(short, { ...SLOW, estimate: 180_000 }))).toBe(180_000);
  expect(limitOf(judgePath(short, { ...SLOW, estimate: 5_000 }))).toBe(64_000);
});

test('it is free again as soon as the estimate reaches what is wanted', () => {
  expect(limitOf(judgePath(after(FREE, SLOW, 3), GOOD))).toBeNull();
});

test('where the estimate stays as little is sent, more is tried after calm; in vain, later the next time', () => {
  const quiet: Reading = { ...GOOD, estimate: 250_000, given: 220_000 };
  const short = after(FREE, SLOW, 3);
  expect(limitOf(after(short, quiet, 14))).toBe(250_000);
  const tried = after(short, quiet, 15);
  expect(limitOf(tried)).toBe(375_000);
  const vain = judgePath(tried, SLOW);
  expect(limitOf(vain)).toBe(250_000);
  expect(limitOf(after(vain, quiet, 29))).toBe(250_000);
  expect(limitOf(after(vain, quiet, 30))).toBe(375_000);
});

test('an engine that gives no estimate has no limit', () => {
  expect(limitOf(after(FREE, { ...SLOW, estimate: null }, 10))).toBeNull();
});

test('a way that is jammed has no estimate, and what waits says enough', () => {
  const jammed: Reading = { ...GOOD, estimate: null, delayMs: 900 };
  expect(limitOf(after(after(FREE, GOOD, 3), jammed, 2))).toBe(64_000);
  expect(limitOf(after(FREE, { ...jammed, delayMs: 5 }, 10))).toBeNull();
  expect(limitOf(after(after(FREE, SLOW, 3), { ...GOOD, estimate: null, delayMs: null }, 10))).toBe(250_000);
});
