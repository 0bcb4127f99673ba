import { asRecord, bool, known, list, nullable, object, oneOf, parse, text, u32, whole } from '../../protocol/check.ts';
import type { Check } from '../../protocol/check.ts';
import type { ChannelOptions } from '../../protocol/generated/ChannelOptions.ts';
import type { ConnectionState } from '../../protocol/generated/ConnectionState.ts';
import type { Description } from '../../protocol/generated/Description.ts';
import type { EngineError } from '../../protocol/generated/EngineError.ts';
import type { EngineEvent } from '../../protocol/generated/EngineEvent.ts';
import type { EngineMessage } from '../../protocol/generated/EngineMessage.ts';
import type { EngineReply } from '../../protocol/generated/EngineReply.ts';
import type { IceCandidate } from '../../protocol/generated/IceCandidate.ts';
import type { TransceiverState } from '../../protocol/generated/TransceiverState.ts';
import { MESSAGE_BYTES, SHORT_TEXT_CHARS } from '../../protocol/limits.ts';

/** What the engine says. Much in it was written by other participants (descriptions, ids of streams, labels), so it is checked. */

/** Characters of one text frame: four descriptions, escaped, or the statistics of a connection. */
const FRAME_CHARS = 8 * MESSAGE_BYTES;
/** Transceivers of one connection; a description has far fewer sections. */
const TRANSCEIVERS = 256;
/** Streams that one track belongs to. */
const STREAMS = 16;
/** Objects in one report: some ten for each transceiver, and the pairs of candidates. */
const STATS_ENTRIES = 8_192;
/** Labels and protocols of data channels, characters (W3C webrtc §6.1: 65535 bytes). */
const LABEL_CHARS = 65_535;

const short = text(SHORT_TEXT_CHARS);

const description: Check<Description> = object({
  type: oneOf('offer', 'answer', 'rollback'),
  sdp: text(MESSAGE_BYTES),
});

const direction = oneOf('sendrecv', 'sendonly', 'recvonly', 'inactive');

const transceiver: Check<TransceiverState> = object({
  transceiver: u32,
  kind: oneOf('audio', 'video'),
  mid: nullable(short),
  direction,
  currentDirection: nullable(direction),
  stopped: bool,
  receiver: u32,
  receiving: bool,
  remoteStreams: list(short, STREAMS),
});

const state: Check<ConnectionState> = object({
  signaling: oneOf('stable', 'have-local-offer', 'have-remote-offer', 'closed'),
  gathering: oneOf('new', 'gathering', 'complete'),
  ice: oneOf('new', 'checking', 'connected', 'completed', 'disconnected', 'failed', 'closed'),
  connection: oneOf('new', 'connecting', 'connected', 'disconnected', 'failed', 'closed'),
  negotiationNeeded: bool,
  currentLocal: nullable(description),
  pendingLocal: nullable(description),
  currentRemote: nullable(description),
  pendingRemote: nullable(description),
  transceivers: list(transceiver, TRANSCEIVERS),
  maxMessageSize: nullable(u32),
});

// Absent members come as null.
const candidate: Check<IceCandidate> = object(
  { candidate: text(MESSAGE_BYTES) },
  { sdpMid: known(short), sdpMLineIndex: known(u32), usernameFragment: known(short) },
);

const channelOptions: Check<ChannelOptions> = object(
  { ordered: bool, protocol: text(LABEL_CHARS), negotiated: bool },
  { maxPacketLifeTime: known(u32), maxRetransmits: known(u32), id: known(u32) },
);

const entry: Check<Record<string, unknown>> = (value) => {
  const record = asRecord(value);
  return typeof record?.['id'] === 'string' && typeof record['type'] === 'string' ? record : undefined;
};

const replies: { [I in EngineReply['is']]: Check<Omit<Extract<EngineReply, { is: I }>, 'is'>> } = {
  done: object({}),
  description: object({ description }),
  state: object({ state }),
  stats: object({ entries: list(entry, STATS_ENTRIES) }),
};

const events: { [E in EngineEvent['event']]: Check<Omit<Extract<EngineEvent, { event: E }>, 'event'>> } = {
  candidate: object({ connection: u32, candidate: nullable(candidate) }),
  state: object({ connection: u32, state }),
  'channel-created': object({ connection: u32, channel: u32, label: text(LABEL_CHARS), options: channelOptions }),
  'channel-state': object({
    connection: u32,
    channel: u32,
    state: oneOf('connecting', 'open', 'closing', 'closed'),
    id: nullable(u32),
  }),
  'channel-buffered': object({ connection: u32, channel: u32, bytes: whole }),
  encode: object({ track: u32, layer: u32, target: nullable(object({ bitrate: u32, framerate: u32, height: u32 })) }),
  'key-frame': object({ track: u32, layer: u32 }),
};

const error: Check<EngineError> = object({
  name: oneOf(
    'InvalidStateError',
    'InvalidAccessError',
    'InvalidModificationError',
    'OperationError',
    'SyntaxError',
    'QuotaExceededError',
    'NotSupportedError',
  ),
  message: text(SHORT_TEXT_CHARS),
});

/** An answer that cannot be read. */
const UNREADABLE: EngineError = { name: 'OperationError', message: 'the answer of the engine was not understood' };

/** Reads one text frame of the engine; null if it is not understood. An answer always settles its call. */
export function decodeEngineMessage(frame: string): EngineMessage | null {
  if (frame.length > FRAME_CHARS) return null;
  const record = asRecord(parse(frame));
  switch (record?.['frame']) {
    case 'reply': {
      const id = u32(record['id']);
      if (id === undefined) return null;
      const reply = tagged<EngineReply>('is', replies, record['reply']);
      return reply === undefined ? { frame: 'failed', id, error: UNREADABLE } : { frame: 'reply', id, reply };
    }
    case 'failed': {
      const id = u32(record['id']);
      if (id === undefined) return null;
      return { frame: 'failed', id, error: error(record['error']) ?? UNREADABLE };
    }
    case 'event': {
      const event = tagged<EngineEvent>('event', events, record['event']);
      return event === undefined ? null : { frame: 'event', event };
    }
    default:
      return null;
  }
}

function tagged<T>(tag: string, checks: Record<string, Check<object>>, value: unknown): T | undefined {
  const kind = asRecord(value)?.[tag];
  if (typeof kind !== 'string' || !Object.hasOwn(checks, kind)) return undefined;
  const body = checks[kind]?.(value);
  return body && ({ [tag]: kind, ...body } as T);
}
