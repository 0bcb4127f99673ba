/**
 * When a carrier is written to links that get copies. Each is a frame that every such link's encoder has to make, so there are few:
 * but as many as somebody who needs a key frame would wait for, and one for each frame while a link is still to begin. Pure.
 */

/** Milliseconds. A key frame that was asked for comes so much later at most. */
export const PULSE_MS = 120;

export class Pulses {
  #writtenAt = Number.NEGATIVE_INFINITY;
  #at: number | null = null;

  /** When the picture of the newest one was taken, in microseconds of `MediaClock`; null: never. */
  get at(): number | null {
    return this.#at;
  }

  /** True if one is to be written for the picture taken `at`. `opening`: a link waits for its first. `now`: milliseconds. */
  write(at: number, opening: boolean, now: number): boolean {
    // Two encoders have two clocks, and an encoder leaves out what is older than what it had.
    if (this.#at !== null && at <= this.#at) return false;
    if (!opening && now - this.#writtenAt < PULSE_MS) return false;
    this.#writtenAt = now;
    this.#at = at;
    return true;
  }
}
