/**
 * What the way to this computer carries of what all others send together. Each sender only sees its own share of losses, and several that share a narrow
 * way take turns at losing; whoever receives them all knows at once. Judged once a second. Pure.
 *
 * free → (much is lost of several senders, twice in a row) narrow → (calm, and as much as is wanted) free.
 * narrow → (asking for less loses no less: it is not the width) lossy → (calm) free.
 */

/** One second of all links. */
export interface Arrivals {
  /** bit/s of media that came. */
  readonly bits: number;
  readonly packets: number;
  readonly lost: number;
  /** Links that brought packets, and those of them that lost a few. */
  readonly links: number;
  readonly losing: number;
}

export type WayIn =
  | { readonly is: 'free'; readonly badFor: number }
  | {
      readonly is: 'narrow';
      /** bit/s that all may send together. */
      readonly limit: number;
      /** Share that was lost when it began. */
      readonly worst: number;
      readonly cuts: number;
      /** Seconds in a row in which some was lost. */
      readonly badFor: number;
      /** Seconds until what was asked for last shows. */
      readonly settling: number;
      readonly calmFor: number;
      /** Seconds of calm until more is tried. */
      readonly patience: number;
      /** Seconds since more was tried, and how often that went well in a row. */
      readonly triedFor: number;
      readonly tries: number;
    }
  | { readonly is: 'lossy'; readonly calmFor: number };

export const FREE_WAY_IN: WayIn = { is: 'free', badFor: 0 };

/** Radio loses a few packets without being full; congestion control does not give way to less either (GCC, draft-ietf-rmcat-gcc-02 §6). */
const MUCH = 0.1;
/** Sound is heard to stutter. */
const SOME = 0.03;
const LITTLE = 0.01;
const BAD_SECONDS = 2;
/** So much of what came is asked for, so that what waits on the way gets through. */
const CUT = 0.85;
const SETTLES = 3;
/** After so many cuts the loss has to be less than this share of what it was. */
const CUTS = 3;
const NO_BETTER = 0.7;
const PATIENCE = 6;
const MOST_PATIENCE = 120;
/** Senders take three seconds to believe that there is more, and their encoders a few to fill it. */
const SHOWS = 8;
const IN_VAIN = 15;
const FIRST_TRY = 1.25;
const NEXT_TRY = 2;
const ROOM = 1.1;
const CALM_LOSSY = 30;
/** A packet or two are no evidence. */
const FEW = 20;

/**
 * @param wanted bit/s that would be asked for on a free way
 * @param least bit/s below which nothing is asked for: voices, which are the senders' own to spare
 */
export function judgeWayIn(before: WayIn, arrivals: Arrivals, { wanted, least }: { readonly wanted: number; readonly least: number }): WayIn {
  const { bits, packets, lost, links, losing } = arrivals;
  const share = packets + lost < FEW ? 0 : lost / (packets + lost);
  const several = losing >= 2 && losing * 2 > links;
  switch (before.is) {
    case 'free': {
      if (share < MUCH || !several) return FREE_WAY_IN;
      const badFor = before.badFor + 1;
      if (badFor < BAD_SECONDS) return { is: 'free', badFor };
      return { is: 'narrow', limit: Math.max(bits * CUT, least), worst: share, cuts: 0, badFor: 0, settling: SETTLES, calmFor: 0, patience: PATIENCE, triedFor: Infinity, tries: 0 };
    }
    case 'lossy': {
      const calmFor = share < LITTLE ? before.calmFor + 1 : 0;
      return calmFor >= CALM_LOSSY ? FREE_WAY_IN : { is: 'lossy', calmFor };
    }
    case 'narrow': {
      const triedFor = before.triedFor + 1;
      if (before.settling > 0) {
        // It is still full, so what comes is what it carries: the first second may have said too little, as all had just stopped.
        const limit = before.cuts === 0 && share >= SOME ? Math.max(before.limit, bits * CUT) : before.limit;
        return { ...before, limit, settling: before.settling - 1, triedFor };
      }
      if (share >= SOME && before.badFor + 1 < BAD_SECONDS) return { ...before, badFor: before.badFor + 1, calmFor: 0, triedFor };
      if (share >= SOME) {
        if (before.cuts >= CUTS && share > before.worst * NO_BETTER) return { is: 'lossy', calmFor: 0 };
        const vain = triedFor < IN_VAIN;
        // What comes now says little of what could: everybody has just begun to send less.
        return { ...before, limit: Math.max(Math.min(before.limit * CUT, Math.max(bits, before.limit / 2)), least), cuts: before.cuts + 1, badFor: 0, settling: SETTLES, calmFor: 0, patience: vain ? Math.min(before.patience * 2, MOST_PATIENCE) : before.patience, triedFor, tries: 0 };
      }
      const calmFor = share < LITTLE ? before.calmFor + 1 : 0;
      if (calmFor < (before.tries > 0 ? SHOWS : before.patience)) return { ...before, badFor: 0, calmFor, triedFor };
      const limit = before.limit * (before.tries > 0 ? NEXT_TRY : FIRST_TRY);
      return limit >= wanted * ROOM ? FREE_WAY_IN : { ...before, limit, cuts: 0, badFor: 0, calmFor: 0, triedFor: 0, tries: before.tries + 1 };
    }
  }
}

/** What each may send of `total`: nobody more than it wants, and otherwise alike. */
export function sharesOf(total: number, wants: ReadonlyMap<string, number>): Map<string, number> {
  const shares = new Map<string, number>();
  let left = total;
  let waiting = wants.size;
  for (const [id, want] of [...wants].sort(([, a], [, b]) => a - b)) {
    const share = Math.min(want, left / waiting);
    shares.set(id, share);
    left -= share;
    waiting -= 1;
  }
  return shares;
}
