/**
 * When a link that does not work is mended, and by whom: first by restarting ICE, then by a new connection. Pure; the
 * link asks again after each wait. Both sides do it, so that one that is blind does not keep the other waiting, but
 * the impolite one first, so that in the common case only one does.
 */

/** Lost media may come back by themselves for so long (a Wi-Fi roam). */
const RESTART_AFTER_MS = 1_000;
/** By how much the polite side lets the other go first. */
const POLITE_LATER_MS = 3_000;
/** A connection that has not come about after so long never will (libwebrtc gives up after 15 to 30 s). */
const STUCK_AFTER_MS = 15_000;
/** Waits between connections made anew, in their order; the last one repeats. */
const REBUILD_PAUSES_MS = [0, 1_000, 2_000, 5_000, 15_000] as const;

export interface Trouble {
  polite: boolean;
  connection: RTCPeerConnectionState;
  /** This connection was connected before. */
  wasConnected: boolean;
  /** ICE was restarted since it was last connected. */
  restarted: boolean;
  /** Connections made anew since the link was last connected. */
  rebuilds: number;
  /** How long the connection has been in this trouble, in milliseconds. */
  forMs: number;
}

export type Repair =
  { is: 'nothing' } | { is: 'wait'; ms: number } | { is: 'restart-ice' } | { is: 'rebuild' };

export function repair(trouble: Trouble): Repair {
  const { polite, connection, wasConnected, restarted, rebuilds, forMs } = trouble;
  if (connection === 'connected') return { is: 'nothing' };
  const later = polite ? POLITE_LATER_MS : 0;
  const pause = REBUILD_PAUSES_MS[Math.min(rebuilds, REBUILD_PAUSES_MS.length - 1)] ?? 0;
  const rebuildAt = STUCK_AFTER_MS + later + pause;
  if (wasConnected && !restarted) {
    const at = RESTART_AFTER_MS + later;
    return forMs >= at ? { is: 'restart-ice' } : { is: 'wait', ms: at - forMs };
  }
  return forMs >= rebuildAt ? { is: 'rebuild' } : { is: 'wait', ms: rebuildAt - forMs };
}

/** How long somebody whose connection to the room is lost stays on screen without media: a reload is quicker. */
const GONE_AFTER_MS = 2_000;

/**
 * Whether a participant's tile goes: its connection to the room is lost and its link is dead too.
 *
 * @returns milliseconds until it goes if nothing changes, 0 for now, null for not at all
 */
export function goneIn(away: boolean, linkLives: boolean, bothForMs: number): number | null {
  if (!away || linkLives) return null;
  return Math.max(0, GONE_AFTER_MS - bothForMs);
}
