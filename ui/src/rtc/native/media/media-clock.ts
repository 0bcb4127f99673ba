/**
 * Puts the timestamps of whatever source comes next on one clock that never goes back: a sender's RTP timestamps must
 * go on when its camera is replaced, and a track's frames when its sender is; players drop what seems to be old. Pure.
 */

/** A source this far from the clock has paused or begun anew; jitter and drift are far less. */
const OFF_US = 2_000_000;
/** Least step, a tick of RTP's 90 kHz and a little. */
const STEP_US = 12;

export class MediaClock {
  #offset: number | null = null;
  #source = -Infinity;
  #last = -Infinity;

  /** @param timestamp of the source, microseconds @param now of the clock, microseconds */
  place(timestamp: number, now: number): number {
    // A source that has no time of its own tells always the same: a canvas in WebKitGTK 2.50.
    const stands = timestamp <= this.#source;
    this.#source = timestamp;
    if (this.#offset === null || stands || Math.abs(timestamp + this.#offset - now) > OFF_US) {
      this.#offset = Math.round(now - timestamp);
      this.#last = Math.max(now, this.#last + STEP_US);
    } else this.#last = Math.max(timestamp + this.#offset, this.#last + STEP_US);
    return this.#last;
  }
}
