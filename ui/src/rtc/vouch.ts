import type { Identity } from '../protocol/generated/Identity.ts';
import { matches } from '../trust/fingerprints.ts';
import { verifyIdentity } from '../trust/identity.ts';

/**
 * Whether a participant vouches for the certificate in a description of its own: its key signed this one fingerprint for
 * this meeting. Whoever has no identity is taken as it is, and shown as somebody who cannot be proven.
 */
export async function vouches(sdp: string, identity: Identity | undefined, meetingId: string): Promise<boolean> {
  if (identity === undefined) return true;
  const verified = await verifyIdentity(identity, meetingId);
  return verified !== undefined && matches(sdp, verified.fingerprint);
}
