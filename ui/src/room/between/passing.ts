import type { Identity } from '../../protocol/generated/Identity.ts';
import type { SignalType } from '../../protocol/generated/SignalType.ts';
import { parse } from '../../protocol/check.ts';
import type { SignedSignal } from '../../rtc/line/envelope.ts';
import { fromHex32, u32, utf8, type Bytes } from '../../trust/bytes.ts';
import { verify } from '../../trust/keys.ts';
import type { Signer } from '../../trust/signer.ts';
import { statement } from '../../trust/statement.ts';
import { ReplayWindow } from './replay-window.ts';

/**
 * Signals that somebody else passes on. The author signs for one receiver in one meeting, with the certificate of its page and a
 * count: so who passes on can drop and delay, and nothing else.
 */

export interface Parties {
  readonly meetingId: string;
  /** Client ids. */
  readonly from: string;
  readonly to: string;
  /** SHA-256 of the DTLS certificate of the author's page, which is another one after each load: counts begin anew with it. */
  readonly fingerprint: string;
}

/** The label under which a page signs. */
const LABEL = 'signal';
/** Authors whose counts are kept: a room has 32 seats, and pages are loaded anew. */
const AUTHORS = 256;
/** Signals of one author that wait to be looked at; verifying takes less than a millisecond. */
const WAITING = 64;

async function fieldsOf(parties: Parties, type: SignalType, data: string, count: number): Promise<Uint8Array[]> {
  const { meetingId, from, to, fingerprint } = parties;
  // The node signs short fields.
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(data)));
  return [utf8(meetingId), utf8(from), utf8(to), fromHex32(fingerprint) ?? new Uint8Array(), utf8(type), digest, u64(count)];
}

/** Signs one signal. Rejects if the key cannot be had. */
export async function signSignal(signer: Signer, parties: Parties, type: SignalType, data: unknown, count: number): Promise<SignedSignal> {
  const json = JSON.stringify(data ?? null);
  const signature = await signer.sign(LABEL, await fieldsOf(parties, type, json, count));
  return { type, data: json, count, signature };
}

/** Whether the holder of `key` signed this, between these parties. */
export async function isSigned(key: string, parties: Parties, signed: SignedSignal): Promise<boolean> {
  const { type, data, count, signature } = signed;
  return verify(key, statement(LABEL, await fieldsOf(parties, type, data, count)), signature);
}

/** What came of a signal that was passed on. */
export type Opened = { is: 'good'; data: unknown } | { is: 'forged' } | { is: 'replayed' };

/** Looks at signals that were passed on to us: each author's in the order in which they come. */
export class Openings {
  readonly #meetingId: string;
  readonly #authors = new Map<string, { window: ReplayWindow; chain: Promise<void>; waiting: number }>();

  constructor(meetingId: string) {
    this.#meetingId = meetingId;
  }

  /** Calls `then` with what came of it. One too many is not looked at. */
  open(from: string, to: string, identity: Identity, signed: SignedSignal, then: (opened: Opened) => void): void {
    const fingerprint = identity.fingerprint.toLowerCase();
    const author = this.#author(`${from} ${identity.key} ${fingerprint}`);
    if (author.waiting >= WAITING) return;
    author.waiting += 1;
    const parties = { meetingId: this.#meetingId, from, to, fingerprint };
    author.chain = author.chain.then(async () => {
      const good = await isSigned(identity.key, parties, signed);
      author.waiting -= 1;
      if (!good) then({ is: 'forged' });
      // Only what is signed may use a count up.
      else if (!author.window.take(signed.count)) then({ is: 'replayed' });
      else then({ is: 'good', data: parse(signed.data) });
    });
  }

  #author(id: string): { window: ReplayWindow; chain: Promise<void>; waiting: number } {
    const author = this.#authors.get(id) ?? { window: new ReplayWindow(), chain: Promise.resolve(), waiting: 0 };
    // The one who was not heard of for longest is forgotten first.
    this.#authors.delete(id);
    this.#authors.set(id, author);
    for (const old of this.#authors.keys()) {
      if (this.#authors.size <= AUTHORS) break;
      this.#authors.delete(old);
    }
    return author;
  }
}

/** 64 bits, big-endian. */
function u64(value: number): Bytes {
  return new Uint8Array([...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)]);
}
