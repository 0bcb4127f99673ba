import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { EndReason } from '../room/model.ts';

/** What stands between a person and a meeting, as far as this page can know before it tries. Pure. */

/** What this page has that opens the door. */
export interface Pass {
  /** Of a guest link. */
  readonly secret: string | null;
  /** We were in this meeting before, and it knows our key. */
  readonly known: boolean;
}

/** `code`: six digits, or to ask. `ask`: somebody lets people in. `shut`: nobody new comes in. */
export type Door = 'open' | 'code' | 'ask' | 'shut';

export function doorOf(found: FoundMeeting, pass: Pass): Door {
  if (found.own || pass.known) return 'open';
  switch (found.summary.access) {
    case 'open':
      return 'open';
    case 'code':
      return pass.secret !== null ? 'open' : 'code';
    case 'lobby':
      return 'ask';
    case 'locked':
      return 'shut';
  }
}

/** Ends of a seat that was never taken, after which the person may try again in another way. */
const REFUSALS = ['code-needed', 'wrong-code', 'too-many-tries', 'knock-needed', 'not-admitted', 'locked'] as const satisfies readonly EndReason[];
export type Refusal = (typeof REFUSALS)[number];

export function refusalOf(reason: EndReason): Refusal | null {
  return REFUSALS.find((refusal) => refusal === reason) ?? null;
}

/** What is left of a secret with which we were refused: a locked door says nothing about it. */
export function secretAfter(secret: string | null, refusal: Refusal): string | null {
  return refusal === 'locked' ? secret : null;
}

const DIGITS = /^[0-9]{6}$/;

/** The six digits that a person typed, in whatever groups and width; null if they are none. */
export function codeDigits(text: string): string | null {
  const digits = text.normalize('NFKC').replace(/[\s-]/g, '');
  return DIGITS.test(digits) ? digits : null;
}
