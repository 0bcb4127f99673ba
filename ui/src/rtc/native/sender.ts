import { capabilities } from './capabilities.ts';
import { toEncoding, toParameters } from './encoding.ts';
import type { TransceiverCore } from './transceiver-core.ts';

/** RTCRtpSender (W3C webrtc §5.2), with one encoding. */
export class NativeSender {
  /** The transport is not shown, and the engine sends no tones. */
  readonly transport = null;
  readonly dtmf = null;
  readonly #core: TransceiverCore;
  /** What `setParameters` has to be called with; null after it was. */
  #transaction: string | null = null;
  #degradation: RTCDegradationPreference | undefined;

  constructor(core: TransceiverCore) {
    this.#core = core;
  }

  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    return capabilities(kind);
  }

  get track(): MediaStreamTrack | null {
    return this.#core.track;
  }

  replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    const core = this.#core;
    if (track !== null && track.kind !== core.kind) return Promise.reject(new TypeError(`this sender sends ${core.kind}`));
    return core.host.operations.run(() => {
      if (core.life !== 'live') return Promise.reject(stopped());
      core.setTrack(track);
      return Promise.resolve();
    });
  }

  setStreams(...streams: MediaStream[]): void {
    if (this.#core.host.closed) throw new DOMException('the connection is closed', 'InvalidStateError');
    this.#core.setStreams([...new Set(streams.map(({ id }) => id))]);
  }

  getParameters(): RTCRtpSendParameters {
    this.#transaction ??= crypto.randomUUID();
    const { kind, encoding } = this.#core;
    const codecs = capabilities(kind)?.codecs ?? [];
    return {
      transactionId: this.#transaction,
      encodings: [toParameters(kind, encoding)],
      codecs: codecs.map((codec, payloadType) => ({ ...codec, payloadType })),
      headerExtensions: [],
      rtcp: {},
      ...(this.#degradation === undefined ? {} : { degradationPreference: this.#degradation }),
    };
  }

  /**
   * What may be sent at most. The engine chooses among the sizes of the track the smallest that is enough, and one number of frames
   * for all links that get the same size.
   */
  async setParameters(parameters: RTCRtpSendParameters): Promise<void> {
    if (this.#core.life !== 'live') throw stopped();
    if (this.#transaction === null) throw new DOMException('getParameters() has to be called before', 'InvalidStateError');
    const [encoding, ...others] = parameters.encodings;
    if (parameters.transactionId !== this.#transaction || encoding === undefined || others.length > 0) {
      throw new DOMException('only what getParameters() gave can be changed', 'InvalidModificationError');
    }
    const wanted = toEncoding(this.#core.kind, encoding);
    this.#transaction = null;
    this.#degradation = parameters.degradationPreference;
    this.#core.setEncoding(wanted);
    return Promise.resolve();
  }

  getStats(): Promise<ReadonlyMap<string, object>> {
    const { host, mid } = this.#core;
    return host.getStats({ is: 'sender', mid });
  }
}

function stopped(): DOMException {
  return new DOMException('the transceiver is stopped', 'InvalidStateError');
}
