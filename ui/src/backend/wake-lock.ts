/**
 * Keeps the screen on while somebody wants it (W3C Screen Wake Lock). The browser takes the lock away whenever the page
 * is hidden, so it is asked for again when the page shows. Where there is no such lock, nothing happens.
 */
export function wakeLock(
  navigator: Pick<Navigator, 'wakeLock'>,
  page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>,
): () => () => void {
  let wanted = 0;
  let held: WakeLockSentinel | null = null;
  let asking = false;

  async function acquire(): Promise<void> {
    if (wanted === 0 || asking || page.visibilityState !== 'visible') return;
    if (held !== null && !held.released) return;
    asking = true;
    try {
      held = await navigator.wakeLock.request('screen');
      if (wanted === 0) await release();
    } catch {
      // Refused, for example on a low battery. A call works without it.
    } finally {
      asking = false;
    }
  }

  async function release(): Promise<void> {
    const lock = held;
    held = null;
    await lock?.release();
  }

  const again = (): void => {
    void acquire();
  };

  return () => {
    if (!('wakeLock' in navigator)) return () => undefined;
    wanted += 1;
    if (wanted === 1) {
      page.addEventListener('visibilitychange', again);
      void acquire();
    }
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      wanted -= 1;
      if (wanted > 0) return;
      page.removeEventListener('visibilitychange', again);
      release().catch(() => undefined);
    };
  };
}
