import type { SetTimer } from '../../../../shared/timer.ts';

/**
 * When surfaces are drawn: all that have something new at once, some thirty times a second, as each round costs the page a
 * composition of the whole window. What comes from others is not made to wait for an even beat; the own picture waits.
 */

/** A little less than a frame at 30 a second, so that a source of that rate never waits. */
const APART_MS = 28;
/** Own pictures go with the others, or by themselves after this. */
const OWN_WITHIN_MS = 40;

export class Rounds {
  readonly #draw: () => void;
  readonly #now: () => number;
  readonly #setTimer: SetTimer;
  #last = -Infinity;
  #waiting: { at: number; cancel: () => void } | null = null;

  constructor(draw: () => void, now: () => number, setTimer: SetTimer) {
    this.#draw = draw;
    this.#now = now;
    this.#setTimer = setTimer;
  }

  /** There is something new. */
  come(whose: 'own' | 'other'): void {
    const now = this.#now();
    const at = Math.max(now, this.#last + (whose === 'other' ? APART_MS : OWN_WITHIN_MS));
    if (this.#waiting !== null && this.#waiting.at <= at) return;
    this.#waiting?.cancel();
    this.#waiting = null;
    if (at <= now) this.#go();
    else {
      this.#waiting = {
        at,
        cancel: this.#setTimer(() => {
          this.#waiting = null;
          this.#go();
        }, at - now),
      };
    }
  }

  #go(): void {
    this.#last = this.#now();
    this.#draw();
  }
}
