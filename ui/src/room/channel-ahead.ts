import type { Backend, Channel } from '../backend/backend.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { HANDSHAKE_MS } from '../protocol/limits.ts';
import type { SetTimer } from '../shared/timer.ts';
import { askAhead } from './introduce.ts';
import type { Papers } from './papers.ts';

/**
 * A connection to a room that somebody is about to join, opened when a hand goes to the button: TCP, TLS, the host's nonce and what is
 * signed of it are done when it is pressed. At most one; the host ends it if nobody joins, so it is let go of before that.
 *
 * none → opening → ready → (taken | too old | closed) none
 */

/** Less than the host allows, so that a join still gets there in time. */
const KEPT_MS = HANDSHAKE_MS - 1_000;

interface Ahead {
  target: string;
  /** Null: it could not be opened, or is closed again. */
  channel: Promise<Channel | null>;
  /** Closed since it was opened. */
  lost: boolean;
  stopTimer: () => void;
}

export class ChannelAhead implements Pick<Backend, 'openChannel' | 'node'> {
  readonly node: Backend['node'];
  readonly #backend: Pick<Backend, 'openChannel' | 'node'>;
  readonly #setTimer: SetTimer;
  #ahead: Ahead | null = null;

  constructor(backend: Pick<Backend, 'openChannel' | 'node'>, setTimer: SetTimer) {
    this.#backend = backend;
    this.#setTimer = setTimer;
    this.node = backend.node;
  }

  /** Somebody is likely to join there within seconds. To be said again while that is so. */
  prepare(target: Target, papers: Papers): void {
    const key = JSON.stringify(target);
    if (this.#ahead?.target === key) return;
    this.#drop();
    const ahead: Ahead = {
      target: key,
      channel: this.#open(target, papers, () => {
        ahead.lost = true;
        if (this.#ahead === ahead) this.#drop();
      }),
      lost: false,
      stopTimer: this.#setTimer(() => {
        if (this.#ahead === ahead) this.#drop();
      }, KEPT_MS),
    };
    this.#ahead = ahead;
  }

  /** The one that is ready, or a new one. A code is proven while a connection is opened, so none is ready for that. */
  async openChannel(target: Target, code: string | null): Promise<Channel> {
    const ahead = this.#ahead;
    if (ahead !== null && code === null && ahead.target === JSON.stringify(target)) {
      this.#ahead = null;
      ahead.stopTimer();
      const channel = await ahead.channel;
      if (channel !== null && !ahead.lost) {
        channel.onclose = null;
        return channel;
      }
    }
    return this.#backend.openChannel(target, code);
  }

  async #open(target: Target, papers: Papers, onlost: () => void): Promise<Channel | null> {
    let channel: Channel;
    try {
      channel = await this.#backend.openChannel(target, null);
    } catch {
      // Whoever joins opens one, and hears why that does not work.
      onlost();
      return null;
    }
    if (!(await askAhead(channel, papers, this.#setTimer))) {
      onlost();
      return null;
    }
    channel.onclose = onlost;
    return channel;
  }

  #drop(): void {
    const ahead = this.#ahead;
    if (ahead === null) return;
    this.#ahead = null;
    ahead.stopTimer();
    void ahead.channel.then((channel) => channel?.close());
  }
}
