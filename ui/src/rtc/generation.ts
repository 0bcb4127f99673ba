import type { Description } from './signals.ts';
import { sessionOf } from './sdp.ts';

/**
 * Which RTCPeerConnection a description is meant for. Either side may make its connection anew; both then have to, and
 * messages of the old ones may still be on their way. Each connection therefore has an id (`link`), told with every
 * description together with the other side's as far as it is known (`linkTo`).
 */

export interface Generation {
  /** Our connection. */
  readonly own: string;
  /** The other side's, from the last description that was taken; null before. */
  readonly other: string | null;
}

export type Verdict =
  /** For this connection. */
  | 'take'
  /** For an earlier connection of ours, or for somebody else's. */
  | 'drop'
  /** From a new connection of the other side: ours is made anew, then it is taken. */
  | 'renew';

/** The sender's connection: its `link`, or for a minimal client the session id of its description. */
export function senderOf(description: Description): string | null {
  if (description.link !== null) return description.link;
  const session = sessionOf(description.sdp);
  return session === null ? null : `session ${session}`;
}

/** @param live whether media flow by the connection that we have */
export function judge(generation: Generation, description: Description, live: boolean): Verdict {
  const { own, other } = generation;
  if (description.linkTo !== null && description.linkTo !== own) return 'drop';
  const sender = senderOf(description);
  if (other === null || sender === null || sender === other) return 'take';
  // A minimal client sends to all: as ours works, this is of another connection of its, for somebody else.
  if (description.link === null && live) return 'drop';
  if (description.type === 'offer') return 'renew';
  // An answer cannot come from another connection than the one that was offered to. Of a minimal client it was perhaps
  // the earlier answer that was for somebody else; the negotiation sees whether it fits.
  return description.link === null ? 'take' : 'drop';
}
