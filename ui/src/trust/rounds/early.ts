import { utf8 } from '../bytes.ts';
import type { Message } from './message.ts';
import { CLIENT_ID_BYTES, MAX_MEMBERS } from './roster.ts';

/** Messages that came before their round, oldest first: about a roster that we do not know yet, or of a later round. Unchecked. */
export type Early = readonly Letter[];

export interface Letter {
  readonly from: string;
  readonly message: Message;
}

/** Most messages that wait: a commit and a reveal of each member. Whoever is pushed out sends again. */
export const MAX_EARLY = MAX_MEMBERS * 2;

/** Keeps one. Of each sender one commit and one reveal are kept, the newest. */
export function keep(early: Early, letter: Letter): Early {
  if (utf8(letter.from).length > CLIENT_ID_BYTES) return early;
  const others = early.filter((kept) => kept.from !== letter.from || kept.message.is !== letter.message.is);
  return [...others, letter].slice(-MAX_EARLY);
}

/** Those about this roster. */
export function about(early: Early, roster: string): Letter[] {
  return early.filter(({ message }) => message.roster === roster);
}

/** Takes those out that belong to this roster and to no later round than `number`. */
export function take(early: Early, roster: string, number: number): { taken: Letter[]; early: Early } {
  const belongs = ({ message }: Letter): boolean => message.roster === roster && message.round <= number;
  return { taken: early.filter(belongs), early: early.filter((letter) => !belongs(letter)) };
}
