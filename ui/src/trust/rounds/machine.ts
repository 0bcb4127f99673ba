import { toBase64url } from '../bytes.ts';
import type { Signer } from '../signer.ts';
import { about, keep, take, type Early, type Letter } from './early.ts';
import { asks, type Message } from './message.ts';
import { again, newPace, nextOf, type Pace } from './pace.ts';
import { keysOf, newRoster, othersOf, type Me, type Participant, type Roster } from './roster.ts';
import { beginRound, isOfMember, missingOf, reveal, takeMessage, withDone, type Round } from './round.ts';

/**
 * One code for the whole meeting: which round is due, and when. As `crates/trust/src/rounds/machine.rs`. Times in
 * milliseconds of any clock that only grows.
 *
 * A round begins when the roster changed, when a member is in a later round over the same roster, or when a member
 * contradicted itself; at most one in ROUND_AFTER_MS, and none while people compare a code. There is no leader.
 */
export interface Rounds {
  readonly meetingId: string;
  readonly roster: Roster | null;
  readonly unverifiable: readonly string[];
  readonly round: Round | null;
  /** Our last message of this round, and when it goes out again. */
  readonly last: { readonly message: Message; readonly pace: Pace } | null;
  /** Lowest number that the next round over the present round's roster may have, if one is due. */
  readonly wanted: number | null;
  /** Next number for each roster that had rounds, oldest first, so that a number is not used twice. */
  readonly remembered: readonly { readonly roster: string; readonly next: number }[];
  readonly began: number | null;
  readonly coded: number | null;
  readonly comparing: number | null;
  /** No signature is tried before. */
  readonly notBefore: number;
  readonly early: Early;
}

export type Input =
  /** Who is in the room now. */
  | { is: 'roster'; me: Me; others: readonly Participant[] }
  /** A message came; `from` as stamped by the server, which is not believed. */
  | { is: 'message'; from: string; message: Message }
  /** People began to compare the code, or ended. */
  | { is: 'comparing'; on: boolean }
  | { is: 'tick' };

/** What only the caller has. */
export interface Tools {
  readonly signer: Signer;
  /** 32 fresh random bytes. */
  nonce(): Uint8Array;
}

/** What people see. */
export interface View {
  readonly status: Status;
  /** Client ids of those whom no code covers: they show no identity, or a bad one. */
  readonly unverifiable: readonly string[];
}

export type Status =
  /** Nobody else here has an identity. */
  | { readonly is: 'alone' }
  /**
   * There is no code yet. `missing`: client ids of those who have not committed, or not revealed, or who saw other
   * commitments than we did; empty while the next round is about to begin.
   */
  | { readonly is: 'waiting'; readonly missing: readonly string[] }
  /**
   * `code`: five numbers below 64; `with` and `keys`: client ids and keys of the others whom it covers; `current`: no other
   * round is due, which is false while people compare a code of a roster that has changed since.
   */
  | {
      readonly is: 'code';
      readonly code: readonly number[];
      readonly with: readonly string[];
      readonly keys: readonly string[];
      readonly current: boolean;
    };

/** What a step gives. `failed`: the signer rejected; the machine tries again by itself. */
export interface Stepped {
  readonly state: Rounds;
  readonly send: readonly Message[];
  readonly failed: boolean;
}

/** Least time from the begin of one round to the begin of the next: bounds guesses, and work that somebody hostile makes. */
export const ROUND_AFTER_MS = 2_000;
/** Longest time that one code stays because somebody compares: a window left open must not keep newcomers from a code. */
export const MAX_COMPARING_MS = 120_000;
/** Time until the next try when the signer rejected. */
const SIGN_AFTER_MS = 1_000;
/** Rosters whose next round number is remembered: people come and go, and a roster may be there again. */
const MAX_REMEMBERED = 16;
const LARGEST_ROUND = 0xffff_ffff;

export function newRounds(meetingId: string): Rounds {
  return {
    meetingId,
    roster: null,
    unverifiable: [],
    round: null,
    last: null,
    wanted: null,
    remembered: [],
    began: null,
    coded: null,
    comparing: null,
    notBefore: 0,
    early: [],
  };
}

/** One input, and then what is due. One step ends before the next begins. */
export async function step(state: Rounds, input: Input, now: number, tools: Tools): Promise<Stepped> {
  const taken = await accept(state, input, now, tools.signer.key);
  if (now < taken.notBefore) return { state: taken, send: [], failed: false };
  return await act(taken, now, tools);
}

/** When a `tick` has something to do next, if nothing else comes. */
export function wakeAt(state: Rounds): number | null {
  const begin = isDue(state) ? mayBegin(state) : null;
  const resend = state.last === null ? null : nextOf(state.last.pace, isLacking(state));
  const times = [begin, resend].filter((at) => at !== null);
  return times.length === 0 ? null : Math.max(Math.min(...times), state.notBefore);
}

/** What people see now. */
export function viewOf(state: Rounds, now: number): View {
  return { status: statusOf(state, now), unverifiable: state.unverifiable };
}

function statusOf(state: Rounds, now: number): Status {
  if (state.roster === null) return { is: 'alone' };
  const shown = isCurrent(state) || now < frozenUntil(state);
  const round = shown ? state.round : null;
  if (round?.code) {
    const current = isCurrent(state) && !isDue(state);
    return { is: 'code', code: round.code, with: othersOf(round.roster), keys: keysOf(round.roster), current };
  }
  if (state.roster.members.length < 2) return { is: 'alone' };
  return { is: 'waiting', missing: round === null ? othersOf(state.roster) : missingOf(round) };
}

