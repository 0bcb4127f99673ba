import { describe, expect, it } from 'vitest';
import { levelOf, levelOfAmplitude, nextSpeaking, SILENT, type Speaking } from './speaking.ts';

const follow = (levels: number[]): boolean[] => {
  let state: Speaking = SILENT;
  return levels.map((level) => (state = nextSpeaking(state, level, 100)).speaking);
};

describe('nextSpeaking', () => {
  it('lights up at once for a loud voice', () => {
    expect(follow([0, 0.5])).toEqual([false, true]);
  });

  it('does not flicker between two syllables', () => {
    expect(follow([0.5, 0, 0.5, 0, 0, 0.5])).toEqual([true, true, true, true, true, true]);
  });

  it('goes out after a pause', () => {
    expect(follow([0.5, 0, 0, 0, 0, 0, 0])).toEqual([true, true, true, true, true, true, false]);
  });

  it('does not light up for what only keeps it alight', () => {
    expect(follow([0.18, 0.18, 0.5, 0.18, 0.18])).toEqual([false, false, true, true, true]);
  });
});

describe('levelOf', () => {
  it('is 0 for silence, 1 for shouting, and between them in decibels', () => {
    expect(levelOf(new Float32Array(128))).toBe(0);
    expect(levelOf(new Float32Array(128).fill(0.9))).toBe(1);
    expect(levelOf(new Float32Array(128).fill(0.01))).toBeCloseTo(0.4, 1);
    expect(levelOf(new Float32Array(0))).toBe(0);
  });

  it('is the same of an amplitude as of samples of it', () => {
    for (const amplitude of [0, 0.001, 0.01, 0.1, 0.9]) expect(levelOfAmplitude(amplitude)).toBeCloseTo(levelOf(new Float32Array(64).fill(amplitude)), 5);
  });
});
