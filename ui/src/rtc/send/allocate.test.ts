import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { allocate, pixelRange, SOUND_BITRATE, type Budget, type Facts, type LinkFacts, type SourceFacts } from './allocate.ts';
import { VIEW_HEIGHTS, type SendPlan, type Sent, type View, type Views } from './plan.ts';
import { cameraBitrate, pixelRate } from './rates.ts';

/** Guards what is promised to everybody who watches: not more than it shows, not less than there is room for, and screens first. */

const CAMERA: SourceFacts = { width: 1280, height: 720, framesPerSecond: 30, motion: false };
const TEXT: SourceFacts = { width: 1920, height: 1080, framesPerSecond: 30, motion: false };
const ALL = { height: Infinity, framesPerSecond: 30 };
const FREE: Budget = { pixels: Infinity, uplink: Infinity, renditions: 0, face: ALL };
const view = (height: number, framesPerSecond = height === 0 ? 0 : 30): View => ({ height, framesPerSecond });
const shows = (camera: number, screen = 0): Views => ({ camera: view(camera), screen: view(screen) });
const link = (id: string, views: Views | null, more: Partial<LinkFacts> = {}): LinkFacts => ({ id, views, limit: null, shares: false, ...more });
const facts = (links: LinkFacts[], more: Partial<Facts> = {}): Facts => ({ camera: CAMERA, screen: null, links, budget: FREE, ...more });
const now = (what: Facts): SendPlan => allocate(what, null, 0).plan;

interface Picture {
  height: number;
  framesPerSecond: number;
  bitrate: number;
}
const NO_PICTURE: Picture = { height: 0, framesPerSecond: 0, bitrate: 0 };

/** What really arrives of it. */
function picture(plan: SendPlan, sent: Sent | undefined): Picture {
  if (sent === undefined || sent.is === 'nothing') return NO_PICTURE;
  if (sent.is === 'own') return sent;
  return plan.renditions.find(({ id }) => id === sent.rendition) ?? NO_PICTURE;
}
const face = (plan: SendPlan, id: string): Picture => picture(plan, plan.camera.get(id));
const screen = (plan: SendPlan, id: string): Picture => picture(plan, plan.screen.get(id));

const views = fc
  .record({ camera: fc.constantFrom(...VIEW_HEIGHTS), screen: fc.constantFrom(...VIEW_HEIGHTS), frames: fc.constantFrom(10, 15, 24, 30) })
  .map(({ camera, screen: shared, frames }): Views => ({ camera: view(camera, camera === 0 ? 0 : frames), screen: view(shared, shared === 0 ? 0 : frames) }));
const source = fc.record({ width: fc.constantFrom(640, 1280, 1920), height: fc.constantFrom(360, 480, 720, 1080), framesPerSecond: fc.constantFrom(15, 30), motion: fc.boolean() });
const links = fc
  .array(fc.record({ views: fc.option(views), limit: fc.option(fc.integer({ min: 0, max: 6_000_000 })), shares: fc.boolean() }), { maxLength: 12 })
  .map((all) => all.map((each, index): LinkFacts => ({ id: String(index), ...each })));
const budget = fc.record({ pixels: fc.integer({ min: 0, max: 300_000_000 }), uplink: fc.integer({ min: 0, max: 40_000_000 }), renditions: fc.constantFrom(0, 1, 2), face: fc.record({ height: fc.constantFrom(240, 360, Infinity), framesPerSecond: fc.constantFrom(10, 20, 30) }) });
const anything = fc.record({ camera: fc.option(source), screen: fc.option(source), links, budget });
const alone = anything.map((what): Facts => ({ ...what, links: what.links.map((each) => ({ ...each, shares: false })) }));

