import { writable, type Readable } from '../../shared/store.ts';

/**
 * Whether anybody can look at the page: not in another tab, not minimised, and in most systems not covered by other windows.
 * Lives as long as the page.
 */
export function pageVisible(page: Document): Readable<boolean> {
  const known = made.get(page);
  if (known !== undefined) return known;
  const visible = writable(page.visibilityState === 'visible');
  page.addEventListener('visibilitychange', () => {
    visible.set(page.visibilityState === 'visible');
  });
  made.set(page, visible);
  return visible;
}

/** One listener a page, however many meetings it is in one after the other. */
const made = new WeakMap<Document, Readable<boolean>>();
