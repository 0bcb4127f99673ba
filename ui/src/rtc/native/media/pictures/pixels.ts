/**
 * Frames to pixels of a canvas, and to smaller frames. Ours, because what WebKitGTK 2.50 does when a canvas or a player
 * draws a frame of another format is one conversion at a time for the whole process, without a lock: two threads that
 * convert at once wait 200 ms each and get nothing. Copying planes as they are does not convert. Pure.
 */

/** The formats that come from decoders and cameras here; names of WebCodecs. */
export type PixelFormat = 'I420' | 'NV12' | 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

export interface Plane {
  /** Bytes. */
  offset: number;
  /** Bytes from one row to the next. */
  stride: number;
}

export interface Picture {
  format: PixelFormat;
  width: number;
  height: number;
  planes: readonly Plane[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** How luma and colour difference become red, green and blue. */
export interface Colours {
  matrix: 'bt601' | 'bt709';
  /** All of 0…255 is used, rather than 16…235. */
  fullRange: boolean;
}

/** VP8 has no other (RFC 6386, section 9.2). */
export const VP8_COLOURS: Colours = { matrix: 'bt601', fullRange: false };

const OPAQUE = 0xff000000 | 0;
/** Sums lie between these, before they are cut to a byte. */
const LOWEST = -512;
const CUT = Uint8Array.from({ length: 1_536 }, (_, index) => Math.max(0, Math.min(255, index + LOWEST)));

/** Fixed-point terms (16 bits behind the point) of each value of a sample. */
interface Terms {
  luma: Int32Array;
  redOfV: Int32Array;
  greenOfU: Int32Array;
  greenOfV: Int32Array;
  blueOfU: Int32Array;
}

const known = new Map<string, Terms>();

export function isPixelFormat(format: string | null): format is PixelFormat {
  return format === 'I420' || format === 'NV12' || format === 'RGBA' || format === 'RGBX' || format === 'BGRA' || format === 'BGRX';
}

/** Writes the picture as RGBA, a pixel in each element (little endian). `pixels` has width × height of them. */
export function toPixels(picture: Picture, colours: Colours, pixels: Int32Array): void {
  switch (picture.format) {
    case 'I420':
    case 'NV12':
      fromPlanes(picture, colours, pixels);
      return;
    case 'RGBA':
    case 'RGBX':
      fromPacked(picture, 0, 2, pixels);
      return;
    case 'BGRA':
    case 'BGRX':
      fromPacked(picture, 2, 0, pixels);
      return;
  }
}

function fromPlanes({ format, width, height, planes, bytes }: Picture, colours: Colours, pixels: Int32Array): void {
  const [y, u, v] = planes;
  if (y === undefined || u === undefined) return;
  // NV12 has both colour differences in one plane, by turns.
  const step = format === 'NV12' ? 2 : 1;
  const second = format === 'NV12' ? { offset: u.offset + 1, stride: u.stride } : v;
  if (second === undefined) return;
  const { luma, redOfV, greenOfU, greenOfV, blueOfU } = termsOf(colours);
  for (let row = 0; row < height; row += 1) {
    let atY = y.offset + row * y.stride;
    let atU = u.offset + (row >> 1) * u.stride;
    let atV = second.offset + (row >> 1) * second.stride;
    let out = row * width;
    const end = out + width;
    while (out < end) {
      const valueU = bytes[atU] ?? 0;
      const valueV = bytes[atV] ?? 0;
      const red = redOfV[valueV] ?? 0;
      const green = (greenOfU[valueU] ?? 0) + (greenOfV[valueV] ?? 0);
      const blue = blueOfU[valueU] ?? 0;
      const left = luma[bytes[atY] ?? 0] ?? 0;
      pixels[out] = pixel(left + red, left + green, left + blue);
      if (out + 1 < end) {
        const right = luma[bytes[atY + 1] ?? 0] ?? 0;
        pixels[out + 1] = pixel(right + red, right + green, right + blue);
      }
      out += 2;
      atY += 2;
      atU += step;
      atV += step;
    }
  }
}

function pixel(red: number, green: number, blue: number): number {
  return (CUT[(red >> 16) - LOWEST] ?? 0) | ((CUT[(green >> 16) - LOWEST] ?? 0) << 8) | ((CUT[(blue >> 16) - LOWEST] ?? 0) << 16) | OPAQUE;
}

function fromPacked({ width, height, planes, bytes }: Picture, red: number, blue: number, pixels: Int32Array): void {
  const [plane] = planes;
  if (plane === undefined) return;
  let out = 0;
  for (let row = 0; row < height; row += 1) {
    let at = plane.offset + row * plane.stride;
    for (let column = 0; column < width; column += 1) {
      pixels[out] = (bytes[at + red] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + blue] ?? 0) << 16) | OPAQUE;
      out += 1;
      at += 4;
    }
  }
}

/** Factors of ITU-R BT.601 and BT.709. */
function termsOf({ matrix, fullRange }: Colours): Terms {
  const key = `${matrix} ${String(fullRange)}`;
  const made = known.get(key);
  if (made) return made;
  const [red, blue] = matrix === 'bt709' ? [0.2126, 0.0722] : [0.299, 0.114];
  const green = 1 - red - blue;
  const [from, lumaScale, chromaScale] = fullRange ? [0, 1, 1] : [16, 255 / 219, 255 / 224];
  const table = (of: (value: number) => number): Int32Array => Int32Array.from({ length: 256 }, (_, value) => Math.round(of(value) * 65_536));
  const chroma = (factor: number): Int32Array => table((value) => (value - 128) * chromaScale * factor);
  const terms: Terms = {
    // Half of a step, so that cutting the point off rounds.
    luma: table((value) => (value - from) * lumaScale + 0.5),
    redOfV: chroma(2 * (1 - red)),
    greenOfU: chroma((-2 * blue * (1 - blue)) / green),
    greenOfV: chroma((-2 * red * (1 - red)) / green),
    blueOfU: chroma(2 * (1 - blue)),
  };
  known.set(key, terms);
  return terms;
}
