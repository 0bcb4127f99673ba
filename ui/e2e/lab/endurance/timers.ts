declare global {
  interface Window {
    /** Intervals that a page has started and not ended. */
    labIntervals?: () => number;
  }
}

/** Runs in the page, before it: counts intervals that go on. */
export function watchTimers(): void {
  if (window.labIntervals !== undefined) return;
  const running = new Set<number>();
  type Start = (handler: TimerHandler, timeout?: number, ...rest: unknown[]) => number;
  const start = window.setInterval.bind(window) as unknown as Start;
  const stop = window.clearInterval.bind(window);
  window.labIntervals = () => running.size;
  const counted: Start = (handler, timeout, ...rest) => {
    const id = start(handler, timeout, ...rest);
    running.add(id);
    return id;
  };
  window.setInterval = counted as typeof window.setInterval;
  window.clearInterval = (id) => {
    running.delete(Number(id));
    stop(id);
  };
}
