import type { Budget, PixelRange } from '../../rtc/send/allocate.ts';
import type { Limits } from './choose.ts';
import type { Level } from './governor.ts';

/** What a computer with so many cores shows and sends without trouble, before anything is measured. Pure. */

/** VP8 in real time takes about a core for 60 million pixels a second; half of the cores is left to everything else. */
const ENCODED_PER_CORE = 30_000_000;
/** Decoding and drawing in software take a quarter of encoding. */
const DECODED_PER_CORE = 50_000_000;
/** Twelve faces in a small size are what two cores show; more than 32 people do not meet. */
const PICTURES_PER_CORE = 6;
const MOST_PICTURES = 32;
/** The Wi-Fi of a meeting room carries some 100 Mbit/s for all in it together, and each picture goes up and down. */
const UPLINK = 16_000_000;
const RENDITIONS = 2;
/** As little as the governor asks of others. */
const LEAST_SENT = { height: 240, framesPerSecond: 10 };

export function viewingBudget(cores: number): Pick<Limits, 'pictures' | 'pixels'> {
  const sure = coresOf(cores);
  return { pictures: Math.min(PICTURES_PER_CORE * sure, MOST_PICTURES), pixels: DECODED_PER_CORE * sure };
}

/**
 * @param level what the governor leaves: how much this computer carries is known only once it does not
 * @param range the least that is sent to whoever shows it: a face that stands still says nothing
 */
export function sendingBudget(cores: number, level: Level, { least }: PixelRange): Budget {
  // Whoever shows nothing any more is still seen by others.
  const framesPerSecond = Math.max(level.framesPerSecond, LEAST_SENT.framesPerSecond);
  const height = Math.max(level.height, LEAST_SENT.height);
  return { pixels: Math.max(least, ENCODED_PER_CORE * coresOf(cores)), uplink: UPLINK, renditions: RENDITIONS, face: { height, framesPerSecond } };
}

/** Pages are told 1 where nothing is said; nothing with a camera has less than two today. */
function coresOf(cores: number): number {
  return Number.isFinite(cores) ? Math.max(2, Math.floor(cores)) : 2;
}
