/** A value that changes and can be watched: what view models are made of. Svelte reads it by the same contract. */
export interface Readable<T> {
  /** The value now. */
  get(): T;
  /** Calls `listener` at once and after each change. Returns the way to stop. */
  subscribe(listener: (value: T) => void): () => void;
}

/** A {@link Readable} that its owner can change. */
export interface Writable<T> extends Readable<T> {
  /** Sets the value; listeners are told unless it is the same by `Object.is`. */
  set(value: T): void;
  /** Sets the value made from the one before. */
  update(change: (value: T) => T): void;
}

/** Makes a {@link Writable}. A listener that stops during a notification is not called again. */
export function writable<T>(initial: T): Writable<T> {
  let value = initial;
  const listeners = new Set<(value: T) => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) if (listeners.has(listener)) listener(next);
  };
  return {
    get: () => value,
    set,
    update: (change) => {
      set(change(value));
    },
    subscribe(listener) {
      // A wrapper, so that the same function can be subscribed twice.
      const own = (next: T): void => {
        listener(next);
      };
      listeners.add(own);
      listener(value);
      return () => listeners.delete(own);
    },
  };
}
