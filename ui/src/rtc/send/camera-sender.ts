import { logFor } from '../../shared/log.ts';
import { CARRIES_LARGE, type Carry } from './carry.ts';
import type { RenditionId, Sent } from './plan.ts';
import type { Counts } from './shared/messages.ts';
import type { Share, SharedCamera } from './shared/shared-camera.ts';
import { Watchdog } from './shared/watchdog.ts';

/**
 * Sends the camera over one link, as it is told: nothing, the shared encoder's frames, or those of an encoder of its own. Where
 * the shared one cannot serve (another codec than VP8, a transform that is not fed, no such thing in this browser) it is its own.
 */

/** What the browser's statistics say. */
export interface CameraReading {
  /** Since the beginning. */
  readonly framesSent: number;
  readonly packetsSent: number;
  /** Of all these packets together, seconds. */
  readonly sendDelaySeconds: number;
}

/** 1280×720@30 in VP8. A LAN has room; the encoder has not. */
export const CAMERA_BITRATE = 2_000_000;
/** For a way that does not even carry the small rendition. */
const LEAST: Sent = { is: 'own', height: 180, framesPerSecond: 10, bitrate: 100_000 };

const log = logFor('link');

/** What the sender does now. */
type Way = { is: 'nothing' } | { is: 'shared'; rendition: RenditionId } | { is: 'own'; sent: Extract<Sent, { is: 'own' }> | null };

export class CameraSender {
  readonly #sender: RTCRtpSender;
  readonly #shared: SharedCamera | null;
  readonly #peerId: string;
  #share: Share | null = null;
  /** The shared encoder can serve this link, as far as is known. */
  #served = false;
  #camera: MediaStreamTrack | null;
  /** By the allocator; null while nobody decides. */
  #told: Sent | null = null;
  #carry: Carry = CARRIES_LARGE;
  /** The rendition whose carriers are sent. */
  #carrying: RenditionId | null = null;
  readonly #watchdog = new Watchdog();
  #before: CameraReading | null = null;
  #tuned = '';
  #negotiated = false;
  #closed = false;
  #chain: Promise<void> = Promise.resolve();