describe('always', () => {
  test('not more than the uplink, and than a link carries, sound first', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const plan = now(what);
        let sum = 0;
        for (const { id, limit } of what.links) {
          const bits = face(plan, id).bitrate + screen(plan, id).bitrate;
          sum += bits;
          if (limit !== null) expect(bits).toBeLessThanOrEqual(Math.max(0, limit - SOUND_BITRATE));
        }
        expect(sum).toBeLessThanOrEqual(Math.max(0, what.budget.uplink - SOUND_BITRATE * what.links.length));
      }),
    );
  });

  test('not more pixels than can be encoded, each rendition counted once', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const plan = now(what);
        const wide = (of: SourceFacts | null, { height, framesPerSecond }: Picture): number =>
          of === null || height === 0 ? 0 : pixelRate({ width: Math.round((of.width * height) / of.height), height, framesPerSecond });
        const shared = plan.renditions.reduce((sum, rendition) => sum + wide(what.camera, rendition), 0);
        const own = what.links.reduce((sum, { id }) => {
          const camera = plan.camera.get(id)?.is === 'own' ? wide(what.camera, face(plan, id)) : 0;
          return sum + camera + wide(what.screen, screen(plan, id)) * (what.screen?.motion === true ? 1 : 0.25);
        }, 0);
        expect(shared + own).toBeLessThanOrEqual(what.budget.pixels);
        expect(plan.renditions.length).toBeLessThanOrEqual(what.budget.renditions);
      }),
    );
  });

  test('nobody gets more than it shows, and whoever shows nothing gets nothing', () => {
    fc.assert(
      fc.property(alone, (what) => {
        const plan = now(what);
        for (const { id, views: shown } of what.links) {
          if (shown === null) continue;
          for (const [got, wanted] of [[face(plan, id), shown.camera], [screen(plan, id), shown.screen]] as const) {
            expect(got.height).toBeLessThanOrEqual(wanted.height);
            expect(got.framesPerSecond).toBeLessThanOrEqual(wanted.framesPerSecond);
          }
          if (shown.camera.height === 0) expect(plan.camera.get(id)).toEqual({ is: 'nothing' });
        }
      }),
    );
  });

  test('whoever is served with others gets at least what it would get alone, and not much more', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const free = { ...what, budget: { ...FREE, renditions: what.budget.renditions, face: what.budget.face } };
        const plan = now(free);
        const own = now({ ...free, links: what.links.map((each) => ({ ...each, shares: false })) });
        for (const { id, views: shown } of what.links) {
          const [got, lone] = [face(plan, id), face(own, id)];
          expect(got.height).toBeGreaterThanOrEqual(lone.height);
          expect(got.framesPerSecond).toBeGreaterThanOrEqual(lone.framesPerSecond);
          expect(got.height ** 2 * got.framesPerSecond).toBeLessThanOrEqual(1.8 * lone.height ** 2 * lone.framesPerSecond * 1.01);
          if (shown?.camera.height === 0) expect(plan.camera.get(id)).toEqual({ is: 'nothing' });
        }
      }),
    );
  });

  test('no face is larger or has more frames than the computer is to send', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const plan = now(what);
        for (const { id } of what.links) {
          expect(face(plan, id).height).toBeLessThanOrEqual(what.budget.face.height);
          expect(face(plan, id).framesPerSecond).toBeLessThanOrEqual(what.budget.face.framesPerSecond);
        }
      }),
    );
  });

  test('no picture of a face below 120 lines for a tile that shows more, and none below 240 but for what ways carry', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const { least } = pixelRange(what, what.budget.renditions, what.budget.face);
        const wide = { ...what, links: what.links.map((each) => ({ ...each, limit: null })), budget: { ...what.budget, uplink: Infinity, pixels: Math.max(least, what.budget.pixels) } };
        for (const [facts, lines] of [[what, 120], [wide, 240]] as const) {
          const plan = now(facts);
          for (const { id, views: shown } of facts.links) {
            const got = face(plan, id).height;
            if (got > 0) expect(got).toBeGreaterThanOrEqual(Math.min(lines, shown?.camera.height ?? lines, facts.camera?.height ?? 0));
          }
        }
      }),
    );
  });

  test('more to give never means less for anybody', () => {
    fc.assert(
      fc.property(alone, fc.integer({ min: 0, max: 50_000_000 }), fc.integer({ min: 0, max: 50_000_000 }), (what, pixels, uplink) => {
        const less = now(what);
        const more = now({ ...what, budget: { ...what.budget, pixels: what.budget.pixels + pixels, uplink: what.budget.uplink + uplink } });
        for (const { id } of what.links) {
          for (const of of [face, screen]) {
            expect(of(more, id).height).toBeGreaterThanOrEqual(of(less, id).height);
            expect(of(more, id).framesPerSecond).toBeGreaterThanOrEqual(of(less, id).framesPerSecond);
            expect(of(more, id).bitrate).toBeGreaterThanOrEqual(of(less, id).bitrate);
          }
        }
      }),
    );
  });

  test('a screen gives nothing as long as a face has something to give', () => {
    fc.assert(
      fc.property(alone, (what) => {
        const plan = now(what);
        const all = now({ ...what, budget: { ...FREE, renditions: what.budget.renditions }, links: what.links.map((each) => ({ ...each, limit: null })) });
        for (const { id } of what.links) {
          if (screen(plan, id).bitrate === screen(all, id).bitrate || face(all, id).height === 0) continue;
          // Then the face is at its least, or gone.
          expect(face(plan, id).framesPerSecond).toBeLessThanOrEqual(12);
          expect(face(plan, id).height).toBeLessThanOrEqual(270);
        }
      }),
    );
  });

  test('what is least fits into what is said to be the least', () => {
    fc.assert(
      fc.property(anything, (what) => {
        const { least, wanted } = pixelRange(what, 0);
        expect(least).toBeLessThanOrEqual(wanted);
        const unlimited = what.links.map((each) => ({ ...each, limit: null }));
        const plan = now({ ...what, links: unlimited, budget: { ...FREE, pixels: least } });
        for (const { id, views: shown } of unlimited) if (what.camera !== null && (shown?.camera.height ?? 1) > 0) expect(face(plan, id).height).toBeGreaterThan(0);
      }),
    );
  });
});

