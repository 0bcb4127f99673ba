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
    expect(voiceWave(0, 3, 240, 24)).toBe('M0 12H240');
  });

  it('stays inside its height at the loudest, and still at its ends', () => {
    for (let phase = 0; phase < 20; phase += 0.3) {
      const points = [...voiceWave(1, phase, 240, 24).matchAll(/[ML]([\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
      for (const [, y] of points) {
        expect(y).toBeGreaterThanOrEqual(1);
        expect(y).toBeLessThanOrEqual(23);
      }
      expect(points.at(-1)?.[1]).toBeCloseTo(12);
    }
  });
});
