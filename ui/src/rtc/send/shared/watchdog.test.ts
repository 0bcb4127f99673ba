import { expect, test } from 'vitest';

import { CopyWatch, Watchdog } from './watchdog.ts';

// Guards: nobody looks at a grey square for longer than a second because a browser does not run a transform.

test('a transform that sees what is sent is left alone', () => {
  const watchdog = new Watchdog();
  for (let second = 0; second < 10; second += 1) expect(watchdog.withheld(30 * second, 30 * second + 1)).toBe(false);
});

test('one that sees nothing of what is sent is noticed within a second of pictures', () => {
  expect(new Watchdog().withheld(29, 0)).toBe(false);
  expect(new Watchdog().withheld(30, 0)).toBe(true);
});

test('one that stops seeing is noticed, and one that is late is not', () => {
  const watchdog = new Watchdog();
  // Carriers that were left out were seen and never sent.
  expect(watchdog.withheld(30, 200)).toBe(false);
  expect(watchdog.withheld(45, 200)).toBe(false);
  expect(watchdog.withheld(60, 201)).toBe(false);
  expect(watchdog.withheld(75, 201)).toBe(false);
  expect(watchdog.withheld(90, 201)).toBe(false);
  expect(watchdog.withheld(105, 201)).toBe(true);
});

test('where nothing is sent nothing has to be seen', () => {
  const watchdog = new Watchdog();
  expect(watchdog.withheld(30, 30)).toBe(false);
  for (let second = 0; second < 10; second += 1) expect(watchdog.withheld(30, 30)).toBe(false);
});

test('a sender that counts anew is judged anew', () => {
  const watchdog = new Watchdog();
  expect(watchdog.withheld(300, 300)).toBe(false);
  expect(watchdog.withheld(5, 300)).toBe(false);
  for (const sent of [20, 35]) expect(watchdog.withheld(sent, 300)).toBe(false);
  expect(watchdog.withheld(50, 300)).toBe(true);
});

function swallowed(readings: [given: number, packets: number][]): boolean[] {
  const watch = new CopyWatch();
  return readings.map(([given, packets]) => watch.swallows(given, packets));
}

test('copies that are written and never sent are noticed', () => {
  expect(swallowed([[30, 0], [60, 0], [90, 0], [120, 0], [150, 0]])).toEqual([false, false, false, false, true]);
});

test('copies that are sent, a link without any, and a short interruption are no reason', () => {
  expect(swallowed(Array.from({ length: 10 }, (_, index) => [index * 30, index * 80]))).not.toContain(true);
  expect(swallowed(Array.from({ length: 10 }, () => [5, 0]))).not.toContain(true);
  expect(swallowed([[30, 90], [60, 90], [90, 90], [120, 90], [150, 180], [180, 180]])).not.toContain(true);
});
