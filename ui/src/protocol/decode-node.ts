import { asRecord, bool, cutText, list, nullable, object, oneOf, parse, text, u32, whole } from './check.ts';
import type { Check } from './check.ts';
import { access, meetingSummary } from './decode.ts';
import type { DiscoveryState } from './generated/DiscoveryState.ts';
import type { HostedMeeting } from './generated/HostedMeeting.ts';
import type { Meeting } from './generated/Meeting.ts';
import type { NodeError } from './generated/NodeError.ts';
import type { NodeErrorCode } from './generated/NodeErrorCode.ts';
import type { NodeEvent } from './generated/NodeEvent.ts';
import type { NodeFrame } from './generated/NodeFrame.ts';
import type { NodeReply } from './generated/NodeReply.ts';
import type { Settings } from './generated/Settings.ts';
import type { Target } from './generated/Target.ts';
import type { Welcome } from './generated/Welcome.ts';
import {
  LISTED_MEETINGS,
  MESSAGE_BYTES,
  NAME_CHARS,
  NODE_FRAME_CHARS,
  PEER_ADDRESSES,
  ROSTER_PEERS,
  ROOM_ID_CHARS,
  SHORT_TEXT_CHARS,
  TITLE_CHARS,
} from './limits.ts';

/** What the own node sends in browser mode. The lists in it come from the network, so they are checked as strictly. */

const short = text(SHORT_TEXT_CHARS);
const link = text(SHORT_TEXT_CHARS * 4);
const meetingId = text(ROOM_ID_CHARS);
const title = cutText(TITLE_CHARS);
const host = cutText(NAME_CHARS);
const fingerprint = text(SHORT_TEXT_CHARS);
/** Entries of a list in the settings: nobody has more ICE servers or interfaces. */
const SETTINGS_LIST = 64;

/** Settings, complete. */
export const settings: Check<Settings> = object({
  name: cutText(NAME_CHARS),
  language: oneOf('auto', 'en', 'zh-CN'),
  theme: oneOf('auto', 'light', 'dark'),
  microphoneId: nullable(short),
  cameraId: nullable(short),
  speakerId: nullable(short),
  microphoneOn: bool,
  cameraOn: bool,
  echoCancellation: bool,
  noiseSuppression: bool,
  autoGainControl: bool,
  iceServers: list(link, SETTINGS_LIST),
  interfaces: list(short, SETTINGS_LIST),
});

/** Which meeting. */
export const target: Check<Target> = (value) => {
  switch (asRecord(value)?.['kind']) {
    case 'meeting':
      return object({ kind: oneOf('meeting'), meetingId })(value);
    case 'address':
      return object({ kind: oneOf('address'), text: link })(value);
    default:
      return undefined;
  }
};

const hosted: Check<HostedMeeting> = object({
  meetingId,
  title,
  host,
  guestUrls: list(link, PEER_ADDRESSES),
  fingerprint,
  port: u32,
  participants: u32,
  portChanged: bool,
  startedAt: whole,
  access,
  private: bool,
});

const meeting: Check<Meeting> = object({
  meetingId,
  title,
  host,
  participants: u32,
  locked: bool,
  addresses: list(short, PEER_ADDRESSES),
  port: u32,
  fingerprint,
  startedAt: whole,
  own: bool,
});

const discovery: Check<DiscoveryState> = (value) => {
  switch (asRecord(value)?.['state']) {
    case 'off':
      return { state: 'off' };
    case 'no-network':
      return { state: 'no-network' };
    case 'on':
      return object({
        state: oneOf('on'),
        interfaces: list(object({ name: short, address: short }), SETTINGS_LIST),
      })(value);
    case 'failed':
      return object({ state: oneOf('failed'), message: cutText(SHORT_TEXT_CHARS) })(value);
    default:
      return undefined;
  }
};

