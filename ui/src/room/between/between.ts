import type { Channel } from '../../backend/backend.ts';
import type { Joined } from '../../protocol/generated/Joined.ts';
import type { LineSignature } from '../../protocol/generated/LineSignature.ts';
import type { MediaState } from '../../protocol/generated/MediaState.ts';
import type { SignalType } from '../../protocol/generated/SignalType.ts';
import type { PageCertificate } from '../../rtc/certificate.ts';
import type { Envelope, SignedSignal } from '../../rtc/line/envelope.ts';
import type { Heard } from '../../rtc/line/line.ts';
import type { MeshPeer } from '../../rtc/member.ts';
import type { Mesh } from '../../rtc/mesh.ts';
import type { Views } from '../../rtc/send/plan.ts';
import { logFor } from '../../shared/log.ts';
import type { Seat } from '../../signaling/seat-model.ts';
import type { Signer } from '../../trust/signer.ts';
import type { SeatWays } from './seat-ways.ts';
import { Openings, signSignal } from './passing.ts';
import { Rate } from './rate.ts';
import { TunnelCarrier } from './tunnel-carrier.ts';
import { reachable, wayTo, type Facts } from './ways.ts';

/**
 * What pages do for each other beside the room, over the lines of their links: signals, chat and states while the room cannot be
 * reached, signals passed on for others, and the way to the room for guests. Opens nothing while the room is there.
 */
export interface BetweenParts {
  meetingId: string;
  mesh: Pick<Mesh, 'peers' | 'lineTo' | 'signalled' | 'told' | 'setOtherWays'>;
  seat: Pick<Seat, 'state' | 'send' | 'check'>;
  signer: Promise<Signer>;
  certificate: Promise<PageCertificate>;
  /** How our own seat reaches the room. */
  seatWays: Pick<SeatWays, 'heard' | 'joined' | 'moved' | 'sweep' | 'through'>;
  /** An app passes frames on for others; a guest's page cannot reach another host than its own. */
  carries: boolean;
  /** To the room, wherever it is now. */
  openChannel: () => Promise<Channel>;
  /** Milliseconds, rising. */
  now: () => number;
}

/** A line of chat that did not come by the room. */
export interface HeardLine {
  id: string;
  from: string;
  name: string;
  text: string;
  signed?: LineSignature;
}

/** A line as its author says it. */
export type OwnLine = Pick<HeardLine, 'id' | 'text' | 'signed'>;

/** What one participant may have passed on by us: a burst of offers and candidates to everybody, then a link in two seconds. */
const PASSED_AT_ONCE = 512;
const PASSED_PER_SECOND = 16;
/** Chat of one participant over its line: nobody types so fast. */
const CHAT_AT_ONCE = 64;
const CHAT_PER_SECOND = 4;
/** Envelopes of one participant, as the room takes messages. Whoever says more is not heard any more. */
const ENVELOPES_AT_ONCE = 1_536;
const ENVELOPES_PER_SECOND = 256;
/** Between two questions to the room whether it is still there: an app cannot make a guest ask all the time. */
const CHECK_EVERY_MS = 2_000;
/** Signals that wait to be signed; the node of an app signs one after the other. */
const SIGNING = 256;

const log = logFor('between');

export class Between {
  onchat: ((line: HeardLine) => void) | null = null;
  /** Somebody says what it shows of us. */
  onviews: ((from: string, views: Views) => void) | null = null;
  /** Somebody says how much it may be sent, in bit/s. */
  onlimit: ((from: string, bitrate: number | null) => void) | null = null;
  /** Own lines of chat that the room has not confirmed, for whom a line comes about meanwhile. */
  unsent: () => readonly OwnLine[] = () => [];

  readonly #parts: BetweenParts;
  readonly #openings: Openings;
  readonly #carrier: TunnelCarrier | null;
  readonly #near = new Map<string, ReadonlySet<string>>();
  readonly #passed = new Map<string, Rate>();
  readonly #chatted = new Map<string, Rate>();
  readonly #said = new Map<string, Rate>();
  #told = '';
  #media: MediaState | null = null;
  #clientId = '';
  #host: string | null = null;
  #room = false;
  #count = 0;
  #signing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #checkedAt = Number.NEGATIVE_INFINITY;
  readonly #stops: (() => void)[];

