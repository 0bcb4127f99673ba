import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { VIEW_HEIGHTS } from '../../rtc/send/plan.ts';
import { choose, type Candidate, type Limits } from './choose.ts';

/** Guards that what is asked for is what is on screen, within what this computer can show, and that whoever speaks is seen. */

const FREE: Limits = { pictures: 32, height: 2160, framesPerSecond: 30, pixels: Infinity };
const person = (id: string, more: Partial<Candidate> = {}): Candidate => ({ id, camera: 360, screen: 0, cameraOn: true, speaking: false, spokeAt: 0, fresh: false, ...more });
const none = new Set<string>();
const heights = fc.constantFrom(...VIEW_HEIGHTS);
const people = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), camera: heights, screen: heights, cameraOn: fc.boolean(), speaking: fc.boolean(), spokeAt: fc.integer({ min: 0, max: 9 }), fresh: fc.boolean() }),
  { selector: ({ id }) => id, maxLength: 20 },
);
const limits = fc.record({ pictures: fc.integer({ min: 0, max: 20 }), height: heights.filter((height) => height > 0), framesPerSecond: fc.constantFrom(10, 15, 24, 30), pixels: fc.integer({ min: 0, max: 200_000_000 }) });

function decoded(all: readonly Candidate[], views: ReturnType<typeof choose>['views']): number {
  return all.reduce((sum, { id, cameraOn }) => {
    const view = views.get(id)?.camera;
    return view === undefined || !cameraOn ? sum : sum + view.height ** 2 * (16 / 9) * view.framesPerSecond;
  }, 0);
}

test('everybody on screen is asked for as large as shown, and nobody else', () => {
  const { views, leftOut } = choose([person('a'), person('b', { camera: 0 }), person('c', { camera: 0, screen: 1080 })], FREE, none);
  expect(views.get('a')).toEqual({ camera: { height: 360, framesPerSecond: 30 }, screen: { height: 0, framesPerSecond: 0 } });
  expect(views.get('b')?.camera.height).toBe(0);
  expect(views.get('c')).toEqual({ camera: { height: 0, framesPerSecond: 0 }, screen: { height: 1080, framesPerSecond: 30 } });
  expect(leftOut.size).toBe(0);
});

describe('where there are more than can be shown', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'];

  test('who speaks is, then who spoke last, then who was shown before', () => {
    const room = six.map((id) => person(id, { speaking: id === 'f', spokeAt: id === 'c' ? 5 : 0 }));
    const { leftOut } = choose(room, { ...FREE, pictures: 3 }, new Set(['e']));
    expect([...leftOut].sort()).toEqual(['a', 'b', 'd']);
  });

  test('nobody changes place as long as nobody else speaks', () => {
    const room = six.map((id) => person(id));
    let shown: Set<string> = new Set(['b', 'd', 'f']);
    for (let time = 0; time < 5; time += 1) {
      const { leftOut } = choose(room, { ...FREE, pictures: 3 }, shown);
      shown = new Set(six.filter((id) => !leftOut.has(id)));
      expect([...shown]).toEqual(['b', 'd', 'f']);
    }
  });

  test('a screen stays', () => {
    const room = [...six.map((id) => person(id)), person('s', { camera: 0, screen: 720 })];
    expect(choose(room, { ...FREE, pictures: 1 }, none).views.get('s')?.screen.height).toBe(720);
  });

  test('whose camera is off takes nobody’s place, and is shown once it is on', () => {
    const { views, leftOut } = choose([person('a', { cameraOn: false, spokeAt: 9 }), person('b')], { ...FREE, pictures: 1 }, none);
    expect(leftOut.size).toBe(0);
    expect(views.get('a')?.camera.height).toBe(360);
  });
});

describe('a face that is shown larger than all others', () => {
  const room = [person('a', { camera: 720, speaking: true }), ...['b', 'c', 'd'].map((id) => person(id, { camera: 90 }))];
  const heightOf = (all: readonly Candidate[], within: Partial<Limits>): number | undefined => choose(all, { ...FREE, ...within }, none).views.get('a')?.camera.height;

  test('stays one in which it can be seen while only sizes are given', () => {
    expect(heightOf(room, { height: 240 })).toBe(360);
    expect(heightOf(room, { height: 540 })).toBe(540);
  });

  test('gives its size before everybody’s frames are given', () => {
    expect(heightOf(room, { height: 240, framesPerSecond: 20 })).toBe(240);
  });

  test('is none where two are as large, or few are there', () => {
    expect(heightOf([...room, person('e', { camera: 720 })], { height: 240 })).toBe(240);
    expect(heightOf(room.slice(0, 2), { height: 240 })).toBe(240);
  });
});

describe('within what can be decoded', () => {
  test('who does not speak gives frames first, and who speaks nothing', () => {
    const room = [person('a', { speaking: true, camera: 360 }), ...['b', 'c', 'd'].map((id) => person(id))];
    const { views } = choose(room, { ...FREE, pixels: 24_000_000 }, none);
    expect(views.get('a')?.camera).toEqual({ height: 360, framesPerSecond: 30 });
    expect(views.get('b')?.camera).toEqual({ height: 360, framesPerSecond: 24 });
  });

  test('it always is, but for one picture', () => {
    fc.assert(
      fc.property(people, limits, (all, within) => {
        const { views, leftOut } = choose(all, within, none);
        const asked = all.filter(({ id, cameraOn }) => cameraOn && (views.get(id)?.camera.height ?? 0) > 0);
        if (asked.length > 1) expect(decoded(all, views)).toBeLessThanOrEqual(within.pixels);
        expect(asked.length).toBeLessThanOrEqual(within.pictures);
        expect([...leftOut].every((id) => views.get(id)?.camera.height === 0)).toBe(true);
      }),
    );
  });

  test('nobody is asked for more than is shown', () => {
    fc.assert(
      fc.property(people, limits, (all, within) => {
        const { views } = choose(all, within, none);
        for (const { id, camera, screen } of all) {
          const view = views.get(id);
          expect(view?.camera.height).toBeLessThanOrEqual(Math.min(camera, Math.max(within.height, 360)));
          expect(view?.screen.height).toBe(screen);
          expect(view?.camera.framesPerSecond).toBeLessThanOrEqual(within.framesPerSecond);
          expect(view?.camera.height === 0).toBe(view?.camera.framesPerSecond === 0);
        }
      }),
    );
  });
});

test('at audio only nothing is asked for', () => {
  const { views } = choose([person('a', { screen: 720 })], { pictures: 0, height: 0, framesPerSecond: 0, pixels: 0 }, none);
  expect(views.get('a')).toEqual({ camera: { height: 0, framesPerSecond: 0 }, screen: { height: 0, framesPerSecond: 0 } });
});
