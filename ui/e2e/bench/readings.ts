import type { Page } from '@playwright/test';

import type { BenchTile, Look } from './watch.ts';

/** One page, read at one moment. Counters only grow, but for what counts since the start of a window. */

export interface TileReading extends BenchTile {
  id: string;
  /** In the window, not covered and not hidden. */
  visible: boolean;
  /** It shows a picture, and does not say that there is none. */
  playing: boolean;
  /** Milliseconds since the last picture. */
  since: number;
}

export interface PageReading {
  /** `performance.now()` of the page. */
  at: number;
  tiles: TileReading[];
  video: {
    framesEncoded: number;
    keyFrames: number;
    /** Sum over all frames. */
    pixels: number;
    encodeSeconds: number;
    framesDecoded: number;
    decodeSeconds: number;
    freezes: number;
    freezeSeconds: number;
  };
  /** Bytes of RTP that went to others. */
  sentBytes: { video: number; audio: number };
  audio: { samples: number; concealed: number; packets: number; lost: number };
  /** Connections to others that carry, and streams of pictures that are encoded. */
  links: number;
  encoders: number;
  /** What the encoders say of themselves: program, size, limits. */
  described: string[];
}

/** Starts a window: the longest times and smallest pictures count from now on. */
export async function startWindow(page: Page): Promise<void> {
  await page.evaluate(() => window.benchStart?.());
}

export function readPage(page: Page, look: Look): Promise<PageReading> {
  return page.evaluate(async (tilesCss) => {
    const connected = (window.benchLinks ?? []).filter(({ connectionState }) => connectionState === 'connected');
    const links = await Promise.all(
      connected.map(async (link) => ({
        // A page may have a connection to itself, to have something encoded: what goes that way leaves nobody's machine.
        own: link.getConfiguration().bundlePolicy === 'max-compat',
        entries: [...((await link.getStats()).values() as Iterable<Record<string, unknown>>)],
      })),
    );
    const number = (entry: Record<string, unknown>, key: string): number => (typeof entry[key] === 'number' ? entry[key] : 0);
    const reading: PageReading = {
      at: performance.now(),
      tiles: [],
      video: { framesEncoded: 0, keyFrames: 0, pixels: 0, encodeSeconds: 0, framesDecoded: 0, decodeSeconds: 0, freezes: 0, freezeSeconds: 0 },
      sentBytes: { video: 0, audio: 0 },
      audio: { samples: 0, concealed: 0, packets: 0, lost: 0 },
      links: 0,
      encoders: 0,
      described: [],
    };
    const { video, audio } = reading;
    for (const { own, entries } of links) {
      if (!own) reading.links += 1;
      for (const entry of entries) {
        const isVideo = entry['kind'] === 'video';
        if (entry['type'] === 'outbound-rtp') {
          const bytes = number(entry, 'bytesSent') + number(entry, 'headerBytesSent');
          if (!own) reading.sentBytes[isVideo ? 'video' : 'audio'] += bytes;
          if (!isVideo) continue;
          video.framesEncoded += number(entry, 'framesEncoded');
          video.keyFrames += number(entry, 'keyFramesEncoded');
          video.encodeSeconds += number(entry, 'totalEncodeTime');
          const known = window.benchPixels?.get(number(entry, 'ssrc')) ?? { frames: 0, pixels: 0 };
          const [width, height] = [number(entry, 'frameWidth'), number(entry, 'frameHeight')];
          const pixels = known.pixels + (number(entry, 'framesEncoded') - known.frames) * width * height;
          window.benchPixels?.set(number(entry, 'ssrc'), { frames: number(entry, 'framesEncoded'), pixels, width, height });
          video.pixels += pixels;
          if (number(entry, 'framesEncoded') > 0) reading.encoders += 1;
          reading.described.push(`${own ? 'own ' : ''}${String(entry['encoderImplementation'])} ${String(width)}x${String(height)}@${String(entry['framesPerSecond'])} ${String(entry['qualityLimitationReason'])}`);
        } else if (entry['type'] === 'inbound-rtp' && !own) {
          if (isVideo) {
            video.framesDecoded += number(entry, 'framesDecoded');
            video.decodeSeconds += number(entry, 'totalDecodeTime');
            video.freezes += number(entry, 'freezeCount');
            video.freezeSeconds += number(entry, 'totalFreezesDuration');
          } else {
            audio.samples += number(entry, 'totalSamplesReceived');
            audio.concealed += number(entry, 'concealedSamples');
            audio.packets += number(entry, 'packetsReceived');
            audio.lost += number(entry, 'packetsLost');
          }
        }
      }
    }
    for (const tile of document.querySelectorAll(tilesCss)) {
      const id = tile.getAttribute('data-participant-id') ?? tile.id;
      const { left, top, right, bottom, width, height } = tile.getBoundingClientRect();
      const inside = width > 0 && height > 0 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
      const shown = window.benchTiles?.get(id) ?? { presented: 0, last: 0, longest: 0, stops: 0, width: 0, height: 0, nowHeight: 0 };
      // A tile may say that it shows no picture for now.
      const video = tile instanceof HTMLVideoElement ? tile : tile.querySelector('video');
      const playing = video !== null && video.checkVisibility({ visibilityProperty: true });
      reading.tiles.push({ id, ...shown, visible: inside && tile.checkVisibility({ visibilityProperty: true }), playing, since: performance.now() - shown.last });
    }
    return reading;
  }, look.tiles);
}
