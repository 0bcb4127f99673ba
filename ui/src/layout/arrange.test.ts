import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { arrange, arrangeSpeaker, GAP, grid, shapeOf, tileFor, type Rect, type Size } from './arrange.ts';

/** Guards against tiles that hang out of the window, lie on each other, or are smaller than they could be. */

const sizes = fc.record({ width: fc.integer({ min: 320, max: 4000 }), height: fc.integer({ min: 320, max: 2400 }) });
const EPSILON = 1e-6;

function all(screens: number, cameras: number, size: Size): Rect[] {
  const arrangement = arrange(screens, cameras, size);
  return arrangement.kind === 'grid' ? arrangement.cameras : [...arrangement.large, ...arrangement.cameras];
}

function inside(rect: Rect, size: Size): boolean {
  return (
    rect.x >= -EPSILON &&
    rect.y >= -EPSILON &&
    rect.x + rect.width <= size.width + EPSILON &&
    rect.y + rect.height <= size.height + EPSILON
  );
}

function apart(a: Rect, b: Rect): boolean {
  const gap = GAP - EPSILON;
  return a.x + a.width + gap <= b.x || b.x + b.width + gap <= a.x || a.y + a.height + gap <= b.y || b.y + b.height + gap <= a.y;
}

describe('arrange', () => {
  it('places every tile inside the room, apart from all others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 32 }), sizes, (screens, cameras, size) => {
        const rects = all(screens, cameras, size);
        expect(rects).toHaveLength(screens + cameras);
        for (const rect of rects) expect(inside(rect, size)).toBe(true);
        rects.forEach((a, i) => {
          for (const b of rects.slice(i + 1)) expect(apart(a, b)).toBe(true);
        });
      }),
    );
  });

  it('leaves every tile large enough to be seen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 32 }), sizes, (screens, cameras, size) => {
        for (const rect of all(screens, cameras, size)) expect(rect.width * rect.height).toBeGreaterThan(0);
      }),
    );
  });

  it('gives a shared screen the larger part of the room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), sizes, (cameras, size) => {
        const arrangement = arrange(1, cameras, size);
        if (arrangement.kind !== 'stage') throw new Error('a screen needs a stage');
        const [stage] = arrangement.large;
        expect((stage?.width ?? 0) * (stage?.height ?? 0)).toBeGreaterThan(size.width * size.height * 0.5);
      }),
    );
  });

  it('keeps the faces below the screen in a tall room and beside it in a wide one', () => {
    const tall = arrange(1, 3, { width: 390, height: 700 });
    const wide = arrange(1, 3, { width: 1600, height: 900 });
    if (tall.kind !== 'stage' || wide.kind !== 'stage') throw new Error('a screen needs a stage');
    expect(tall.cameras[0]?.y).toBeGreaterThan(tall.large[0]?.height ?? Infinity);
    expect(wide.cameras[0]?.x).toBeGreaterThan(wide.large[0]?.width ?? Infinity);
  });
});

describe('arrangeSpeaker', () => {
  it('places every tile inside the room, apart from all others, and one larger than all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 32 }), sizes, (cameras, size) => {
        const arrangement = arrangeSpeaker(cameras, size);
        if (arrangement.kind !== 'stage') throw new Error('a speaker needs a stage');
        const rects = [...arrangement.large, ...arrangement.cameras];
        expect(arrangement.large).toHaveLength(1);
        expect(rects).toHaveLength(cameras);
        const area = ({ width, height }: Rect): number => width * height;
        const [speaker = { x: 0, y: 0, width: 0, height: 0 }] = rects;
        rects.forEach((rect, i) => {
          expect(inside(rect, size)).toBe(true);
          for (const b of rects.slice(i + 1)) expect(apart(rect, b)).toBe(true);
          if (i > 0) expect(area(rect)).toBeLessThan(area(speaker));
        });
      }),
    );
  });

  it('shows one of twelve in a window of 1280 × 720 at more than 640 × 360, and the others so that they can be told apart', () => {
    const arrangement = arrangeSpeaker(12, { width: 1260, height: 560 });
    if (arrangement.kind !== 'stage') throw new Error('a speaker needs a stage');
    expect(arrangement.large[0]?.width).toBeGreaterThan(900);
    expect(arrangement.large[0]?.height).toBeGreaterThan(500);
    expect(arrangement.cameras[0]?.width).toBeGreaterThan(110);
  });

  it('is the grid for whoever is alone', () => {
    expect(arrangeSpeaker(1, { width: 800, height: 600 })).toEqual(arrange(0, 1, { width: 800, height: 600 }));
  });
});

describe('grid', () => {
  it('makes tiles as large as any number of columns allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), sizes, (count, size) => {
        const shape = shapeOf(size);
        const [tile] = grid(count, { x: 0, y: 0, ...size }, shape);
        const area = (tile?.width ?? 0) * (tile?.height ?? 0);
        for (let columns = 1; columns <= count; columns += 1) {
          const other = tileFor(count, columns, size, shape);
          expect(area).toBeGreaterThanOrEqual(other.width * other.height - EPSILON);
        }
      }),
    );
  });

  it('keeps every tile in the allowed shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), sizes, (count, size) => {
        const shape = shapeOf(size);
        for (const { width, height } of grid(count, { x: 0, y: 0, ...size }, shape)) {
          expect(width / height).toBeLessThanOrEqual(shape.widest + EPSILON);
          expect(width / height).toBeGreaterThanOrEqual(shape.narrowest - EPSILON);
        }
      }),
    );
  });

  it('centres the last row', () => {
    const size = { width: 1600, height: 900 };
    const rects = grid(5, { x: 0, y: 0, ...size }, shapeOf(size));
    const last = rects.slice(3);
    const left = last[0]?.x ?? 0;
    const end = last.at(-1);
    expect(left).toBeCloseTo(size.width - ((end?.x ?? 0) + (end?.width ?? 0)));
  });
});
