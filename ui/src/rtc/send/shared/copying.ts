import { ANSWERED, MAX_PAYLOADS } from './pairing.ts';

/**
 * Copies of the shared encoder's frames for one link. Its own encoder makes a carrier now and then (`pulse`), and none of them is sent: they tell that the
 * link sends at all, whether the other side asked for a key frame, and what time it is there. Pure. closed → (a carrier came) open.
 *
 * Each sender counts RTP time from a beginning of its own (RFC 3550 §5.1), and tells the other side by it which sound belongs to
 * which picture. So a copy has to have the time that the link would have given it.
 */

/** A frame of the shared encoder. */
export interface Timed {
  readonly key: boolean;
  /** When it was taken, in microseconds of `MediaClock`. */
  readonly at: number;
  readonly payloadType: number | undefined;
}

/** What a link's own encoder made. */
export interface Pulse {
  /** The other side asked for a key frame, or the link is new. */
  readonly key: boolean;
  readonly rtpTimestamp: number | undefined;
  readonly payloadType: number | undefined;
  /** When the newest pulse was written, in microseconds of `MediaClock`; null: never. */
  readonly at: number | null;
}

export interface Copy<P> {
  readonly payload: P;
  /** RTP time of the link. */
  readonly rtpTimestamp: number;
}

/** RTP time runs through in half a day (32 bits of 90 kHz). */
const WRAP = 2 ** 32;
const TICKS_PER_US = 0.09;
/** 20 ms: less than anybody hears or sees, more than a browser's own smoothing of times moves. */
const TOLERANCE = 1_800;
/** A pulse that comes late because the computer is busy looks like another time. So many in a row are one. */
const STRAYS = 3;

export class Copying<P extends Timed> {
  #open = false;
  #awaitingKey = true;
  #waiting: P[] = [];
  #sinceKey = Number.POSITIVE_INFINITY;
  /** The link's RTP time when the media clock was 0. */
  #beginning: number | null = null;
  #strays = 0;
  #payloadType: number | undefined;

  get open(): boolean {
    return this.#open;
  }

  get wantsKey(): boolean {
    return this.#awaitingKey;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The link numbers VP8 otherwise than the encoder does, which a copy cannot: it is to be fed by carriers. */
  refuses(payload: P): boolean {
    return this.#open && payload.payloadType !== this.#payloadType;
  }

  /** A frame of the encoder. Gives what is to be sent now, in order. */
  payload(payload: P): Copy<P>[] {
    if (payload.key && this.#awaitingKey) this.#awaitingKey = false;
    else if (this.#awaitingKey) return [];
    this.#waiting.push(payload);
    const copies = this.#flush();
    if (this.#waiting.length > MAX_PAYLOADS) this.renew();
    return copies;
  }

  carrier({ key, rtpTimestamp, payloadType, at }: Pulse): Copy<P>[] {
    if (rtpTimestamp === undefined || at === null) return [];
    this.#payloadType = payloadType;
    this.#setTime((rtpTimestamp - ticks(at) + WRAP) % WRAP);
    if (this.#open) {
      if (key && this.#sinceKey >= ANSWERED) this.renew();
      return [];
    }
    this.#open = true;
    return this.#flush();
  }

  /** Nothing is sent before the next key frame. */
  renew(): void {
    this.#waiting = [];
    this.#awaitingKey = true;
  }

  /** Nothing is sent before the next carrier, and then from a key frame on. */
  restart(): void {
    this.renew();
    this.#open = false;
  }

  #setTime(beginning: number): void {
    const off = this.#beginning === null ? 0 : (beginning - this.#beginning) | 0;
    this.#strays = Math.abs(off) > TOLERANCE ? this.#strays + 1 : 0;
    if (this.#beginning !== null && this.#open && this.#strays < STRAYS) return;
    this.#beginning = beginning;
    this.#strays = 0;
  }

  #flush(): Copy<P>[] {
    const beginning = this.#beginning;
    if (!this.#open || beginning === null) return [];
    const copies = this.#waiting.map((payload) => ({ payload, rtpTimestamp: (beginning + ticks(payload.at)) % WRAP }));
    this.#waiting = [];
    for (const { payload } of copies) this.#sinceKey = payload.key ? 0 : this.#sinceKey + 1;
    return copies;
  }
}

function ticks(microseconds: number): number {
  return Math.round(microseconds * TICKS_PER_US) % WRAP;
}
