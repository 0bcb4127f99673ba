import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { audioFrame, FRAME_HEADER, keyRequest, readFrame, videoFrame } from './frames.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe('frames of the media socket', () => {
  it('have the layout that the engine reads', () => {
    const video = videoFrame({ track: 0x01020304, layer: 1, key: true, timestamp: 0x0a0b0c0d, width: 640, height: 480 }, 2);
    video.set([0xaa, 0xbb], FRAME_HEADER);
    expect(hex(video)).toBe('01010100' + '04030201' + '0d0c0b0a' + 'e0018002' + 'aabb');
    expect(hex(audioFrame(7, 0xffffffff, 1))).toBe('02000000' + '07000000' + 'ffffffff' + '00000000' + '00');
    expect(hex(keyRequest(0x80000001))).toBe('03000000' + '01000080' + '00000000' + '00000000');
  });

  it('come from the engine with receiver, flags, time and arrival', () => {
    const bytes = Uint8Array.from([1, 3, 0, 0, 9, 0, 0, 0x80, 4, 3, 2, 0xf1, 0xff, 0xff, 0, 0, 42]);
    expect(readFrame(bytes.buffer)).toEqual({
      kind: 'video',
      receiver: 0x80000009,
      timestamp: 0xf1020304,
      key: true,
      gap: true,
      arrival: 0xffff,
      payload: Uint8Array.of(42),
    });
    bytes[0] = 2;
    expect(readFrame(bytes.buffer)).toMatchObject({ kind: 'audio', gap: true });
  });

  it('of unknown kinds and short ones are nothing, and no bytes throw', () => {
    expect(readFrame(new ArrayBuffer(15))).toBeNull();
    expect(readFrame(Uint8Array.from({ length: 16 }, () => 9).buffer)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const frame = readFrame(bytes.slice().buffer);
        expect(frame === null || frame.payload.length === bytes.length - FRAME_HEADER).toBe(true);
      }),
    );
  });
});
