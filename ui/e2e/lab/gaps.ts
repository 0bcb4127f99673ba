import type { Evaluates } from './links.ts';

/**
 * For how long tiles stood still: every picture that a tile shows is noted in the page when the browser presents it. How long the
 * page itself got no time is noted too, since a page that does not run shows nothing.
 */

declare global {
  interface Window {
    labGaps?: LabGaps;
  }
}

interface LabGaps {
  /** By participant: when the last picture came, and the longest time without one since it was asked last. */
  tiles: Map<string, { last: number; longest: number }>;
  /** The longest time for which a timer of 10 ms did not run. */
  stall: number;
}

/** Milliseconds since the last reading. */
export interface Gaps {
  /** By participant id; only who showed at least one picture. */
  longest: Record<string, number>;
  stall: number;
}

/** From now on. Tiles that come later are noted from their first picture on. */
export async function watchGaps(page: Evaluates): Promise<void> {
  await page.evaluate(() => {
    if (window.labGaps) return;
    const gaps: LabGaps = { tiles: new Map(), stall: 0 };
    window.labGaps = gaps;
    const followed = new WeakSet<HTMLVideoElement>();
    const follow = (video: HTMLVideoElement, id: string): void => {
      followed.add(video);
      const next = (now: number): void => {
        const tile = gaps.tiles.get(id);
        if (tile) {
          tile.longest = Math.max(tile.longest, now - tile.last);
          tile.last = now;
        } else gaps.tiles.set(id, { last: now, longest: 0 });
        if (video.isConnected) video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    };
    let ran = performance.now();
    setInterval(() => {
      const now = performance.now();
      gaps.stall = Math.max(gaps.stall, now - ran - 10);
      ran = now;
      for (const tile of document.querySelectorAll<HTMLElement>('[data-testid="tile"][data-self="false"][data-source="camera"]')) {
        const video = tile.querySelector('video');
        if (video && !followed.has(video)) follow(video, tile.dataset['participantId'] ?? '');
      }
    }, 10);
  });
}

/** The longest gaps since the last call, with that which is going on; then counts anew. */
export function readGaps(page: Evaluates): Promise<Gaps> {
  return page.evaluate(() => {
    const gaps = window.labGaps;
    if (!gaps) throw new Error('watchGaps() was not called');
    const now = performance.now();
    const longest: Record<string, number> = {};
    for (const [id, tile] of gaps.tiles) {
      longest[id] = Math.max(tile.longest, now - tile.last);
      tile.longest = 0;
    }
    const { stall } = gaps;
    gaps.stall = 0;
    return { longest, stall };
  });
}
