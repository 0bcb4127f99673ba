import { bool, list, object, oneOf, parse, text, whole, asRecord, type Check } from '../../protocol/check.ts';
import type { ChannelClosed } from '../../protocol/generated/ChannelClosed.ts';
import { lineSignature } from '../../protocol/decode.ts';
import type { LineSignature } from '../../protocol/generated/LineSignature.ts';
import type { MediaState } from '../../protocol/generated/MediaState.ts';
import type { SignalType } from '../../protocol/generated/SignalType.ts';
import { CHAT_TEXT_CHARS, MESSAGE_BYTES, ROOM_ID_CHARS, ROSTER_PEERS, SIGNATURE_CHARS } from '../../protocol/limits.ts';
import { VIEW_HEIGHTS, type View } from '../send/plan.ts';

/** What two pages say to each other without a room in between. Comes from another participant, and is checked. */

/** A signal that somebody passes on. Its author's key signed it: see room/between/passing.ts. */
export interface SignedSignal {
  readonly type: SignalType;
  /** JSON of the signal's `data`, as it was signed. */
  readonly data: string;
  /** Of the author's page, rising. */
  readonly count: number;
  readonly signature: string;
}

export type Envelope =
  /** The first one of each side: it knows what comes here. */
  | { is: 'hello' }
  /** Whom the sender could pass something on to. Replaces what it said before. */
  | { is: 'near'; ids: readonly string[] }
  /** The sender's seat is at another host now. */
  | { is: 'moved' }
  | { is: 'state'; state: MediaState }
  | { is: 'chat'; id: string; text: string; signed?: LineSignature }
  | { is: 'signal'; type: SignalType; data: unknown }
  /** What the sender shows of the hearer's sources. Replaces what it said before; whoever never said is sent everything. */
  | { is: 'views'; camera: View; screen: View }
  /** The most that the hearer may send the sender, sound included, in bit/s; null: no limit. Replaces what it said before. */
  | { is: 'limit'; bitrate: number | null }
  /** To be passed on to somebody. */
  | { is: 'pass'; to: string; signed: SignedSignal }
  /** Passed on from somebody. */
  | { is: 'passed'; from: string; signed: SignedSignal }
  /** A guest asks for a connection to the room; frames travel beside envelopes once it is `opened`. */
  | { is: 'open'; tunnel: number }
  | { is: 'opened'; tunnel: number }
  /** From either side. */
  | { is: 'closed'; tunnel: number; reason: ChannelClosed };

const signalType = oneOf('offer', 'answer', 'ice-candidate', 'hangup');
const clientId = text(ROOM_ID_CHARS);
const signed: Check<SignedSignal> = object({
  type: signalType,
  data: text(MESSAGE_BYTES),
  count: whole,
  signature: text(SIGNATURE_CHARS),
});
/** As the room takes it (docs/PROTOCOL.md). */
const lineId: Check<string> = (value) => (typeof value === 'string' && /^[A-Za-z0-9-]{8,64}$/.test(value) ? value : undefined);
const said: Check<string> = (value) => {
  const fits = text(CHAT_TEXT_CHARS)(value);
  return fits === undefined || fits.trim() === '' ? undefined : fits;
};
/** More than any camera gives. */
const MAX_VIEW_FRAMES = 120;
/** A height between two steps is taken as the larger one, and one above all of them as the largest. No lines or no frames: nothing. */
const view: Check<View> = (value) => {
  const fits = object({ height: whole, framesPerSecond: whole })(value);
  if (fits === undefined) return undefined;
  const { height, framesPerSecond } = fits;
  if (height === 0 || framesPerSecond === 0) return { height: 0, framesPerSecond: 0 };
  return { height: VIEW_HEIGHTS.find((step) => step >= height) ?? LARGEST_VIEW, framesPerSecond: Math.min(framesPerSecond, MAX_VIEW_FRAMES) };
};
const LARGEST_VIEW = Math.max(...VIEW_HEIGHTS);
const reason: Check<ChannelClosed> = oneOf('closed', 'host-left', 'lost', 'refused');

const CHECKS: { [K in Envelope['is']]: Check<Omit<Extract<Envelope, { is: K }>, 'is'>> } = {
  hello: object({}),
  near: object({ ids: list(clientId, ROSTER_PEERS) }),
  moved: object({}),
  state: object({ state: object({ microphone: bool, camera: bool, screen: bool }) }),
  chat: object({ id: lineId, text: said }, { signed: lineSignature }),
  signal: (value) => {
    const record = asRecord(value);
    const type = signalType(record?.['type']);
    return type === undefined ? undefined : { type, data: record?.['data'] ?? null };
  },
  views: object({ camera: view, screen: view }),
  limit: (value) => {
    const bitrate = asRecord(value)?.['bitrate'];
    if (bitrate === null) return { bitrate };
    const bits = whole(bitrate);
    return bits === undefined ? undefined : { bitrate: bits };
  },
  pass: object({ to: clientId, signed }),
  passed: object({ from: clientId, signed }),
  open: object({ tunnel: whole }),
  opened: object({ tunnel: whole }),
  closed: object({ tunnel: whole, reason }),
};

export function encodeEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope);
}

/** Null: something of a newer version, to be passed over. Undefined: nonsense. */
export function decodeEnvelope(json: string): Envelope | null | undefined {
  const record = asRecord(parse(json));
  const is = record?.['is'];
  if (typeof is !== 'string') return undefined;
  if (!isKnown(is)) return null;
  const body = CHECKS[is](record);
  return body === undefined ? undefined : ({ is, ...body } as Envelope);
}

function isKnown(is: string): is is Envelope['is'] {
  return Object.hasOwn(CHECKS, is);
}
