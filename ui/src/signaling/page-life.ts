/** What happens to a page that matters to its seat. */
export interface PageLife {
  /** The page is closed, reloaded, left, or put into the browser's cache. */
  onhide(): void;
  /** The page is back from the browser's cache, with everything as it was, but its connections. */
  onback(): void;
  /** The network is back. */
  ononline(): void;
}

/** Listens until the returned function is called. `window` is the page; null where there is none. */
export function watchPage(
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | null,
  life: PageLife,
): () => void {
  const hide = (): void => {
    life.onhide();
  };
  const show = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) life.onback();
  };
  const online = (): void => {
    life.ononline();
  };
  page?.addEventListener('pagehide', hide);
  page?.addEventListener('pageshow', show);
  page?.addEventListener('online', online);
  return () => {
    page?.removeEventListener('pagehide', hide);
    page?.removeEventListener('pageshow', show);
    page?.removeEventListener('online', online);
  };
}
