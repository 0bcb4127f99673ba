/**
 * Which counts of one author were seen. What is passed on by different people may come in another order, but nothing counts twice.
 * Pure.
 */

/** How far behind the newest one a count may come: a burst of candidates of a few links. */
const WINDOW = 256;

export class ReplayWindow {
  #newest = 0;
  readonly #seen = new Set<number>();

  /** Whether this count is new. It is not afterwards. */
  take(count: number): boolean {
    if (!Number.isSafeInteger(count) || count <= 0 || count <= this.#newest - WINDOW || this.#seen.has(count)) return false;
    this.#seen.add(count);
    if (count <= this.#newest) return true;
    this.#newest = count;
    for (const old of this.#seen) if (old <= count - WINDOW) this.#seen.delete(old);
    return true;
  }
}
