import { decodeServerFrame } from '../protocol/decode.ts';
import type { ErrorCode } from '../protocol/generated/ErrorCode.ts';
import type { Join } from '../protocol/generated/Join.ts';
import type { Joined } from '../protocol/generated/Joined.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import { ACK_EVERY, MESSAGE_BYTES, PROTOCOL_VERSION } from '../protocol/limits.ts';
import { Outbox } from './outbox.ts';
import type { OutboxMessage } from './outbox.ts';
import type { StoredSeat } from './stored-seat.ts';
import type { Introduction, RoomMessage, SeatEnd, SeatMessage } from './seat-model.ts';

/**
 * What a seat does, without sockets, timers or chance. Inputs are method calls; what they cause comes back as
 * {@link SeatEffect}s, to be carried out in order.
 *
 * away → (`connected`) joining → (`joined` from the room) seated → (`disconnected`) away …; any → ended. Where somebody has to
 * open, waiting stands between joining and seated.
 *
 * Invariant: in one life of a seat each message of the room is delivered once and in order, and each message to it is
 * done once and in order, however often the connection breaks. A life ends when the room answers a join with `new` or
 * `restored`; then both sides count from 1.
 */

export type SeatEffect =
  | { do: 'send'; frame: string }
  | { do: 'joined'; joined: Joined }
  | { do: 'deliver'; message: RoomMessage }
  /** Somebody has to let us in. */
  | { do: 'waiting' }
  /** The connection is of no use: close it and connect again. */
  | { do: 'reconnect'; why: string }
  | { do: 'end'; reason: SeatEnd }
  /** Something for the log. */
  | { do: 'note'; text: string };

export interface SeatCoreOptions {
  meetingId: string;
  name: string;
  kind: ParticipantKind;
  media: MediaState;
  /** A seat that this page had before it was loaded anew. */
  stored: StoredSeat | null;
  /** Whether the room may be found by another way. */
  elsewhere?: () => boolean;
}

type Phase = 'away' | 'joining' | 'waiting' | 'seated' | 'ended';

/** Codes after which trying again would end the same way. */
const FINAL: Partial<Record<ErrorCode, SeatEnd>> = {
  'seat-taken': 'seat-taken',
  'room-full': 'room-full',
  'room-not-found': 'room-not-found',
  'unsupported-version': 'unsupported-version',
  'code-needed': 'code-needed',
  'wrong-code': 'wrong-code',
  'too-many-tries': 'too-many-tries',
  'knock-needed': 'knock-needed',
  locked: 'locked',
  'not-admitted': 'not-admitted',
  removed: 'removed',
};

export class SeatCore {
  readonly #options: SeatCoreOptions;
  readonly #outbox: Outbox;
  readonly #name: string;
  #phase: Phase = 'away';
  #media: MediaState;
  /** What the last `join` said of the sources: it may take long until it is answered. */
  #joinedWith: MediaState;
  #claim: { clientId: string; token: string; fresh: boolean } | null = null;
  /** The last `seq` that came from the room. */
  #received = 0;
  #unacknowledged = 0;

  constructor(options: SeatCoreOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.meetingId);
    this.#media = options.media;
    this.#joinedWith = options.media;
    const { stored } = options;
    // The token is made over the name: with another one it opens nothing.
    this.#name = options.name;
    if (stored !== null && stored.name === options.name) {
      this.#claim = { clientId: stored.clientId, token: stored.token, fresh: true };
      this.#received = stored.seq;
    }
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Which sources the room is told of. */
  get media(): MediaState {
    return this.#media;
  }

