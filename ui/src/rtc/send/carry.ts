/**
 * What a link can carry of the shared pictures. The sender's own rate control cannot say: it knows the carriers, which are tiny,
 * and not the payloads. So it is read from how long packets wait to be sent, and from the browser's estimate of the way. Neither
 * is enough: packets of a busy computer wait too, and an estimate is low for want of proof where little was sent. Pure: one
 * reading a second in, the level out. Down quickly; up slowly, and more slowly each time that it did not hold.
 */

export type Level = 'large' | 'small' | 'own';

/** Of the last second. */
export interface CarryReading {
  /** bit/s, the browser's estimate of the way; null where it is not known. */
  readonly available: number | null;
  /** How long a packet waited to be sent, on average, in milliseconds. */
  readonly sendDelayMs: number;
}

/** bit/s of the two shared pictures in the last second; 0 of one that was not made. */
export interface CarryRates {
  readonly large: number;
  readonly small: number;
}

export interface Carry {
  readonly level: Level;
  /** Readings in a row that were bad. */
  readonly strained: number;
  /** Readings since the level changed or the last bad one. */
  readonly calm: number;
  /** Calm readings before the next step up. */
  readonly patience: number;
  /** The last change was a step up. */
  readonly rose: boolean;
}

/** A pacer without trouble holds packets for some 5 ms, a key frame for 50. */
const SLOW_MS = 150;
/** Nobody has to wait for a second bad reading. */
const STUCK_MS = 400;
/** An estimate this far below the picture is believed with less. */
const SHORT = 0.7;
const SHORT_MS = 30;
/** Bad readings in a row before a step down. */
const BAD = 2;
const PATIENCE = 10;
const LONGEST_PATIENCE = 120;
/** A step up that held for so many readings was right. */
const HELD = 30;

export const CARRIES_LARGE: Carry = { level: 'large', strained: 0, calm: 0, patience: PATIENCE, rose: false };

/** Links of which it is the computer that is slow, when more than half of them are bad at once. Two may have the same bad network. */
const MANY = 3;

/** The next state of each link, from the readings of the same second. */
export function carryAll<Link>(
  states: ReadonlyMap<Link, Carry>,
  readings: ReadonlyMap<Link, CarryReading>,
  rates: CarryRates,
): Map<Link, Carry> {
  const bad = [...states].filter(([link, { level }]) => isBad(level, readings.get(link), rates)).length;
  const everywhere = bad >= MANY && bad > states.size / 2;
  return new Map(
    [...states].map(([link, state]) => {
      const reading = readings.get(link);
      if (reading === undefined) return [link, state];
      // Smaller pictures for one would not help: the encoder serves all.
      if (everywhere && isBad(state.level, reading, rates)) return [link, { ...state, strained: 0, calm: 0 }];
      return [link, carry(state, reading, rates)];
    }),
  );
}

export function carry(before: Carry, reading: CarryReading, rates: CarryRates): Carry {
  const { level, rose } = before;
  if (isBad(level, reading, rates)) {
    const strained = before.strained + 1;
    if (level === 'own' || (strained < BAD && reading.sendDelayMs < STUCK_MS)) return { ...before, strained, calm: 0 };
    const patience = rose && before.calm < HELD ? Math.min(before.patience * 2, LONGEST_PATIENCE) : before.patience;
    return { level: level === 'large' ? 'small' : 'own', strained: 0, calm: 0, patience, rose: false };
  }
  const calm = before.calm + 1;
  if (level === 'large' || calm < before.patience) {
    const held = calm >= HELD;
    return { ...before, strained: 0, calm, ...(held && level === 'large' && { patience: PATIENCE, rose: false }) };
  }
  return { ...before, level: level === 'own' ? 'small' : 'large', strained: 0, calm: 0, rose: true };
}

function isBad(level: Level, reading: CarryReading | undefined, rates: CarryRates): boolean {
  if (reading === undefined) return false;
  const rate = level === 'own' ? 0 : rates[level];
  const available = reading.available ?? 0;
  return (reading.sendDelayMs > SLOW_MS && available < rate) || (reading.sendDelayMs > SHORT_MS && available < rate * SHORT);
}
