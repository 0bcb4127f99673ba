import type { LinkState } from '../room/model.ts';

/** What is known of a link: the connection's own state, and its history. */
export interface LinkFacts {
  connection: RTCPeerConnectionState;
  /** It has been connected, by this connection or an earlier one. */
  everConnected: boolean;
  /** Connections made anew since it was last connected. */
  rebuilds: number;
}

/** After this many connections in vain people are told so; trying goes on. */
export const REBUILDS_UNTIL_FAILED = 2;

/** The state in the words people see. */
export function linkState({ connection, everConnected, rebuilds }: LinkFacts): LinkState {
  if (connection === 'connected') return 'connected';
  if (rebuilds >= REBUILDS_UNTIL_FAILED) return 'failed';
  return everConnected ? 'reconnecting' : 'connecting';
}
