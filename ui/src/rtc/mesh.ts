import type { Identity } from '../protocol/generated/Identity.ts';
import type { Joined } from '../protocol/generated/Joined.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { Peer } from '../protocol/generated/Peer.ts';
import type { SignalType } from '../protocol/generated/SignalType.ts';
import { logFor } from '../shared/log.ts';
import { browserTimer } from '../shared/timer.ts';
import { writable, type Readable } from '../shared/store.ts';
import type { RoomMessage } from '../signaling/seat-model.ts';
import type { Connection } from './connection.ts';
import type { Heard, Line } from './line/line.ts';
import { Member, type MeshPeer } from './member.ts';
import { OfferAhead } from './offer-ahead.ts';
import { PeerLink } from './peer-link.ts';
import { decodeSignal } from './signals.ts';
import { Voucher } from './vouch.ts';
import type { SharedCamera } from './send/shared/shared-camera.ts';
import type { Outgoing } from './slots.ts';
import { SOURCES } from './source.ts';

/**
 * Everybody else in the room, each with a link. Follows the seat: the roster says who is there, signals go to their
 * link. Members offer to the newcomer; where nobody is one (after a restart), whoever has no link waits for a while and
 * then offers. A lost connection to the room changes nothing about links that live.
 */
export interface MeshOptions {
  meetingId: string;
  iceServers: readonly string[];
  /** Of all our links; empty where the engine has one of its own for all. */
  certificates: () => readonly RTCCertificate[];
  /** The encoder for all links; null where each has its own. It is the mesh's from now on. */
  shared: SharedCamera | null;
  /** What the hardware encodes, see codec-costs.ts. */
  efficient: () => ReadonlySet<string>;
  /** There is a link, or a track, of which nobody decided what is sent over it. */
  onundecided: () => void;
  send: (to: string, type: SignalType, data: unknown) => void;
  /** Something came from somebody by the data channel of our link. */
  onheard: (from: string, heard: Heard) => void;
}

const NOTHING: Outgoing = { microphone: null, camera: null, screen: null, 'screen-audio': null };
const log = logFor('mesh');

export class Mesh {
  readonly #options: MeshOptions;
  readonly #members = new Map<string, Member>();
  readonly #peers = writable<readonly MeshPeer[]>([]);
  #outgoing: Outgoing = NOTHING;
  #clientId = '';
  #silent = false;
  #reachable = true;
  #otherWays: ReadonlySet<string> = new Set();
  readonly #ahead: OfferAhead;
  /** We have a place in the room. */
  #open = false;

