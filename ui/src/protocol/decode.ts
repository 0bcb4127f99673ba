import { asRecord, bool, cutText, known, list, object, oneOf, parse, text, u32, whole } from './check.ts';
import type { Check } from './check.ts';
import type { Access } from './generated/Access.ts';
import type { ChatLine } from './generated/ChatLine.ts';
import type { ErrorCode } from './generated/ErrorCode.ts';
import type { Identity } from './generated/Identity.ts';
import type { Joined } from './generated/Joined.ts';
import type { Knock } from './generated/Knock.ts';
import type { LineSignature } from './generated/LineSignature.ts';
import type { MediaState } from './generated/MediaState.ts';
import type { MeetingSummary } from './generated/MeetingSummary.ts';
import type { Peer } from './generated/Peer.ts';
import type { ServerMessage } from './generated/ServerMessage.ts';
import {
  CHAT_LINES,
  CHAT_TEXT_CHARS,
  FINGERPRINT_CHARS,
  KEY_CHARS,
  KNOCKS,
  LAST_TIME,
  LINK_CHARS,
  MESSAGE_BYTES,
  NAME_CHARS,
  PEER_ADDRESSES,
  ROOM_ID_CHARS,
  ROSTER_PEERS,
  SHORT_TEXT_CHARS,
  SIGNATURE_CHARS,
  TITLE_CHARS,
} from './limits.ts';

/** What a room, possibly a hostile one, sent: checked field by field, without anything that was not asked for. */

/** One frame of the room. */
export interface ServerFrame {
  /** Its count, where it has one. It counts even if the message is not understood. */
  seq: number | null;
  /** Null if the action is one of a newer version, or a field does not fit. */
  message: ServerMessage | null;
}

type Action = ServerMessage['action'];
type Body<A extends Action> = Omit<Extract<ServerMessage, { action: A }>, 'action'>;

const roomId = text(ROOM_ID_CHARS);
const clientId = text(ROOM_ID_CHARS);
const name = cutText(NAME_CHARS);

const mediaState: Check<MediaState> = object({ microphone: bool, camera: bool, screen: bool });

const role = oneOf('participant', 'co-host', 'host');
const accessMode = oneOf('open', 'code', 'lobby', 'locked');
const secret = text(SHORT_TEXT_CHARS);

/** Whether it is proven is another matter. */
const identity: Check<Identity> = object({
  key: text(KEY_CHARS),
  fingerprint: text(FINGERPRINT_CHARS),
  signature: text(SIGNATURE_CHARS),
});

/** How one comes in. */
export const access: Check<Access> = object({ mode: accessMode }, { code: secret, secret });

const knock: Check<Knock> = object({ id: u32 }, { name, kind: known(oneOf('app', 'guest')), key: text(KEY_CHARS) });

const peer: Check<Peer> = object(
  { clientId },
  {
    name,
    kind: known(oneOf('app', 'guest')),
    addr: list(text(SHORT_TEXT_CHARS), PEER_ADDRESSES),
    state: mediaState,
    away: bool,
    identity,
    role: known(role),
  },
);

const time: Check<number> = (value) => {
  const at = whole(value);
  return at !== undefined && at <= LAST_TIME ? at : undefined;
};

export const lineSignature: Check<LineSignature> = object({
  clock: whole,
  run: whole,
  sequence: u32,
  at: time,
  signature: text(SIGNATURE_CHARS),
});

/** One line of chat. Whether it is signed as it says is another matter. */
export const chatLine: Check<ChatLine> = (value) => {
  const line = object(
    { id: text(ROOM_ID_CHARS), from: clientId, text: text(CHAT_TEXT_CHARS), at: time },
    { name, author: text(KEY_CHARS), signed: lineSignature, after: whole },
  )(value);
  return line !== undefined && (line.signed === undefined) === (line.author === undefined) ? line : undefined;
};

const joined: Check<Joined> = object(
  {
    roomId,
    clientId,
    peers: list(peer, ROSTER_PEERS),
    v: u32,
    outcome: oneOf('new', 'resumed', 'restored'),
    resumeToken: text(SHORT_TEXT_CHARS),
    ack: u32,
    rosterGraceMs: u32,
    title: cutText(TITLE_CHARS),
    host: name,
    startedAt: whole,
    chat: list(chatLine, CHAT_LINES),
    role,
    access,
  },
  { knocks: list(knock, KNOCKS), successor: text(LINK_CHARS) },
);