test('everybody gets what it shows where there is room; whoever never said gets everything', () => {
  const plan = now(facts([link('a', shows(360)), link('b', shows(0)), link('c', null), link('d', shows(2160))]));
  expect(['a', 'b', 'c', 'd'].map((id) => face(plan, id).height)).toEqual([360, 0, 720, 720]);
});

test('faces give way for a screen, and text keeps its size and gives frames', () => {
  const shown = [link('a', shows(720, 1080))];
  const some = now(facts(shown, { screen: TEXT, budget: { ...FREE, uplink: 5_000_000 } }));
  expect(screen(some, 'a')).toMatchObject({ height: 1080, framesPerSecond: 30 });
  expect(face(some, 'a').height).toBeLessThan(720);
  const little = now(facts(shown, { screen: TEXT, budget: { ...FREE, uplink: 2_500_000 } }));
  expect(screen(little, 'a').height).toBe(1080);
  expect(screen(little, 'a').framesPerSecond).toBeLessThan(15);
});

test('a film on a screen keeps its frames and gives size', () => {
  const plan = now(facts([link('a', shows(0, 1080))], { screen: { ...TEXT, motion: true }, budget: { ...FREE, uplink: 2_500_000 } }));
  expect(screen(plan, 'a').framesPerSecond).toBe(30);
  expect(screen(plan, 'a').height).toBeLessThan(1080);
});

describe('one encoder for several', () => {
  const two = { ...FREE, renditions: 2 };

  test('serves all who show the same, in at most two sizes; whoever is alone with a third has its own', () => {
    const sizes = [360, 360, 360, 180, 180, 720];
    const plan = now(facts(sizes.map((height, index) => link(String(index), shows(height), { shares: true })), { budget: two }));
    expect(plan.renditions.map(({ id, height }) => [id, height])).toEqual([['large', 360], ['small', 180]]);
    expect(plan.camera.get('0')).toEqual({ is: 'shared', rendition: 'large' });
    expect(plan.camera.get('4')).toEqual({ is: 'shared', rendition: 'small' });
    expect(plan.camera.get('5')).toMatchObject({ is: 'own', height: 720 });
  });

  test('encodes for eleven what it encodes for one', () => {
    const eleven = Array.from({ length: 11 }, (_, index) => link(String(index), shows(360), { shares: true }));
    const one = pixelRange(facts(eleven.slice(0, 1)), 2).wanted;
    expect(pixelRange(facts(eleven), 2).wanted).toBe(one);
    expect(pixelRange(facts(eleven), 0).wanted).toBe(11 * one);
  });

  test('serves whoever wants a little less, and not whose way is too slow for it', () => {
    const some = [link('a', shows(540), { shares: true }), link('b', { camera: view(540, 20), screen: view(0) }, { shares: true })];
    const plan = now(facts(some, { budget: { ...two, renditions: 1 } }));
    expect([plan.camera.get('a'), plan.camera.get('b')]).toEqual([{ is: 'shared', rendition: 'large' }, { is: 'shared', rendition: 'large' }]);
    const [a, b] = some;
    const slow = now(facts([a, b].flatMap((each) => (each === undefined ? [] : [{ ...each, limit: each.id === 'b' ? 900_000 : null }])), { budget: { ...two, renditions: 1 } }));
    expect(slow.camera.get('b')).toMatchObject({ is: 'own', framesPerSecond: 20 });
  });

  test('leaves a single link its own encoder', () => {
    expect(now(facts([link('a', shows(360), { shares: true })], { budget: two })).camera.get('a')).toMatchObject({ is: 'own', height: 360 });
  });

  test('leaves alone whoever cannot be served, and a link that is too slow', () => {
    const plan = now(facts([link('a', shows(720), { shares: true }), link('b', shows(720), { shares: true }), link('c', shows(720)), link('d', shows(720), { shares: true, limit: 300_000 })], { budget: two }));
    expect(plan.camera.get('c')).toMatchObject({ is: 'own', height: 720 });
    expect(plan.camera.get('d')).toEqual({ is: 'shared', rendition: 'small' });
    expect(plan.renditions[1]).toMatchObject({ height: 270 });
    expect(plan.camera.get('a')).toEqual({ is: 'shared', rendition: 'large' });
  });
});