  constructor(options: MeshOptions) {
    this.#options = options;
    const { iceServers, shared, certificates, efficient } = options;
    this.#ahead = new OfferAhead({
      // An engine of our own, which has no certificates to give, runs for what there is; a server on the internet would have to be asked again and again.
      options: () => (!this.#open || certificates().length === 0 || iceServers.length > 0 ? null : { iceServers, shared, certificates: certificates(), efficient, links: () => this.#members.size + 1, outgoing: this.#outgoing }),
      setTimer: browserTimer,
    });
  }

  /** In the order in which they came. */
  get peers(): Readable<readonly MeshPeer[]> {
    return this.#peers;
  }

  get clientId(): string {
    return this.#clientId;
  }

  /** The links, for statistics. */
  links(): ReadonlyMap<string, PeerLink> {
    return new Map([...this.#members].map(([id, { link }]) => [id, link]));
  }

  /** What goes out to all. */
  get outgoing(): Outgoing {
    return this.#outgoing;
  }

  /** By which messages go to a participant now without the room; null while there is no way. */
  lineTo(id: string): Line | null {
    return this.#members.get(id)?.link.line ?? null;
  }

  /** Amplitude of a participant's voice, 0 to 1, as its packets tell; null if they do not. */
  loudness(id: string): number | null {
    return this.#members.get(id)?.link.loudness() ?? null;
  }

  /** A signal that did not come by the room, of a participant that certainly said it. */
  signalled(from: string, type: SignalType, data: unknown): void {
    this.#signal(from, type, data);
    this.#publish();
  }

  /** Which sources are on, as the participant says itself. */
  told(from: string, state: MediaState): void {
    const member = this.#members.get(from);
    if (member === undefined) return;
    member.peer = { ...member.peer, state };
    this.#publish();
  }

  /** Whom messages reach although the room, or they, cannot be reached by the other. */
  setOtherWays(ids: ReadonlySet<string>): void {
    this.#otherWays = ids;
    for (const [id, member] of this.#members) member.setOtherWay(ids.has(id));
  }

  /** Sends these tracks to all from now on. All at once, so that what is new takes one negotiation. */
  setTracks(outgoing: Outgoing): void {
    if (SOURCES.every((source) => this.#outgoing[source] === outgoing[source])) return;
    this.#outgoing = outgoing;
    // First, so that no link is given a camera that the encoder has not.
    this.#options.shared?.setTrack(outgoing.camera);
    this.#options.onundecided();
    for (const { link } of this.#members.values()) link.setOutgoing(outgoing);
    this.#ahead.renew();
  }

  /** Whether the microphone is muted. It stays open; nothing of it is sent. */
  setSilent(silent: boolean): void {
    if (this.#silent === silent) return;
    this.#silent = silent;
    for (const { link } of this.#members.values()) link.setSilent(silent);
  }

  /** The encoder for all links; null where each has its own. */
  get shared(): SharedCamera | null {
    return this.#options.shared;
  }

  /** A camera or microphone was granted late: browsers hide addresses before that. */
  captureGranted(): void {
    for (const { link } of this.#members.values()) link.restartUnlessLive();
    this.#ahead.renew();
  }

  /** This computer got other addresses: every link looks for a way anew, and keeps the one that it has until then. */
  networksChanged(): void {
    this.#options.shared?.networksChanged();
    for (const { link } of this.#members.values()) link.renewPath();
    this.#ahead.renew();
  }

  /** Whether the room can be reached. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
    for (const member of this.#members.values()) member.setRoomReachable(reachable);
  }

  joined(joined: Joined): void {
    this.#clientId = joined.clientId;
    if (joined.outcome === 'new') {
      this.close();
      for (const peer of joined.peers) this.#add(peer).link.awaitOffer();
    } else if (joined.outcome === 'restored') this.#restored(joined);
    this.setReachable(true);
    this.#open = true;
    this.#ahead.renew();
    this.#publish();
  }

  receive(message: RoomMessage): void {
    switch (message.action) {
      case 'peer-joined':
        this.#peerJoined(message.peer, message.restored === true);
        break;
      case 'peer-left':
        this.#drop(message.clientId);
        break;
      case 'peer-away':
        this.#members.get(message.clientId)?.setAway(true);
        break;
      case 'peer-back': {
        const member = this.#members.get(message.clientId);
        if (member === undefined) break;
        if (message.identity !== undefined && !sameIdentity(member.peer.identity, message.identity)) {
          this.#replace({ ...member.peer, identity: message.identity, away: false });
          break;
        }
        member.setAway(false);
        if (message.fresh) member.link.rebuild();
        break;
      }
      case 'peer-state': {
        const member = this.#members.get(message.clientId);
        if (member) member.peer = { ...member.peer, state: message.state };
        break;
      }
      case 'signal':
        this.#signal(message.from, message.type, message.data);
        break;
      case 'peer-role': {
        const member = this.#members.get(message.clientId);
        if (member) member.peer = { ...member.peer, role: message.role };
        break;
      }
      case 'chat':
      case 'access':
      case 'successor':
      case 'asked':
      case 'knock':
      case 'knock-ended':
      case 'verify':
        return;
    }
    this.#publish();
  }

  /** Closes every link. A later join starts anew. */
  close(): void {
    this.#open = false;
    this.#ahead.close();
    for (const id of [...this.#members.keys()]) this.#drop(id);
    this.#publish();
  }

  /** The roster replaces what is known; links that live are kept. */
  #restored(joined: Joined): void {
    const present = new Set(joined.peers.map(({ clientId }) => clientId));
    for (const peer of joined.peers) {
      const member = this.#members.get(peer.clientId);
      if (member === undefined) {
        this.#add(peer).link.awaitOffer();
        continue;
      }
      if (!sameIdentity(member.peer.identity, peer.identity)) {
        this.#replace(peer);
        continue;
      }
      member.refresh(peer);
      member.link.resend();
    }
    for (const [id, member] of this.#members) {
      if (present.has(id)) continue;
      member.setMissing(joined.rosterGraceMs, () => {
        log.info(`${id} did not come back`);
        this.#drop(id);
        this.#publish();
      });
    }
  }

  #peerJoined(peer: Peer, restored: boolean): void {
    const member = this.#members.get(peer.clientId);
    if (member === undefined) {
      this.#add(peer, this.#ahead.take()).link.offer();
      return;
    }
    if (!sameIdentity(member.peer.identity, peer.identity)) {
      this.#replace(peer);
      return;
    }
    member.refresh(peer);
    if (restored && member.link.live) member.link.resend();
    else member.link.rebuild();
  }

  /**
   * Another key or certificate under the same client id. The link that was made under the earlier one must not live on: a host
   * could have it made with its own certificate, and show the right one when codes are compared.
   */
  #replace(peer: Peer): void {
    log.info(`${peer.clientId} shows another identity`);
    // Not dropped: it keeps its place among the others.
    this.#members.get(peer.clientId)?.close();
    this.#add(peer).link.offer();
  }

  #add(peer: Peer, ahead: Connection | null = null): Member {
    const { clientId } = peer;
    const publish = (): void => {
      this.#publish();
    };
    // Under another identity it is another link.
    const voucher = new Voucher(peer.identity, this.#options.meetingId);
    const link = new PeerLink({
      peerId: clientId,
      ahead,
      polite: this.#clientId < clientId,
      iceServers: this.#options.iceServers,
      outgoing: this.#outgoing,
      shared: this.#options.shared,
      certificates: this.#options.certificates(),
      vouches: (sdp) => voucher.vouchesFor(sdp),
      addresses: () => this.#members.get(clientId)?.peer.addr ?? [],
      links: () => this.#members.size,
      efficient: this.#options.efficient,
      send: (type, data) => {
        this.#options.send(clientId, type, data);
      },
      onchange: publish,
      onheard: (heard) => {
        this.#options.onheard(clientId, heard);
        if (heard.is === 'ready' || heard.is === 'off') this.#publish();
      },
    });
    link.setSilent(this.#silent);
    const member = new Member(peer, link, publish);
    this.#members.set(clientId, member);
    member.setRoomReachable(this.#reachable);
    member.setOtherWay(this.#otherWays.has(clientId));
    this.#options.onundecided();
    return member;
  }

  #signal(from: string, type: SignalType, data: unknown): void {
    const member = this.#members.get(from);
    if (member === undefined) return;
    const signal = decodeSignal(type, data);
    if (signal === null) {
      log.debug(`${from}: a signal that makes no sense`);
      return;
    }
    if (signal.kind === 'hangup') {
      // Still in the room: a new link stands ready for when it offers again.
      this.#drop(from);
      this.#add(member.peer).hangUp();
      return;
    }
    if (signal.kind === 'description' && signal.description.type === 'offer') member.offered();
    member.link.receive(signal);
  }

  #drop(id: string): void {
    this.#members.get(id)?.close();
    this.#members.delete(id);
  }

  #publish(): void {
    this.#peers.set([...this.#members.values()].map((member) => member.describe()));
  }
}

function sameIdentity(a: Identity | undefined, b: Identity | undefined): boolean {
  return a?.key === b?.key && a?.fingerprint === b?.fingerprint && a?.signature === b?.signature;
}
