import fc from 'fast-check';
import { expect, it } from 'vitest';

import { shrink } from './shrink.ts';

it('each sample is the mean of those it stands for', () => {
  const bytes = Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, /* U */ 100, 200, /* V */ 50, 51);
  const small = shrink({ format: 'I420', width: 4, height: 2, bytes, planes: [{ offset: 0, stride: 4 }, { offset: 8, stride: 2 }, { offset: 10, stride: 2 }] }, 2, 2);
  // Two columns of two: rows are kept, so only neighbours in a row meet.
  expect([...small.bytes]).toEqual([15, 35, 55, 75, 150, 51]);
  expect(small.planes).toEqual([{ offset: 0, stride: 2 }, { offset: 4, stride: 1 }, { offset: 5, stride: 1 }]);
});

it('halving is the mean of four', () => {
  const bytes = Uint8Array.of(10, 20, 30, 40, 50, 60, 70, 80, /* UV */ 100, 50, 200, 51);
  const small = shrink({ format: 'NV12', width: 4, height: 2, bytes, planes: [{ offset: 0, stride: 4 }, { offset: 8, stride: 4 }] }, 2, 1);
  expect([...small.bytes]).toEqual([35, 55, 150, 51]);
});

it('colours of packed and of paired samples are not mixed', () => {
  const red = Uint8Array.from({ length: 4 * 4 * 4 }, (_, index) => [200, 10, 30, 255][index % 4] ?? 0);
  expect([...shrink({ format: 'RGBA', width: 4, height: 4, bytes: red, planes: [{ offset: 0, stride: 16 }] }, 2, 2).bytes.slice(0, 4)]).toEqual([200, 10, 30, 255]);
  const nv12 = Uint8Array.from([...Array<number>(16).fill(90), ...Array<number>(4).fill(0).flatMap(() => [7, 9])]);
  const small = shrink({ format: 'NV12', width: 4, height: 4, bytes: nv12, planes: [{ offset: 0, stride: 4 }, { offset: 16, stride: 4 }] }, 2, 2);
  expect([...small.bytes]).toEqual([90, 90, 90, 90, 7, 9]);
});

it('a plain picture stays plain at whatever size', () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, fc.double({ min: 0.05, max: 1, noNaN: true }), fc.nat(255), (width, height, scale, value) => {
      const bytes = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)).fill(value);
      const chroma = { stride: Math.ceil(width / 2), size: Math.ceil(width / 2) * Math.ceil(height / 2) };
      const planes = [
        { offset: 0, stride: width },
        { offset: width * height, stride: chroma.stride },
        { offset: width * height + chroma.size, stride: chroma.stride },
      ];
      const smaller = (side: number): number => Math.max(1, Math.round(side * scale));
      const small = shrink({ format: 'I420', width, height, bytes, planes }, smaller(width), smaller(height));
      expect(new Set(small.bytes)).toEqual(new Set([value]));
    }),
  );
});
