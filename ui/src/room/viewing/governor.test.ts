import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AT_FULL, govern as governWith, LEVELS, overloaded, type Circumstances, type Governor, type Load } from './governor.ts';

/** Guards that trouble is answered at once, and that the answer is not taken back before it would be trouble again. */

const QUIET: Load = { encoding: 0.1, encoderBusy: 0.2, limitedByCpu: false, lateFrames: 0, frozenLinks: 0, links: 3, lagMs: 5, pressure: 'nominal' };
const BUSY: Load = { ...QUIET, limitedByCpu: true };
const always = (): boolean => true;
/** So far down only sizes are given. */
const SIZES = 3;

type Matters = Circumstances['matters'];
const govern = (state: Governor, load: Load, now: number, matters: Matters, unsettled = false): Governor => governWith(state, load, { now, unsettled, matters });

/** Lets seconds pass with this load, the first at `from`. */
function pass(governor: Governor, load: Load, from: number, seconds: number, matters: Matters = always, unsettled = false): Governor {
  let state = governor;
  for (let second = 0; second < seconds; second += 1) state = govern(state, load, (from + second) * 1_000, matters, unsettled);
  return state;
}

describe('trouble', () => {
  test.each<[string, Partial<Load>]>([
    ['an encoder that the processor holds back', { limitedByCpu: true }],
    ['an encoder that is busy all the time', { encoderBusy: 0.9 }],
    ['frames that come and are not shown', { lateFrames: 0.3 }],
    ['a page that does not answer', { lagMs: 400 }],
    ['half of the links frozen without loss', { frozenLinks: 2, links: 4 }],
  ])('%s is', (_, symptom) => {
    expect(overloaded({ ...QUIET, ...symptom })).toBe(true);
  });

  test.each<[string, Partial<Load>]>([
    ['one frozen link of three', { frozenLinks: 1 }],
    ['pressure without a symptom', { pressure: 'critical' }],
    ['nothing known', { encoding: null, encoderBusy: null, lateFrames: null, lagMs: null, pressure: null, links: 0 }],
  ])('%s is not', (_, symptom) => {
    expect(overloaded({ ...QUIET, ...symptom })).toBe(false);
  });

  test('of one second is let pass; of two takes a step down, and each two more another one', () => {
    expect(pass(AT_FULL, BUSY, 0, 1).level).toBe(0);
    expect(pass(AT_FULL, BUSY, 0, 2).level).toBe(1);
    expect(pass(AT_FULL, BUSY, 0, 6).level).toBe(3);
    expect(pass(AT_FULL, BUSY, 0, 100).level).toBe(LEVELS.length - 1);
  });

  test('takes a step that changes something: nobody is helped by 540 lines of those who send 360', () => {
    const state = pass(AT_FULL, BUSY, 0, 2, (from, to) => from.height !== to.height && to.height < 360);
    expect(state.level).toBe(3);
    expect(pass(AT_FULL, BUSY, 0, 20, () => false).level).toBe(0);
  });
});

describe('a system that says it is at its end', () => {
  const spent: Load = { ...QUIET, pressure: 'critical' };

  test('is spared sizes before anything is felt, and no frames', () => {
    expect(pass(AT_FULL, spent, 0, 60).level).toBe(SIZES);
    expect(LEVELS[SIZES]).toMatchObject({ framesPerSecond: 30, height: 240, pictures: Infinity });
  });

  test('keeps sizes small until it is at ease again, but frames come back once nothing is felt', () => {
    const down = pass(AT_FULL, BUSY, 0, 10);
    expect(down.level).toBeGreaterThan(SIZES);
    expect(pass(down, spent, 10, 300).level).toBe(SIZES);
    expect(pass(down, { ...QUIET, pressure: 'serious' }, 10, 300).level).toBe(SIZES);
    expect(pass(down, { ...QUIET, pressure: 'fair' }, 10, 300).level).toBe(0);
  });
});

test('while somebody comes in, trouble takes sizes and no frames', () => {
  expect(pass(AT_FULL, BUSY, 0, 60, always, true).level).toBe(SIZES);
  expect(pass(AT_FULL, BUSY, 0, 60, always, false).level).toBeGreaterThan(SIZES);
});

