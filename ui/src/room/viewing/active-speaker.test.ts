import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { activeSpeaker, NOBODY_SPEAKS, type ActiveSpeaker, type Voice } from './active-speaker.ts';

/** Guards against a large picture that jumps from face to face, or stays with somebody who left. */

const silent = (id: string, at = 0): Voice => ({ id, speaking: false, at });
const speaks = (id: string, at: number): Voice => ({ id, speaking: true, at });
const holds = (id: string, since: number): ActiveSpeaker => ({ id, since, next: null });

describe('the large picture', () => {
  test('is of nobody while nobody else is here, and of the first one until somebody speaks', () => {
    expect(activeSpeaker(NOBODY_SPEAKS, [], 5)).toEqual(NOBODY_SPEAKS);
    expect(activeSpeaker(NOBODY_SPEAKS, [silent('a'), silent('b')], 5).id).toBe('a');
  });

  test('goes to whoever speaks for longer than a cough', () => {
    const people = [silent('a'), speaks('b', 10_000)];
    const waiting = activeSpeaker(holds('a', 0), people, 10_000);
    expect(waiting).toEqual({ id: 'a', since: 0, next: 10_700 });
    expect(activeSpeaker(waiting, people, 10_700)).toEqual(holds('b', 10_700));
    expect(activeSpeaker(waiting, [silent('a'), silent('b', 10_300)], 10_700)).toEqual(holds('a', 0));
  });

  test('stays with whoever goes on speaking, whoever else does', () => {
    expect(activeSpeaker(holds('a', 0), [speaks('a', 0), speaks('b', 1)], 60_000).id).toBe('a');
  });

  test('stays with whoever only takes a breath', () => {
    const people = [silent('a', 20_000), speaks('b', 10_000)];
    expect(activeSpeaker(holds('a', 5_000), people, 20_500)).toEqual({ id: 'a', since: 5_000, next: 21_000 });
    expect(activeSpeaker(holds('a', 5_000), people, 21_000).id).toBe('b');
    expect(activeSpeaker(holds('a', 5_000), [speaks('a', 20_800), speaks('b', 10_000)], 21_000)).toEqual(holds('a', 5_000));
  });

  test('stays long enough to be seen', () => {
    const people = [silent('a', 10_500), speaks('b', 10_100)];
    expect(activeSpeaker(holds('a', 10_000), people, 11_000)).toEqual({ id: 'a', since: 10_000, next: 12_000 });
    expect(activeSpeaker(holds('a', 10_000), people, 12_000).id).toBe('b');
  });

  test('goes on to whoever spoke last when its person leaves', () => {
    expect(activeSpeaker(holds('x', 0), [silent('a', 100), silent('b', 200), silent('c')], 500).id).toBe('b');
    expect(activeSpeaker(holds('x', 0), [silent('a', 300), speaks('b', 200), speaks('c', 100)], 500).id).toBe('c');
  });

  test('is always of somebody who is here, never moves while its person speaks, and rests when nothing happens', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const event = fc.record({ id: fc.constantFrom(...ids), what: fc.constantFrom('speaks', 'stops', 'comes', 'goes'), after: fc.integer({ min: 0, max: 3_000 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const people = new Map<string, Voice>();
        let now = 1;
        let active = NOBODY_SPEAKS;
        const look = (): void => {
          const before = active;
          active = activeSpeaker(before, [...people.values()], now);
          if (people.size === 0) expect(active.id).toBeNull();
          else expect(people.has(active.id ?? '')).toBe(true);
          if (before.id !== active.id && people.has(before.id ?? '')) expect(people.get(before.id ?? '')?.speaking).toBe(false);
          if (active.next !== null) expect(active.next).toBeGreaterThan(now);
          expect(activeSpeaker(active, [...people.values()], now)).toEqual(active);
        };
        for (const { id, what, after } of events) {
          now += after;
          if (active.next !== null && active.next <= now) look();
          if (what === 'goes') people.delete(id);
          else if (what === 'comes') people.set(id, people.get(id) ?? silent(id));
          else if (people.has(id) && people.get(id)?.speaking !== (what === 'speaks')) people.set(id, { id, speaking: what === 'speaks', at: now });
          look();
        }
        // What somebody is about to get, comes.
        while (active.next !== null) {
          now = active.next;
          const waited = active.id;
          look();
          expect(active.id === waited && active.next !== null).toBe(false);
        }
      }),
    );
  });
});
