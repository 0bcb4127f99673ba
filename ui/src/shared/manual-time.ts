import type { SetTimer } from './timer.ts';

/** Time for tests: stands still until it is told to go on. */
export class ManualTime {
  #now = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  readonly now = (): number => this.#now;

  readonly setTimer: SetTimer = (callback, delayMs) => {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Timers that would still go off. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass: timers go off in their order, and promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#now = next.at;
      this.#timers.delete(next);
      next.callback();
      await this.settle();
    }
    this.#now = end;
  }

  /** Lets promises settle. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  #next(end: number): { at: number; callback: () => void } | null {
    let next: { at: number; callback: () => void } | null = null;
    for (const timer of this.#timers) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer;
    return next;
  }
}
