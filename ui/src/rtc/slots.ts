import { orderCodecs, type CodecNeeds } from './codecs.ts';
import { tune, wishOf, type Wish } from './send/apply.ts';
import { CAMERA_BITRATE, CameraSender } from './send/camera-sender.ts';
import type { Sent } from './send/plan.ts';
import type { SharedCamera } from './send/shared/shared-camera.ts';
import { guessSources, kindOf, SOURCES, type Source, type SourceMap } from './source.ts';

/**
 * The transceivers of one connection, one for each source and both directions. A slot is made once and then reused:
 * a source goes on and off by replaceTrack(), so that nothing has to be negotiated and the sections never grow in
 * number. After glare both sides may have made a transceiver for the same source; the one in the accepted description wins.
 */

export type Outgoing = Readonly<Record<Source, MediaStreamTrack | null>>;

/** Most that one source may take, in bit/s. A LAN has room; the encoder has not. */
const MAX_BITRATE: Record<Source, number> = {
  // Opus is transparent for speech far below.
  microphone: 64_000,
  camera: CAMERA_BITRATE,
  // Text at full resolution comes in bursts.
  screen: 4_000_000,
  'screen-audio': 128_000,
};

/** A voice is still understood well (RFC 7587 §3.1.1: 16 to 20 kbit/s for wideband, 28 to 40 for fullband). */
const SPARED_VOICE = 24_000;

/** A section that was refused so often for a source will be again. */
const MAX_REFUSALS = 2;

export interface SlotsOptions {
  /** The encoder for all links; null where each has its own. */
  shared: SharedCamera | null;
  /** For logs. */
  peerId: () => string;
  /** Links that we have, this one among them. */
  links: () => number;
  /** What the hardware encodes, see codec-costs.ts. */
  efficient: () => ReadonlySet<string>;
}

export class Slots {
  readonly #connection: RTCPeerConnection;
  readonly #transceivers = new Map<Source, RTCRtpTransceiver>();
  /** Everything of one person that belongs in time together is one stream, or lips and voice come apart. */
  readonly #person = new MediaStream();
  readonly #screen = new MediaStream();
  readonly #tuned = new WeakSet<RTCRtpSender>();
  /** How often the other side refused a section of a source. */
  readonly #refused = new Map<Source, number>();
  readonly #shared: SharedCamera | null;
  readonly #peerId: () => string;
  /** Who sends the camera, by the sender. Those of transceivers that lost go with the connection. */
  readonly #cameras = new Map<RTCRtpSender, CameraSender>();
  /** What the other side is to get of the camera; null while nobody decides. */
  #cameraSent: Sent | null = null;
  readonly #needs: (source: Source) => CodecNeeds;
  #silent = false;
  #soundSpared = false;
  #outgoing: Outgoing;

  constructor(connection: RTCPeerConnection, outgoing: Outgoing, { shared, peerId, links, efficient }: SlotsOptions) {
    this.#connection = connection;
    this.#outgoing = outgoing;
    this.#shared = shared;
    this.#peerId = peerId;
    this.#needs = (source) => ({ source, shared: shared?.usable === true, links: links(), efficient: efficient() });
  }