  /** What another load of this page needs to get the seat back; null before the first join and after the end. */
  get stored(): StoredSeat | null {
    if (this.#claim === null || this.#phase === 'ended') return null;
    return { clientId: this.#claim.clientId, token: this.#claim.token, name: this.#name, seq: this.#received };
  }

  /** A connection is open, and we know what to show at the door. */
  connected(introduction: Introduction = {}): SeatEffect[] {
    if (this.#phase === 'ended') return [];
    this.#phase = 'joining';
    this.#joinedWith = this.#media;
    const join: Join = {
      roomId: this.#options.meetingId,
      v: PROTOCOL_VERSION,
      kind: this.#options.kind,
      state: this.#media,
      ...introduction,
    };
    if (this.#name !== '') join.name = this.#name;
    if (this.#claim !== null) {
      const { clientId, token, fresh } = this.#claim;
      join.resume = { clientId, token, seq: this.#received, fresh };
    }
    return [{ do: 'send', frame: JSON.stringify({ action: 'join', ...join }) }];
  }

  /** The connection is gone. */
  disconnected(): void {
    if (this.#phase !== 'ended') this.#phase = 'away';
  }

  /** A frame of the room. */
  receive(text: string): SeatEffect[] {
    if (this.#phase === 'ended' || this.#phase === 'away') return [];
    const frame = decodeServerFrame(text);
    if (frame === null) return [note('a frame was not understood')];
    const { seq, message } = frame;
    if (message?.action === 'joined') return this.#joined(message);
    if (message?.action === 'error') return this.#refused(message.code);
    if (message?.action === 'pong') return [];
    if (message?.action === 'ack') {
      this.#outbox.acknowledge(message.seq);
      return this.#phase === 'seated' ? sends(this.#outbox.takeUnsent()) : [];
    }
    if (message?.action === 'waiting') {
      if (this.#phase !== 'joining' || message.roomId !== this.#options.meetingId) return [note('waiting for nothing')];
      this.#phase = 'waiting';
      return [{ do: 'waiting' }];
    }
    if (message?.action === 'challenge' || message?.action === 'pake-reply' || message?.action === 'pake-confirm') {
      return [note(`${message.action} came too late`)];
    }
    if (this.#phase !== 'seated') return [note('a message came before joined')];
    if (seq !== null) {
      if (seq <= this.#received) return [];
      this.#received = seq;
      this.#unacknowledged += 1;
    }
    const effects: SeatEffect[] = [];
    if (message === null) {
      effects.push(note('a message was not understood'));
    } else if (message.roomId !== this.#options.meetingId) {
      effects.push(note('a message of another room'));
    } else if (message.action === 'meeting-ended') {
      return this.#end('ended-by-host');
    } else {
      effects.push({ do: 'deliver', message });
    }
    if (this.#unacknowledged >= ACK_EVERY) effects.push(...this.acknowledge());
    return effects;
  }

  /** To be called every few seconds: tells the room what has come, if anything has. */
  acknowledge(): SeatEffect[] {
    if (this.#phase !== 'seated' || this.#unacknowledged === 0) return [];
    this.#unacknowledged = 0;
    return [{ do: 'send', frame: JSON.stringify({ action: 'ack', seq: this.#received }) }];
  }

  /** Asks for a sign of life. */
  ping(): SeatEffect[] {
    const asks = this.#phase === 'seated' || this.#phase === 'waiting';
    return asks ? [{ do: 'send', frame: '{"action":"ping"}' }] : [];
  }

  send(message: SeatMessage): SeatEffect[] {
    if (message.action === 'state') return this.setMediaState(message.state);
    return this.#post(message);
  }

  setMediaState(state: MediaState): SeatEffect[] {
    const { microphone, camera, screen } = this.#media;
    if (state.microphone === microphone && state.camera === camera && state.screen === screen) return [];
    this.#media = state;
    this.#outbox.forgetUnsentStates();
    return this.#post({ action: 'state', state });
  }

  /** The page is going away and may come back. */
  closing(): SeatEffect[] {
    return this.#phase === 'seated' ? this.#post({ action: 'closing' }) : [];
  }

  leave(): SeatEffect[] {
    const goodbye = this.#phase === 'seated' ? this.#post({ action: 'leave' }) : this.#giveUp();
    return [...goodbye, ...this.#end('left')];
  }

  /** Ends the seat for a reason that is not the room's. */
  end(reason: SeatEnd): SeatEffect[] {
    return this.#end(reason);
  }

  /** Whoever knocks is not counted yet, and neither is what it says. */
  #giveUp(): SeatEffect[] {
    if (this.#phase !== 'waiting') return [];
    return [{ do: 'send', frame: JSON.stringify({ action: 'leave', roomId: this.#options.meetingId }) }];
  }

  /** The state, if it changed between the join and its answer. */
  #changedMeanwhile(): string[] {
    const [then, now] = [this.#joinedWith, this.#media];
    if (then.microphone === now.microphone && then.camera === now.camera && then.screen === now.screen) return [];
    this.#outbox.add({ action: 'state', state: now });
    return this.#outbox.takeUnsent();
  }

  #post(message: OutboxMessage): SeatEffect[] {
    if (this.#phase === 'ended') return [];
    if (tooLarge(message)) return [note(`a message of the page is too large: ${message.action}`)];
    this.#outbox.add(message);
    return this.#phase === 'seated' ? sends(this.#outbox.takeUnsent()) : [];
  }

  #joined(joined: Joined): SeatEffect[] {
    if (this.#phase !== 'joining' && this.#phase !== 'waiting') return [note('joined came twice')];
    if (joined.roomId !== this.#options.meetingId) return [{ do: 'reconnect', why: 'joined another room' }];
    const resumed = joined.outcome === 'resumed';
    // A page that was loaded anew knows nothing of before: a room that does not give it a new start is of no use to it.
    if (resumed && this.#claim?.fresh !== false) {
      this.#claim = null;
      return [{ do: 'reconnect', why: 'resumed what was never had' }];
    }
    this.#phase = 'seated';
    this.#claim = { clientId: joined.clientId, token: joined.resumeToken, fresh: false };
    if (!resumed) {
      this.#received = 0;
      this.#unacknowledged = 0;
    }
    const frames = resumed ? this.#outbox.resume(joined.ack, this.#media) : this.#outbox.restart();
    if (!resumed) frames.push(...this.#changedMeanwhile());
    // Until it hears from us the room cannot know that we learned of the new counts, and would restore again.
    if (joined.outcome === 'restored') frames.unshift(JSON.stringify({ action: 'ack', seq: 0 }));
    return [...sends(frames), { do: 'joined', joined }];
  }

  #refused(code: ErrorCode): SeatEffect[] {
    // A seat once had: whoever answers here has another room, or none any more.
    if (code === 'room-not-found' && this.#claim?.fresh === false && this.#options.elsewhere?.() === true) {
      return [{ do: 'reconnect', why: 'the room is not here any more' }];
    }
    const end = FINAL[code];
    if (end !== undefined) return this.#end(end);
    if (code === 'bad-identity' && this.#phase === 'joining') {
      return [{ do: 'reconnect', why: 'the room does not believe who we are' }];
    }
    if (code === 'not-joined' && this.#phase === 'seated') {
      return [{ do: 'reconnect', why: 'the room does not know this connection' }];
    }
    return [note(`the room refused something: ${code}`)];
  }

  #end(reason: SeatEnd): SeatEffect[] {
    if (this.#phase === 'ended') return [];
    this.#phase = 'ended';
    return [{ do: 'end', reason }];
  }
}

function sends(frames: string[]): SeatEffect[] {
  return frames.map((frame) => ({ do: 'send', frame }));
}

function note(text: string): SeatEffect {
  return { do: 'note', text };
}

/**
 * The room would refuse it. Space is left for `roomId` and `seq`, and for the request around it that goes to the own node,
 * which takes twice the size, since every quote in a quoted frame takes two bytes.
 */
function tooLarge(message: OutboxMessage): boolean {
  const json = JSON.stringify(message);
  const limit = MESSAGE_BYTES - 1_024;
  // A unit of UTF-16 takes at most three bytes.
  return json.length * 3 > limit && new TextEncoder().encode(json).length > limit;
}
