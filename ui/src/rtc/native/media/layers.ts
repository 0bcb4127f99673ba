import type { Layer } from '../../../protocol/generated/Layer.ts';

/**
 * In which sizes a track is offered to the engine. Layer 0 is the source's own size; the others, if the source is large
 * enough, are for links that cannot carry that: each at most half as wide as the one before. Pure.
 */

export interface Size {
  width: number;
  height: number;
}

/** What counts when there is not enough for both: movement, or that text can be read. */
export type Content = 'motion' | 'detail';

/** Sources that are narrower than this are not halved: it would save nothing that matters. */
const SMALLEST_HALVED = 320;
/** As many as a track is ever offered in. */
export const MAX_LAYERS = 3;
/** A screen at less than this width, halved, cannot be read. */
const SMALLEST_SCREEN_HALVED = 1_280;
/** The second layer is no larger than this, whatever the source: it is for slow links. */
const WIDEST_SECOND = 640;
const WIDEST_SECOND_SCREEN = 1_280;

/**
 * VP8, realtime, 30 frames a second: [pixels, bit/s below which the smaller layer looks better, bit/s above which
 * more is not seen]. Between them straight lines.
 */
const RATES: readonly (readonly [number, number, number])[] = [
  [160 * 90, 20_000, 120_000],
  [320 * 180, 40_000, 350_000],
  [640 * 360, 120_000, 1_000_000],
  [960 * 540, 220_000, 1_600_000],
  [1280 * 720, 350_000, 2_500_000],
  [1920 * 1080, 700_000, 4_500_000],
  [3840 * 2160, 2_000_000, 10_000_000],
];

/** For an audio track: the engine asks for nothing there. */
export const AUDIO_LAYERS: readonly Layer[] = [
  { width: 0, height: 0, minBitrate: 16_000, maxBitrate: 64_000, fixed: false },
];

export function layersOf(width: number, height: number, content: Content): Layer[] {
  const layers = [layer(width, height, content)];
  const smallest = content === 'detail' ? SMALLEST_SCREEN_HALVED : SMALLEST_HALVED;
  const widest = content === 'detail' ? WIDEST_SECOND_SCREEN : WIDEST_SECOND;
  const long = Math.max(width, height);
  for (let scale = 1; layers.length < MAX_LAYERS && long * scale >= smallest; ) {
    scale = Math.min(scale / 2, widest / long);
    layers.push(layer(even(width * scale), even(height * scale), content));
  }
  return layers;
}

/** A layer that is encoded no higher than `height`; its width follows. */
export function sizeAt({ width, height }: Size, most: number): Size {
  if (most >= height) return { width, height };
  return { width: even((width * most) / height), height: even(most) };
}

function layer(width: number, height: number, content: Content): Layer {
  const [min, max] = ratesOf(width * height);
  return {
    width,
    height,
    // A still page needs little, at whatever size; it may take seconds to become sharp.
    minBitrate: content === 'detail' ? Math.round(min / 2) : min,
    maxBitrate: max,
    fixed: false,
  };
}

function ratesOf(pixels: number): [number, number] {
  let below = RATES[0] ?? [0, 0, 0];
  for (const entry of RATES) {
    if (pixels <= entry[0]) {
      const part = entry[0] === below[0] ? 0 : Math.max(0, (pixels - below[0]) / (entry[0] - below[0]));
      return [between(below[1], entry[1], part), between(below[2], entry[2], part)];
    }
    below = entry;
  }
  return [below[1], below[2]];
}

const between = (from: number, to: number, part: number): number => Math.round(from + (to - from) * part);

/** VP8 halves its colour planes. */
const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2);
