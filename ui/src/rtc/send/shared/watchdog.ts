/** Readings in a row in which one count grew and the other stood still. */
class Stalls {
  #moving = 0;
  #still = 0;
  #readings = 0;

  /** @param least by how much the first has to grow */
  read(moving: number, still: number, least = 1): number {
    this.#readings = moving - this.#moving >= least && still === this.#still ? this.#readings + 1 : 0;
    this.#moving = moving;
    this.#still = still;
    return this.#readings;
  }
}

/**
 * Whether a link's transform sees the frames that the link sends. If not, viewers see carriers: a grey square instead of a face.
 * Pure. A transform can be left out: where it is set too late, or by a browser that changes its mind.
 */

/** A second of pictures. All that is sent has come by the transform before; on a slow computer some is still on its way to it. */
const UNSEEN = 30;
/** Readings in a row in which something was sent and nothing seen. What was seen earlier may be sent late, but not for so long. */
const STALLS = 3;

export class Watchdog {
  readonly #stalls = new Stalls();

  /** @param sent frames that the browser says it sent @param seen frames that came by the transform, read after `sent` */
  withheld(sent: number, seen: number): boolean {
    const stalled = this.#stalls.read(sent, seen) >= STALLS;
    return sent - seen >= UNSEEN || stalled;
  }
}

/** Copies in a second of pictures that somebody sees; a still camera may give fewer. */
const COPIED = 10;
/** A way that is interrupted sends nothing either, and is known to be within three. */
const SWALLOWED = 5;

/**
 * Whether the browser drops copies instead of sending them: frames of another sender are what its streams take today, and nothing promises that
 * they will. Pure.
 */
export class CopyWatch {
  readonly #stalls = new Stalls();

  /** @param given copies that were written to the link @param packets that the browser says it sent, read before `given` */
  swallows(given: number, packets: number): boolean {
    return this.#stalls.read(given, packets, COPIED) >= SWALLOWED;
  }
}
