import { logFor } from '../../shared/log.ts';
import { tune, wishFor } from './apply.ts';
import { OwnTrack } from './own-track.ts';
import type { RenditionId, Sent } from './plan.ts';
import type { Feeding } from './shared/fan-out.ts';
import type { Counts } from './shared/messages.ts';
import type { Share, SharedCamera } from './shared/shared-camera.ts';
import { CopyWatch, Watchdog } from './shared/watchdog.ts';

/**
 * Sends the camera over one link, as it is told: nothing, the shared encoder's frames, or those of an encoder of its own. Where
 * the shared one cannot serve (another codec than VP8, a transform that is not fed, no such thing in this browser) it is its own.
 */

/** 1280×720@30 in VP8. A LAN has room; the encoder has not. */
export const CAMERA_BITRATE = 2_000_000;
/** Until somebody decides, which is before the first frame is sent. */
const UNDECIDED: Sent = { is: 'own', height: 720, framesPerSecond: 30, bitrate: CAMERA_BITRATE };

const log = logFor('link');

/** What the sender does now. */
type Way = { is: 'nothing' } | { is: 'shared'; rendition: RenditionId } | Extract<Sent, { is: 'own' }>;

export class CameraSender {
  readonly #sender: RTCRtpSender;
  readonly #shared: SharedCamera | null;
  readonly #peerId: string;
  #share: Share | null = null;
  /** The shared encoder can serve this link, as far as is known. */
  #served = false;
  #camera: MediaStreamTrack | null;
  /** By the allocator. */
  #sent: Sent = UNDECIDED;
  /** The rendition whose carriers are sent. */
  #carrying: RenditionId | null = null;
  #feeding: Feeding = 'carriers';
  readonly #watchdog = new Watchdog();
  readonly #copyWatch = new CopyWatch();
  readonly #own = new OwnTrack();
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
    this.#feeding = shared.feeding;
    this.#share = shared.attach(sender, {
      onrefused: () => {
        this.#feedByCarriers('copies do not fit');
      },
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

  /** The shared encoder can serve it, as far as is known. */
  get served(): boolean {
    return this.#served && this.#shared?.reached === true;
  }

  get share(): number | null {
    return this.#share?.id ?? null;
  }

  setCamera(camera: MediaStreamTrack | null): Promise<void> {
    this.#camera = camera;
    if (camera === null) this.#own.for(null);
    return this.#apply();
  }

  /** What the other side is to get. */
  setSent(sent: Sent): void {
    this.#sent = sent;
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
   * Once a second, whether its transform is fed, and copies are sent.
   * @param sent frames and packets, as the browser says
   * @param counts read after that
   */
  observe(sent: { readonly frames: number; readonly packets: number }, counts: Counts): void {
    const share = this.#share;
    if (share === null || !this.#served || this.#way().is === 'nothing') return;
    const { seen = 0, replaced = 0 } = counts.links.get(share.id) ?? {};
    if (this.#watchdog.withheld(sent.frames, seen)) {
      log.warn(`${this.#peerId}: an encoder of its own, as its transform is not fed`);
      this.#giveUp();
    } else if (this.#feeding === 'copies' && this.#copyWatch.swallows(replaced, sent.packets)) this.#feedByCarriers('copies are not sent');
  }

  close(): void {
    this.#closed = true;
    this.#own.for(null);
    this.#share?.leave();
    this.#share = null;
  }

  /** For the life of this connection. */
  #feedByCarriers(why: string): void {
    if (this.#feeding === 'carriers') return;
    log.info(`${this.#peerId}: fed by carriers, as ${why}`);
    this.#feeding = 'carriers';
    void this.#apply();
  }

  /** For the life of this connection. */
  #giveUp(): void {
    this.#served = false;
    void this.#apply();
  }

  #way(): Way {
    const sent = this.#sent;
    if (this.#camera === null || sent.is === 'nothing') return { is: 'nothing' };
    return sent.is === 'shared' && !this.served ? UNDECIDED : sent;
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
        share?.assign({ to: 'fed', rendition: way.rendition, by: this.#feeding });
        this.#carrying ??= way.rendition;
    }
    this.#chain = this.#chain.then(() => this.#act());
    return this.#chain;
  }

  /** Makes the sender do what was decided last. */
  async #act(): Promise<void> {
    if (this.#closed) return;
    const way = this.#way();
    const own = this.#own.for(way.is === 'own' ? this.#camera : null);
    const track = way.is === 'nothing' ? null : way.is === 'own' ? own : (this.#shared?.carrier(this.#carrying ?? way.rendition, this.#feeding) ?? null);
    try {
      if (this.#sender.track !== track) await this.#sender.replaceTrack(track);
      if (this.#negotiated) await this.#tune(way);
    } catch {
      // Only a closed connection refuses a track of the same kind.
    }
  }

  /** Rates, and what they give way to: a face may blur but has to move. */
  #tune(way: Way): Promise<void> {
    const source = this.#camera?.getSettings();
    const facts = { height: source?.height ?? 0, framesPerSecond: source?.frameRate ?? 30 };
    // Carriers are as small as can be and must not be left out; what they become may take what a link of its own would.
    const wish = way.is === 'own' ? wishFor(way, facts, 'maintain-framerate') : { ...wishFor(UNDECIDED, facts, 'maintain-framerate'), scale: 1, framesPerSecond: null };
    return tune(this.#sender, { ...wish, active: way.is !== 'nothing' || this.#camera === null });
  }
}
