import { expect, it } from 'vitest';

import { keyFrameSize } from './key-frame-size.ts';

it('reads width and height behind the start code, without the scale', () => {
  expect(keyFrameSize(Uint8Array.of(0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41, 9))).toEqual({ width: 640, height: 360 });
});

it('takes what is no key frame for something', () => {
  for (const bytes of [[], [1, 2, 3], [0x10, 2, 0, 0x9d, 0x01, 0x2b, 0x80, 2, 0x68, 1], [0x10, 2, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0]]) {
    const { width, height } = keyFrameSize(Uint8Array.from(bytes));
    expect(width).toBeGreaterThan(0);
    expect(height).toBeGreaterThan(0);
  }
});