const welcome: Check<Welcome> = object({
  version: short,
  settings,
  hosted: nullable(hosted),
  interrupted: nullable(object({ meetingId, title })),
  open: nullable(target),
  token: nullable(short),
  notices: knownNotices,
  computerName: cutText(SHORT_TEXT_CHARS),
  key: short,
  engine: bool,
});

const replies: { [I in NodeReply['is']]: Check<Omit<Extract<NodeReply, { is: I }>, 'is'>> } = {
  done: object({}),
  welcome,
  hosted: object({ hosted }),
  found: object({
    found: object({
      summary: meetingSummary,
      trust: oneOf('own', 'pinned', 'known', 'first-use'),
      fingerprint,
      own: bool,
    }),
  }),
  channel: object({ channel: u32, fingerprint }),
  engine: object({ url: short, control: short, media: short }),
  signed: object({ signature: short }),
  met: object({ people: list(object({ key: short, met: u32, verified: bool, nameOfAnother: bool }), ROSTER_PEERS) }),
};

const events: { [E in NodeEvent['event']]: Check<Omit<Extract<NodeEvent, { event: E }>, 'event'>> } = {
  meetings: object({ meetings: list(meeting, LISTED_MEETINGS) }),
  discovery: object({ state: discovery }),
  hosted: object({ hosted: nullable(hosted) }),
  frame: object({ channel: u32, frame: text(MESSAGE_BYTES) }),
  'channel-closed': object({ channel: u32, reason: oneOf('closed', 'host-left', 'lost', 'refused') }),
  settings: object({ settings }),
  open: object({ target }),
  networks: object({}),
};

const errorCode: Check<NodeErrorCode> = oneOf(
  'bad-request',
  'bad-address',
  'name-not-found',
  'unreachable',
  'connection-refused',
  'not-landline',
  'fingerprint-mismatch',
  'fingerprint-changed',
  'false-host',
  'meeting-not-found',
  'unsupported-version',
  'already-hosting',
  'port-unavailable',
  'no-channel',
  'congested',
  'not-supported',
  'no-browser',
  'wrong-code',
  'too-many-tries',
  'internal',
);

/** Why a request failed. A code of a newer node counts as `internal`. */
export const nodeError: Check<NodeError> = (value) => {
  const record = asRecord(value);
  if (typeof record?.['code'] !== 'string') return undefined;
  return {
    code: errorCode(record['code']) ?? 'internal',
    message: cutText(SHORT_TEXT_CHARS)(record['message']) ?? '',
  };
};

/** Reads one text frame of the node; null if it is not understood. */
export function decodeNodeFrame(frame: string): NodeFrame | null {
  if (frame.length > NODE_FRAME_CHARS) return null;
  const record = asRecord(parse(frame));
  switch (record?.['frame']) {
    case 'reply': {
      const id = u32(record['id']);
      const reply = tagged<NodeReply>('is', replies)(record['reply']);
      return id === undefined || reply === undefined ? null : { frame: 'reply', id, reply };
    }
    case 'failed': {
      const id = u32(record['id']);
      const error = nodeError(record['error']);
      return id === undefined || error === undefined ? null : { frame: 'failed', id, error };
    }
    case 'event': {
      const body = tagged<NodeEvent>('event', events)(record['body']);
      return body === undefined ? null : { frame: 'event', body };
    }
    default:
      return null;
  }
}

/** An object whose field `tag` says which of `checks` it has to pass. */
function tagged<T>(tag: string, checks: Record<string, Check<object>>): Check<T> {
  return (value) => {
    const kind = asRecord(value)?.[tag];
    if (typeof kind !== 'string' || !Object.hasOwn(checks, kind)) return undefined;
    const body = checks[kind]?.(value);
    return body && ({ [tag]: kind, ...body } as T);
  };
}

/** Notices of a newer node are left out: there is no sentence for them here. */
function knownNotices(value: unknown): Welcome['notices'] | undefined {
  if (!Array.isArray(value)) return undefined;
  const notice = oneOf('settings-corrupt', 'settings-read-only');
  return (value as unknown[]).map(notice).filter((one) => one !== undefined);
}
