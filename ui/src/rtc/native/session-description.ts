import type { Description } from '../../protocol/generated/Description.ts';

/** RTCSessionDescription (W3C webrtc §4.6.2). */
export class NativeSessionDescription {
  readonly type: RTCSdpType;
  readonly sdp: string;

  constructor(init: { type: RTCSdpType; sdp?: string }) {
    this.type = init.type;
    this.sdp = init.sdp ?? '';
  }

  toJSON(): { type: RTCSdpType; sdp: string } {
    return { type: this.type, sdp: this.sdp };
  }
}

/** The same object as long as the engine says the same: pages compare descriptions by identity. */
export function describe(before: NativeSessionDescription | null, now: Description | null): NativeSessionDescription | null {
  if (now === null) return null;
  if (before !== null && before.type === now.type && before.sdp === now.sdp) return before;
  return new NativeSessionDescription(now);
}

/** Whether a description says that its side takes candidates one by one (RFC 8840 §4.1.1). */
export function canTrickle(sdp: string): boolean {
  return /^a=ice-options:(.*\s)?trickle(\s|$)/m.test(sdp);
}

/**
 * What `setLocalDescription` was given, as the engine takes it; null for what the signaling state asks for.
 * @throws DOMException if the state asks for something else
 */
export function localDescription(init: RTCLocalSessionDescriptionInit | undefined, state: RTCSignalingState): Description | null {
  const type = init?.type;
  if (type === undefined) return null;
  if (type === 'rollback') return { type, sdp: '' };
  if (init?.sdp) return { type: wireType(type), sdp: init.sdp };
  if (type === (state === 'have-remote-offer' ? 'answer' : 'offer')) return null;
  throw new DOMException(`no ${type} in ${state}`, 'InvalidStateError');
}

/** What `setRemoteDescription` was given, as the engine takes it. @throws DOMException for provisional answers */
export function remoteDescription(init: RTCSessionDescriptionInit): Description {
  return { type: wireType(init.type), sdp: init.type === 'rollback' ? '' : (init.sdp ?? '') };
}

function wireType(type: RTCSdpType): Description['type'] {
  if (type === 'pranswer') throw new DOMException('provisional answers are not supported', 'NotSupportedError');
  return type;
}
