import { fromBase64url, toBase64url, u32, utf8 } from '../bytes.ts';
import { keyBytes, verify } from '../keys.ts';
import { hashOf, statement } from '../statement.ts';
import type { Message } from './message.ts';
import type { Member } from './roster.ts';

/** What is hashed and what is signed in a round: the same bytes as `crates/trust/src/rounds/proof.rs`. */

/** The one label that the app's node signs for its page in a meeting; the first field tells the kinds apart. */
export const LABEL = 'verify';

/** A round: which meeting, which roster R, which number. */
export interface Of {
  readonly meetingId: string;
  readonly roster: string;
  readonly number: number;
}

/** What a member says before it is signed. */
export type Said =
  | { readonly is: 'commit'; readonly commitment: string }
  | { readonly is: 'reveal'; readonly nonce: string; readonly commitments: string };

/** c: binds a member to a nonce for this round, and shows nothing of it. */
export async function commitmentOf(of: Of, member: Member, nonce: string): Promise<string> {
  const fields = [utf8(of.meetingId), bytes(of.roster), u32(of.number), keyBytes(member.key), bytes(nonce)];
  return toBase64url(await hashOf('commitment', fields));
}

/** One hash over the commitments of all members in the roster's order: who signs it has seen the same ones. */
export async function commitmentsOf(of: Of, all: readonly string[]): Promise<string> {
  return toBase64url(await hashOf('commitments', [bytes(of.roster), u32(of.number), ...all.map(bytes)]));
}

/** Five numbers below 64: the first 30 bits of the hash over all commitments and nonces in the roster's order. */
export async function codeOf(of: Of, all: readonly { commitment: string; nonce: string }[]): Promise<number[]> {
  const said = all.flatMap(({ commitment, nonce }) => [bytes(commitment), bytes(nonce)]);
  const hash = await hashOf('code', [bytes(of.roster), u32(of.number), ...said]);
  const first = new DataView(hash.buffer).getUint32(0);
  return [26, 20, 14, 8, 2].map((shift) => (first >>> shift) & 63);
}

/** The fields that a member signs. The client id is in them, so that two windows of one key are not taken for each other. */
export function signedFields(of: Of, clientId: string, said: Said): Uint8Array[] {
  const rest = said.is === 'commit' ? [said.commitment] : [said.nonce, said.commitments];
  return [
    utf8(said.is),
    utf8(of.meetingId),
    bytes(of.roster),
    u32(of.number),
    utf8(clientId),
    ...rest.map(bytes),
  ];
}

/** Whether `member` signed `message` for this meeting. */
export async function isSignedBy(meetingId: string, member: Member, message: Message): Promise<boolean> {
  const of: Of = { meetingId, roster: message.roster, number: message.round };
  const signed = statement(LABEL, signedFields(of, member.clientId, message));
  return await verify(member.key, signed, message.signature);
}

/** 32 bytes that were checked when they came in, or made here. */
function bytes(text: string): Uint8Array {
  return fromBase64url(text, 32) ?? new Uint8Array();
}
