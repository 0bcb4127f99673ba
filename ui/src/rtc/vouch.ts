import type { Identity } from '../protocol/generated/Identity.ts';
import { matches } from '../trust/fingerprints.ts';
import { verifyIdentity, type Verified } from '../trust/identity.ts';

/**
 * Says whether a participant vouches for the certificate in a description of its own: its key signed this one fingerprint for
 * this meeting. Whoever has no identity is taken as it is, and shown as somebody who cannot be proven.
 */
export class Voucher {
  readonly #verified: Promise<Verified | undefined> | null;

  /** Verified at once, and once: the description may come while the page has other things to do. */
  constructor(identity: Identity | undefined, meetingId: string) {
    this.#verified = identity === undefined ? null : verifyIdentity(identity, meetingId);
  }

  async vouchesFor(sdp: string): Promise<boolean> {
    if (this.#verified === null) return true;
    const verified = await this.#verified;
    return verified !== undefined && matches(sdp, verified.fingerprint);
  }
}
