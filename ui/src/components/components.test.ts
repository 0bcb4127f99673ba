import { describe, expect, it } from 'vitest';

import { initials } from './initials.ts';
import { layoutOf, placeTiles } from './placement.ts';
import type { Tile } from '../room/model.ts';
import { voiceWave } from './voice-wave.ts';

describe('initials', () => {
  it.each([
    ['Kitchen laptop', 'KL'],
    ['studio', 'S'],
    ['Anna Maria von Berg', 'AB'],
    ['王小明', '小明'],
    ['  ', ''],
    ['🙂 Front desk', 'FD'],
  ])('of %s are %s', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('places', () => {
  const tile = (id: number): Tile =>
    ({ key: String(id), source: 'camera', video: true, stream: null, participant: { id: String(id) } }) as unknown as Tile;

  it('are on whole pixels, whatever the number of people and the room', () => {
    for (let count = 1; count <= 12; count += 1) {
      for (const size of [{ width: 1_060, height: 636 }, { width: 333, height: 777 }, { width: 1_279.5, height: 700.25 }]) {
        const tiles = Array.from({ length: count }, (_, id) => tile(id));
        for (const large of [null, '0', 'gone'])
          for (const { rect } of placeTiles(tiles, size, large)) {
          for (const side of Object.values(rect) as number[]) expect(Number.isInteger(side)).toBe(true);
          expect(rect.x + rect.width).toBeLessThanOrEqual(Math.ceil(size.width));
          expect(rect.y + rect.height).toBeLessThanOrEqual(Math.ceil(size.height));
        }
      }
    }
  });
});

describe('one large face', () => {
  const face = (id: string): Tile => ({ key: id, source: 'camera', participant: { id } }) as unknown as Tile;
  const faces = (count: number): Tile[] => Array.from({ length: count }, (_, index) => face(`p${index}`));
  const screen = { ...face('p1'), key: 'p1:screen', source: 'screen' } as Tile;
  const size = { width: 1_260, height: 560 };

  it('is shown from ten on, or when the person wants it, and not beside a screen', () => {
    expect(layoutOf('auto', faces(9))).toEqual({ free: true, speaker: false });
    expect(layoutOf('auto', faces(10))).toEqual({ free: true, speaker: true });
    expect(layoutOf('alike', faces(20)).speaker).toBe(false);
    expect(layoutOf('speaker', faces(3)).speaker).toBe(true);
    expect(layoutOf('speaker', faces(2))).toEqual({ free: false, speaker: false });
    expect(layoutOf('speaker', [screen, ...faces(4)])).toEqual({ free: false, speaker: false });
  });

  it('is the one of the person it is told, wherever that person stands in the room', () => {
    const placed = placeTiles(faces(12), size, 'p7');
    const widths = placed.map(({ rect }) => rect.width);
    expect(widths.indexOf(Math.max(...widths))).toBe(7);
    expect(new Set(widths).size).toBe(2);
    expect(placed.map(({ tile }) => tile.key)).toEqual(faces(12).map(({ key }) => key));
  });

  it('is nobody’s once that person has left', () => {
    expect(new Set(placeTiles(faces(12), size, 'gone').map(({ rect }) => rect.width)).size).toBe(1);
  });

  it('leaves the stage to a screen', () => {
    const placed = placeTiles([screen, ...faces(3)], size, 'p1');
    const widths = placed.map(({ rect }) => rect.width);
    expect(widths.indexOf(Math.max(...widths))).toBe(0);
    expect(new Set(widths).size).toBe(2);
  });
});

describe('voiceWave', () => {
  it('is one straight line at rest', () => {
    expect(voiceWave(0, 3)).toEqual([0, 0]);
  });

  it('stays inside its height at the loudest, and still at its ends', () => {
    for (let phase = 0; phase < 20; phase += 0.3) {
      const heights = voiceWave(1, phase);
      for (const height of heights) expect(Math.abs(height)).toBeLessThanOrEqual(1);
      expect(heights.at(0)).toBeCloseTo(0);
      expect(heights.at(-1)).toBeCloseTo(0);
    }
  });
});
