import type { LinkState } from '../room/model.ts';
import { logFor } from '../shared/log.ts';
import { browserTimer } from '../shared/timer.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { judge } from './generation.ts';
import type { Line } from './line/line.ts';
import { linkState } from './link-state.ts';
import { Loudness } from './loudness.ts';
import { repair } from './repair.ts';
import type { Description, LinkSignal } from './signals.ts';
import type { CameraSender } from './send/camera-sender.ts';
import type { Sent } from './send/plan.ts';
import type { Outgoing } from './slots.ts';
import type { Source } from './source.ts';

/**
 * Our link to one participant: a connection (the only RTCPeerConnection there is for it), and the next one when that
 * is beyond mending. Its state outlives connections; `close()` ends it and leaves nothing behind.
 */

export interface PeerLinkOptions extends Omit<ConnectionOptions, 'ondoubt' | 'onbroken'> {
  /** Whether the other side vouches for the certificate in this description of its own. */
  vouches: (sdp: string) => Promise<boolean>;
  /** Made before it was known that the other side comes; only for a link of which we offer. */
  ahead: Connection | null;
}

/** Time for an answer before the offer is made again, while the room can be reached. */
const ANSWER_MS = 6_000;
/** How long whoever does not offer first waits for an offer before making one. */
const OFFER_WAIT_MS = { impolite: 3_000, polite: 6_000 } as const;

/** Signals that wait while a description is looked at: more than a link ever sends at once. */
const WAITING_SIGNALS = 256;

/** ICE on one network takes some 30 ms. */
const DOUBT_MS = 800;

const log = logFor('link');

