import type { Acquaintance } from '../protocol/generated/Acquaintance.ts';
import type { Person } from '../protocol/generated/Person.ts';
import type { PageCertificate } from '../rtc/certificate.ts';
import type { MeshPeer } from '../rtc/member.ts';
import { logFor } from '../shared/log.ts';
import type { SetTimer } from '../shared/timer.ts';
import { verifyIdentity, type Verified } from '../trust/identity.ts';
import { runRounds, type RunningRounds } from '../trust/rounds/run.ts';
import type { Signer } from '../trust/signer.ts';
import type { MeetingCode, Standing } from './model.ts';

/**
 * Who is who in one meeting: identities proven, the common code, what came of comparing it, and whom we have met before.
 *
 * Compared keys stay verified for as long as this page is in the meeting, whoever hosts it. A mismatch is never taken back.
 */
export interface AssuranceParts {
  meetingId: string;
  signer: Promise<Signer>;
  certificate: Promise<PageCertificate>;
  /** Puts `data` into a `verify` to all others. */
  send: (data: unknown) => void;
  meet: (people: Person[]) => Promise<readonly Acquaintance[]>;
  setTimer: SetTimer;
  now: () => number;
  onchange: () => void;
}

/** Says that the sender's person compared codes, and they differ. */
const MISMATCH = { is: 'mismatch' };
/** Agreeing takes two round trips; before this nobody is named. */
const NAME_AFTER_MS = 3_000;
/** Identities that were looked at; a room has 32 seats, and pages are loaded anew. */
const MAX_LOOKED_AT = 256;

const log = logFor('trust');

type Look = { is: 'looking' } | { is: 'bad' } | { is: 'good'; verified: Verified };

export class Assurance {
  readonly #parts: AssuranceParts;
  #rounds: RunningRounds | null = null;
  #clientId = '';
  #peers: readonly MeshPeer[] = [];
  readonly #looks = new Map<string, Look>();
  readonly #verified = new Set<string>();
  readonly #met = new Map<string, Acquaintance>();
  readonly #asked = new Set<string>();
  #mismatch: string | null = null;
  #agreeingSince: number | null = null;
  #stopTimer: () => void = () => undefined;
  #closed = false;

