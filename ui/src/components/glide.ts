import type { Action } from 'svelte/action';

import type { Rect } from '../layout/arrange.ts';

/** Milliseconds; long enough to follow with the eyes. */
const GLIDE_MS = 180;

/** FLIP: a tile stands at its new place at once and is drawn gliding there from the old one. */
export const glide: Action<HTMLElement, Rect> = (node, first) => {
  let before = first;
  let last: Animation | null = null;
  stand(node, first);
  return {
    update(rect) {
      const from = before;
      before = rect;
      if (same(from, rect)) return;
      stand(node, rect);
      if (rect.width === 0 || rect.height === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
      const start = `translate(${from.x - rect.x}px, ${from.y - rect.y}px) scale(${from.width / rect.width}, ${from.height / rect.height})`;
      // One at a time: in a page that is hidden they may not finish.
      release(last);
      const gliding = node.animate([{ transform: start }, { transform: 'none' }], { duration: GLIDE_MS, easing: 'cubic-bezier(0.2, 0, 0, 1)' });
      gliding.onfinish = () => {
        release(gliding);
      };
      last = gliding;
    },
    destroy() {
      release(last);
    },
  };
};

/**
 * WebKit keeps an animation that has a timeline as long as the page lives, and with it the tile: some 0.1 MiB for each
 * person who came and went. Where the timeline cannot be set this is not needed. Cancelled first, since one that has not
 * begun would stand still at its start for ever; and without its handler, for which Chromium would keep one that is neither
 * finished nor on a timeline.
 */
function release(animation: Animation | null): void {
  if (animation === null) return;
  animation.onfinish = null;
  animation.cancel();
  Reflect.set(animation, 'timeline', null);
}

function stand(node: HTMLElement, rect: Rect): void {
  node.style.left = `${rect.x}px`;
  node.style.top = `${rect.y}px`;
  node.style.width = `${rect.width}px`;
  node.style.height = `${rect.height}px`;
}

function same(a: Rect, b: Rect): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
