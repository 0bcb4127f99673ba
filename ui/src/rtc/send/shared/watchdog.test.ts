import { expect, test } from 'vitest';

import { Watchdog } from './watchdog.ts';

// Guards: nobody looks at a grey square for longer than a second because a browser does not run a transform.

test('a transform that sees what is sent is left alone', () => {
  const watchdog = new Watchdog();
  for (let second = 0; second < 10; second += 1) expect(watchdog.withheld(30 * second, 30 * second + 1)).toBe(false);
});

test('one that sees nothing of what is sent is noticed at the first reading', () => {
  expect(new Watchdog().withheld(28, 0)).toBe(true);
});

test('one that stops seeing is noticed', () => {
  const watchdog = new Watchdog();
  expect(watchdog.withheld(30, 30)).toBe(false);
  expect(watchdog.withheld(45, 30)).toBe(true);
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
  expect(watchdog.withheld(14, 300)).toBe(false);
  expect(watchdog.withheld(15, 300)).toBe(true);
});
