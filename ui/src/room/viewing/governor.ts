import type { Limits } from './choose.ts';

/**
 * Watches whether this computer keeps up, and says with how much less it would: pictures that stand still are worse than fewer
 * or smaller ones. Down within two seconds of trouble, up after some time of calm, and each time it has to go down again that
 * time is longer. Pure; time is an argument.
 */

/** What was seen in one interval of about a second. What is not known here is null. */
export interface Load {
  /** Share of the time of one core that encoders took. */
  readonly encoding: number | null;
  /** Time that the slowest encoder took for a frame, as a share of the time between two frames. */
  readonly encoderBusy: number | null;
  /** The engine says that an encoder is held back by the processor. */
  readonly limitedByCpu: boolean;
  /** Share of received frames that were not decoded, or decoded and not shown, of links that lose nothing on the way. */
  readonly lateFrames: number | null;
  /** Links that lose nothing on the way and froze all the same. */
  readonly frozenLinks: number;
  /** Links that bring pictures. */
  readonly links: number;
  /** The longest that the page did not answer, in milliseconds. */
  readonly lagMs: number | null;
  /** As the system says it. */
  readonly pressure: 'nominal' | 'fair' | 'serious' | 'critical' | null;
}

/** How much less than everything. Faces are asked for and sent by the same measure. */
export interface Level {
  readonly framesPerSecond: number;
  /** The largest picture of a face, one of `VIEW_HEIGHTS`. */
  readonly height: number;
  /** Faces of others at once. */
  readonly pictures: number;
  /** Our own picture is drawn small and seldom: nobody else loses anything by it. */
  readonly thinOwn: boolean;
}

export const FULL: Level = { framesPerSecond: 30, height: 2160, pictures: Infinity, thinOwn: false };

/**
 * First sizes, down to one in which a face can be read, then frames, then the number of pictures; at the end only sound is left.
 * Screens stay until then.
 */
export const LEVELS: readonly Level[] = [
  FULL,
  { framesPerSecond: 30, height: 540, pictures: Infinity, thinOwn: true },
  { framesPerSecond: 30, height: 360, pictures: Infinity, thinOwn: true },
  { framesPerSecond: 30, height: 240, pictures: Infinity, thinOwn: true },
  { framesPerSecond: 20, height: 240, pictures: Infinity, thinOwn: true },
  { framesPerSecond: 15, height: 240, pictures: Infinity, thinOwn: true },
  { framesPerSecond: 15, height: 240, pictures: 6, thinOwn: true },
  { framesPerSecond: 15, height: 240, pictures: 4, thinOwn: true },
  { framesPerSecond: 15, height: 240, pictures: 3, thinOwn: true },
  { framesPerSecond: 15, height: 240, pictures: 2, thinOwn: true },
  { framesPerSecond: 10, height: 240, pictures: 1, thinOwn: true },
  { framesPerSecond: 0, height: 0, pictures: 0, thinOwn: true },
];

/** So far down only sizes were given, and so far only sizes and frames. */
const SIZES_ONLY = 3;
const ALL_FACES = 5;

export interface Governor {
  /** Index into `LEVELS`. */
  readonly level: number;
  /** Intervals of trouble; those of the worst count twice, and each without takes one away. */
  readonly badFor: number;
  readonly calmSince: number | null;
  /** Calm that is asked for before the next step up. */
  readonly patienceMs: number;
  /** When it last went up, and down. */
  readonly upAt: number;
  readonly downAt: number;
}

export const AT_FULL: Governor = { level: 0, badFor: 0, calmSince: null, patienceMs: 15_000, upAt: -Infinity, downAt: -Infinity };

/** One bad second may be a window that opens. */
const BAD_INTERVALS = 2;
/** After a step down its effect is seen before the next. */
const EFFECT_MS = 1_500;
/** Faces are taken away only after so many: it is what people notice most. */
const BAD_INTERVALS_FOR_FACES = 4;
const PATIENCE_MS = 15_000;
/** Then a person has changed something in the meantime, and it is worth a try. */
const MOST_PATIENCE_MS = 240_000;
/** Whoever goes down again so soon after a step up went up in vain. */
const IN_VAIN_MS = 45_000;