  /** To be made in the task in which the sender was. */
  constructor(sender: RTCRtpSender, shared: SharedCamera | null, camera: MediaStreamTrack | null, peerId: string) {
    this.#sender = sender;
    this.#shared = shared;
    this.#camera = camera;
    this.#peerId = peerId;
    if (shared?.usable !== true) return;
    this.#served = true;
    this.#share = shared.attach(sender, {
      onswitched: (rendition) => {
        if (this.#way().is === 'shared') this.#carrying = rendition;
        void this.#apply();
      },
      onreached: () => {
        void this.#apply();
      },
      onbroken: () => {
        this.#giveUp();
      },
    });
  }

  /** Which frames are sent: for consoles and tests. */
  get way(): Way['is'] {
    return this.#way().is;
  }

  get share(): number | null {
    return this.#share?.id ?? null;
  }

  setCamera(camera: MediaStreamTrack | null): Promise<void> {
    this.#camera = camera;
    return this.#apply();
  }

  /** What the other side is to get. */
  setSent(sent: Sent): void {
    this.#told = sent;
    void this.#apply();
  }

  /** After each negotiation. */
  negotiated(): void {
    this.#negotiated = true;
    const codec = this.#served ? this.#sender.getParameters().codecs[0]?.mimeType : undefined;
    if (codec !== undefined && !/^video\/vp8$/i.test(codec)) {
      log.info(`${this.#peerId}: an encoder of its own, for ${codec}`);
      this.#giveUp();
    } else {
      // Before anything is sent.
      void this.#tune(this.#way());
      void this.#apply();
    }
  }

  /**
   * Once a second. How long a packet waited to be sent since the last time, in milliseconds; null if that says nothing of the way.
   * @param counts read after `reading`
   */
  observe(reading: CameraReading, counts: Counts): number | null {
    const before = this.#before;
    this.#before = reading;
    const share = this.#share;
    if (share === null || !this.#served || this.#way().is === 'nothing') return null;
    if (this.#watchdog.withheld(reading.framesSent, counts.links.get(share.id)?.seen ?? 0)) {
      log.warn(`${this.#peerId}: an encoder of its own, as its transform is not fed`);
      this.#giveUp();
      return null;
    }
    if (before === null || reading.packetsSent <= before.packetsSent) return null;
    return ((reading.sendDelaySeconds - before.sendDelaySeconds) / (reading.packetsSent - before.packetsSent)) * 1_000;
  }

  /** What the way carries, as far as is known. */
  get carry(): Carry {
    return this.#carry;
  }

  set carry(carry: Carry) {
    const changed = carry.level !== this.#carry.level;
    this.#carry = carry;
    if (!changed) return;
    log.info(`${this.#peerId}: the way carries ${carry.level}`);
    void this.#apply();
  }

  close(): void {
    this.#closed = true;
    this.#share?.leave();
    this.#share = null;
  }

  /** For the life of this connection. */
  #giveUp(): void {
    this.#served = false;
    void this.#apply();
  }

  #sent(): Sent {
    if (this.#told !== null) return this.#told;
    return this.#carry.level === 'own' ? LEAST : { is: 'shared', rendition: this.#carry.level };
  }

  #way(): Way {
    const sent = this.#sent();
    if (this.#camera === null || sent.is === 'nothing') return { is: 'nothing' };
    if (sent.is === 'own') return { is: 'own', sent };
    return this.#served && this.#shared?.reached === true ? sent : { is: 'own', sent: null };
  }

  #apply(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const way = this.#way();
    const share = this.#share;
    switch (way.is) {
      case 'nothing':
        if (this.#carrying !== null) share?.assign({ to: 'paused' });
        this.#carrying = null;
        break;
      case 'own':
        share?.assign({ to: 'own' });
        this.#carrying = null;
        break;
      case 'shared':
        share?.assign({ to: 'fed', rendition: way.rendition });
        this.#carrying ??= way.rendition;
    }
    this.#chain = this.#chain.then(() => this.#act());
    return this.#chain;
  }

  /** Makes the sender do what was decided last. */
  async #act(): Promise<void> {
    if (this.#closed) return;
    const way = this.#way();
    const track = way.is === 'nothing' ? null : way.is === 'own' ? this.#camera : (this.#shared?.carrier(this.#carrying ?? way.rendition) ?? null);
    try {
      if (this.#sender.track !== track) await this.#sender.replaceTrack(track);
      if (this.#negotiated) await this.#tune(way);
    } catch {
      // Only a closed connection refuses a track of the same kind.
    }
  }

  /** Rates, and what they give way to. */
  async #tune(way: Way): Promise<void> {
    // Nothing has rates as everything has, for when the camera comes.
    if (way.is === 'nothing' && this.#tuned !== '') return;
    const sent = way.is === 'own' ? way.sent : null;
    const text = JSON.stringify(sent);
    if (this.#tuned === text) return;
    this.#tuned = text;
    const parameters = this.#sender.getParameters();
    for (const encoding of parameters.encodings) {
      encoding.maxBitrate = sent?.bitrate ?? CAMERA_BITRATE;
      if (sent === null) {
        // Carriers are as small as can be and must not be left out.
        delete encoding.maxFramerate;
        delete encoding.scaleResolutionDownBy;
      } else {
        encoding.maxFramerate = sent.framesPerSecond;
        encoding.scaleResolutionDownBy = Math.max(1, (this.#camera?.getSettings().height ?? 0) / sent.height);
      }
    }
    // A face may blur but has to move.
    parameters.degradationPreference = 'maintain-framerate';
    try {
      await this.#sender.setParameters(parameters);
    } catch {
      // An engine that refuses runs with its defaults.
    }
  }
}
