/**
 * When to try again. Pure: chance comes in as an argument.
 *
 * A LAN is either there at once or not at all, so the first try comes quickly, and later ones stay frequent: a host that
 * is back should be found within seconds. The jitter keeps thirty participants from knocking at the same moment.
 */
export interface Attempt {
  /** Tries since the last connection that lasted, this one not counted. */
  failed: number;
  /** Whether the seat was ever had. Before, a person waits and wants to know; afterwards, giving up helps nobody. */
  joinedBefore: boolean;
  /** Milliseconds since the first try. */
  elapsedMs: number;
  /** 0 to 1. */
  random: number;
}

/** Longest wait before the first new try. */
export const FIRST_RETRY_MS = 250;
/** Longest wait between tries: what a person notices as "it came back by itself". */
export const LONGEST_RETRY_MS = 3_000;
/** Tries of a first join. */
export const FIRST_JOIN_TRIES = 3;
/** Time for a first join, after which no further try starts. */
export const FIRST_JOIN_MS = 10_000;

/** Milliseconds to wait before the next try, or null to give up. */
export function retryDelay(attempt: Attempt): number | null {
  const { failed, joinedBefore, elapsedMs, random } = attempt;
  if (!joinedBefore && (failed >= FIRST_JOIN_TRIES || elapsedMs >= FIRST_JOIN_MS)) return null;
  // The exponent is bounded so that the power stays a number after days of trying.
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(Math.max(failed - 1, 0), 10));
  return Math.round(longest * (0.5 + 0.5 * random));
}
