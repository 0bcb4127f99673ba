import { PING_MISSES } from '../protocol/limits.ts';

/**
 * Whether a connection still carries anything. A page cannot see the pings of its WebSocket, and a network that is gone
 * closes nothing: so a silent room is asked for a sign of life, and given up after some silence more. Pure; `tick` is to be
 * called every `PING_EVERY_MS`.
 */
export class Heartbeat {
  /** Signs of life so far. */
  count = 0;
  #heard = true;
  #misses = 0;

  /** Anything came. */
  heard(): void {
    this.count += 1;
    this.#heard = true;
  }

  /** What to do now. */
  tick(): 'nothing' | 'ping' | 'give-up' {
    if (this.#heard) {
      this.#heard = false;
      this.#misses = 0;
      return 'nothing';
    }
    if (this.#misses >= PING_MISSES) return 'give-up';
    this.#misses += 1;
    return 'ping';
  }
}
