import type { Signer } from '../signer.ts';
import type { Message } from './message.ts';
import { codeOf, commitmentOf, commitmentsOf, isSignedBy, LABEL, signedFields, type Of, type Said } from './proof.ts';
import { placeOf, type Member, type Roster } from './roster.ts';

/**
 * One round over one roster. Invariants: what a member committed to first stays; our nonce leaves only when all commitments
 * are held; a code exists only if every member signed that it saw the same commitments as we did.
 *
 * committed → (all commitments) revealed → (all nonces, over the same commitments) code
 * In each of them a contradiction may show: then this round is of no use, and its owner begins the next.
 *
 * Asynchronous because WebCrypto is, and pure all the same: whoever calls lets one call end before the next.
 */
export interface Round {
  readonly of: Of;
  readonly roster: Roster;
  readonly nonce: string;
  /** As the members of the roster. */
  readonly slots: readonly Slot[];
  /** Hash over all commitments, once all are held. */
  readonly commitments: string | null;
  readonly contradicted: boolean;
  /** Five numbers below 64. */
  readonly code: readonly number[] | null;
}

/** What we hold of one member. */
interface Slot {
  readonly commitment: string | null;
  readonly revealed: Revealed | null;
}

interface Revealed {
  readonly nonce: string;
  /** Hash over the commitments that this member saw. */
  readonly commitments: string;
}

/**
 * What one message told. `nothing`: not from a member, or not signed by it; `again`: what we knew; `contradiction`: a member
 * said two different things, as it lost its state (a page loaded anew) or cheats.
 */
export type Told = 'nothing' | 'news' | 'again' | 'contradiction';

/** Begins one, and the commit to be sent. `nonce` was never used before. Rejects if nothing can be signed. */
export async function beginRound(
  of: Of,
  roster: Roster,
  nonce: string,
  signer: Signer,
): Promise<{ round: Round; message: Message }> {
  const me = mine(roster);
  const commitment = await commitmentOf(of, me, nonce);
  const message = await signed(of, me, { is: 'commit', commitment }, signer);
  const slots = roster.members.map((_, place) => ({
    commitment: place === roster.me ? commitment : null,
    revealed: null,
  }));
  return { round: { of, roster, nonce, slots, commitments: null, contradicted: false, code: null }, message };
}

/** Takes a message of this round from the member `from`. */
export async function takeMessage(
  round: Round,
  from: string,
  message: Message,
): Promise<{ round: Round; told: Told }> {
  const place = placeOf(round.roster, from);
  const member = place === undefined ? undefined : round.roster.members[place];
  const slot = place === undefined ? undefined : round.slots[place];
  if (place === undefined || member === undefined || slot === undefined) return { round, told: 'nothing' };
  if (isKnown(slot, message)) return { round, told: 'again' };
  if (!(await isSignedBy(round.of.meetingId, member, message))) return { round, told: 'nothing' };
  const said = await slotOf(round, member, message);
  const contradicts =
    (slot.commitment !== null && slot.commitment !== said.commitment) ||
    (slot.revealed !== null && said.revealed !== null);
  if (contradicts) return { round: { ...round, contradicted: true }, told: 'contradiction' };
  const next = await hold(round, place, said);
  if (!agree(next)) return { round: { ...next, contradicted: true }, told: 'contradiction' };
  return { round: await finish(next), told: 'news' };
}

/** Our nonce, when it may be shown for the first time; null before and after. Rejects if nothing can be signed. */
export async function reveal(round: Round, signer: Signer): Promise<{ round: Round; message: Message } | null> {
  const { of, roster, nonce, commitments } = round;
  const slot = round.slots[roster.me];
  if (commitments === null || round.contradicted || slot === undefined || slot.revealed !== null) return null;
  const said: Said = { is: 'reveal', nonce, commitments };
  const message = await signed(of, mine(roster), said, signer);
  const next = await finish(await hold(round, roster.me, { ...slot, revealed: { nonce, commitments } }));
  return { round: next, message: withDone(message, next.code !== null) };
}

/** The message as it is sent when we have the code, or do not have it. */
export function withDone(message: Message, done: boolean): Message {
  return message.is === 'reveal' ? { ...message, done } : message;
}

/** Client ids of those for whom this round waits: first for commitments, then for nonces over the same commitments. */
export function missingOf(round: Round): string[] {
  const lacks = (slot: Slot | undefined): boolean =>
    round.commitments === null
      ? (slot?.commitment ?? null) === null
      : slot?.revealed?.commitments !== round.commitments;
  return round.roster.members
    .filter((_, place) => place !== round.roster.me && lacks(round.slots[place]))
    .map((member) => member.clientId);
}

/** Whether `message`, of any round over this roster, was signed by the member `from`, ourselves excluded. */
export async function isOfMember(
  meetingId: string,
  roster: Roster,
  from: string,
  message: Message,
): Promise<boolean> {
  const place = placeOf(roster, from);
  const member = place === undefined ? undefined : roster.members[place];
  return member !== undefined && (await isSignedBy(meetingId, member, message));
}

function isKnown(slot: Slot, message: Message): boolean {
  return message.is === 'commit'
    ? slot.commitment === message.commitment
    : slot.revealed?.nonce === message.nonce && slot.revealed.commitments === message.commitments;
}

/** What a message says of its sender. The commit before a nonce may be lost: it follows from it, and is fixed from now on. */
async function slotOf(round: Round, member: Member, message: Message): Promise<Slot> {
  if (message.is === 'commit') return { commitment: message.commitment, revealed: null };
  const { nonce, commitments } = message;
  return { commitment: await commitmentOf(round.of, member, nonce), revealed: { nonce, commitments } };
}

async function hold(round: Round, place: number, held: Slot): Promise<Round> {
  const slots = round.slots.map((slot, at) => (at === place ? held : slot));
  const all = slots.flatMap((slot) => slot.commitment ?? []);
  const whole = round.commitments === null && all.length === slots.length;
  return { ...round, slots, commitments: whole ? await commitmentsOf(round.of, all) : round.commitments };
}

/** Whether all who revealed saw what we see, as far as we see it. */
function agree({ commitments, slots }: Round): boolean {
  return commitments === null || slots.every(({ revealed }) => revealed === null || revealed.commitments === commitments);
}

async function finish(round: Round): Promise<Round> {
  if (round.contradicted || round.code !== null || !agree(round)) return round;
  const all = round.slots.flatMap(({ commitment, revealed }) =>
    commitment === null || revealed === null ? [] : { commitment, nonce: revealed.nonce },
  );
  return all.length === round.slots.length ? { ...round, code: await codeOf(round.of, all) } : round;
}

async function signed(of: Of, me: Member, said: Said, signer: Signer): Promise<Message> {
  const signature = await signer.sign(LABEL, signedFields(of, me.clientId, said));
  const common = { roster: of.roster, round: of.number, signature };
  return said.is === 'commit' ? { ...common, ...said } : { ...common, ...said, done: false };
}

function mine(roster: Roster): Member {
  const me = roster.members[roster.me];
  // A roster is made with ourselves in it.
  if (me === undefined) throw new RangeError('a roster without ourselves');
  return me;
}
