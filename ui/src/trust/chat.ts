import type { ChatLine } from '../protocol/generated/ChatLine.ts';
import type { LineSignature } from '../protocol/generated/LineSignature.ts';
import { compare, u32, u64, utf8 } from './bytes.ts';
import { isPublicKey, keyBytes, verify } from './keys.ts';
import type { Signer } from './signer.ts';
import { hashOf, statement } from './statement.ts';

/**
 * A line of chat as its author signs it: the same whichever host carries it. The same statement as `crates/trust/src/chat.rs`;
 * the fixtures of that crate compare them.
 */

const LABEL = 'chat';
/** Bytes of the statement's hash that make a line's id. */
const ID_BYTES = 16;

/** What is signed. No number is above what JavaScript holds exactly. */
export interface Words extends Omit<LineSignature, 'signature'> {
  text: string;
}

/** Where a line stands. */
export type Placed = Pick<ChatLine, 'id' | 'at' | 'author' | 'signed' | 'after'>;

/** Fields of the statement; undefined if the author's key is none. An id that somebody chose is told from one that is 16 bytes. */
export function chatFields(meetingId: string, author: string, words: Words): Uint8Array[] | undefined {
  if (!isPublicKey(author)) return undefined;
  const isBytes = /^[0-9a-f]{32}$/.test(meetingId);
  const meeting = isBytes ? Uint8Array.from(meetingId.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) : utf8(`landline meeting ${meetingId}`);
  return [meeting, keyBytes(author), u64(words.clock), u64(words.run), u32(words.sequence), u64(words.at), utf8(words.text)];
}

/** The id of a signed line: it follows from what is signed, so nobody else's line has it. */
export async function lineId(fields: readonly Uint8Array[]): Promise<string> {
  const hash = await hashOf(LABEL, fields);
  return Array.from(hash.subarray(0, ID_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Our own line; undefined where nothing can be signed. Rejects if the signature cannot be had. */
export async function signLine(
  signer: Signer,
  meetingId: string,
  words: Words,
): Promise<{ id: string; author: string; signed: LineSignature } | undefined> {
  const fields = chatFields(meetingId, signer.key, words);
  if (fields === undefined) return undefined;
  const { clock, run, sequence, at } = words;
  const [id, signature] = await Promise.all([lineId(fields), signer.sign(LABEL, fields)]);
  return { id, author: signer.key, signed: { clock, run, sequence, at, signature } };
}

/** Whether its author signed it in this meeting, and its id is its own. */
export async function isSigned(line: ChatLine, meetingId: string): Promise<boolean> {
  const { author, signed, text } = line;
  if (author === undefined || signed === undefined || line.at !== signed.at) return false;
  const fields = chatFields(meetingId, author, { ...signed, text });
  if (fields === undefined || (await lineId(fields)) !== line.id) return false;
  return await verify(author, statement(LABEL, fields), signed.signature);
}

/**
 * The order of a chat, the same on every page: by clock, author, run and sequence. A line that is not signed stands below the
 * signed ones of the clock that its host had seen, with others like it by time and id.
 */
export function inOrder(a: Placed, b: Placed): number {
  const clock = clockOf(a) - clockOf(b);
  if (clock !== 0) return clock;
  if (a.signed !== undefined && b.signed !== undefined) {
    const author = compare(keyBytes(a.author ?? ''), keyBytes(b.author ?? ''));
    return author || a.signed.run - b.signed.run || a.signed.sequence - b.signed.sequence || byText(a.id, b.id);
  }
  if (a.signed !== undefined) return -1;
  if (b.signed !== undefined) return 1;
  return a.at - b.at || byText(a.id, b.id);
}

/** The clock that a line has, or stands below. */
export function clockOf(line: Placed): number {
  return line.signed?.clock ?? line.after ?? 0;
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
