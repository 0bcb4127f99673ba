/**
 * When the shared encoder is asked for a key frame: once for all who need one, and not again before it had time to come. A key
 * frame costs several times what another frame does, and it goes to everybody. Pure.
 */

/** At most two a second. */
export const PAUSE_MS = 500;

export class KeyRequests {
  #askedAt = Number.NEGATIVE_INFINITY;

  /** True if the encoder is to be asked now. `needed`: somebody waits for a key frame. `now`: milliseconds. */
  ask(needed: boolean, now: number): boolean {
    if (!needed || now - this.#askedAt < PAUSE_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
