/** An event handler attribute, `onopen` and the like (HTML §8.1.8.1). */
export type Handler = ((event: Event) => unknown) | null;

/**
 * Gives a class event handler attributes. Like the browser's, a handler is a listener that keeps the place of its first
 * setting. The class declares them: `declare onopen: Handler`.
 */
export function defineHandlers(prototype: EventTarget, types: readonly string[]): void {
  for (const type of types) {
    const handlers = new WeakMap<EventTarget, { handler: Handler }>();
    Object.defineProperty(prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget): Handler {
        return handlers.get(this)?.handler ?? null;
      },
      set(this: EventTarget, value: unknown) {
        const handler = typeof value === 'function' ? (value as Handler) : null;
        const known = handlers.get(this);
        if (known !== undefined) {
          known.handler = handler;
          return;
        }
        const slot = { handler };
        handlers.set(this, slot);
        this.addEventListener(type, (event) => {
          slot.handler?.call(this, event);
        });
      },
    });
  }
}
