import { describe, expect, it } from 'vitest';

import { initials } from './initials.ts';
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
