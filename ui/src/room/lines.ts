import type { ChatLine } from '../protocol/generated/ChatLine.ts';
import type { MeshPeer } from '../rtc/member.ts';
import { logFor } from '../shared/log.ts';
import type { SeatMessage } from '../signaling/seat-model.ts';
import { clockOf, isSigned, signLine } from '../trust/chat.ts';
import type { Signer } from '../trust/signer.ts';
import type { HeardLine, OwnLine } from './between/between.ts';
import { history, merged, overheard, received, sending, signedNow, unsent, type Chat } from './chat.ts';

/**
 * The chat of one meeting as this page signs and believes it. Own lines are signed before they are sent. What comes is checked
 * first: a line in the name of somebody with a key is dropped unless that key signed it; a line of somebody without one is
 * nobody's word.
 */
export interface LinesParts {
  meetingId: string;
  signer: Promise<Signer>;
  send: (message: Extract<SeatMessage, { action: 'chat' | 'chat-history' }>) => void;
  onchange: () => void;
}

/** Lines that wait for being checked: a full history and what is said meanwhile. More than that is a flood. */
const MAX_WAITING = 1_024;
/** Keys remembered by client id. */
const MAX_KEYS = 512;
/** A random number that JavaScript holds exactly. */
const RUN_BITS = 21;

const log = logFor('chat');

export class Lines {
  readonly #parts: LinesParts;
  #chat: Chat = [];
  #selfId = '';
  /** Of this page: its count begins with it. */
  readonly #run = random53();
  #sequence = 0;
  #clock = 0;
  /** Own lines that are being signed, by their ids of the moment. */
  readonly #signing = new Set<string>();
  #ownKey: string | null = null;
  readonly #keys = new Map<string, string>();
  readonly #names = new Map<string, string>();
  #out: Promise<void> = Promise.resolve();
  #in: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(parts: LinesParts) {
    this.#parts = parts;
    parts.signer.then(
      ({ key }) => (this.#ownKey = key),
      () => undefined,
    );
  }

  get chat(): Chat {
    return this.#chat;
  }

  /** Who is here, with which key. Those who are gone are remembered. */
  people(peers: readonly MeshPeer[]): void {
    for (const { id, name, identity } of peers) {
      if (identity === null) continue;
      put(this.#keys, id, identity.key);
      put(this.#names, identity.key, name);
    }
  }

  joined(selfId: string, lines: readonly ChatLine[], outcome: 'new' | 'resumed' | 'restored'): void {
    this.#selfId = selfId;
    if (outcome === 'restored') {
      const known = history(this.#chat);
      if (known.length > 0) this.#parts.send({ action: 'chat-history', lines: known });
    }
    // Of a lost life nobody knows whether they arrived; the id makes saying them twice harmless.
    if (outcome !== 'resumed') {
      for (const { id, text, signed } of unsent(this.#chat)) {
        if (!this.#signing.has(id)) this.#send(id, text, signed);
      }
    }
    this.#take(lines, (chat, good) => merged(chat, good, selfId));
  }

  receive(line: ChatLine): void {
    this.#take([line], (chat, [good]) => (good === undefined ? chat : received(chat, good, this.#selfId)));
  }

  /** A line that came beside the room; its own copy may come before or after it. */
  overheard({ id, from, name, text, signed }: HeardLine): void {
    if (this.#chat.some((known) => known.id === id)) return;
    const author = signed === undefined ? undefined : this.#keys.get(from);
    const at = signed?.at ?? Date.now();
    const line: ChatLine = { id, from, name, text, at, ...(author === undefined || signed === undefined ? {} : { author, signed }) };
    this.#take([line], (chat, [good]) => (good === undefined ? chat : overheard(chat, { ...good, name: good.name ?? '' })));
  }

  /** Own lines that the room has not confirmed, as they were sent. */
  unsent(): OwnLine[] {
    return unsent(this.#chat).flatMap(({ id, text, signed }) => (this.#signing.has(id) ? [] : [{ id, text, ...(signed === undefined ? {} : { signed }) }]));
  }

  /** Signs a line and sends it. */
  say(text: string, name: string): void {
    const { meetingId, signer } = this.#parts;
    const draft = crypto.randomUUID();
    const at = Date.now();
    this.#clock += 1;
    this.#sequence += 1;
    const words = { clock: this.#clock, run: this.#run, sequence: this.#sequence, at, text };
    this.#chat = sending(this.#chat, { id: draft, from: this.#selfId, name, text, at });
    this.#signing.add(draft);
    const sign = async (): Promise<void> => {
      const made = await signer.then((one) => signLine(one, meetingId, words)).catch(() => undefined);
      this.#signing.delete(draft);
      if (made !== undefined) this.#chat = signedNow(this.#chat, draft, made);
      this.#send(made?.id ?? draft, text, made?.signed);
      this.#parts.onchange();
    };
    // One after the other, as they were said.
    this.#out = this.#out.then(sign);
    this.#parts.onchange();
  }

  #send(id: string, text: string, signed: ChatLine['signed']): void {
    this.#parts.send({ action: 'chat', id, text, ...(signed === undefined ? {} : { signed }) });
  }

  /** Checks lines, in the order in which they came, and takes in those that are good. */
  #take(lines: readonly ChatLine[], into: (chat: Chat, good: readonly ChatLine[]) => Chat): void {
    if (this.#waiting + lines.length > MAX_WAITING) {
      log.warn(`${String(lines.length)} lines dropped, too many wait`);
      return;
    }
    this.#waiting += lines.length;
    const take = async (): Promise<void> => {
      const good = await Promise.all(lines.map(async (line) => ((await this.#believes(line)) ? [this.#named(line)] : [])));
      this.#waiting -= lines.length;
      for (const [line] of good) if (line !== undefined) this.#clock = Math.max(this.#clock, clockOf(line));
      this.#chat = into(this.#chat, good.flat());
      this.#parts.onchange();
    };
    this.#in = this.#in.then(take);
  }

  async #believes(line: ChatLine): Promise<boolean> {
    if (this.#chat.some(({ id, state }) => id === line.id && state === 'sent')) return true;
    const key = line.from === this.#selfId ? this.#ownKey : (this.#keys.get(line.from) ?? null);
    let good: boolean;
    if (line.signed !== undefined) good = (key === null || key === line.author) && (await isSigned(line, this.#parts.meetingId));
    // Where nothing can be signed, our own lines are not either.
    else good = key === null || this.#chat.some(({ id, self }) => id === line.id && self);
    if (!good) log.warn(`a line in the name of ${line.from} is not signed by that participant, and dropped`);
    return good;
  }

  /** A host may attach any name to a line; the name of a key is what its holder calls itself. */
  #named(line: ChatLine): ChatLine {
    const name = line.author === undefined ? undefined : this.#names.get(line.author);
    return name === undefined ? line : { ...line, name };
  }
}

function put(map: Map<string, string>, key: string, value: string): void {
  if (map.has(key) || map.size < MAX_KEYS) map.set(key, value);
}

function random53(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> (32 - RUN_BITS)) * 2 ** 32 + low;
}
