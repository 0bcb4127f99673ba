/**
 * Where a stretch of sound repeats itself: the lag at which it resembles itself most, by normalised cross-correlation
 * (coarse on every fourth sample, then fine). Pure; 48 kHz.
 */

/** 400 Hz, above most voices; shorter lags are harmonics. */
export const MIN_LAG = 120;
/** 67 Hz, below nearly all voices. */
export const MAX_LAG = 720;
/** Voice has little above 6 kHz that matters for its pitch. */
const COARSE = 4;

export interface Lag {
  samples: number;
  /** 1: the same again; 0: nothing alike. */
  likeness: number;
}

/** Compares `width` samples at `from` with those `lag` later, for lags from MIN_LAG to `longest`; all within `sound`. */
export function bestLag(sound: Float32Array, from: number, width: number, longest: number): Lag {
  let best: Lag = { samples: MIN_LAG, likeness: -1 };
  for (let lag = MIN_LAG; lag <= longest; lag += COARSE) {
    const likeness = compare(sound, from, lag, width, COARSE);
    if (likeness > best.likeness) best = { samples: lag, likeness };
  }
  const coarse = best.samples;
  best = { samples: coarse, likeness: -1 };
  for (let lag = Math.max(MIN_LAG, coarse - COARSE + 1); lag <= Math.min(longest, coarse + COARSE - 1); lag += 1) {
    const likeness = compare(sound, from, lag, width, 2);
    if (likeness > best.likeness) best = { samples: lag, likeness };
  }
  return best;
}

function compare(sound: Float32Array, from: number, lag: number, width: number, step: number): number {
  let both = 0;
  let first = 0;
  let second = 0;
  for (let index = from; index < from + width; index += step) {
    const a = sound[index] ?? 0;
    const b = sound[index + lag] ?? 0;
    both += a * b;
    first += a * a;
    second += b * b;
  }
  const energy = Math.sqrt(first * second);
  return energy < 1e-9 ? 0 : both / energy;
}

/** Root of the mean square. */
export function loudness(sound: Float32Array): number {
  let energy = 0;
  for (const sample of sound) energy += sample * sample;
  return Math.sqrt(energy / Math.max(1, sound.length));
}

/** `count` samples that go from `out` (at its index) over to `into` (at its index), in a straight line. */
export function crossfade(
  target: Float32Array,
  at: number,
  count: number,
  out: (index: number) => number,
  into: (index: number) => number,
): void {
  for (let index = 0; index < count; index += 1) {
    const part = (index + 1) / (count + 1);
    target[at + index] = out(index) * (1 - part) + into(index) * part;
  }
}
