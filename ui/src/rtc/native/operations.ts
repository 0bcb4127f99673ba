/**
 * The operations chain of a connection (W3C webrtc §4.4.1.2): one at a time, in the order in which they were asked for.
 * `onempty` is called when the last one has ended. Once closed, what is under way never settles, as the standard has it.
 */
export class Operations {
  readonly #onempty: () => void;
  readonly #waiting: (() => void)[] = [];
  #running = false;
  #closed = false;

  constructor(onempty: () => void) {
    this.#onempty = onempty;
  }

  get empty(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  /** Runs `operation` at once if nothing else runs, else in its turn. */
  run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new DOMException('the connection is closed', 'InvalidStateError'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => {
        attempt(operation).then(
          (value) => {
            if (this.#closed) return;
            resolve(value);
            this.#next();
          },
          (error: unknown) => {
            if (this.#closed) return;
            reject(error instanceof Error ? error : new Error(String(error)));
            this.#next();
          },
        );
      });
      if (!this.#running) this.#next();
    });
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
  }

  #next(): void {
    const operation = this.#waiting.shift();
    this.#running = operation !== undefined;
    if (operation !== undefined) operation();
    else this.#onempty();
  }
}

/** What an operation throws before its first await is a rejection too. */
async function attempt<T>(operation: () => Promise<T>): Promise<T> {
  return await operation();
}