export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #loudness = new Loudness();
  #outgoing: Outgoing;
  #cameraSent: Sent | null = null;
  #silent = false;
  #connection: Connection;
  #everConnected = false;
  #wasConnected = false;
  #restarted = false;
  /** This computer's addresses changed while the other side could not be told. */
  #pathInDoubt = false;
  #rebuilds = 0;
  #troubleSince = performance.now();
  /** Nothing is mended while the other side or the room cannot be reached: no message would arrive. */
  #reachable = true;
  #closed = false;
  /** The last description did not fit who it said it was from. Nothing was done with it. */
  #refused = false;
  /** Signals in their order, while a description is looked at. */
  #inbox: Promise<void> = Promise.resolve();
  #waiting = 0;
  #stopRepair: () => void = () => undefined;
  #stopAnswer: () => void = () => undefined;
  #stopOfferWait: () => void = () => undefined;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#outgoing = options.outgoing;
    this.#connection = this.#connect(options.ahead);
    this.#scheduleRepair();
  }

  get state(): LinkState {
    return linkState({
      connection: this.#connection.peer.connectionState,
      everConnected: this.#everConnected,
      rebuilds: this.#rebuilds,
    });
  }

  /** Media can flow. */
  get live(): boolean {
    return this.#connection.peer.connectionState === 'connected';
  }

  /** Changes when the connection is made anew. */
  get connectionId(): string {
    return this.#connection.id;
  }

  /** By which messages go now without the room; null while there is no way. */
  get line(): Line | null {
    const { line } = this.#connection;
    return this.live && line?.ready === true ? line : null;
  }

  incoming(): Partial<Record<Source, MediaStreamTrack>> {
    return this.#connection.slots.incoming();
  }

  /** Amplitude of the other side's voice, 0 to 1, as its packets tell; null if they do not. */
  loudness(): number | null {
    return this.#loudness.read(this.#connection.slots.receiver('microphone'));
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.peer.getStats();
  }

  /** Which section carries which source, to tell statistics apart. */
  sources(): ReadonlyMap<string, Source> {
    return this.#connection.slots.sources();
  }

  /** By which a source goes out; null as long as it never did. */
  sender(source: Source): RTCRtpSender | null {
    return this.#connection.slots.sender(source);
  }

  setOutgoing(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    this.#connection.setOutgoing(outgoing);
    this.#watchAnswer();
  }

  /** Who sends the camera; null before there is a slot for it. */
  get camera(): CameraSender | null {
    return this.#connection.slots.camera;
  }

  /** Whether the microphone is muted: nothing of it is sent then. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#connection.slots.setSilent(silent);
  }

  /** Whether the voice is to take as little as a voice can. Another connection is another way. */
  setSoundSpared(spared: boolean): void {
    this.#connection.slots.setSoundSpared(spared);
  }

  /** The encoder for all links can serve it, as far as is known. */
  get shares(): boolean {
    return this.camera?.served ?? this.#options.shared?.usable === true;
  }

  /** What the other side is to get of the camera. */
  setCameraSent(sent: Sent): void {
    this.#cameraSent = sent;
    this.#connection.slots.setCameraSent(sent);
  }

  /** We speak first. */
  offer(): void {
    this.#stopOfferWait();
    this.#connection.offer();
    this.#watchAnswer();
  }

  /** The other side speaks first, but not for ever. */
  awaitOffer(): void {
    this.#stopOfferWait();
    this.#stopOfferWait = browserTimer(
      () => {
        if (this.#connection.other === null && this.#reachable) this.offer();
      },
      this.#options.polite ? OFFER_WAIT_MS.polite : OFFER_WAIT_MS.impolite,
    );
  }

  /** What came under the other side's name did not fit its key, so it was dropped. */
  get refused(): boolean {
    return this.#refused && !this.live;
  }

  /** Takes signals in their order; a description only if its sender vouches for the certificate in it. */
  receive(signal: Exclude<LinkSignal, { kind: 'hangup' }>): void {
    if (this.#closed || this.#waiting >= WAITING_SIGNALS) return;
    this.#waiting += 1;
    this.#inbox = this.#inbox.then(async () => {
      try {
        if (signal.kind === 'candidate') {
          if (signal.candidate !== null && !this.#closed) this.#connection.addCandidate(signal.candidate);
          return;
        }
        const { description } = signal;
        const good = await this.#options.vouches(description.sdp);
        if (this.#closed) return;
        this.#setRefused(!good);
        if (good) this.#take(description);
        else log.warn(`${this.#options.peerId}: ${description.type} with a certificate that is not vouched for`);
      } finally {
        this.#waiting -= 1;
      }
    });
  }

  #setRefused(refused: boolean): void {
    if (this.#refused === refused) return;
    this.#refused = refused;
    this.#options.onchange();
  }

  #take(description: Description): void {
    const verdict = judge({ own: this.#connection.id, other: this.#connection.other }, description, this.live);
    if (verdict === 'drop') {
      log.debug(`${this.#options.peerId}: a late ${description.type} was dropped`);
      return;
    }
    if (verdict === 'renew') this.#renew();
    if (description.type === 'offer') this.#stopOfferWait();
    this.#connection.take(description);
    this.#watchAnswer();
  }

  /** Whether messages reach the other side now. Mending starts anew when they do again. */
  setReachable(reachable: boolean): void {
    if (this.#reachable === reachable) return;
    this.#reachable = reachable;
    if (!reachable) {
      this.#stopRepair();
      this.#stopAnswer();
      return;
    }
    this.#troubleSince = performance.now();
    this.#restarted = false;
    if (this.#pathInDoubt) this.renewPath();
    this.#scheduleRepair();
    if (!this.live && this.#connection.other === null) this.awaitOffer();
    this.#watchAnswer();
  }

  /** Messages may have been lost: what waits for an answer is said again. */
  resend(): void {
    this.#connection.resend();
    this.#watchAnswer();
  }

  /** New addresses may be known now: worth a restart unless the link works. */
  restartUnlessLive(): void {
    if (this.live || this.#connection.other === null) return;
    this.#connection.restartIce();
    this.#watchAnswer();
  }

  /** The way to the other side may be gone, though nothing says so yet. Sought anew as soon as messages reach the other side. */
  renewPath(): void {
    if (this.#closed || this.#connection.other === null) return;
    if (!this.#reachable) {
      this.#pathInDoubt = true;
      return;
    }
    this.#pathInDoubt = false;
    log.info(`${this.#options.peerId}: looking for another way`);
    this.#connection.restartIce();
    this.#watchAnswer();
  }

  /** A new connection, offered by us. */
  rebuild(): void {
    if (this.#closed) return;
    this.#rebuilds += 1;
    log.info(`${this.#options.peerId}: new connection`);
    this.#renew();
    this.offer();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopRepair();
    this.#stopAnswer();
    this.#stopOfferWait();
    this.#connection.close();
  }

  #connect(ahead: Connection | null = null): Connection {
    const { peerId, polite, iceServers, certificates, addresses, links, efficient, send, shared } = this.#options;
    const own: ConnectionOptions = {
      peerId,
      polite,
      certificates,
      iceServers,
      outgoing: this.#outgoing,
      shared,
      addresses,
      links,
      efficient,
      send,
      onchange: () => {
        if (connection === this.#connection && !this.#closed) this.#changed();
      },
      ondoubt: () => {
        if (connection === this.#connection && !this.live) this.#doubt();
      },
      onheard: (heard) => {
        if (connection === this.#connection) this.#options.onheard(heard);
      },
      onbroken: () => {
        if (connection === this.#connection) this.#broken();
      },
    };
    const connection: Connection = ahead ?? new Connection(own);
    if (ahead !== null) ahead.address(own);
    if (this.#cameraSent !== null) connection.slots.setCameraSent(this.#cameraSent);
    connection.slots.setSilent(this.#silent);
    return connection;
  }

  #renew(): void {
    this.#connection.close();
    this.#connection = this.#connect();
    this.#wasConnected = false;
    this.#restarted = false;
    this.#troubleSince = performance.now();
    this.#scheduleRepair();
    this.#options.onchange();
  }

  #changed(): void {
    const { connectionState } = this.#connection.peer;
    if (connectionState === 'connected') {
      this.#everConnected = true;
      this.#wasConnected = true;
      this.#restarted = false;
      this.#rebuilds = 0;
      this.#stopRepair();
      this.#stopOfferWait();
      this.#troubleSince = Number.POSITIVE_INFINITY;
    } else if (this.#troubleSince === Number.POSITIVE_INFINITY) {
      this.#troubleSince = performance.now();
      this.#scheduleRepair();
    }
    this.#watchAnswer();
    this.#options.onchange();
  }

  /** An operation failed in a way that leaves no way on: a new connection, after the pause for how often that was. */
  #broken(): void {
    this.#stopRepair();
    this.#stopRepair = browserTimer(
      () => {
        this.rebuild();
      },
      Math.min(1_000 * 2 ** this.#rebuilds, 15_000),
    );
  }

  /** The right answer would have connected by now: a new connection, not in step with others in the same trouble. */
  #doubt(): void {
    this.#stopRepair();
    this.#stopRepair = browserTimer(() => {
      if (!this.live) this.rebuild();
    }, DOUBT_MS * (1 + Math.random()));
  }

  #scheduleRepair(): void {
    this.#stopRepair();
    if (this.#closed || !this.#reachable) return;
    const next = repair({
      polite: this.#options.polite,
      connection: this.#connection.peer.connectionState,
      wasConnected: this.#wasConnected,
      restarted: this.#restarted,
      rebuilds: this.#rebuilds,
      forMs: performance.now() - this.#troubleSince,
    });
    switch (next.is) {
      case 'nothing':
        return;
      case 'wait':
        this.#stopRepair = browserTimer(() => {
          this.#scheduleRepair();
        }, next.ms);
        return;
      case 'restart-ice':
        this.#restarted = true;
        this.#connection.restartIce();
        this.#watchAnswer();
        this.#scheduleRepair();
        return;
      case 'rebuild':
        this.rebuild();
    }
  }

  /** Runs only while an offer of ours is out. */
  #watchAnswer(): void {
    this.#stopAnswer();
    if (this.#closed || !this.#reachable || !this.#connection.negotiating) return;
    this.#stopAnswer = browserTimer(() => {
      this.resend();
    }, ANSWER_MS);
  }
}
