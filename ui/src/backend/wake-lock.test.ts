import { describe, expect, test } from 'vitest';

import { wakeLock } from './wake-lock.ts';

class Screen extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  held = 0;
  asked = 0;
  refuse = false;
  #lock: { released: boolean } | null = null;

  readonly navigator = {
    wakeLock: {
      request: (): Promise<WakeLockSentinel> => {
        this.asked += 1;
        if (this.refuse) return Promise.reject(new DOMException('low battery', 'NotAllowedError'));
        this.held += 1;
        const lock = {
          released: false,
          release: (): Promise<void> => {
            if (!lock.released) this.held -= 1;
            lock.released = true;
            return Promise.resolve();
          },
        };
        this.#lock = lock;
        return Promise.resolve(lock as unknown as WakeLockSentinel);
      },
    },
  };

  /** The browser takes the lock away and, later, shows the page again. */
  async hideAndShow(): Promise<void> {
    if (this.#lock !== null && !this.#lock.released) this.held -= 1;
    if (this.#lock !== null) this.#lock.released = true;
    this.visibilityState = 'hidden';
    this.dispatchEvent(new Event('visibilitychange'));
    this.visibilityState = 'visible';
    this.dispatchEvent(new Event('visibilitychange'));
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('the wake lock', () => {
  test('is held once while anybody wants it', async () => {
    const screen = new Screen();
    const keepAwake = wakeLock(screen.navigator, screen);
    const [one, two] = [keepAwake(), keepAwake()];
    await settle();
    expect(screen.held).toBe(1);
    one();
    one();
    await settle();
    expect(screen.held).toBe(1);
    two();
    await settle();
    expect(screen.held).toBe(0);
  });

  test('is asked for again when the page shows, and not after it was let go', async () => {
    const screen = new Screen();
    const stop = wakeLock(screen.navigator, screen)();
    await settle();
    await screen.hideAndShow();
    expect(screen.held).toBe(1);
    stop();
    await screen.hideAndShow();
    expect([screen.held, screen.asked]).toEqual([0, 2]);
  });

  test('let go before it was given is not held', async () => {
    const screen = new Screen();
    wakeLock(screen.navigator, screen)()();
    await settle();
    expect(screen.held).toBe(0);
  });

  test('refused is no error', async () => {
    const screen = new Screen();
    screen.refuse = true;
    const stop = wakeLock(screen.navigator, screen)();
    await settle();
    stop();
    expect(screen.held).toBe(0);
  });

  test('missing in a browser is no error', () => {
    const screen = new Screen();
    wakeLock({} as Navigator, screen)()();
  });
});
