import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { Channel } from './backend.ts';

/**
 * Frames held back until the owner of a channel listens: the receiving half of every {@link Channel}. Frames come out in
 * order and before the close; the close comes out once. Between opening and listening a room says nothing but perhaps a
 * refusal, so {@link HELD_FRAMES} bounds a host that does otherwise.
 */
const HELD_FRAMES = 256;

export abstract class FrameInbox implements Channel {
  readonly hostFingerprint: string | null;
  #held: string[] = [];
  #closed: ChannelClosed | null = null;
  #told = false;
  #onframe: ((frame: string) => void) | null = null;
  #onclose: ((reason: ChannelClosed) => void) | null = null;

  constructor(hostFingerprint: string | null = null) {
    this.hostFingerprint = hostFingerprint;
  }

  abstract send(frame: string): void;
  abstract close(): void;

  get onframe(): ((frame: string) => void) | null {
    return this.#onframe;
  }

  set onframe(listener: ((frame: string) => void) | null) {
    this.#onframe = listener;
    this.#flush();
  }

  get onclose(): ((reason: ChannelClosed) => void) | null {
    return this.#onclose;
  }

  set onclose(listener: ((reason: ChannelClosed) => void) | null) {
    this.#onclose = listener;
    this.#flush();
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  /** A frame came. */
  protected take(frame: string): void {
    if (this.#closed !== null) return;
    if (this.#onframe !== null && this.#held.length === 0) {
      this.#onframe(frame);
    } else if (this.#held.length < HELD_FRAMES) {
      this.#held.push(frame);
    } else {
      this.end('lost');
    }
  }

  /** The connection is over; only the first reason counts. */
  protected end(reason: ChannelClosed): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    this.#flush();
  }

  #flush(): void {
    while (this.#onframe !== null && this.#held.length > 0) {
      const frame = this.#held.shift();
      if (frame !== undefined) this.#onframe(frame);
    }
    // The close waits for frames that nobody has taken yet.
    if (this.#closed === null || this.#told || this.#onclose === null || this.#held.length > 0) return;
    this.#told = true;
    this.#onclose(this.#closed);
  }
}
