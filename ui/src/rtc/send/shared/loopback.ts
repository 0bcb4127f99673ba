import { logFor } from '../../../shared/log.ts';
import { OwnTrack } from '../own-track.ts';
import type { RenditionId } from '../plan.ts';
import type { Role } from './messages.ts';
import { withRate } from './rates.ts';

/**
 * The page's link to itself, which is there for its encoders: one sender for each rendition. A transform takes their frames, and
 * nothing goes over the link. connecting → connected → lost; `close()` is final.
 */

/** What one encoder is to make; null: nothing. */
export interface Wish {
  readonly scaleDownBy: number;
  readonly framesPerSecond: number;
  /** bit/s. */
  readonly bitrate: number;
}

export interface LoopbackOptions {
  readonly worker: Worker;
  readonly onstate: (state: 'connected' | 'lost') => void;
}

/** In Chromium (webrtc-extensions); not in TypeScript's library yet. */
interface AsksForKeyFrames {
  setParameters(parameters: RTCRtpSendParameters, options: { encodingOptions: { keyFrame: boolean }[] }): Promise<void>;
}

/** Of one computer to itself some 100 ms, where it has nothing else to do. */
const CONNECT_MS = 15_000;
/** kbit/s that the encoders may have together, whatever the estimate: what really goes over this link is 10. */
const RATE = 8_000;

const log = logFor('encoder');

export class Loopback {
  readonly #options: LoopbackOptions;
  // Neither goes anywhere but here. The policy tells these two from links to people.
  readonly #near = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
  readonly #far = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
  readonly #senders: Record<RenditionId, RTCRtpSender>;
  readonly #tracks: Record<RenditionId, OwnTrack> = { large: new OwnTrack(), small: new OwnTrack() };
  #chain: Promise<void>;
  #timer: ReturnType<typeof setTimeout>;
  #closed = false;
  /** Newer than TypeScript's library, and than some browsers. */
  #degradation = 'maintain-framerate-and-resolution' as RTCDegradationPreference;

  constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#senders = { large: this.#encoder('large'), small: this.#encoder('small') };
    this.#near.onicecandidate = ({ candidate }) => void this.#far.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    this.#far.onicecandidate = ({ candidate }) => void this.#near.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    this.#near.onconnectionstatechange = () => {
      const { connectionState } = this.#near;
      if (connectionState === 'connected') {
        clearTimeout(this.#timer);
        options.onstate('connected');
      } else if (connectionState === 'failed') this.#lose();
    };
    this.#timer = setTimeout(() => {
      this.#lose();
    }, CONNECT_MS);
    this.#chain = this.#connect().catch((error: unknown) => {
      log.warn(`no link to itself (${error instanceof Error ? error.name : 'unknown'})`);
      this.#lose();
    });
  }

  /** Its size may change: wishes are to be said anew. */
  setTrack(track: MediaStreamTrack | null): void {
    for (const rendition of ['large', 'small'] as const) {
      const own = this.#tracks[rendition].for(track);
      this.#then(() => this.#senders[rendition].replaceTrack(own));
    }
  }

  wish(rendition: RenditionId, wish: Wish | null): void {
    const sender = this.#senders[rendition];
    this.#then(async () => {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) {
        encoding.active = wish !== null;
        if (wish === null) continue;
        encoding.scaleResolutionDownBy = wish.scaleDownBy;
        encoding.maxFramerate = wish.framesPerSecond;
        encoding.maxBitrate = wish.bitrate;
      }
      // What everybody gets is not for the browser to make smaller: the governor does where that helps (`room/viewing`).
      parameters.degradationPreference = this.#degradation;
      try {
        await sender.setParameters(parameters);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        // A face may blur but has to move.
        this.#degradation = 'maintain-framerate';
        await sender.setParameters({ ...parameters, degradationPreference: this.#degradation });
      }
    });
  }

  askForKeyFrame(rendition: RenditionId): void {
    const sender = this.#senders[rendition];
    this.#then(async () => {
      const parameters = sender.getParameters();
      const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
      await (sender as AsksForKeyFrames).setParameters(parameters, { encodingOptions });
    });
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#near.getStats();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const sender of Object.values(this.#senders)) letGo(sender);
    for (const track of Object.values(this.#tracks)) track.for(null);
    for (const connection of [this.#near, this.#far]) {
      connection.onicecandidate = null;
      connection.onconnectionstatechange = null;
      connection.close();
    }
  }

  #encoder(rendition: RenditionId): RTCRtpSender {
    const transceiver = this.#near.addTransceiver('video', { direction: 'sendonly', sendEncodings: [{ active: false }] });
    // Not a task later: by then Chromium has decided that there is none.
    transceiver.sender.transform = new RTCRtpScriptTransform(this.#options.worker, { role: 'encoder', rendition } satisfies Role);
    const codecs = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
    transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /^video\/(vp8|rtx)$/i.test(mimeType)));
    return transceiver.sender;
  }

  async #connect(): Promise<void> {
    await this.#near.setLocalDescription();
    await this.#far.setRemoteDescription(description(this.#near));
    await this.#far.setLocalDescription();
    const { type, sdp = '' } = description(this.#far);
    await this.#near.setRemoteDescription({ type, sdp: withRate(sdp, { startKbps: RATE, leastKbps: RATE }) });
  }

  #then(operation: () => Promise<void>): void {
    this.#chain = this.#chain.then(async () => {
      if (this.#closed) return;
      try {
        await operation();
      } catch (error) {
        if (!this.#closed) log.debug(`a wish was refused (${error instanceof Error ? error.name : 'unknown'})`);
      }
    });
  }

  #lose(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onstate('lost');
  }
}

/** A transform's streams hold its sender, and with it the connection. */
export function letGo(sender: RTCRtpSender): void {
  try {
    sender.transform = null;
  } catch {
    // Stopped already.
  }
}

function description({ localDescription }: RTCPeerConnection): RTCSessionDescription {
  if (localDescription === null) throw new Error('unreachable: it was set');
  return localDescription;
}
