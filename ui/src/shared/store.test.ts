import { expect, test } from 'vitest';

import { writable } from './store.ts';

test('a listener is told at once and after each change, not after a set to the same', () => {
  const store = writable(1);
  const seen: number[] = [];
  store.subscribe((value) => seen.push(value));
  store.set(1);
  store.update((value) => value + 1);
  expect(seen).toEqual([1, 2]);
});

test('a listener that stops is not called again, even by the change under way', () => {
  const store = writable(0);
  const seen: string[] = [];
  let stopSecond = (): void => undefined;
  store.subscribe((value) => {
    seen.push(`first ${value}`);
    if (value === 1) stopSecond();
  });
  stopSecond = store.subscribe((value) => seen.push(`second ${value}`));
  store.set(1);
  expect(seen).toEqual(['first 0', 'second 0', 'first 1']);
});

test('the same function subscribed twice is called twice and stopped one at a time', () => {
  const store = writable(0);
  let calls = 0;
  const listener = (): void => {
    calls += 1;
  };
  const stop = store.subscribe(listener);
  store.subscribe(listener);
  stop();
  store.set(1);
  expect(calls).toBe(3);
});
