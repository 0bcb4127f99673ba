import type { Action } from 'svelte/action';

import { pictureHeight, USUAL_ASPECT, type Fit } from '../layout/picture.ts';

/** Tells how large a tile's picture is drawn, whenever that may have changed; 0 when nothing of the tile can be seen. */
export interface ShownSize {
  readonly fit: Fit;
  /** @param pixels height of the whole picture in device pixels */
  readonly onsize: (pixels: number) => void;
}

export const shownSize: Action<HTMLElement, ShownSize> = (node, first) => {
  let told = first;
  let seen = false;
  let box = { width: 0, height: 0 };
  const tell = (): void => {
    told.onsize(seen ? pictureHeight(box, aspectOf(node), told.fit, window.devicePixelRatio) : 0);
  };
  const resized = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const { width, height } = entry.contentRect;
    box = { width, height };
    tell();
  });
  // Also cut off by what is around it, and scrolled away.
  const intersected = new IntersectionObserver((entries) => {
    seen = entries.at(-1)?.isIntersecting === true;
    tell();
  });
  resized.observe(node);
  intersected.observe(node);
  // The shape of a picture is known when it has come, and changes when a phone is turned. Media events do not bubble.
  node.addEventListener('resize', tell, true);
  // Another zoom or another display; sizes in CSS pixels may stay.
  window.addEventListener('resize', tell);
  return {
    update(next) {
      const other = next.fit !== told.fit;
      told = next;
      if (other) tell();
    },
    destroy() {
      resized.disconnect();
      intersected.disconnect();
      node.removeEventListener('resize', tell, true);
      window.removeEventListener('resize', tell);
      told.onsize(0);
    },
  };
};

function aspectOf(node: HTMLElement): number {
  const video = node.querySelector('video');
  if (video !== null && video.videoHeight > 0) return video.videoWidth / video.videoHeight;
  const canvas = node.querySelector('canvas');
  return canvas !== null && canvas.height > 0 ? canvas.width / canvas.height : USUAL_ASPECT;
}