  constructor(parts: AssuranceParts) {
    this.#parts = parts;
    const { meetingId, send, setTimer, now } = parts;
    parts.signer.then(
      (signer) => {
        if (this.#closed) return;
        this.#rounds = runRounds({ meetingId, signer, send, setTimer, now });
        this.#rounds.view.subscribe(() => {
          this.#changed();
        });
        this.#tell();
      },
      () => {
        log.warn('no key: the code of this meeting cannot be made');
      },
    );
  }

  /** Who said that the codes differ; null if nobody did. */
  get mismatch(): string | null {
    return this.#mismatch;
  }

  joined(clientId: string): void {
    this.#clientId = clientId;
    this.#tell();
  }

  peers(peers: readonly MeshPeer[]): void {
    this.#peers = peers;
    for (const peer of peers) this.#look(peer);
    this.#tell();
    this.#meet();
  }

  /** The `data` of a `verify` from somebody in the room. */
  receive(from: string, data: unknown): void {
    if (typeof data === 'object' && data !== null && (data as { is?: unknown }).is === MISMATCH.is) {
      this.#setMismatch(this.#peers.find(({ id }) => id === from)?.name ?? '');
      return;
    }
    this.#rounds?.receive(from, data);
  }

  compare(on: boolean): void {
    this.#rounds?.comparing(on);
  }

  judge(same: boolean): void {
    const status = this.#rounds?.view.get().status;
    if (status?.is !== 'code') return;
    if (!same) {
      this.#parts.send(MISMATCH);
      this.#setMismatch('');
      return;
    }
    // Those of the round: while people compare, the host may have put other keys under the same client ids.
    for (const key of status.keys) this.#verified.add(key);
    this.#asked.clear();
    this.#meet();
    this.#parts.onchange();
  }

  standing(peer: MeshPeer): Standing {
    if (peer.refused) return 'refused';
    if (peer.identity === null) return 'unproven';
    const look = this.#looks.get(keyOfLook(peer));
    if (look?.is === 'bad') return 'refused';
    return this.#verified.has(peer.identity.key) ? 'verified' : 'proven';
  }

  acquaintance(peer: MeshPeer): Acquaintance | undefined {
    return peer.identity === null ? undefined : this.#met.get(peer.identity.key);
  }

  code(): MeetingCode {
    const status = this.#rounds?.view.get().status;
    if (status === undefined || status.is === 'alone') return { status: 'none' };
    if (status.is === 'waiting') {
      const late = this.#agreeingSince !== null && this.#parts.now() - this.#agreeingSince >= NAME_AFTER_MS;
      return { status: 'agreeing', missing: late ? this.#names(status.missing) : [] };
    }
    const compared = status.current && status.keys.every((key) => this.#verified.has(key));
    return { status: 'code', code: status.code, current: status.current, compared };
  }

  /** Names of those whom no code covers. */
  unverifiable(): string[] {
    return this.#names(this.#rounds?.view.get().unverifiable ?? []);
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.#rounds?.close();
  }

  #names(ids: readonly string[]): string[] {
    return ids.flatMap((id) => {
      const peer = this.#peers.find((one) => one.id === id);
      return peer === undefined ? [] : [peer.name];
    });
  }

  #setMismatch(who: string): void {
    if (this.#mismatch !== null) return;
    this.#mismatch = who;
    log.warn('the codes of this meeting differ');
    this.#parts.onchange();
  }

  /** Verifies what a participant shows, once for each identity. */
  #look(peer: MeshPeer): void {
    const { identity } = peer;
    const id = keyOfLook(peer);
    if (identity === null || this.#looks.has(id)) return;
    if (this.#looks.size >= MAX_LOOKED_AT) this.#looks.clear();
    this.#looks.set(id, { is: 'looking' });
    verifyIdentity(identity, this.#parts.meetingId).then(
      (verified) => {
        this.#looks.set(id, verified === undefined ? { is: 'bad' } : { is: 'good', verified });
        this.#tell();
        this.#parts.onchange();
      },
      () => {
        this.#looks.set(id, { is: 'bad' });
      },
    );
  }

  /** Tells the rounds who is here, once all identities were looked at: each difference is another round. */
  #tell(): void {
    if (this.#rounds === null || this.#clientId === '') return;
    const others = this.#peers.filter(({ gone }) => !gone);
    const looks = others.map((peer) => this.#looks.get(keyOfLook(peer)));
    if (others.some((peer, at) => peer.identity !== null && looks[at]?.is === 'looking')) return;
    const participants = others.map(({ id }, at) => {
      const look = looks[at];
      return { clientId: id, identity: look?.is === 'good' ? look.verified : null };
    });
    const clientId = this.#clientId;
    const rounds = this.#rounds;
    this.#parts.certificate.then(
      ({ fingerprint }) => {
        if (!this.#closed) rounds.roster({ clientId, fingerprint }, participants);
      },
      () => undefined,
    );
  }

  #changed(): void {
    const agreeing = this.#rounds?.view.get().status.is === 'waiting';
    if (!agreeing) this.#agreeingSince = null;
    else if (this.#agreeingSince === null) {
      this.#agreeingSince = this.#parts.now();
      this.#stopTimer();
      this.#stopTimer = this.#parts.setTimer(() => {
        this.#parts.onchange();
      }, NAME_AFTER_MS);
    }
    this.#parts.onchange();
  }

  /** Asks what is remembered of people, once for each and each change of what is known of them. */
  #meet(): void {
    const people: Person[] = [];
    for (const { identity, name } of this.#peers) {
      if (identity === null) continue;
      const verified = this.#verified.has(identity.key);
      const asked = `${identity.key} ${String(verified)} ${name}`;
      if (this.#asked.has(asked)) continue;
      this.#asked.add(asked);
      people.push({ key: identity.key, name, verified });
    }
    if (people.length === 0) return;
    this.#parts.meet(people).then(
      (met) => {
        for (const each of met) this.#met.set(each.key, each);
        if (!this.#closed) this.#parts.onchange();
      },
      () => {
        log.debug('whom we have met is not known');
      },
    );
  }
}

function keyOfLook({ id, identity }: MeshPeer): string {
  return identity === null ? id : `${id} ${identity.key} ${identity.fingerprint} ${identity.signature}`;
}
