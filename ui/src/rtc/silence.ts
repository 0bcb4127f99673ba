/**
 * Notices that nothing comes from the other side any more, sooner than the browser does: Chromium calls a link
 * `disconnected` only after some 7 s. Used for participants whose connection to the room is lost; for all others the
 * browser's patience is right, as a short hole in the network mends itself.
 */

const LOOK_EVERY_MS = 500;
/** ICE asks every 2.5 s even where no media flow (RFC 8445 §11 allows 15 s, libwebrtc does not wait so long). */
const SILENT_AFTER_MS = 4_000;

interface PairEntry {
  type: string;
  bytesReceived?: number;
  packetsReceived?: number;
  requestsReceived?: number;
  responsesReceived?: number;
}

/** Grows with everything that arrives, be it media or ICE's own questions and answers. */
export function heardOf(report: Iterable<object>): number {
  let heard = 0;
  for (const entry of report as Iterable<PairEntry>) {
    if (entry.type !== 'candidate-pair' && entry.type !== 'transport') continue;
    heard += (entry.bytesReceived ?? 0) + (entry.packetsReceived ?? 0);
    heard += (entry.requestsReceived ?? 0) + (entry.responsesReceived ?? 0);
  }
  return heard;
}

/** Calls `onchange` when silence begins and ends, until the returned function is called. */
export function watchSilence(
  getStats: () => Promise<RTCStatsReport>,
  onchange: (silent: boolean) => void,
): () => void {
  let heard: number | null = null;
  let since = performance.now();
  let silent = false;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isStopped = (): boolean => stopped;
  const look = async (): Promise<void> => {
    try {
      const now = heardOf((await getStats()).values() as Iterable<object>);
      // A new connection counts from zero: that is a change too.
      if (now !== heard) since = performance.now();
      heard = now;
    } catch {
      // Closed: nothing comes.
    }
    if (isStopped()) return;
    const is = performance.now() - since >= SILENT_AFTER_MS;
    if (is !== silent) {
      silent = is;
      onchange(is);
    }
    timer = setTimeout(() => void look(), LOOK_EVERY_MS);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