test('faces are taken away only after longer trouble', () => {
  const faces = pass(AT_FULL, BUSY, 0, 10);
  expect(LEVELS[faces.level]).toMatchObject({ framesPerSecond: 15, pictures: Infinity });
  expect(pass(faces, BUSY, 10, 3).level).toBe(faces.level);
  expect(LEVELS[pass(faces, BUSY, 10, 5).level]?.pictures).toBe(6);
});

describe('what nobody can look at', () => {
  const faces = pass(AT_FULL, BUSY, 0, 10);
  const frozen: Load = { ...QUIET, frozenLinks: 3, links: 5 };

  test.each<[string, Load]>([
    ['half of the links frozen', frozen],
    ['most frames late', { ...QUIET, lateFrames: 0.6 }],
    ['a page that stands for a second', { ...QUIET, lagMs: 1_200 }],
  ])('(%s) takes faces in half the time', (_, load) => {
    expect(pass(faces, load, 10, 1).level).toBe(faces.level);
    expect(pass(faces, load, 10, 3).level).toBe(faces.level + 1);
  });

  test('is not forgotten for one good second', () => {
    let state = faces;
    for (let second = 10; second < 30; second += 1) state = govern(state, second % 3 === 2 ? QUIET : frozen, second * 1_000, always);
    expect(state.level).toBeGreaterThan(faces.level + 3);
    let slower = faces;
    for (let second = 12; second < 30; second += 1) slower = govern(slower, second % 3 === 2 ? QUIET : BUSY, second * 1_000, always);
    expect(slower.level).toBeGreaterThan(faces.level);
  });

  test('takes sizes no sooner than other trouble: a window may be opening', () => {
    expect(pass(AT_FULL, frozen, 0, 1).level).toBe(0);
  });
});

describe('calm', () => {
  test('of 15 s takes one step up, not two', () => {
    const down = pass(AT_FULL, BUSY, 0, 4);
    expect(down.level).toBe(2);
    expect(pass(down, QUIET, 4, 15).level).toBe(2);
    expect(pass(down, QUIET, 4, 18).level).toBe(1);
    expect(pass(down, QUIET, 4, 30).level).toBe(1);
    expect(pass(down, QUIET, 4, 40).level).toBe(0);
  });

  test('has to last longer each time that a step up was in vain', () => {
    let state = pass(AT_FULL, BUSY, 0, 2);
    let now = 2;
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const from = now;
      while (state.level > 0) state = govern(state, QUIET, (now += 1) * 1_000, always);
      waits.push(now - from);
      while (state.level === 0) state = govern(state, BUSY, (now += 1) * 1_000, always);
    }
    for (const [index, wait] of waits.entries()) if (index > 0) expect(wait).toBeGreaterThan(1.7 * (waits[index - 1] ?? 0));
  });

  test('does not count while the system says that it is at its end', () => {
    const down = pass(AT_FULL, BUSY, 0, 2);
    expect(pass(down, { ...QUIET, pressure: 'serious' }, 2, 60).level).toBe(1);
  });
});

test('each level asks for no more than the one before it, the last for sound only', () => {
  for (const [index, level] of LEVELS.entries()) {
    const before = LEVELS[index - 1];
    if (before === undefined) continue;
    for (const key of ['framesPerSecond', 'height', 'pictures'] as const) expect(level[key]).toBeLessThanOrEqual(before[key]);
  }
  expect(LEVELS.at(-1)).toMatchObject({ framesPerSecond: 0, height: 0, pictures: 0 });
});

test('a level is always one of the list, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 60_000 })), { maxLength: 60 }), (steps) => {
      let state = AT_FULL;
      let now = 0;
      for (const [busy, ms] of steps) {
        now += ms;
        const after = govern(state, busy ? BUSY : QUIET, now, always);
        expect(Math.abs(after.level - state.level)).toBeLessThanOrEqual(1);
        expect(LEVELS[after.level]).toBeDefined();
        state = after;
      }
    }),
  );
});
