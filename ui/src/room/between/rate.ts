/** How much somebody may ask of us: so many at once, refilled at so many a second. Pure. */
export class Rate {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  /** @param now milliseconds, rising */
  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#at = now;
  }

  take(now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
