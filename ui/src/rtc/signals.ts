import type { SignalType } from '../protocol/generated/SignalType.ts';
import { isSource, type Source, type SourceMap } from './source.ts';
import { MAX_SECTIONS, sectionsOf } from './sdp.ts';

/**
 * What two links tell each other through the room: the `data` of a signal. Everything here comes from another
 * participant and is checked; unknown fields are passed over. Fields besides `type` and `sdp` are additions, which a
 * minimal client neither sends nor reads.
 */

export interface Description {
  type: 'offer' | 'answer';
  sdp: string;
  /** Offers: chosen by the offerer, unique over the life of its connection. */
  id: string | null;
  /** Answers: the `id` of the offer that is answered. */
  answers: string | null;
  /** The sender's RTCPeerConnection; another value means that it was made anew. */
  link: string | null;
  /** The receiver's RTCPeerConnection as the sender knows it; null before it knows one. */
  linkTo: string | null;
  /** What each section carries; empty if not told. */
  sources: SourceMap;
}

export type LinkSignal =
  | { kind: 'description'; description: Description }
  /** Null is the end of candidates. */
  | { kind: 'candidate'; candidate: RTCIceCandidateInit | null }
  | { kind: 'hangup' };

/** Ids are ours or a peer's own; longer ones are nonsense. */
const ID_CHARS = 64;
/** A mid has at most 16 characters (RFC 9143 leaves it open; browsers and str0m stay below). */
const MID_CHARS = 32;
/** A candidate line has some 200 characters. */
const CANDIDATE_CHARS = 1_024;

/** Reads the `data` of a signal; null if it makes no sense. */
export function decodeSignal(type: SignalType, data: unknown): LinkSignal | null {
  switch (type) {
    case 'offer':
    case 'answer': {
      const description = decodeDescription(type, data);
      return description && { kind: 'description', description };
    }
    case 'ice-candidate': {
      const candidate = decodeCandidate(data);
      return candidate === undefined ? null : { kind: 'candidate', candidate };
    }
    case 'hangup':
      return { kind: 'hangup' };
  }
}

/** What goes into `data`. */
export function encodeDescription(description: Description): object {
  const { type, sdp, id, answers, link, linkTo, sources } = description;
  return {
    type,
    sdp,
    ...(id === null ? {} : { id }),
    ...(answers === null ? {} : { answers }),
    ...(link === null ? {} : { link }),
    ...(linkTo === null ? {} : { linkTo }),
    sources: Object.fromEntries(sources),
  };
}

function decodeDescription(type: 'offer' | 'answer', data: unknown): Description | null {
  if (!isRecord(data) || data['type'] !== type) return null;
  const sdp = data['sdp'];
  if (typeof sdp !== 'string' || !sdp.startsWith('v=0') || sectionsOf(sdp) > MAX_SECTIONS) return null;
  return {
    type,
    sdp,
    id: idOf(data['id']),
    answers: idOf(data['answers']),
    link: idOf(data['link']),
    linkTo: idOf(data['linkTo']),
    sources: decodeSources(data['sources']),
  };
}

function decodeCandidate(data: unknown): RTCIceCandidateInit | null | undefined {
  if (data === null) return null;
  if (!isRecord(data)) return undefined;
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = data;
  if (typeof candidate !== 'string' || candidate.length > CANDIDATE_CHARS) return undefined;
  // An end of candidates of one generation (RFC 8838): nothing to add.
  if (candidate === '') return null;
  const init: RTCIceCandidateInit = { candidate };
  if (typeof sdpMid === 'string' && sdpMid.length <= MID_CHARS) init.sdpMid = sdpMid;
  if (typeof sdpMLineIndex === 'number') init.sdpMLineIndex = sdpMLineIndex;
  if (init.sdpMid === undefined && init.sdpMLineIndex === undefined) return undefined;
  const fragment = typeof usernameFragment === 'string' ? usernameFragment : / ufrag (\S+)/.exec(candidate)?.[1];
  if (fragment !== undefined) init.usernameFragment = fragment;
  return init;
}

function decodeSources(value: unknown): SourceMap {
  const map = new Map<string, Source>();
  if (!isRecord(value)) return map;
  for (const [mid, source] of Object.entries(value).slice(0, MAX_SECTIONS)) {
    if (mid.length <= MID_CHARS && isSource(source)) map.set(mid, source);
  }
  return map;
}

function idOf(value: unknown): string | null {
  return typeof value === 'string' && value.length > 0 && value.length <= ID_CHARS ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
