import { bestLag, MAX_LAG } from './pitch.ts';

/**
 * Stands in for sound that is missing: the last period of the voice again and again, fading to silence. One for each
 * hole. Pure; 48 kHz.
 */

/** How much of what was played it looks at: two periods of the lowest voice and what is compared. */
export const HISTORY = 2 * MAX_LAG + 480;
const COMPARED = 480;
/** Where it joins: 2.5 ms. */
const JOIN = 120;
/** Likeness from which a sound has a pitch. */
const VOICED = 0.5;
/** Full strength for 10 ms, gone after 80 (of noise, whose repetition is heard as a tone, after 50). */
const HOLD = 480;
const VOICED_END = 3_840;
const NOISE_END = 2_400;

export class Concealment {
  readonly #period: Float32Array;
  readonly #end: number;
  /** Difference at the join, that fades. */
  readonly #step: number;
  #made = 0;

  /** @param history the last {@link HISTORY} samples that were played */
  constructor(history: Float32Array) {
    const end = history.length;
    // Backwards in time, so that the end of the history is what is compared.
    const backwards = Float32Array.from(history).reverse();
    const lag = bestLag(backwards, 0, COMPARED, MAX_LAG);
    const voiced = lag.likeness >= VOICED;
    const length = voiced ? lag.samples : MAX_LAG;
    this.#end = voiced ? VOICED_END : NOISE_END;
    const period = history.slice(end - length);
    // Its end goes over into what was before its beginning, so that it can follow itself.
    for (let index = 0; index < JOIN; index += 1) {
      const part = (index + 1) / (JOIN + 1);
      const at = length - JOIN + index;
      period[at] = (period[at] ?? 0) * (1 - part) + (history[end - length - JOIN + index] ?? 0) * part;
    }
    this.#period = period;
    this.#step = (history[end - 1] ?? 0) - (history[end - length - 1] ?? 0);
  }

  /** Nothing but silence comes any more. */
  get silent(): boolean {
    return this.#made >= this.#end;
  }

  next(count: number): Float32Array<ArrayBuffer> {
    const sound = new Float32Array(count);
    for (let index = 0; index < count; index += 1, this.#made += 1) {
      if (this.#made >= this.#end) continue;
      const gain = this.#made < HOLD ? 1 : 1 - (this.#made - HOLD) / (this.#end - HOLD);
      const join = this.#made < JOIN ? this.#step * (1 - this.#made / JOIN) : 0;
      sound[index] = ((this.#period[this.#made % this.#period.length] ?? 0) + join) * gain;
    }
    return sound;
  }
}
