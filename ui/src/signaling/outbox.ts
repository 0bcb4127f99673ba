import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { SeatMessage } from './seat-model.ts';

/**
 * Messages that the room has not acknowledged, in the order in which they were sent. Those with a `seq` were on the way
 * once and keep it, because a second use of a number would lose a message. At most {@link IN_FLIGHT} are on the way at a
 * time: acknowledgements let the next ones go, so that a burst fills no queue between here and the room.
 *
 * Bounded: when it is full, the oldest candidates that were never on the way go first (ICE finds others), then the
 * oldest other signals, then the oldest of anything.
 */

/** A member's message, or one by which the seat itself ends or pauses. */
export type OutboxMessage = SeatMessage | { action: 'leave' } | { action: 'closing' };

/** A newcomer in a room of 32 answers 31 offers with some 20 candidates each; several such bursts fit. */
export const OUTBOX_MESSAGES = 2_048;
/** UTF-16 units of all waiting messages: what a host keeps for a seat, with room for offers to everybody. */
export const OUTBOX_CHARS = 4 * 1024 * 1024;

/** Messages on the way. The node takes 1,024 of a channel at once; the room acknowledges every 16. */
export const IN_FLIGHT = 512;

interface Entry {
  seq: number | null;
  message: OutboxMessage;
  /** JSON without `seq`. */
  json: string;
}

export class Outbox {
  readonly #roomId: string;
  #entries: Entry[] = [];
  #chars = 0;
  #lastSeq = 0;

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Adds a message to those that wait. */
  add(message: OutboxMessage): void {
    const json = this.#jsonOf(message);
    this.#entries.push({ seq: null, message, json });
    this.#chars += json.length;
    while (this.#entries.length > OUTBOX_MESSAGES || this.#chars > OUTBOX_CHARS) this.#dropOne();
  }

  /** Frames of what was not on the way yet and now is. */
  takeUnsent(): string[] {
    const frames: string[] = [];
    // Those with a number stand in front, so the window is the beginning of the list.
    for (const entry of this.#entries.slice(0, IN_FLIGHT)) {
      if (entry.seq !== null) continue;
      this.#lastSeq += 1;
      entry.seq = this.#lastSeq;
      frames.push(frameOf(entry, this.#lastSeq));
    }
    return frames;
  }

  /** The room has done everything up to `seq`. */
  acknowledge(seq: number): void {
    this.#keep((entry) => entry.seq === null || entry.seq > seq);
  }

  /**
   * After a resume: frames of what was on the way and not done, then of what was not on the way. A page that is back from
   * the browser's cache is not closing any more, so in the place of `closing` it tells `state`.
   */
  resume(ack: number, state: MediaState): string[] {
    this.acknowledge(ack);
    for (const entry of this.#entries) {
      if (entry.message.action !== 'closing') continue;
      entry.message = { action: 'state', state };
      entry.json = this.#jsonOf(entry.message);
    }
    const again = this.#entries.flatMap((entry) => (entry.seq === null ? [] : [frameOf(entry, entry.seq)]));
    return [...again, ...this.takeUnsent()];
  }

  /**
   * After a join without the old connection's numbers: both sides count from 1 again. Only chat is sent again (its ids
   * make that harmless); signals are of links that are made anew or live without them, and the state was in the join.
   */
  restart(): string[] {
    this.#keep((entry) => entry.message.action === 'chat');
    this.#lastSeq = 0;
    for (const entry of this.#entries) entry.seq = null;
    return this.takeUnsent();
  }

  /** Removes states that wait, because a newer one follows or the join tells it. */
  forgetUnsentStates(): void {
    this.#keep((entry) => entry.seq !== null || entry.message.action !== 'state');
  }

  #jsonOf(message: OutboxMessage): string {
    return JSON.stringify({ ...message, roomId: this.#roomId });
  }

  #dropOne(): void {
    const unsent = (fits: (message: OutboxMessage) => boolean): number =>
      this.#entries.findIndex((entry) => entry.seq === null && fits(entry.message));
    const candidate = unsent((message) => message.action === 'signal' && message.type === 'ice-candidate');
    const index = candidate >= 0 ? candidate : unsent((message) => message.action === 'signal');
    const [dropped] = this.#entries.splice(Math.max(index, 0), 1);
    this.#chars -= dropped?.json.length ?? 0;
  }

  #keep(fits: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter(fits);
    this.#chars = this.#entries.reduce((sum, entry) => sum + entry.json.length, 0);
  }
}

function frameOf(entry: Entry, seq: number): string {
  return `${entry.json.slice(0, -1)},"seq":${seq}}`;
}
