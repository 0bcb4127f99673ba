import type { ClientMessage } from '../protocol/generated/ClientMessage.ts';
import type { Join } from '../protocol/generated/Join.ts';
import type { Joined } from '../protocol/generated/Joined.ts';
import type { LineSignature } from '../protocol/generated/LineSignature.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { ServerMessage } from '../protocol/generated/ServerMessage.ts';
import type { Readable } from '../shared/store.ts';

/** Why a seat ended for good. */
export type SeatEnd =
  /** By our own choice. */
  | 'left'
  /** The host ended the meeting for all. */
  | 'ended-by-host'
  /** Another window took this seat. */
  | 'seat-taken'
  | 'room-full'
  | 'room-not-found'
  | 'unsupported-version'
  /** The meeting needs a code, and none was given. */
  | 'code-needed'
  | 'wrong-code'
  /** Of whomever. Knocking is possible. */
  | 'too-many-tries'
  /** Only who knocks is let in. */
  | 'knock-needed'
  | 'locked'
  /** We knocked, and were not let in. */
  | 'not-admitted'
  /** A host or co-host sent us out. */
  | 'removed'
  | 'fingerprint-mismatch'
  /** Somebody says to have the meeting, and cannot prove it. */
  | 'false-host'
  /** The first join did not work. After that, trying goes on for as long as the person stays. */
  | 'unreachable'
  /** The own node is gone (browser mode). */
  | 'node-lost';

export type SeatState =
  | { status: 'joining' }
  /** We knock: somebody has to let us in. */
  | { status: 'waiting' }
  | { status: 'joined'; clientId: string }
  | { status: 'reconnecting'; clientId: string; hostLeft: boolean }
  | { status: 'ended'; reason: SeatEnd };

/** What a member may send once it has a seat; `roomId` and `seq` are added by the seat. */
export type SeatMessage =
  | { action: 'signal'; type: 'offer' | 'answer' | 'ice-candidate' | 'hangup'; to: string; data: unknown }
  | { action: 'state'; state: MediaState }
  | { action: 'chat'; id: string; text: string; signed?: LineSignature }
  | { action: 'verify'; data: unknown }
  | Pick<Extract<ClientMessage, { action: 'moderate' }>, 'action' | 'order'>
  | Pick<Extract<ClientMessage, { action: 'chat-history' }>, 'action' | 'lines'>;

/** What is shown at the door, beside the name: who we are, and what opens it. */
export type Introduction = Partial<Pick<Join, 'identity' | 'proof' | 'secret' | 'code' | 'knock'>>;

/** Messages of the room that reach the member, each exactly once and in order. */
export type RoomMessage = Exclude<
  ServerMessage,
  {
    action:
      | 'ack'
      | 'pong'
      | 'error'
      | 'joined'
      | 'meeting-ended'
      | 'challenge'
      | 'pake-reply'
      | 'pake-confirm'
      | 'waiting';
  }
>;

/**
 * A place in a room that outlives connections: it joins, resumes after a loss (backoff, `seq`, `ack`), and hands over
 * each message once. Links know nothing of it.
 */
export interface Seat {
  readonly state: Readable<SeatState>;
  /**
   * After each successful join or resume, before the messages that follow it. `outcome` says what to do with links. The
   * fingerprint is that of the host's certificate, where the connection knows it.
   */
  onjoined: ((joined: Joined, hostFingerprint: string | null) => void) | null;
  onmessage: ((message: RoomMessage) => void) | null;
  /** Sends now, or after the next resume. Bounded: the oldest candidates go first. */
  send(message: SeatMessage): void;
  /** The state told with the next join, and sent at once if it changed. */
  setMediaState(state: MediaState): void;
  /**
   * Somebody says that the room is elsewhere now: asks for a sign of life, and gives the connection up without one. Without a
   * connection, tries again at once.
   */
  check(): void;
  /** Gives the seat up: tells the room and ends with `left`. */
  leave(): void;
  /** The page is going away: says so and keeps what a reload needs. */
  closing(): void;
}
