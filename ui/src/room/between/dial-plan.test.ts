import { describe, expect, test } from 'vitest';

import { connected, hinted, NEW_PLAN, nextWay, type DialPlan, type Way } from './dial-plan.ts';

/** The ways of so many tries in a row that all fail. */
function tries(plan: DialPlan, apps: readonly string[], many: number, now = 0): string[] {
  const ways: string[] = [];
  let current = plan;
  for (let at = 0; at < many; at += 1) {
    const next = nextWay(current, apps, now);
    ways.push(next.way.to === 'host' ? 'host' : next.way.id);
    current = next.plan;
  }
  return ways;
}

const through = (id: string): DialPlan => {
  const way: Way = { to: 'app', id };
  return connected({ ...NEW_PLAN, lastApp: id }, way);
};

describe('a guest that lost its host', () => {
  test('dials it once, then asks apps in the order of the roster, and the host from time to time', () => {
    expect(tries(NEW_PLAN, ['ben', 'cyd'], 10)).toEqual(['host', 'ben', 'cyd', 'ben', 'host', 'cyd', 'ben', 'cyd', 'host', 'ben']);
  });

  test('has only the host while nobody has a line to it', () => {
    expect(tries(NEW_PLAN, [], 5)).toEqual(['host', 'host', 'host', 'host', 'host']);
  });

  test('begins with the host again after it was connected to it', () => {
    const { plan } = nextWay(nextWay(NEW_PLAN, ['ben'], 0).plan, ['ben'], 0);
    expect(tries(connected(plan, { to: 'host' }), ['ben'], 2)).toEqual(['host', 'ben']);
  });
});

describe('a guest whose tunnel ended', () => {
  test('goes on with the next app, and does not wait for a host that is gone', () => {
    expect(tries(through('ben'), ['ben', 'cyd'], 5)).toEqual(['cyd', 'ben', 'cyd', 'host', 'ben']);
  });

  test('asks the same one again if there is no other', () => {
    expect(tries(through('ben'), ['ben'], 3)).toEqual(['ben', 'ben', 'ben']);
  });

  test('begins at the first when the last one is not here any more', () => {
    expect(tries(through('ben'), ['cyd', 'dan'], 2)).toEqual(['cyd', 'dan']);
  });
});

describe('an app that says that it has moved', () => {
  test('is asked first, once', () => {
    expect(tries(hinted(NEW_PLAN, 'cyd', 0), ['ben', 'cyd'], 4)).toEqual(['cyd', 'ben', 'cyd', 'ben']);
  });

  test('is old news after a while, and nothing if it is gone', () => {
    expect(tries(hinted(NEW_PLAN, 'cyd', 0), ['ben', 'cyd'], 1, 20_000)).toEqual(['host']);
    expect(tries(hinted(NEW_PLAN, 'cyd', 0), ['ben'], 1)).toEqual(['host']);
  });
});
