import type { SetTimer } from '../shared/timer.ts';

/**
 * How long a page waits before it draws the room: until whoever was there is answered and told our addresses. Drawing takes it as long as
 * all of that, and there is time for it while the links connect, which takes no page.
 */
export class Entering {
  /** Settles once, and never rejects. */
  readonly done: Promise<void>;
  #end: () => void = () => undefined;
  #awaited: Set<string> | null = null;
  /** What comes in the life of the room is of no interest. */
  #over = false;
  /** Those who have our answer, and an address of ours. */
  readonly #answered = new Set<string>();
  readonly #addressed = new Set<string>();
  readonly #setTimer: SetTimer;

  constructor(setTimer: SetTimer) {
    this.#setTimer = setTimer;
    this.done = new Promise((resolve) => {
      let stopTimer = (): void => undefined;
      this.#end = () => {
        stopTimer();
        this.#over = true;
        resolve();
      };
      stopTimer = setTimer(this.#end, LONGEST_MS);
    });
  }

  /** We are in, and these are there. */
  joined(ids: readonly string[]): void {
    this.#awaited ??= new Set(ids);
    this.#look();
  }

  /** Somebody's offer is answered. */
  answered(id: string): void {
    if (this.#over) return;
    this.#answered.add(id);
    this.#look();
  }

  /** Somebody is told one of our addresses. */
  addressed(id: string): void {
    if (this.#over) return;
    this.#addressed.add(id);
    this.#look();
  }

  /** We wait at the door, or are not let in. */
  end(): void {
    this.#end();
  }

  #look(): void {
    if (this.#awaited === null || this.#over) return;
    if (this.#awaited.size === 0) this.#end();
    else if ([...this.#awaited].every((id) => this.#answered.has(id) && this.#addressed.has(id))) this.#setTimer(this.#end, OTHERS_MS);
  }
}

/** The other addresses come right after the first. */
const OTHERS_MS = 5;
/** Nobody takes it for a button that does nothing. */
const LONGEST_MS = 150;
