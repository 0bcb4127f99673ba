import { describe, expect, test } from 'vitest';

import { figures, median, medians, type Window } from './figures.ts';
import type { PageReading, TileReading } from './readings.ts';

// Guards: figures that are right for what was read, since a benchmark that counts wrongly is worse than none.

const tile = (id: string, presented: number, more: Partial<TileReading> = {}): TileReading => ({
  id, presented, last: 0, longest: 40, stops: 0, width: 640, height: 480, nowHeight: 480, visible: true, playing: true, since: 10, ...more,
});

function reading(at: number, tiles: TileReading[], share: number): PageReading {
  return {
    at,
    tiles,
    video: { framesEncoded: 600 * share, keyFrames: share, pixels: 2e6 * share, encodeSeconds: 3 * share, framesDecoded: 300 * share, decodeSeconds: 0.6 * share, freezes: 2 * share, freezeSeconds: share },
    sentBytes: { video: 1_250_000 * share, audio: 50_000 * share },
    audio: { samples: 480_000 * share, concealed: 4_800 * share, packets: 500 * share, lost: 0 },
    links: 1,
    encoders: 1,
    described: [],
  };
}

/** Two pages for ten seconds; the first shows 300 pictures, the second half of it. */
function window(more: Partial<TileReading> = {}): Window {
  return {
    pages: [
      { before: reading(1_000, [tile('b', 100)], 0), after: reading(11_000, [tile('b', 400)], 1) },
      { before: reading(500, [tile('a', 7)], 0), after: reading(10_500, [tile('a', 157, more)], 1) },
    ],
    cpu: { before: new Map([['renderer', 1], ['node', 0]]), after: new Map([['renderer', 6], ['gpu-process', 3], ['node', 1]]) },
    machine: { before: 100, after: 114 },
    seconds: 10,
    others: 1,
  };
}

describe('figures of a meeting', () => {
  test('pictures are counted at each tile, and processor time is shared among all that were shown', () => {
    const seen = figures(window());
    expect(seen).toMatchObject({ fpsLeast: 15, fpsMedian: 22.5, fpsMost: 30, shown: 1, cores: 0.9, coresServer: 0.1, coresRenderer: 0.5, coresGpu: 0.3, coresOthers: 0.5 });
    expect(seen.cpuPerFrame).toBeCloseTo(20);
  });

  test('encoding, uplink and sound are sums of all pages, or of one of them', () => {
    const seen = figures(window());
    expect(seen).toMatchObject({ encodedFrames: 120, encodedMegapixels: 0.4, encodePerFrame: 5, encodePerSecond: 600, decodePerFrame: 2, freezes: 4, keyFrames: 2 });
    expect(seen).toMatchObject({ uplinkVideo: 1_000, uplinkAudio: 40, concealed: 1 });
  });

  test('whoever has no tile shows nothing, and a tile that nobody sees does not count as shown', () => {
    expect(figures({ ...window(), others: 2 })).toMatchObject({ fpsLeast: 0, fpsMedian: 7.5, shown: 0.5, linked: 0.5 });
    expect(figures(window({ visible: false })).shown).toBe(0.5);
  });

  test('a tile that says that it shows nothing is none of those that show something', () => {
    expect(figures(window({ playing: false }))).toMatchObject({ fpsLeast: 15, fpsLeastShown: 30 });
    expect(figures(window())).toMatchObject({ fpsLeast: 15, fpsLeastShown: 15 });
  });

  test('a picture that stands at the end of the window stands', () => {
    expect(figures(window({ since: 700, stops: 1 }))).toMatchObject({ longestGap: 700, stops: 2 });
    expect(figures(window({ since: 300, longest: 520 }))).toMatchObject({ longestGap: 520, stops: 0 });
  });

  test('the smallest picture counts, wherever it was', () => {
    expect(figures(window({ width: 320, height: 240, nowHeight: 360 }))).toMatchObject({ leastWidth: 320, leastHeight: 240, mostHeight: 480 });
  });
});

describe('medians', () => {
  test('are the middle, or between the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(median([])).toBeNaN();
  });

  test('are taken of each figure by itself', () => {
    expect(medians([{ a: 1, b: 9 }, { a: 2, b: 1 }, { a: 3, b: 5 }])).toEqual({ a: 2, b: 5 });
    expect(() => medians([])).toThrow('nothing was measured');
  });
});
