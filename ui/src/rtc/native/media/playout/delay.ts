/**
 * How long sound has to be kept back so that nearly all of it comes in time: the 97 % quantile of how much later
 * packets come than the fastest of the last seconds did. Forgets slowly. Pure; milliseconds.
 */

const BUCKET_MS = 5;
const BUCKETS = 100;
/** Of three packets in a hundred one may do without. */
const QUANTILE = 0.97;
/** Weight of what was, at each packet: two seconds of 20 ms. */
const MEMORY = 0.99;
/** The fastest of so many packets is what others are compared with: 2 s, so that clocks may drift. */
const FASTEST_OF = 100;
/** Half a packet, as the level swings by a packet around its mean, and 8 ms for the steps of audio devices. */
const MARGIN_MS = 18;
export const MIN_TARGET_MS = 25;
export const MAX_TARGET_MS = 400;
/** Before anything is known. */
const FIRST_TARGET_MS = 40;
/** So many packets before the quantile is believed. */
const ENOUGH = 10;

export class DelayEstimate {
  readonly #histogram = new Float64Array(BUCKETS);
  readonly #ways: number[] = [];
  #packets = 0;
  #target = FIRST_TARGET_MS;

  /** Delay to aim at. */
  get target(): number {
    return this.#target;
  }

  /** @param way arrival less media time, on whatever clock */
  packet(way: number): void {
    this.#ways.push(way);
    if (this.#ways.length > FASTEST_OF) this.#ways.shift();
    const late = way - Math.min(...this.#ways);
    const memory = Math.min(MEMORY, this.#packets / (this.#packets + 1));
    this.#packets += 1;
    const bucket = Math.min(BUCKETS - 1, Math.floor(late / BUCKET_MS));
    for (let index = 0; index < BUCKETS; index += 1) {
      this.#histogram[index] = (this.#histogram[index] ?? 0) * memory + (index === bucket ? 1 - memory : 0);
    }
    if (this.#packets < ENOUGH) return;
    const wanted = this.#quantile() + MARGIN_MS;
    this.#target = Math.min(MAX_TARGET_MS, Math.max(MIN_TARGET_MS, wanted));
  }

  /** The sender began anew: other ways, the same network. */
  restart(): void {
    this.#ways.length = 0;
  }

  #quantile(): number {
    let sum = 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      sum += this.#histogram[index] ?? 0;
      if (sum >= QUANTILE) return (index + 1) * BUCKET_MS;
    }
    return BUCKETS * BUCKET_MS;
  }
}
