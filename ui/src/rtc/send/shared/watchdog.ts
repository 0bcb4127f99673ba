/**
 * Whether a link's transform sees the frames that the link sends. If not, viewers see carriers: a grey square instead of a face.
 * Pure. A transform can be left out: where it is set too late, or by a browser that changes its mind.
 */

/** A second of slow pictures. One or two may be sent while the transform is being set. */
const UNSEEN = 10;

export class Watchdog {
  #sent = 0;
  #seen = 0;

  /** @param sent frames that the browser says it sent @param seen frames that came by the transform, read after `sent` */
  withheld(sent: number, seen: number): boolean {
    const moved = seen > this.#seen;
    // A sender that was made anew counts anew.
    if (moved || sent < this.#sent) {
      this.#sent = sent;
      this.#seen = seen;
      return false;
    }
    return sent - this.#sent >= UNSEEN;
  }
}
