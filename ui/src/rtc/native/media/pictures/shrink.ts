import type { Picture, PixelFormat, Plane } from './pixels.ts';

/** A smaller picture in the same format, each of its samples the mean of those it stands for. Pure. */

/** For each plane: samples of a pixel in it, and how many pixels of each direction one sample stands for. */
const LAYOUTS: Record<PixelFormat, readonly { samples: number; each: number }[]> = {
  I420: [{ samples: 1, each: 1 }, { samples: 1, each: 2 }, { samples: 1, each: 2 }],
  NV12: [{ samples: 1, each: 1 }, { samples: 2, each: 2 }],
  RGBA: [{ samples: 4, each: 1 }],
  RGBX: [{ samples: 4, each: 1 }],
  BGRA: [{ samples: 4, each: 1 }],
  BGRX: [{ samples: 4, each: 1 }],
};

export function shrink(picture: Picture, width: number, height: number): Picture {
  const layouts = LAYOUTS[picture.format];
  const planes: Plane[] = [];
  let size = 0;
  for (const { samples, each } of layouts) {
    const stride = Math.ceil(width / each) * samples;
    planes.push({ offset: size, stride });
    size += stride * Math.ceil(height / each);
  }
  const bytes = new Uint8Array(size);
  for (const [index, { samples, each }] of layouts.entries()) {
    const [from, to] = [picture.planes[index], planes[index]];
    if (from === undefined || to === undefined) continue;
    const source = { at: picture.bytes, plane: from, width: Math.ceil(picture.width / each), height: Math.ceil(picture.height / each) };
    shrinkPlane(source, { at: bytes, plane: to, width: Math.ceil(width / each), height: Math.ceil(height / each) }, samples);
  }
  return { format: picture.format, width, height, planes, bytes };
}

interface Samples {
  at: Uint8Array<ArrayBuffer>;
  plane: Plane;
  width: number;
  height: number;
}

function shrinkPlane(from: Samples, to: Samples, samples: number): void {
  if (from.width === 2 * to.width && from.height === 2 * to.height) halvePlane(from, to, samples);
  else meanPlane(from, to, samples);
}

/** What cameras and screens need, and by far faster. */
function halvePlane(from: Samples, to: Samples, samples: number): void {
  for (let row = 0; row < to.height; row += 1) {
    let upper = from.plane.offset + 2 * row * from.plane.stride;
    let lower = upper + from.plane.stride;
    let out = to.plane.offset + row * to.plane.stride;
    for (let column = 0; column < to.width; column += 1) {
      for (let sample = 0; sample < samples; sample += 1) {
        const left = (from.at[upper] ?? 0) + (from.at[lower] ?? 0);
        const right = (from.at[upper + samples] ?? 0) + (from.at[lower + samples] ?? 0);
        to.at[out] = (left + right + 2) >> 2;
        out += 1;
        upper += 1;
        lower += 1;
      }
      upper += samples;
      lower += samples;
    }
  }
}

function meanPlane(from: Samples, to: Samples, samples: number): void {
  const columns = edges(from.width, to.width);
  const rows = edges(from.height, to.height);
  for (let row = 0; row < to.height; row += 1) {
    const [top, bottom] = [rows[row] ?? 0, rows[row + 1] ?? 0];
    let out = to.plane.offset + row * to.plane.stride;
    for (let column = 0; column < to.width; column += 1) {
      const [left, right] = [columns[column] ?? 0, columns[column + 1] ?? 0];
      const count = (right - left) * (bottom - top);
      for (let sample = 0; sample < samples; sample += 1) {
        let sum = count >> 1;
        for (let line = top; line < bottom; line += 1) {
          let at = from.plane.offset + line * from.plane.stride + left * samples + sample;
          for (let pixel = left; pixel < right; pixel += 1) {
            sum += from.at[at] ?? 0;
            at += samples;
          }
        }
        to.at[out] = sum / count;
        out += 1;
      }
    }
  }
}

/** Where the samples that each of fewer ones stands for begin; each has one at least. */
function edges(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to + 1 }, (_, index) => Math.floor((index * from) / to));
}
