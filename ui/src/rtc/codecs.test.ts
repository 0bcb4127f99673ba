import { describe, expect, it } from 'vitest';
import { orderCodecs, SCREEN_VP9_LINKS, type CodecNeeds } from './codecs.ts';

const VIDEO = ['video/VP8', 'video/rtx', 'video/H264', 'video/H264', 'video/VP9', 'video/AV1', 'video/red', 'video/ulpfec'].map((mimeType, at) => ({ mimeType, at }));
const AUDIO = ['audio/PCMU', 'audio/opus', 'audio/red', 'audio/CN'].map((mimeType, at) => ({ mimeType, at }));

const first = (needs: Partial<CodecNeeds>): string | undefined =>
  orderCodecs(VIDEO, { source: 'camera', shared: true, links: 3, efficient: new Set(), ...needs })[0]?.mimeType;

describe('codecs', () => {
  it('a camera that is encoded once for all is VP8, whatever the hardware does', () => {
    expect(first({})).toBe('video/VP8');
    expect(first({ efficient: new Set(['video/h264']) })).toBe('video/VP8');
  });

  it('a camera with an encoder for each link goes by the hardware, where there is some', () => {
    expect(first({ shared: false })).toBe('video/VP8');
    expect(first({ shared: false, efficient: new Set(['video/h264']) })).toBe('video/H264');
  });

  it('a screen is VP9 for few, VP8 for many, AV1 only where the hardware does it', () => {
    expect(first({ source: 'screen', links: SCREEN_VP9_LINKS })).toBe('video/VP9');
    expect(first({ source: 'screen', links: SCREEN_VP9_LINKS + 1 })).toBe('video/VP8');
    expect(first({ source: 'screen', links: 1, efficient: new Set(['video/av1']) })).toBe('video/AV1');
  });

  it('nothing is left out, and what is not ranked stays in its order', () => {
    const ordered = orderCodecs(VIDEO, { source: 'screen', shared: false, links: 1, efficient: new Set() });
    expect(ordered).toHaveLength(VIDEO.length);
    const rest = ordered.slice(2).map(({ at }) => at);
    expect(rest).toEqual([...rest].sort((a, b) => a - b));
    expect(orderCodecs(AUDIO, { source: 'microphone', shared: true, links: 1, efficient: new Set() })[0]?.mimeType).toBe('audio/opus');
  });
});
