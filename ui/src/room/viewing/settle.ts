import { VIEW_HEIGHTS } from '../../rtc/send/plan.ts';

/**
 * From the pixels of a picture to the step that is asked for: a window that is being resized, or a tile that glides, does not
 * make every sender change its encoder many times a second. Pure; time is an argument.
 *
 * still → (another step) waiting → (the time for such a change is over) still.
 */
export interface Settled {
  /** What is asked for, one of `VIEW_HEIGHTS`. */
  readonly height: number;
  /** What will be, if nothing else comes, and when. */
  readonly next: { readonly height: number; readonly at: number } | null;
}

export const NOTHING_SHOWN: Settled = { height: 0, next: null };

/** A picture that grows is blurred meanwhile, so not long; a tile glides for 180 ms. */
const LARGER_MS = 150;
/** Nobody sees that a picture is sharper than it need be. */
const SMALLER_MS = 300;
/** Scrolled away and back, or another layout: shorter than anything that people call hidden. */
const NONE_MS = 250;
/** A picture a little larger than its step is not yet the next one. */
const ABOVE = 1.04;
/** And one a little smaller than the step below is not yet that one. */
const BELOW = 0.92;

const LARGEST = Math.max(...VIEW_HEIGHTS);

/** The step for a picture of so many device pixels in height, where `before` was asked for. */
export function stepFor(pixels: number, before: number): number {
  if (!(pixels > 0)) return 0;
  const step = above(pixels);
  if (before === 0 || step === before) return step;
  if (step > before) return pixels <= before * ABOVE ? before : step;
  const lower = above(pixels / BELOW);
  return lower < before ? lower : before;
}

/** A picture has another size now. */
export function see(settled: Settled, pixels: number, now: number): Settled {
  const height = stepFor(pixels, settled.height);
  if (height === settled.height) return settled.next === null ? settled : { height, next: null };
  // A picture that is there is wanted at once.
  if (settled.height === 0) return { height, next: null };
  const at = now + (height === 0 ? NONE_MS : height > settled.height ? LARGER_MS : SMALLER_MS);
  // While sizes change all the time the wait still ends.
  return { height: settled.height, next: { height, at: Math.min(at, settled.next?.at ?? Infinity) } };
}

/** Time has passed. */
export function settle(settled: Settled, now: number): Settled {
  return settled.next !== null && settled.next.at <= now ? { height: settled.next.height, next: null } : settled;
}

function above(pixels: number): number {
  return VIEW_HEIGHTS.find((step) => step >= pixels) ?? LARGEST;
}
