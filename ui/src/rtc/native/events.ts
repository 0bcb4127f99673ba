import type { NativeDataChannel } from './data-channel.ts';
import type { NativeIceCandidate } from './ice-candidate.ts';
import type { NativeReceiver } from './receiver.ts';
import type { NativeTransceiver } from './transceiver.ts';

/** The events of a connection that carry something (W3C webrtc §4.8, §5.7, §6.4). */

export interface TrackEventInit extends EventInit {
  receiver: NativeReceiver;
  track: MediaStreamTrack;
  streams?: readonly MediaStream[];
  transceiver: NativeTransceiver;
}

export class NativeTrackEvent extends Event {
  readonly receiver: NativeReceiver;
  readonly track: MediaStreamTrack;
  readonly streams: readonly MediaStream[];
  readonly transceiver: NativeTransceiver;

  constructor(type: string, init: TrackEventInit) {
    super(type, init);
    this.receiver = init.receiver;
    this.track = init.track;
    this.streams = Object.freeze([...(init.streams ?? [])]);
    this.transceiver = init.transceiver;
  }
}

export class NativeIceEvent extends Event {
  /** Null after the last one. */
  readonly candidate: NativeIceCandidate | null;

  constructor(type: string, init: EventInit & { candidate?: NativeIceCandidate | null } = {}) {
    super(type, init);
    this.candidate = init.candidate ?? null;
  }
}

export class NativeDataChannelEvent extends Event {
  readonly channel: NativeDataChannel;

  constructor(type: string, init: EventInit & { channel: NativeDataChannel }) {
    super(type, init);
    this.channel = init.channel;
  }
}
