/**
 * Whom a room with too many faces shows large. Whoever speaks takes the place from whoever stopped, but not at the first cough,
 * and not while the other goes on: a place that jumps is worse than one that is late. Pure; time is an argument.
 */

/** Somebody else in the room. */
export interface Voice {
  readonly id: string;
  readonly speaking: boolean;
  /** When the person last began or ended to speak; 0: not yet. */
  readonly at: number;
}

export interface ActiveSpeaker {
  /** Null while nobody else is here. */
  readonly id: string | null;
  /** Since when. */
  readonly since: number;
  /** When it may be somebody else without anything new; null: not before something happens. */
  readonly next: number | null;
}

export const NOBODY_SPEAKS: ActiveSpeaker = { id: null, since: -Infinity, next: null };

/** A word is longer than a cough. */
const TAKES_MS = 700;
/** A pause between two sentences is shorter. */
const GIVES_MS = 1_000;
/** Long enough to see whose face it is. */
const STAYS_MS = 2_000;

/** @param people in the order of the room: before anybody has spoken, the first has the place */
export function activeSpeaker(before: ActiveSpeaker, people: readonly Voice[], now: number): ActiveSpeaker {
  const speaking = people.filter((voice) => voice.speaking).sort((a, b) => a.at - b.at);
  const holder = people.find(({ id }) => id === before.id);
  if (holder === undefined) {
    const [first] = speaking.length > 0 ? speaking : [...people].sort((a, b) => b.at - a.at);
    return first === undefined ? NOBODY_SPEAKS : { id: first.id, since: now, next: null };
  }
  const [challenger] = speaking;
  if (holder.speaking || challenger === undefined) return before.next === null ? before : { ...before, next: null };
  // Whoever never spoke has the place by chance.
  const at = Math.max(challenger.at + TAKES_MS, holder.at === 0 ? 0 : Math.max(holder.at + GIVES_MS, before.since + STAYS_MS));
  return at <= now ? { id: challenger.id, since: now, next: null } : { ...before, next: at };
}
