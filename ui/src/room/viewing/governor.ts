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

/** How much less than everything. */
export interface Level {
  readonly framesPerSecond: number;
  /** The largest picture of a face that is asked for, one of `VIEW_HEIGHTS`. */
  readonly height: number;
  /** Faces at once. */
  readonly pictures: number;
  /** Share of what this computer would encode otherwise. Whoever shows us is always sent the least: a face that stands still says nothing. */
  readonly encoding: number;
}

/** First frames, then sizes, then the number of pictures; at the end only sound is left. Screens stay until then. */
export const LEVELS: readonly Level[] = [
  { framesPerSecond: 30, height: 2160, pictures: Infinity, encoding: 1 },
  { framesPerSecond: 24, height: 1080, pictures: Infinity, encoding: 0.75 },
  { framesPerSecond: 15, height: 720, pictures: Infinity, encoding: 0.5 },
  { framesPerSecond: 15, height: 360, pictures: Infinity, encoding: 0.35 },
  { framesPerSecond: 15, height: 270, pictures: Infinity, encoding: 0.25 },
  { framesPerSecond: 15, height: 270, pictures: 6, encoding: 0.2 },
  { framesPerSecond: 15, height: 270, pictures: 4, encoding: 0.15 },
  { framesPerSecond: 15, height: 270, pictures: 2, encoding: 0.1 },
  { framesPerSecond: 10, height: 270, pictures: 1, encoding: 0.08 },
  { framesPerSecond: 0, height: 0, pictures: 0, encoding: 0.08 },
];

export interface Governor {
  /** Index into `LEVELS`. */
  readonly level: number;
  /** Intervals of trouble, or of calm since, in a row. */
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
const PATIENCE_MS = 15_000;
/** Then a person has changed something in the meantime, and it is worth a try. */
const MOST_PATIENCE_MS = 240_000;
/** Whoever goes down again so soon after a step up went up in vain. */
const IN_VAIN_MS = 45_000;

/** An encoder that is busy all the time drops frames; the camera takes from the same time. */
const ENCODER_BUSY = 0.8;
const LATE_FRAMES = 0.12;
/** Voices come from worklets of their own, but controls do not: a fifth of a second is felt. */
const LAG_MS = 250;

/** Whether this computer does not keep up. */
export function overloaded(load: Load): boolean {
  // Where the system says itself that it is at its end, half the symptom is enough.
  const strict = load.pressure === 'critical' ? 0.5 : 1;
  if (load.limitedByCpu) return true;
  if ((load.encoderBusy ?? 0) > ENCODER_BUSY * strict) return true;
  if ((load.lateFrames ?? 0) > LATE_FRAMES * strict) return true;
  if ((load.lagMs ?? 0) > LAG_MS * strict) return true;
  // One link that freezes is its sender's trouble; of half of all it is ours.
  return load.frozenLinks >= 2 && load.frozenLinks * 2 >= load.links;
}

/** Nothing speaks against a step up. */
function calm(load: Load): boolean {
  return !overloaded(load) && load.pressure !== 'critical' && load.frozenLinks === 0 && (load.lagMs ?? 0) < LAG_MS / 2;
}

/** @param matters whether two levels differ for what is shown and sent now: a step that changes nothing is none */
export function govern(before: Governor, load: Load, now: number, matters: (from: Level, to: Level) => boolean): Governor {
  const bad = overloaded(load);
  const badFor = bad ? before.badFor + 1 : 0;
  const calmSince = calm(load) ? (before.calmSince ?? now) : null;
  if (badFor >= BAD_INTERVALS && now - before.downAt >= EFFECT_MS) {
    const level = next(before.level, 1, matters);
    if (level === before.level) return { ...before, badFor, calmSince };
    const inVain = now - before.upAt < IN_VAIN_MS;
    return { ...before, level, badFor, calmSince: null, downAt: now, patienceMs: inVain ? Math.min(before.patienceMs * 2, MOST_PATIENCE_MS) : before.patienceMs };
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
