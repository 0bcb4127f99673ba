/**
 * Freezes of a received video as W3C webrtc-stats counts them (`freezeCount`): a frame that comes later after the one
 * before than three times the average interval, or 150 ms more than it, whichever is longer. Pure.
 */

const WINDOW = 30;
const MARGIN_MS = 150;

export class Freezes {
  count = 0;
  /** Seconds. */
  duration = 0;
  readonly #intervals: number[] = [];
  #last: number | null = null;

  /** A frame is shown. @param now milliseconds */
  frame(now: number): void {
    const last = this.#last;
    this.#last = now;
    if (last === null) return;
    const interval = now - last;
    const known = this.#intervals.length;
    if (known > 0) {
      const average = this.#intervals.reduce((sum, each) => sum + each, 0) / known;
      if (interval >= Math.max(3 * average, average + MARGIN_MS)) {
        this.count += 1;
        this.duration += interval / 1_000;
      }
    }
    this.#intervals.push(interval);
    if (known >= WINDOW) this.#intervals.shift();
  }

  /** The sender stopped on purpose: the time until the next frame is no freeze. */
  pause(): void {
    this.#last = null;
  }
}