test('eleven thumbnails and their sound take at most 2.5 Mbit/s', () => {
  const eleven = Array.from({ length: 11 }, (_, index) => link(String(index), shows(180)));
  const plan = now(facts(eleven));
  const sum = eleven.reduce((bits, { id }) => bits + face(plan, id).bitrate + SOUND_BITRATE, 0);
  expect(sum).toBeLessThanOrEqual(2_500_000);
});

test('300 kbit/s are enough for a small face that moves', () => {
  expect(face(now(facts([link('a', shows(720), { limit: 300_000 })])), 'a')).toMatchObject({ height: 270, framesPerSecond: 15 });
});

test('a way that several have to share still carries a face of each', () => {
  expect(face(now(facts([link('a', shows(720), { limit: 64_000 })])), 'a')).toMatchObject({ height: 120, framesPerSecond: 12 });
});

describe('with time', () => {
  const shown = [link('a', shows(720))];
  const at = (uplink: number): Facts => facts(shown, { budget: { ...FREE, uplink } });
  const full = cameraBitrate({ width: 1280, height: 720, framesPerSecond: 30 }) + SOUND_BITRATE;

  test('down at once, up after three seconds in which it would have fitted', () => {
    let { plan, memory } = allocate(at(full), null, 0);
    expect(face(plan, 'a').height).toBe(720);
    ({ plan, memory } = allocate(at(full / 2), memory, 10));
    expect(face(plan, 'a').height).toBeLessThan(720);
    ({ plan, memory } = allocate(at(full * 2), memory, 1_000));
    expect(face(plan, 'a').height).toBeLessThan(720);
    ({ plan, memory } = allocate(at(full * 2), memory, 3_900));
    expect(face(plan, 'a').height).toBeLessThan(720);
    ({ plan } = allocate(at(full * 2), memory, 4_000));
    expect(face(plan, 'a').height).toBe(720);
  });

  test('a budget that trembles around a size does not change it all the time', () => {
    let changes = 0;
    let { plan, memory } = allocate(at(full), null, 0);
    for (let second = 1; second < 60; second += 1) {
      const next = allocate(at(full * (second % 2 === 0 ? 1.02 : 0.98)), memory, second * 1_000);
      if (face(next.plan, 'a').height !== face(plan, 'a').height) changes += 1;
      ({ plan, memory } = next);
    }
    expect(changes).toBe(1);
  });

  test('whatever came before, it is never more than there is', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 6_000_000 }), fc.integer({ min: 0, max: 5_000 })), { minLength: 1, maxLength: 20 }), (steps) => {
        let memory = allocate(at(full), null, 0).memory;
        let time = 0;
        for (const [uplink, ms] of steps) {
          time += ms;
          const next = allocate(at(uplink), memory, time);
          memory = next.memory;
          expect(face(next.plan, 'a').bitrate).toBeLessThanOrEqual(Math.max(0, uplink - SOUND_BITRATE));
        }
      }),
    );
  });
});