/** An encoder that is busy all the time drops frames; the camera takes from the same time. */
const ENCODER_BUSY = 0.8;
const LATE_FRAMES = 0.25;
const MOST_LATE_FRAMES = 0.5;
/** Voices come from worklets of their own, but controls do not: a fifth of a second is felt. */
const LAG_MS = 250;
const LONG_LAG_MS = 1_000;

/** What people notice of a computer that does not keep up; null: nothing. */
export function trouble(load: Load): string | null {
  if (load.limitedByCpu || (load.encoderBusy ?? 0) > ENCODER_BUSY) return 'encoder';
  if ((load.lateFrames ?? 0) > LATE_FRAMES) return 'late frames';
  if ((load.lagMs ?? 0) > LAG_MS) return 'page';
  // One link that freezes is its sender's trouble; of half of all it is ours.
  return load.frozenLinks >= 2 && load.frozenLinks * 2 >= load.links ? 'freezes' : null;
}

export function overloaded(load: Load): boolean {
  return trouble(load) !== null;
}

/** What nobody can look at: it counts twice, once more than sizes are to be given. */
function severe(load: Load): boolean {
  return trouble(load) === 'freezes' || (load.lateFrames ?? 0) > MOST_LATE_FRAMES || (load.lagMs ?? 0) > LONG_LAG_MS;
}

/** Nothing is felt that speaks against a step up. */
function calm(load: Load): boolean {
  return !overloaded(load) && load.frozenLinks === 0 && (load.lagMs ?? 0) < LAG_MS / 2;
}

/** What larger pictures would take is there. */
function atEase({ pressure }: Load): boolean {
  return pressure === null || pressure === 'nominal' || pressure === 'fair';
}

export interface Circumstances {
  /** Milliseconds, rising. */
  readonly now: number;
  /** Somebody came or went a moment ago, which makes everything stutter for a second: no reason to take frames away. */
  readonly unsettled: boolean;
  /** Whether two levels differ for what is shown and sent now: a step that changes nothing is none. */
  readonly matters: (from: Level, to: Level) => boolean;
}

export function govern(before: Governor, load: Load, { now, unsettled, matters }: Circumstances): Governor {
  // A system at its end is about to stutter: sizes give way before it does, frames and pictures only when it is felt.
  const sizes = before.level < SIZES_ONLY;
  const bad = sizes ? overloaded(load) || load.pressure === 'critical' : overloaded(load) && !unsettled;
  // A computer that stutters has a good second now and then.
  const badFor = bad ? before.badFor + (!sizes && severe(load) ? 2 : 1) : sizes ? 0 : Math.max(0, before.badFor - 1);
  const calmSince = calm(load) && (before.level > SIZES_ONLY || atEase(load)) ? (before.calmSince ?? now) : null;
  if (badFor >= (before.level < ALL_FACES ? BAD_INTERVALS : BAD_INTERVALS_FOR_FACES) && now - before.downAt >= EFFECT_MS) {
    const level = next(before.level, 1, matters);
    if (level === before.level) return { ...before, badFor, calmSince };
    const inVain = now - before.upAt < IN_VAIN_MS;
    return { ...before, level, badFor: 0, calmSince: null, downAt: now, patienceMs: inVain ? Math.min(before.patienceMs * 2, MOST_PATIENCE_MS) : before.patienceMs };
  }
  if (before.level > 0 && calmSince !== null && now - Math.max(calmSince, before.upAt, before.downAt) >= before.patienceMs) {
    return { ...before, level: next(before.level, -1, matters), badFor, calmSince: now, upAt: now };
  }
  // Long calm at the top: what was learnt of a bad time is forgotten.
  const rested = before.level === 0 && calmSince !== null && now - calmSince >= MOST_PATIENCE_MS;
  return { ...before, badFor, calmSince, patienceMs: rested ? PATIENCE_MS : before.patienceMs };
}

function next(from: number, by: 1 | -1, matters: (from: Level, to: Level) => boolean): number {
  const here = LEVELS[from];
  for (let level = from + by; ; level += by) {
    const there = LEVELS[level];
    if (here === undefined || there === undefined) return by > 0 ? from : 0;
    if (matters(here, there)) return level;
  }
}

/** The limits of a level on a computer that shows so much otherwise. */
export function limitsOf(level: Level, most: Pick<Limits, 'pictures' | 'pixels'>): Limits {
  return { pictures: Math.min(level.pictures, most.pictures), height: level.height, framesPerSecond: level.framesPerSecond, pixels: most.pixels };
}
