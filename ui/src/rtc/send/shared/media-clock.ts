/** RTP time (RFC 3550, 90 kHz, 32 bits) as microseconds that go on when it begins anew. */

const TICKS_PER_MS = 90;
const WRAP = 2 ** 32;
/** A jump by more than this is another clock: the encoder was made anew. */
const JUMP = 90_000 * 10;

export class MediaClock {
  #last: number | null = null;
  #microseconds = 0;

  /**
   * @param rtp as the encoder says it; undefined where it does not
   * @param now milliseconds, rising: the time where nothing better is known
   */
  microseconds(rtp: number | undefined, now: number): number {
    const ticks = rtp === undefined || this.#last === null ? null : (rtp - this.#last + WRAP) % WRAP;
    this.#last = rtp ?? null;
    // Never back, and never far from the clock on the wall: an encoder that paused goes on at its own time.
    this.#microseconds = ticks === null || ticks === 0 || ticks > JUMP ? Math.max(Math.round(now * 1_000), this.#microseconds + 1) : this.#microseconds + Math.round((ticks * 1_000) / TICKS_PER_MS);
    return this.#microseconds;
  }
}
