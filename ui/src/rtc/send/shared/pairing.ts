/**
 * Payloads and carriers of one link, paired: every carrier (a 16×16 frame that the link's own sender encoded) takes the bytes
 * of one payload (a frame of the shared encoder), in order. Pure. awaiting a key frame → flowing → (asked for one, too far behind) awaiting.
 *
 * A receiver numbers the pictures that it gets, so a carrier may be left out only where it starts anew: just before a key
 * frame. That one goes into the next carrier to come, which is its own.
 */

export interface Pair<Carrier, P> {
  readonly carrier: Carrier;
  readonly payload: P;
}

/** Payloads that wait: a third of a second, more than a busy machine holds carriers up. More is delay that nobody wants. */
export const MAX_PAYLOADS = 10;
/** Carriers that wait. They only do when the shared encoder skips frames, or between two carriers of a link that changes. */
export const MAX_CARRIERS = 30;
/** One payload too many that stays for so many frames, a second, will not go away: its carrier was lost in the link's encoder. */
export const STANDING = 30;

/**
 * Whoever asks for a key frame so few pictures after one, a fifth of a second, asked before it came. If it did not come, the
 * receiver asks again.
 */
export const ANSWERED = 6;

export class Pairing<Carrier, P extends { readonly key: boolean }> {
  #carriers: Carrier[] = [];
  #payloads: P[] = [];
  #awaitingKey = true;
  #standing = 0;
  /** Pictures sent after the last key frame. */
  #sinceKey = Number.POSITIVE_INFINITY;

  /** A key frame would help: nothing can be sent before one, or pictures come later than they could. */
  get wantsKey(): boolean {
    return this.#awaitingKey || this.#standing >= STANDING;
  }

  /** Payloads that wait for a carrier. */
  get waiting(): number {
    return this.#payloads.length;
  }

  /** A frame of the encoder. Gives the pairs that are complete now, in order. */
  payload(payload: P): Pair<Carrier, P>[] {
    if (payload.key && this.wantsKey) {
      this.restart();
      this.#awaitingKey = false;
    } else if (this.#awaitingKey) return [];
    this.#payloads.push(payload);
    const pairs = this.#pair();
    // The newest waits for its own carrier, as it should.
    this.#standing = this.#payloads.length > 1 ? this.#standing + 1 : 0;
    if (this.#payloads.length > MAX_PAYLOADS) this.restart();
    return pairs;
  }

  /** A frame of the link's own encoder. `key`: the receiver asked for a key frame, or the link is new. */
  carrier(carrier: Carrier, key: boolean): Pair<Carrier, P>[] {
    // One that is still to be sent as a key frame answers this, too.
    if (key && this.#payloads[0]?.key !== true && this.#sinceKey >= ANSWERED) this.restart();
    if (this.#awaitingKey) return [];
    this.#carriers.push(carrier);
    if (this.#carriers.length > MAX_CARRIERS) this.restart();
    return this.#pair();
  }

  /** Forgets what waits; nothing is sent before the next key frame. */
  restart(): void {
    this.#carriers = [];
    this.#payloads = [];
    this.#awaitingKey = true;
    this.#standing = 0;
  }

  /** Another encoder's frames follow. */
  renew(): void {
    this.restart();
  }

  #pair(): Pair<Carrier, P>[] {
    const pairs: Pair<Carrier, P>[] = [];
    for (;;) {
      const [carrier] = this.#carriers;
      const [payload] = this.#payloads;
      if (carrier === undefined || payload === undefined) return pairs;
      this.#carriers.shift();
      this.#payloads.shift();
      if (this.#payloads.length === 0) this.#standing = 0;
      this.#sinceKey = payload.key ? 0 : this.#sinceKey + 1;
      pairs.push({ carrier, payload });
    }
  }
}
