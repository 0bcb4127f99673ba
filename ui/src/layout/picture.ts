import type { Size } from './arrange.ts';

/** How large a picture is drawn in a box of another shape. Pure. */

/** `cover` fills the box and is cut; `contain` shows all of the picture. */
export type Fit = 'cover' | 'contain';

/** The shape of a camera picture, as long as none has come. */
export const USUAL_ASPECT = 16 / 9;

/**
 * Height of the whole picture in device pixels, also of what is cut off. 0 if nothing of the box can be seen.
 *
 * @param box in CSS pixels
 * @param aspect width divided by height; what makes no sense is taken for the usual one
 * @param ratio device pixels of a CSS pixel
 */
export function pictureHeight(box: Size, aspect: number, fit: Fit, ratio: number): number {
  if (!(box.width > 0) || !(box.height > 0)) return 0;
  const shape = Number.isFinite(aspect) && aspect > 0 ? aspect : USUAL_ASPECT;
  const byWidth = box.width / shape;
  return Math.ceil((fit === 'cover' ? Math.max(box.height, byWidth) : Math.min(box.height, byWidth)) * ratio);
}
