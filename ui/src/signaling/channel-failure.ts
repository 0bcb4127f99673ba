import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { SeatEnd } from './seat-model.ts';

/**
 * What a connection that could not be opened means for a seat: the reason why it ends, or null to try again. A host that
 * was there before may be restarting, so only what a restart does not change ends a seat once had.
 */
export function channelFailure(code: NodeErrorCode, joinedBefore: boolean): SeatEnd | null {
  switch (code) {
    case 'fingerprint-mismatch':
    case 'fingerprint-changed':
      return 'fingerprint-mismatch';
    case 'unsupported-version':
      return 'unsupported-version';
    case 'wrong-code':
      return 'wrong-code';
    case 'too-many-tries':
      return 'too-many-tries';
    case 'false-host':
      // Once in, we wait for the true one: the false one is not spoken with.
      return joinedBefore ? null : 'false-host';
    case 'meeting-not-found':
      return joinedBefore ? null : 'room-not-found';
    case 'bad-address':
    case 'bad-request':
    case 'name-not-found':
    case 'not-landline':
    case 'not-supported':
      return joinedBefore ? null : 'unreachable';
    case 'unreachable':
    case 'connection-refused':
    case 'already-hosting':
    case 'port-unavailable':
    case 'no-channel':
    case 'congested':
    case 'no-browser':
    case 'internal':
      return null;
  }
}
