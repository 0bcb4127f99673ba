import { fingerprintsOf } from '../trust/fingerprints.ts';

/** The one DTLS certificate of this page for one meeting, which all its links show. */
export interface PageCertificate {
  /** For `RTCConfiguration.certificates`; empty where the engine has one of its own for all connections. */
  readonly certificates: readonly RTCCertificate[];
  /** SHA-256 of it, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
  /** Nobody needs it any more. */
  readonly release: () => void;
}

/** ECDSA on P-256, as browsers make by themselves (RFC 8827 §6.5). */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/**
 * Has the next one ready: it takes some 30 ms, which nobody who clicked is to wait for. Each is given out once, as two meetings are not
 * to be recognised by it as the same person's.
 */
export class Certificates {
  #next: Promise<PageCertificate> | null = null;

  /** Begins to make the next one; not where the engine has to run for it. */
  prepare(): void {
    if (makesOwn()) void this.next();
  }

  /** The one that is taken next. Rejects where no connection can be made at all. */
  next(): Promise<PageCertificate> {
    if (this.#next === null) {
      this.#next = makeCertificate();
      // Whoever takes it is told.
      this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  /** Rejects where no connection can be made at all. */
  take(): Promise<PageCertificate> {
    const taken = this.next();
    this.#next = null;
    return taken;
  }
}

const makesOwn = (): boolean => 'generateCertificate' in RTCPeerConnection;

async function makeCertificate(): Promise<PageCertificate> {
  const certificates = makesOwn() ? [await RTCPeerConnection.generateCertificate(ALGORITHM)] : [];
  // Read from an offer that is never sent: not every browser has `getFingerprints`, and none leaves it out of an offer.
  const connection = new RTCPeerConnection(certificates.length === 0 ? {} : { certificates });
  const release = (): void => {
    connection.close();
  };
  try {
    connection.createDataChannel('');
    const { sdp = '' } = await connection.createOffer();
    const found = fingerprintsOf(sdp).find(({ hash }) => hash === 'sha-256');
    if (found === undefined) throw new Error('the offer has no fingerprint');
    // An engine has another certificate when it runs anew, which it does when no connection needed it for a while.
    if (certificates.length > 0) release();
    return { certificates, fingerprint: found.value, release };
  } catch (error) {
    release();
    throw error;
  }
}
