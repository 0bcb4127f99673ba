import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FIRST_JOIN_MS, FIRST_JOIN_TRIES, FIRST_RETRY_MS, LONGEST_RETRY_MS, retryDelay } from './reconnect.ts';

const chance = fc.double({ min: 0, max: 1, noNaN: true });

test('the first new try comes within a quarter of a second', () => {
  fc.assert(
    fc.property(chance, fc.boolean(), (random, joinedBefore) => {
      const delay = retryDelay({ failed: 1, joinedBefore, elapsedMs: 0, random });
      expect(delay).toBeLessThanOrEqual(FIRST_RETRY_MS);
      expect(delay).toBeGreaterThan(0);
    }),
  );
});

test('a seat once had is tried for ever, at most three seconds apart', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(), chance, (failed, elapsedMs, random) => {
      const delay = retryDelay({ failed, joinedBefore: true, elapsedMs, random });
      expect(delay).not.toBeNull();
      expect(delay).toBeLessThanOrEqual(LONGEST_RETRY_MS);
      expect(delay).toBeGreaterThan(0);
    }),
  );
});

test('waits grow with the failures', () => {
  const waits = [1, 2, 3, 4, 5].map((failed) =>
    retryDelay({ failed, joinedBefore: true, elapsedMs: 0, random: 1 }),
  );
  expect(waits).toEqual([250, 500, 1_000, 2_000, 3_000]);
});

test('a first join gives up after its tries or its time', () => {
  const at = (failed: number, elapsedMs: number): number | null =>
    retryDelay({ failed, joinedBefore: false, elapsedMs, random: 0.5 });
  expect(at(FIRST_JOIN_TRIES - 1, FIRST_JOIN_MS - 1)).not.toBeNull();
  expect(at(FIRST_JOIN_TRIES, 0)).toBeNull();
  expect(at(1, FIRST_JOIN_MS)).toBeNull();
});
