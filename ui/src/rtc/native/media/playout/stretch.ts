import { bestLag, crossfade, loudness, MAX_LAG, MIN_LAG, type Lag } from './pitch.ts';

/**
 * Makes sound shorter or longer by one period of the voice without changing its pitch (waveform-similarity
 * overlap-add): where the sound resembles itself, one repetition is left out or played once more. Pure; 48 kHz.
 */

/** Compared, and cross-faded over: 7.5 ms. */
const OVERLAP = 360;
/** Less sound than this cannot be stretched. */
export const STRETCHABLE = MIN_LAG + OVERLAP + 240;
/** Below this likeness the seam would be heard. */
const ALIKE = 0.8;
/** −60 dB of full scale: nobody hears a seam in it. */
const QUIET = 0.001;

/** Without one period, or null where that would be heard. `force`: at whatever seam is best. */
export function shortened(sound: Float32Array, force: boolean): Float32Array<ArrayBuffer> | null {
  const lag = seam(sound, force);
  if (lag === null) return null;
  const result = new Float32Array(sound.length - lag);
  crossfade(result, 0, OVERLAP, (index) => sound[index] ?? 0, (index) => sound[index + lag] ?? 0);
  result.set(sound.subarray(lag + OVERLAP), OVERLAP);
  return result;
}

/** With one period more, or null where that would be heard. */
export function lengthened(sound: Float32Array): Float32Array<ArrayBuffer> | null {
  const lag = seam(sound, false);
  if (lag === null) return null;
  const result = new Float32Array(sound.length + lag);
  result.set(sound.subarray(0, lag));
  crossfade(result, lag, OVERLAP, (index) => sound[lag + index] ?? 0, (index) => sound[index] ?? 0);
  result.set(sound.subarray(OVERLAP), lag + OVERLAP);
  return result;
}

function seam(sound: Float32Array, force: boolean): number | null {
  const longest = Math.min(MAX_LAG, sound.length - OVERLAP);
  if (longest < MIN_LAG) return null;
  if (loudness(sound) < QUIET) return longest;
  const lag: Lag = bestLag(sound, 0, OVERLAP, longest);
  return force || lag.likeness >= ALIKE ? lag.samples : null;
}
