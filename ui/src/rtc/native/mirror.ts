import type { ConnectionState } from '../../protocol/generated/ConnectionState.ts';
import type { Description } from '../../protocol/generated/Description.ts';
import { describe, type NativeSessionDescription } from './session-description.ts';

/** What a connection shows at once of what the engine last said of it. Pure. */
export interface Mirror {
  readonly signaling: RTCSignalingState;
  readonly gathering: RTCIceGatheringState;
  readonly ice: RTCIceConnectionState;
  readonly connection: RTCPeerConnectionState;
  readonly currentLocal: NativeSessionDescription | null;
  readonly pendingLocal: NativeSessionDescription | null;
  readonly currentRemote: NativeSessionDescription | null;
  readonly pendingRemote: NativeSessionDescription | null;
  /** Bytes; null before data channels were negotiated. */
  readonly maxMessageSize: number | null;
  readonly negotiation: Negotiation;
}

/** Whether something has to be negotiated, and whether `negotiationneeded` was told of it. */
export type Negotiation = 'settled' | 'needed' | 'told';

export const NEW: Mirror = {
  signaling: 'stable',
  gathering: 'new',
  ice: 'new',
  connection: 'new',
  currentLocal: null,
  pendingLocal: null,
  currentRemote: null,
  pendingRemote: null,
  maxMessageSize: null,
  negotiation: 'settled',
};

/**
 * What is taken of a state. Answers and events travel side by side and may overtake one another, but descriptions and
 * transceivers change by requests alone, and every change of the transport is told by an event: so each has one source whose
 * order counts. An answer tells of the transport too, unless an event came since it was asked for.
 */
export type Scope = 'all' | 'signaling' | 'transport';

export function learn(before: Mirror, state: ConnectionState, scope: Scope): Mirror {
  const signaling = scope === 'transport' ? withCandidates(before, state) : withSignaling(before, state);
  if (scope === 'signaling') return signaling;
  return { ...signaling, gathering: state.gathering, ice: state.ice, connection: state.connection };
}

function withSignaling(before: Mirror, state: ConnectionState): Mirror {
  // What became stable was negotiated: what is needed now is something else (W3C webrtc §4.4.1.5).
  const anew = state.signaling === 'stable' && before.signaling !== 'stable';
  const told = before.negotiation === 'told' && !anew;
  return {
    ...before,
    signaling: state.signaling,
    currentLocal: describe(before.currentLocal ?? before.pendingLocal, state.currentLocal),
    pendingLocal: describe(before.pendingLocal, state.pendingLocal),
    currentRemote: describe(before.currentRemote ?? before.pendingRemote, state.currentRemote),
    pendingRemote: describe(before.pendingRemote, state.pendingRemote),
    maxMessageSize: state.maxMessageSize,
    negotiation: !state.negotiationNeeded ? 'settled' : told ? 'told' : 'needed',
  };
}

/** Own candidates stand in the local descriptions from when they are found. */
function withCandidates(before: Mirror, state: ConnectionState): Mirror {
  const refreshed = (shown: NativeSessionDescription | null, now: Description | null): NativeSessionDescription | null =>
    shown !== null && now !== null && shown.type === now.type && originOf(shown.sdp) === originOf(now.sdp)
      ? describe(shown, now)
      : shown;
  return {
    ...before,
    currentLocal: refreshed(before.currentLocal, state.currentLocal),
    pendingLocal: refreshed(before.pendingLocal, state.pendingLocal),
  };
}

/** The `o=` line: another for each description that was set (RFC 8829 §5.2.2). */
function originOf(sdp: string): string | undefined {
  return /^o=.*$/m.exec(sdp)?.[0];
}

/** The engine is lost. Descriptions stay, so that the page sees what it had. */
export function lost(before: Mirror): Mirror {
  return { ...before, ice: 'failed', connection: 'failed', negotiation: 'settled' };
}

export function closed(before: Mirror): Mirror {
  return { ...before, signaling: 'closed', ice: 'closed', connection: 'closed', negotiation: 'settled' };
}

/** The events of a change of states that come before those of tracks, and those that come after. */
export function eventsOf(before: Mirror, after: Mirror): { first: string[]; last: string[] } {
  return {
    first: before.signaling === after.signaling ? [] : ['signalingstatechange'],
    last: [
      ...(before.gathering === after.gathering ? [] : ['icegatheringstatechange']),
      ...(before.ice === after.ice ? [] : ['iceconnectionstatechange']),
      ...(before.connection === after.connection ? [] : ['connectionstatechange']),
    ],
  };
}
