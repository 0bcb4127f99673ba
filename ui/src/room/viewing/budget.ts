import type { Budget, PixelRange } from '../../rtc/send/allocate.ts';
import type { Limits } from './choose.ts';

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

export function viewingBudget(cores: number): Pick<Limits, 'pictures' | 'pixels'> {
  const sure = coresOf(cores);
  return { pictures: Math.min(PICTURES_PER_CORE * sure, MOST_PICTURES), pixels: DECODED_PER_CORE * sure };
}

/**
 * @param share what the governor leaves of what is wanted: how much this computer carries is known only once it does not
 * @param range what is wanted now, and the least that is sent to whoever shows it
 */
export function sendingBudget(cores: number, share: number, { wanted, least }: PixelRange): Budget {
  const most = ENCODED_PER_CORE * coresOf(cores);
  return { pixels: Math.max(least, share < 1 ? Math.min(most, wanted) * share : most), uplink: UPLINK, renditions: RENDITIONS };
}

/** Pages are told 1 where nothing is said; nothing with a camera has less than two today. */
function coresOf(cores: number): number {
  return Number.isFinite(cores) ? Math.max(2, Math.floor(cores)) : 2;
}
