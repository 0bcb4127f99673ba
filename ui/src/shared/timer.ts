/** Calls `callback` once after `delayMs`, unless the returned function is called first. Passed in, so that tests own time. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void;

/** The browser's timer. */
export const browserTimer: SetTimer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  return () => {
    clearTimeout(timer);
  };
};
