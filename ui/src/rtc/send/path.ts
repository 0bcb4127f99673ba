/**
 * What the way to one participant carries, judged once a second. A path is free until there is evidence against it: an
 * estimate alone is none, for it grows only with what is sent. Pure.
 *
 * free → (too slow for what is sent, twice in a row) short → (the estimate reaches what is wanted) free.
 */
export interface Reading {
  /** `availableOutgoingBitrate` in bit/s; null where the engine does not say. */
  readonly estimate: number | null;
  /** Mean time that a packet waited in the sender, in milliseconds. */
  readonly delayMs: number | null;
  /** An encoder of this link says that it is held back by the bandwidth. */
  readonly limited: boolean;
  /** bit/s of pictures that were sent. */
  readonly sent: number;
  /** bit/s that the link is given, sound included. */
  readonly given: number;
  /** bit/s that it would be given on a free way, sound included. */
  readonly wanted: number;
}

export type Path =
  | { readonly is: 'free'; readonly badFor: number; readonly estimate: number }
  /** `calmFor`: seconds in which nothing waited. `patience`: so many of them until more is tried. */
  | { readonly is: 'short'; readonly limit: number; readonly calmFor: number; readonly patience: number };

export const FREE: Path = { is: 'free', badFor: 0, estimate: 0 };

/**
 * A pacer without trouble holds packets for some 5 ms and a key frame for 50, but those of a busy computer wait too: an estimate that
 * is only a little too low is believed with much waiting, one that is far too low with some.
 */
const LONG_MS = 150;
const WAITING_MS = 30;
const FAR_BELOW = 0.7;
/** Whoever sends so much more than the estimate would have raised it, if the way carried that. */
const ABOVE = 1.2;
const BAD_READINGS = 2;
/** Estimates tremble by less. */
const GROWING = 1.1;
/** Below it there is no picture at all, only sound: a blackout of a second must not be remembered as the width of the way. */
const LEAST_LIMIT = 64_000;
const PATIENCE = 15;
const MOST_PATIENCE = 120;
const TRY = 1.5;

/** Whether a link gets less through than it is given. An estimate alone does not say that. */
export function isStrained({ estimate, delayMs, limited, sent, given }: Reading): boolean {
  const waited = delayMs ?? 0;
  if (estimate === null) return waited > LONG_MS;
  if (estimate >= given) return false;
  return limited || sent > estimate * ABOVE || waited > LONG_MS || (waited > WAITING_MS && estimate < given * FAR_BELOW);
}

export function judgePath(before: Path, reading: Reading): Path {
  const { delayMs, limited, wanted } = reading;
  // An engine that says nothing, unless nothing gets out.
  if (reading.estimate === null && !isStrained(reading)) return before.is === 'free' ? FREE : before;
  const estimate = reading.estimate ?? 0;
  const waits = (delayMs ?? 0) > WAITING_MS;
  if (before.is === 'free') {
    // An estimate that grows is a beginning, not an end.
    const bad = isStrained(reading) && estimate < Math.max(1, before.estimate) * GROWING;
    const badFor = bad ? before.badFor + 1 : 0;
    if (badFor < BAD_READINGS) return { is: 'free', badFor, estimate };
    return { is: 'short', limit: Math.max(estimate, LEAST_LIMIT), calmFor: 0, patience: PATIENCE };
  }
  if (estimate >= wanted * GROWING) return { is: 'free', badFor: 0, estimate };
  if (estimate < before.limit && (limited || waits)) {
    const vain = before.patience * (before.calmFor === 0 ? 1 : 2);
    return { is: 'short', limit: Math.max(estimate, LEAST_LIMIT), calmFor: 0, patience: Math.min(vain, MOST_PATIENCE) };
  }
  if (waits || limited) return { ...before, calmFor: 0 };
  const calmFor = before.calmFor + 1;
  if (estimate > before.limit * GROWING) return { ...before, limit: estimate, calmFor };
  // Where little is sent the estimate does not grow by itself.
  if (calmFor >= before.patience) return { ...before, limit: Math.min(before.limit * TRY, wanted * GROWING), calmFor: 1 };
  return { ...before, calmFor };
}

/** bit/s; null: as much as is wanted. */
export function limitOf(path: Path): number | null {
  return path.is === 'short' ? path.limit : null;
}
