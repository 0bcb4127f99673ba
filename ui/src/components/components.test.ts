import { describe, expect, it } from 'vitest';

import { initials } from './initials.ts';
import { placeTiles } from './placement.ts';
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
        for (const { rect } of placeTiles(tiles, size)) {
          for (const side of Object.values(rect) as number[]) expect(Number.isInteger(side)).toBe(true);
          expect(rect.x + rect.width).toBeLessThanOrEqual(Math.ceil(size.width));
          expect(rect.y + rect.height).toBeLessThanOrEqual(Math.ceil(size.height));
        }
      }
    }
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