async function accept(state: Rounds, input: Input, now: number, key: string): Promise<Rounds> {
  switch (input.is) {
    case 'roster':
      return { ...state, ...(await newRoster(state.meetingId, { ...input.me, key }, input.others)) };
    case 'message':
      return await receive(state, input, now);
    case 'comparing':
      return { ...state, comparing: input.on ? (state.comparing ?? now) : null };
    case 'tick':
      return state;
  }
}

async function receive(state: Rounds, letter: Letter, now: number): Promise<Rounds> {
  const { from, message } = letter;
  const { round, meetingId } = state;
  const kept = (): Rounds => ({ ...state, early: keep(state.early, { from, message }) });
  if (round?.of.roster !== message.roster) return kept();
  if (message.round > round.of.number) {
    const known = state.wanted !== null && message.round <= state.wanted;
    if (!known && !(await isOfMember(meetingId, round.roster, from, message))) return state;
    return { ...kept(), wanted: Math.max(state.wanted ?? 0, message.round) };
  }
  if (message.round < round.of.number) return asks(message) ? asked(state) : state;
  const { round: next, told } = await takeMessage(round, from, message);
  const after = withRound(state, next, now);
  switch (told) {
    case 'nothing':
    case 'news':
      return after;
    case 'again':
      return asks(message) ? asked(after) : after;
    case 'contradiction': {
      // After the last number there is none; the roster would have to change.
      const number = round.of.number + 1;
      return number > LARGEST_ROUND ? after : { ...after, wanted: Math.max(after.wanted ?? 0, number) };
    }
  }
}

async function act(state: Rounds, now: number, tools: Tools): Promise<Stepped> {
  const send: Message[] = [];
  let current = state;
  try {
    if (isDue(current) && now >= mayBegin(current)) current = await begin(current, now, tools, send);
    const shown = current.round !== null && isCurrent(current) ? await reveal(current.round, tools.signer) : null;
    if (shown !== null) {
      send.push(shown.message);
      const last = { message: shown.message, pace: newPace(now) };
      current = withRound({ ...current, last }, shown.round, now);
    }
  } catch {
    return { state: { ...current, notBefore: now + SIGN_AFTER_MS }, send, failed: true };
  }
  const { last } = current;
  const due = last === null ? null : nextOf(last.pace, isLacking(current));
  if (last !== null && due !== null && now >= due) {
    const message = withDone(last.message, current.coded !== null);
    send.push(message);
    current = { ...current, last: { message, pace: again(last.pace, now) } };
  }
  return { state: current, send, failed: false };
}

async function begin(state: Rounds, now: number, tools: Tools, send: Message[]): Promise<Rounds> {
  const { roster } = state;
  if (roster === null) return state;
  const number = await nextNumber(state, roster);
  const of = { meetingId: state.meetingId, roster: roster.hash, number };
  const { round, message } = await beginRound(of, roster, toBase64url(tools.nonce()), tools.signer);
  send.push(message);
  const others = state.remembered.filter((known) => known.roster !== roster.hash);
  const next = Math.min(number + 1, LARGEST_ROUND);
  const { taken, early } = take(state.early, roster.hash, number);
  let begun: Rounds = {
    ...state,
    round,
    last: { message, pace: newPace(now) },
    wanted: null,
    coded: null,
    began: now,
    remembered: [...others, { roster: roster.hash, next }].slice(-MAX_REMEMBERED),
    early,
  };
  for (const letter of taken) begun = await receive(begun, letter, now);
  return begun;
}

/** The number of the next round over `roster`: one that we have not used, and the highest that a member is known to be in. */
async function nextNumber(state: Rounds, roster: Roster): Promise<number> {
  const unused = state.remembered.find((known) => known.roster === roster.hash)?.next ?? 0;
  let number = Math.max(unused, isCurrent(state) ? (state.wanted ?? 0) : 0);
  for (const { from, message } of about(state.early, roster.hash)) {
    if (message.round <= number) continue;
    if (await isOfMember(state.meetingId, roster, from, message)) number = message.round;
  }
  return number;
}

function withRound(state: Rounds, round: Round, now: number): Rounds {
  return { ...state, round, coded: round.code === null ? null : (state.coded ?? now) };
}

function asked(state: Rounds): Rounds {
  return state.last === null ? state : { ...state, last: { ...state.last, pace: { ...state.last.pace, asked: true } } };
}

/** The round is over the roster of now. */
function isCurrent({ round, roster }: Rounds): boolean {
  return round !== null && roster !== null && round.of.roster === roster.hash;
}

/** The round of now has no code yet. */
function isLacking(state: Rounds): boolean {
  return isCurrent(state) && state.coded === null;
}

/** Another round has to begin, as soon as it may. */
function isDue(state: Rounds): boolean {
  const company = state.roster !== null && state.roster.members.length > 1;
  return company && (!isCurrent(state) || state.wanted !== null);
}

function mayBegin(state: Rounds): number {
  const after = state.began === null ? 0 : state.began + ROUND_AFTER_MS;
  return Math.max(after, frozenUntil(state));
}

/** Until when the code stays because people compare it; 0 if nobody does. */
function frozenUntil({ comparing, coded }: Rounds): number {
  return comparing === null || coded === null ? 0 : Math.max(comparing, coded) + MAX_COMPARING_MS;
}
