/** Waits until `read` gives something that passes, and gives it. Unlike a sleep it ends as soon as it can. */
export async function until<T>(what: string, read: () => Promise<T> | T, good: (value: T) => boolean, timeoutMs: number): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${String(timeoutMs)} ms; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
