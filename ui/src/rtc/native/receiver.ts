import { capabilities } from './capabilities.ts';
import type { TransceiverCore } from './transceiver-core.ts';

/** Milliseconds (W3C webrtc §5.3). */
const LONGEST_BUFFER_MS = 4_000;

/** RTCRtpReceiver (W3C webrtc §5.3). */
export class NativeReceiver {
  /** The transport is not shown. */
  readonly transport = null;
  readonly #core: TransceiverCore;
  #jitterBufferTarget: number | null = null;

  constructor(core: TransceiverCore) {
    this.#core = core;
  }

  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    return capabilities(kind);
  }

  get track(): MediaStreamTrack {
    return this.#core.remote.track;
  }

  /** A wish, in milliseconds. The buffer here is as small as the network lets it be, whatever is wished. */
  get jitterBufferTarget(): number | null {
    return this.#jitterBufferTarget;
  }

  set jitterBufferTarget(target: number | null) {
    if (target !== null && !(target >= 0 && target <= LONGEST_BUFFER_MS)) throw new RangeError('0 to 4000 milliseconds');
    this.#jitterBufferTarget = target;
  }

  getParameters(): RTCRtpReceiveParameters {
    const codecs = capabilities(this.#core.kind)?.codecs ?? [];
    return { codecs: codecs.map((codec, payloadType) => ({ ...codec, payloadType })), headerExtensions: [], rtcp: {} };
  }

  /** Not told by the engine: nobody mixes in a mesh. */
  getContributingSources(): RTCRtpContributingSource[] {
    return [];
  }

  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    return [];
  }

  getStats(): Promise<ReadonlyMap<string, object>> {
    const { host, mid } = this.#core;
    return host.getStats({ is: 'receiver', mid });
  }
}
