import type { Identity } from '../protocol/generated/Identity.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Peer } from '../protocol/generated/Peer.ts';
import type { Role } from '../protocol/generated/Role.ts';
import type { LinkState } from '../room/model.ts';
import { browserTimer } from '../shared/timer.ts';
import type { PeerLink } from './peer-link.ts';
import { goneIn } from './repair.ts';
import { watchSilence } from './silence.ts';
import type { Source } from './source.ts';

/**
 * One other participant: what the room says of it, and our link to it.
 *
 * here → (connection to the room lost) away → (link dead too) gone → (back, or an offer) here. Whoever hung up is gone
 * too, until it offers. `close()` ends the link and every timer.
 */
export class Member {
  peer: Peer;
  readonly link: PeerLink;
  readonly #onchange: () => void;
  /** Nothing of it is shown. */
  #gone = false;
  /** Not in the roster of a host that was restarted; it may still come back. */
  #missing = false;
  /** Closed its link by choice; until it offers again there is nothing to mend. */
  #hungUp = false;
  /** Nothing comes by the link, whatever its state says; looked at only while it is away. */
  #silent = false;
  /** When it became both away and unlinked; null while it is not. */
  #lostSince: number | null = null;
  /** The room can be reached. */
  #roomReachable = true;
  /** Messages get there without the room. */
  #otherWay = false;
  #stopSilence: (() => void) | null = null;
  #stopLost: () => void = () => undefined;
  #stopGrace: () => void = () => undefined;

  constructor(peer: Peer, link: PeerLink, onchange: () => void) {
    this.peer = peer;
    this.link = link;
    this.#onchange = onchange;
  }

  get missing(): boolean {
    return this.#missing;
  }

  setRoomReachable(reachable: boolean): void {
    this.#roomReachable = reachable;
    this.#tellLink();
  }

  setOtherWay(otherWay: boolean): void {
    if (this.#otherWay === otherWay) return;
    this.#otherWay = otherWay;
    this.#tellLink();
  }

  /** What a roster says: it is there. */
  refresh(peer: Peer): void {
    this.peer = peer;
    this.#missing = false;
    this.#hungUp = false;
    this.#gone = false;
    this.#stopGrace();
    this.#tellLink();
  }

  setAway(away: boolean): void {
    this.peer = { ...this.peer, away };
    if (!away) this.#gone = false;
    this.#tellLink();
  }

  /** The roster does not have it; `drop` is called unless one does within the grace. */
  setMissing(graceMs: number, drop: () => void): void {
    if (this.#missing) return;
    this.#missing = true;
    this.#stopGrace = browserTimer(drop, graceMs);
    this.#tellLink();
  }

  hangUp(): void {
    this.#hungUp = true;
    this.#gone = true;
    this.#tellLink();
  }

  /** It wants a link, so it is there. */
  offered(): void {
    this.#hungUp = false;
    this.#gone = false;
    this.#tellLink();
  }

  close(): void {
    this.#stopLost();
    this.#stopGrace();
    this.#stopSilence?.();
    this.link.close();
  }

  /** What is shown now. Looks at the link, and at the time that it has been lost. */
  describe(): MeshPeer {
    const away = this.peer.away === true || this.#missing;
    this.#checkGone(away);
    return {
      id: this.peer.clientId,
      name: this.peer.name ?? '',
      kind: this.peer.kind ?? null,
      away,
      media: this.peer.state ?? null,
      link: this.link.state,
      gone: this.#gone,
      identity: this.peer.identity ?? null,
      refused: this.link.refused,
      role: this.peer.role ?? 'participant',
      incoming: this.link.incoming(),
    };
  }

  #tellLink(): void {
    const byRoom = this.#roomReachable && this.peer.away !== true && !this.#missing;
    this.link.setReachable((byRoom || this.#otherWay) && !this.#hungUp);
  }

  #checkGone(away: boolean): void {
    this.#stopLost();
    this.#watchSilence(away);
    const lives = this.link.live && !this.#silent;
    if (!away || lives) {
      this.#lostSince = null;
      return;
    }
    this.#lostSince ??= performance.now();
    const ms = goneIn(away, lives, performance.now() - this.#lostSince);
    if (ms === null || this.#gone) return;
    if (ms === 0) this.#gone = true;
    else this.#stopLost = browserTimer(this.#onchange, ms);
  }

  #watchSilence(away: boolean): void {
    if (!away) {
      this.#stopSilence?.();
      this.#stopSilence = null;
      this.#silent = false;
      return;
    }
    this.#stopSilence ??= watchSilence(
      () => this.link.getStats(),
      (silent) => {
        this.#silent = silent;
        this.#onchange();
      },
    );
  }
}

/** A participant as the room above sees it. */
export interface MeshPeer {
  readonly id: string;
  /** Empty if none was given. */
  readonly name: string;
  readonly kind: ParticipantKind | null;
  readonly away: boolean;
  /** What the participant says is on; null if it does not say (a minimal client). */
  readonly media: MediaState | null;
  readonly link: LinkState;
  /** Neither the room nor we reach the participant: nothing of it is shown. */
  readonly gone: boolean;
  /** Who it says it is; null for a minimal client. */
  readonly identity: Identity | null;
  /** What it sent does not fit its identity: no link is made. */
  readonly refused: boolean;
  readonly role: Role;
  readonly incoming: Partial<Record<Source, MediaStreamTrack>>;
}