  /** A microphone that is muted stays open; nothing of it is sent. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#tuneVoice();
  }

  /** The way carries little: the voice takes as little as a voice can. */
  setSoundSpared(spared: boolean): void {
    if (this.#soundSpared === spared) return;
    this.#soundSpared = spared;
    this.#tuneVoice();
  }

  /** Who sends the camera; null before there is a slot for it. */
  get camera(): CameraSender | null {
    const transceiver = this.#transceivers.get('camera');
    return transceiver === undefined ? null : (this.#cameras.get(transceiver.sender) ?? null);
  }

  /** What the other side is to get of the camera. */
  setCameraSent(sent: Sent): void {
    this.#cameraSent = sent;
    this.camera?.setSent(sent);
  }

  /** The connection is closed. */
  close(): void {
    for (const camera of this.#cameras.values()) camera.close();
    this.#cameras.clear();
  }

  /** Sends these tracks from now on. True if that has to be negotiated. */
  setOutgoing(outgoing: Outgoing): boolean {
    this.#outgoing = outgoing;
    this.#dropRefused();
    for (const [source, transceiver] of this.#transceivers) this.#send(source, transceiver);
    return this.#missing().length > 0;
  }

  /** Makes the slots that the next offer needs. */
  prepareOffer(): void {
    this.#dropRefused();
    for (const source of this.#missing()) {
      const transceiver = this.#connection.addTransceiver(this.#first(source) ?? kindOf(source), {
        direction: 'sendrecv',
        streams: [this.#streamOf(source)],
      });
      this.#transceivers.set(source, transceiver);
      prefer(transceiver, this.#needs(source));
      if (source !== 'camera') continue;
      this.#adoptCamera(transceiver);
      this.#send(source, transceiver);
    }
  }

  /** After a remote offer was set and before it is answered: its sections become the slots. What they send, an answer need not wait for. */
  async adopt(told: SourceMap): Promise<{ sending: Promise<unknown> }> {
    this.#dropRefused();
    const negotiated = this.#connection.getTransceivers().filter(({ mid }) => mid !== null);
    const known = new Map(told);
    // What we named ourselves stays as it was, whatever the other side says.
    for (const [source, { mid }] of this.#transceivers) {
      if (mid === null) continue;
      for (const [otherMid, other] of known) if (other === source && otherMid !== mid) known.delete(otherMid);
      known.set(mid, source);
    }
    const sections = negotiated.map(({ mid, receiver }) => ({ mid: mid ?? '', kind: receiver.track.kind }));
    const sources = guessSources(sections, known);
    const sending: Promise<void>[] = [];
    // Before anything is waited for: the senders were made in this very task.
    for (const transceiver of negotiated) {
      if (sources.get(transceiver.mid ?? '') === 'camera' && transceiver.receiver.track.kind === 'video') this.#adoptCamera(transceiver);
    }
    for (const transceiver of negotiated) {
      const source = sources.get(transceiver.mid ?? '');
      if (source === undefined || kindOf(source) !== transceiver.receiver.track.kind) continue;
      const own = this.#transceivers.get(source);
      if (own === transceiver) continue;
      if (own?.mid != null) continue;
      this.#transceivers.set(source, transceiver);
      if (own) await release(own);
      transceiver.direction = 'sendrecv';
      // Missing in some webviews; then the receiver plays the tracks unsynchronised.
      if ('setStreams' in transceiver.sender) transceiver.sender.setStreams(this.#streamOf(source));
      sending.push(this.#replace(source, transceiver));
    }
    return { sending: Promise.all(sending) };
  }

  /** After each negotiation: rates, and what they give way to. */
  tune(): void {
    for (const [source, { sender, currentDirection }] of this.#transceivers) {
      if (currentDirection !== null) this.#cameras.get(sender)?.negotiated();
      if (source === 'camera' || this.#tuned.has(sender) || currentDirection === null) continue;
      this.#tuned.add(sender);
      if (kindOf(source) === 'video') {
        // Text may stutter but has to be read.
        void tune(sender, wishOf(sender) ?? { active: true, scale: 1, framesPerSecond: null, bitrate: MAX_BITRATE[source], degradation: 'maintain-resolution' });
        continue;
      }
      void tune(sender, this.#soundWish(source));
    }
  }

  sender(source: Source): RTCRtpSender | null {
    return this.#transceivers.get(source)?.sender ?? null;
  }

  /** What has to be told with a description. */
  sources(): SourceMap {
    const map = new Map<string, Source>();
    for (const [source, { mid }] of this.#transceivers) if (mid !== null) map.set(mid, source);
    return map;
  }

  /**
   * Whether an offer of ours has to follow: a slot is missing, or was never negotiated, or the other side's offer did
   * not leave us the direction that we need.
   */
  unfinished(): boolean {
    if (this.#missing().length > 0) return true;
    return [...this.#transceivers].some(([source, { mid, currentDirection }]) => {
      if (mid === null) return true;
      return this.#outgoing[source] !== null && (currentDirection === 'recvonly' || currentDirection === 'inactive');
    });
  }

  /** The tracks that come in, as far as they are negotiated. */
  incoming(): Partial<Record<Source, MediaStreamTrack>> {
    const tracks: Partial<Record<Source, MediaStreamTrack>> = {};
    for (const [source, { currentDirection, receiver }] of this.#transceivers) {
      if (currentDirection === 'sendrecv' || currentDirection === 'recvonly') tracks[source] = receiver.track;
    }
    return tracks;
  }

  /** What receives a source, as far as it is negotiated. */
  receiver(source: Source): RTCRtpReceiver | null {
    const slot = this.#transceivers.get(source);
    return slot?.currentDirection === 'sendrecv' || slot?.currentDirection === 'recvonly' ? slot.receiver : null;
  }

  /** A refused section is stopped for good. Its source gets another one, but not for ever. */
  #dropRefused(): void {
    for (const [source, { currentDirection }] of this.#transceivers) {
      if (currentDirection !== 'stopped') continue;
      this.#transceivers.delete(source);
      this.#refused.set(source, (this.#refused.get(source) ?? 0) + 1);
    }
  }

  /** Camera and microphone are there from the first offer on, even when off; the screen from its first use. */
  #missing(): Source[] {
    return SOURCES.filter((source) => {
      const always = source === 'microphone' || source === 'camera';
      if ((this.#refused.get(source) ?? 0) >= MAX_REFUSALS) return false;
      return (always || this.#outgoing[source] !== null) && !this.#transceivers.has(source);
    });
  }

  #tuneVoice(): void {
    const sender = this.sender('microphone');
    // Before it is negotiated there is nothing to tune.
    if (sender !== null && this.#tuned.has(sender)) void tune(sender, this.#soundWish('microphone'));
  }

  #soundWish(source: Source): Wish {
    const voice = source === 'microphone';
    return { active: !(this.#silent && voice), scale: 1, framesPerSecond: null, bitrate: voice && this.#soundSpared ? SPARED_VOICE : MAX_BITRATE[source], degradation: null };
  }

  #streamOf(source: Source): MediaStream {
    return source === 'microphone' || source === 'camera' ? this.#person : this.#screen;
  }

  #send(source: Source, transceiver: RTCRtpTransceiver): void {
    this.#replace(source, transceiver).catch(() => {
      // Only a closed connection refuses a track of the same kind.
    });
  }

  /** What a sender is made with. */
  #first(source: Source): MediaStreamTrack | null {
    const track = this.#outgoing[source];
    return source === 'camera' && track !== null && this.#shared?.usable === true ? this.#shared.carrier('large', this.#shared.feeding) : track;
  }

  /** In the task in which the sender was made. */
  #adoptCamera({ sender }: RTCRtpTransceiver): void {
    if (this.#cameras.has(sender)) return;
    const camera = new CameraSender(sender, this.#shared, this.#outgoing.camera, this.#peerId());
    if (this.#cameraSent !== null) camera.setSent(this.#cameraSent);
    this.#cameras.set(sender, camera);
  }

  async #replace(source: Source, { sender }: RTCRtpTransceiver): Promise<void> {
    const track = this.#outgoing[source];
    if (source === 'camera') {
      await this.#cameras.get(sender)?.setCamera(track);
      return;
    }
    if (sender.track !== track) await sender.replaceTrack(track);
  }
}

/** Whoever answers goes by the order of the offer. */
function prefer(transceiver: RTCRtpTransceiver, needs: CodecNeeds): void {
  // Missing where WebRTC is our own engine, which has one codec of each kind.
  if (!('setCodecPreferences' in transceiver)) return;
  try {
    const codecs = RTCRtpReceiver.getCapabilities(kindOf(needs.source))?.codecs ?? [];
    transceiver.setCodecPreferences(orderCodecs(codecs, needs));
  } catch {
    // An engine that lists what it does not accept keeps its own order.
  }
}

/** A transceiver that lost to another one and was never negotiated. */
async function release(transceiver: RTCRtpTransceiver): Promise<void> {
  await transceiver.sender.replaceTrack(null);
  transceiver.stop();
}