const errorCode: Check<ErrorCode> = oneOf(
  'bad-message',
  'unknown-action',
  'room-not-found',
  'room-full',
  'not-joined',
  'already-joined',
  'unknown-peer',
  'too-large',
  'rate-limited',
  'unsupported-version',
  'seat-taken',
  'too-many-connections',
  'bad-identity',
  'bad-signature',
  'code-needed',
  'wrong-code',
  'too-many-tries',
  'knock-needed',
  'locked',
  'not-admitted',
  'removed',
  'not-allowed',
);

/** `data` is between the participants: their links check it. */
const signal: Check<Body<'signal'>> = (value) => {
  const head = object({ roomId, from: clientId, type: oneOf('offer', 'answer', 'ice-candidate', 'hangup') })(value);
  return head && { ...head, data: asRecord(value)?.['data'] ?? null };
};

/** `data` is between the participants: the agreement on the meeting's code checks it. */
const verify: Check<Body<'verify'>> = (value) => {
  const head = object({ roomId, from: clientId })(value);
  return head && { ...head, data: asRecord(value)?.['data'] ?? null };
};

const bodies: { [A in Action]: Check<Body<A>> } = {
  joined,
  'peer-joined': object({ roomId, peer }, { restored: bool }),
  'peer-left': object({ roomId, clientId }, { reason: known(oneOf('left', 'lost', 'removed')) }),
  'peer-away': object({ roomId, clientId }),
  'peer-back': object({ roomId, clientId, fresh: bool }, { identity }),
  signal,
  'peer-state': object({ roomId, clientId, state: mediaState }),
  chat: object({ roomId, line: chatLine }),
  'meeting-ended': object({ roomId }),
  error: object({ code: errorCode, message: cutText(SHORT_TEXT_CHARS) }, { retryAfterMs: u32 }),
  ack: object({ seq: u32 }),
  pong: object({}),
  challenge: object({ nonce: secret, fingerprint: text(FINGERPRINT_CHARS) }),
  'pake-reply': object({ key: text(KEY_CHARS), message: secret }),
  'pake-confirm': object({ tag: secret }),
  waiting: object({ roomId }),
  knock: object({ roomId, knock }),
  'knock-ended': object({ roomId, id: u32 }),
  access: object({ roomId, access }),
  successor: object({ roomId }, { link: text(LINK_CHARS) }),
  'peer-role': object({ roomId, clientId, role }),
  asked: object({ roomId, by: clientId, request: oneOf('mute', 'unmute', 'stop-share') }),
  verify,
};

/** Reads one text frame of the room; null if it is no object with an action at all, or too large. */
export function decodeServerFrame(frame: string): ServerFrame | null {
  // Bytes are at least as many as units of UTF-16, so nothing that is allowed is refused.
  if (frame.length > MESSAGE_BYTES) return null;
  const record = asRecord(parse(frame));
  const action = record?.['action'];
  if (record === undefined || typeof action !== 'string') return null;
  // `ack` says up to where it acknowledges; it has no count of its own.
  const seq = action === 'ack' ? null : (u32(record['seq']) ?? null);
  if (!isAction(action)) return { seq, message: null };
  const body = bodies[action](record);
  return { seq, message: body === undefined ? null : ({ action, ...body } as ServerMessage) };
}

/** Reads the answer to `GET /api/meeting`; null if it is none. */
export function decodeMeetingSummary(json: string): MeetingSummary | null {
  return json.length > MESSAGE_BYTES ? null : (meetingSummary(parse(json)) ?? null);
}

/** What a meeting says of itself before one joins it. */
export const meetingSummary: Check<MeetingSummary> = object({
  v: u32,
  meetingId: roomId,
  title: cutText(TITLE_CHARS),
  host: name,
  participants: u32,
  names: list(name, ROSTER_PEERS),
  locked: bool,
  access: accessMode,
  full: bool,
  startedAt: whole,
});

function isAction(action: string): action is Action {
  return Object.hasOwn(bodies, action);
}
