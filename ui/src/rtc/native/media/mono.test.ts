import { expect, it } from 'vitest';

import { firstChannel } from './mono.ts';

function data(format: string, channels: number, values: Float32Array | Int16Array | Uint8Array, planes = 1): AudioData {
  return {
    format,
    numberOfChannels: channels,
    numberOfFrames: (values.length * planes) / channels,
    allocationSize: () => values.byteLength,
    copyTo: (to: ArrayBuffer) => {
      new Uint8Array(to).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    },
  } as unknown as AudioData;
}

it('takes the first of channels that come by turns', () => {
  expect([...firstChannel(data('f32', 2, Float32Array.of(0.5, 9, -0.25, 9, 0, 9)))]).toEqual([0.5, -0.25, 0]);
});

it('takes a plane as it is', () => {
  expect([...firstChannel(data('f32-planar', 2, Float32Array.of(0.5, -0.25), 2))]).toEqual([0.5, -0.25]);
});

it('makes whole numbers parts of one', () => {
  expect([...firstChannel(data('s16', 1, Int16Array.of(16_384, -32_768)))]).toEqual([0.5, -1]);
  expect([...firstChannel(data('u8', 1, Uint8Array.of(0, 128, 192)))]).toEqual([-1, 0, 0.5]);
});

it('is silent where it cannot read', () => {
  expect([...firstChannel(data('f16', 1, Float32Array.of(1)))]).toEqual([0]);
});
