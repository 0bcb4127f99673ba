import { expect, it } from 'vitest';

import { toPixels, VP8_COLOURS, type Picture } from './pixels.ts';

/** Red, green and blue of a pixel. */
function parts(pixel: number | undefined): number[] {
  return [pixel ?? 0, (pixel ?? 0) >> 8, (pixel ?? 0) >> 16].map((value) => value & 255);
}

function drawn(picture: Picture, colours = VP8_COLOURS): number[][] {
  const pixels = new Int32Array(picture.width * picture.height);
  toPixels(picture, colours, pixels);
  return [...pixels].map(parts);
}

/** One colour, in each of the planar formats. */
function plain(format: 'I420' | 'NV12', width: number, height: number, [y, u, v]: readonly [number, number, number]): Picture {
  const [luma, chroma] = [width * height, Math.ceil(width / 2) * Math.ceil(height / 2)];
  const bytes = new Uint8Array(luma + 2 * chroma).fill(y, 0, luma);
  const stride = Math.ceil(width / 2);
  if (format === 'NV12') {
    for (let index = 0; index < chroma; index += 1) bytes.set([u, v], luma + 2 * index);
    return { format, width, height, bytes, planes: [{ offset: 0, stride: width }, { offset: luma, stride: 2 * stride }] };
  }
  bytes.fill(u, luma, luma + chroma).fill(v, luma + chroma);
  return { format, width, height, bytes, planes: [{ offset: 0, stride: width }, { offset: luma, stride }, { offset: luma + chroma, stride }] };
}

// From the tables of BT.601 and BT.709 for 8 bits: black, white, and the primaries at full saturation.
const BT601: readonly [readonly [number, number, number], number[]][] = [
  [[16, 128, 128], [0, 0, 0]],
  [[235, 128, 128], [255, 255, 255]],
  [[81, 90, 240], [255, 0, 0]],
  [[145, 54, 34], [0, 255, 0]],
  [[41, 240, 110], [0, 0, 255]],
];

it.each(['I420', 'NV12'] as const)('%s becomes the colours that were sent, also at odd sizes', (format) => {
  for (const [sample, colour] of BT601) {
    for (const pixel of drawn(plain(format, 5, 3, sample))) {
      for (const [index, value] of pixel.entries()) expect(Math.abs(value - (colour[index] ?? 0))).toBeLessThanOrEqual(2);
    }
  }
});

it('knows the other matrix and the full range', () => {
  const red = drawn(plain('I420', 2, 2, [63, 102, 240]), { matrix: 'bt709', fullRange: false })[0] ?? [];
  for (const [index, value] of [255, 0, 0].entries()) expect(Math.abs((red[index] ?? 0) - value)).toBeLessThanOrEqual(2);
  expect(drawn(plain('I420', 2, 2, [16, 128, 128]), { matrix: 'bt601', fullRange: true })[0]).toEqual([16, 16, 16]);
});

it('sums beyond a byte are cut, not wrapped', () => {
  expect(drawn(plain('I420', 2, 2, [255, 255, 255]))[0]).toEqual([255, 125, 255]);
  expect(drawn(plain('I420', 2, 2, [0, 0, 0]))[0]).toEqual([0, 136, 0]);
});

it('packed formats differ in the order of their bytes, and rows may be longer than the picture', () => {
  const bytes = Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0, 99, 99, 7, 8, 9, 0, 10, 11, 12, 0, 99, 99);
  const picture = { width: 2, height: 2, bytes, planes: [{ offset: 0, stride: 10 }] };
  expect(drawn({ ...picture, format: 'RGBX' })).toEqual([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]);
  expect(drawn({ ...picture, format: 'BGRA' })).toEqual([[3, 2, 1], [6, 5, 4], [9, 8, 7], [12, 11, 10]]);
});

it('every pixel is opaque', () => {
  const pixels = new Int32Array(4);
  toPixels(plain('I420', 2, 2, [81, 90, 240]), VP8_COLOURS, pixels);
  expect([...pixels].map((pixel) => pixel >>> 24)).toEqual([255, 255, 255, 255]);
});