  constructor(parts: BetweenParts) {
    this.#parts = parts;
    const { mesh, seat, meetingId, carries, openChannel } = parts;
    this.#openings = new Openings(meetingId);
    this.#carrier = carries ? new TunnelCarrier({ openChannel, lineTo: (id) => mesh.lineTo(id), mayAsk: (id) => this.#mayAsk(id) }) : null;
    this.#stops = [
      seat.state.subscribe(({ status }) => {
        this.#setRoom(status === 'joined');
      }),
      mesh.peers.subscribe(() => {
        this.#changed();
      }),
    ];
  }

  /** @param host fingerprint of the certificate of the host, as the own node saw it; null in a guest's page */
  joined({ clientId }: Joined, host: string | null): void {
    this.#clientId = clientId;
    this.#parts.seatWays.joined();
    const moved = this.#host !== null && host !== null && this.#host !== host;
    this.#host = host;
    if (!moved) return;
    log.info('the room is at another host');
    this.#carrier?.moved();
    for (const { id, kind } of this.#parts.mesh.peers.get()) if (kind === 'guest') this.#tell(id, { is: 'moved' });
  }

  /** A signal of ours, by whatever way there is. */
  signal(to: string, type: SignalType, data: unknown): void {
    const { mesh, seat } = this.#parts;
    const way = wayTo(this.#facts(to));
    if (way.by === 'line' && mesh.lineTo(to)?.send({ is: 'signal', type, data }) === true) return;
    if (way.by === 'neighbour') this.#pass(way.id, to, type, data);
    else seat.send({ action: 'signal', type, to, data });
  }

  /** An own line of chat, which the seat has as well. */
  say({ id, text, signed }: OwnLine): void {
    if (!this.#room) this.#tellAll({ is: 'chat', id, text, ...(signed === undefined ? {} : { signed }) });
  }

  setMediaState(state: MediaState): void {
    this.#media = state;
    if (!this.#room) this.#tellAll({ is: 'state', state });
  }

  /** Something came by somebody's line. */
  heard(from: string, heard: Heard): void {
    const { seatWays } = this.#parts;
    this.#carrier?.heard(from, heard);
    seatWays.heard(from, heard);
    switch (heard.is) {
      case 'ready':
        this.#greet(from);
        break;
      case 'off':
        this.#near.delete(from);
        break;
      case 'envelope':
        if (this.#may(this.#said, from, ENVELOPES_AT_ONCE, ENVELOPES_PER_SECOND)) this.#envelope(from, heard.envelope);
        else this.#parts.mesh.lineTo(from)?.close();
        break;
      case 'frame':
        break;
    }
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#carrier?.close();
  }

  #envelope(from: string, envelope: Envelope): void {
    const { mesh } = this.#parts;
    switch (envelope.is) {
      case 'near':
        this.#near.set(from, new Set(envelope.ids));
        this.#changed();
        break;
      case 'moved':
        this.#moved(from);
        break;
      case 'state':
        mesh.told(from, envelope.state);
        break;
      case 'chat':
        this.#chat(from, envelope);
        break;
      case 'signal':
        mesh.signalled(from, envelope.type, envelope.data);
        break;
      case 'views':
        this.onviews?.(from, { camera: envelope.camera, screen: envelope.screen });
        break;
      case 'limit':
        this.onlimit?.(from, envelope.bitrate);
        break;
      case 'pass':
        this.#passOn(from, envelope.to, envelope.signed);
        break;
      case 'passed':
        this.#passedOn(envelope.from, envelope.signed);
        break;
      case 'hello':
      case 'open':
      case 'opened':
      case 'closed':
        break;
    }
  }

  /** A guest does not believe that the room is elsewhere: it looks whether its host still answers. */
  #moved(from: string): void {
    const { seatWays, carries, seat, now } = this.#parts;
    if (carries || this.#peer(from)?.kind === 'guest') return;
    const at = now();
    if (at - this.#checkedAt < CHECK_EVERY_MS) return;
    this.#checkedAt = at;
    seatWays.moved(from);
    seat.check();
  }

  /** Guests at any time; apps while we are in the room ourselves, and not by them: or frames would go round in circles. */
  #mayAsk(id: string): boolean {
    const kind = this.#peer(id)?.kind;
    return kind === 'guest' || (kind === 'app' && this.#room && !this.#parts.seatWays.through(id));
  }

  /** Whether frames are passed on for this participant. */
  passesOnFor(id: string): boolean {
    return this.#carrier?.carries(id) ?? false;
  }

  #chat(from: string, { id, text, signed }: OwnLine): void {
    const peer = this.#peer(from);
    if (peer === undefined || !this.#may(this.#chatted, from, CHAT_AT_ONCE, CHAT_PER_SECOND)) return;
    this.onchat?.({ id, from, name: peer.name, text, ...(signed === undefined ? {} : { signed }) });
  }

  #pass(by: string, to: string, type: SignalType, data: unknown): void {
    if (this.#waiting >= SIGNING) return;
    this.#waiting += 1;
    const { meetingId, signer, certificate } = this.#parts;
    const from = this.#clientId;
    // One after the other, so that they leave in their order.
    this.#signing = this.#signing.then(async () => {
      try {
        const { fingerprint } = await certificate;
        this.#count += 1;
        const signed = await signSignal(await signer, { meetingId, from, to, fingerprint }, type, data, this.#count);
        this.#tell(by, { is: 'pass', to, signed });
      } catch {
        log.debug('a signal could not be signed');
      } finally {
        this.#waiting -= 1;
      }
    });
  }

  /** One hop, between people who are both here. */
  #passOn(from: string, to: string, signed: SignedSignal): void {
    if (to === from || this.#peer(from) === undefined || this.#peer(to) === undefined) return;
    if (this.#may(this.#passed, from, PASSED_AT_ONCE, PASSED_PER_SECOND)) this.#tell(to, { is: 'passed', from, signed });
  }

  #passedOn(from: string, signed: SignedSignal): void {
    const identity = this.#peer(from)?.identity;
    // Nobody can say who a minimal client is.
    if (identity == null) return;
    this.#openings.open(from, this.#clientId, identity, signed, (opened) => {
      if (opened.is === 'good') this.#parts.mesh.signalled(from, signed.type, opened.data);
      else log.warn(`a signal that was passed on as of ${from} is ${opened.is}`);
    });
  }

  #facts(to: string): Facts {
    const { mesh } = this.#parts;
    const neighbours = mesh.peers.get().flatMap(({ id }) => (id !== to && this.#near.get(id)?.has(to) === true && mesh.lineTo(id) !== null ? [id] : []));
    return { room: this.#room, away: this.#peer(to)?.away ?? false, line: mesh.lineTo(to) !== null, neighbours };
  }

  #setRoom(room: boolean): void {
    if (this.#room === room) return;
    this.#room = room;
    if (room) return;
    // What was said in the last moment may not have got there any more.
    for (const { id } of this.#parts.mesh.peers.get()) this.#catchUp(id);
  }

  #greet(id: string): void {
    // Told to all anew, as there is one more.
    this.#told = '';
    this.#changed();
    if (!this.#room) this.#catchUp(id);
  }

  #catchUp(id: string): void {
    if (this.#media !== null) this.#tell(id, { is: 'state', state: this.#media });
    for (const line of this.unsent().slice(-CHAT_AT_ONCE)) this.#tell(id, { is: 'chat', ...line });
  }

  /** Whom we reach has perhaps changed. */
  #changed(): void {
    const { mesh, seatWays } = this.#parts;
    const peers = mesh.peers.get();
    for (const known of [this.#near, this.#passed, this.#chatted, this.#said]) {
      for (const id of known.keys()) if (!peers.some((peer) => peer.id === id)) known.delete(id);
    }
    this.#carrier?.sweep();
    seatWays.sweep();
    const ids = peers.flatMap(({ id }) => (mesh.lineTo(id) === null ? [] : [id]));
    const told = ids.join(' ');
    if (told !== this.#told) {
      this.#told = told;
      this.#tellAll({ is: 'near', ids });
    }
    mesh.setOtherWays(new Set(peers.map(({ id }) => id).filter((id) => reachable(this.#facts(id)))));
  }

  #may(rates: Map<string, Rate>, id: string, burst: number, perSecond: number): boolean {
    const at = this.#parts.now();
    const rate = rates.get(id) ?? new Rate(burst, perSecond, at);
    rates.set(id, rate);
    return rate.take(at);
  }

  #peer(id: string): MeshPeer | undefined {
    return this.#parts.mesh.peers.get().find((peer) => peer.id === id);
  }

  #tell(id: string, envelope: Envelope): void {
    this.#parts.mesh.lineTo(id)?.send(envelope);
  }

  #tellAll(envelope: Envelope): void {
    for (const { id } of this.#parts.mesh.peers.get()) this.#tell(id, envelope);
  }
}
