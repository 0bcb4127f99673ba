/** The DTLS fingerprints of a description (RFC 8122 §5): which certificates its links may use. */

export interface Fingerprint {
  /** Name of the hash in lower case, for example `sha-256`. Empty if the line cannot be read. */
  readonly hash: string;
  /** Hexadecimal digits in lower case, without colons. */
  readonly value: string;
}

/** A line that may be taken for a fingerprint by somebody, read generously: one too many refuses a link, one too few does harm. */
const LINE = /^\s*a\s*=\s*fingerprint/i;
const READABLE = /^a=fingerprint:([\w-]+) ([0-9a-f]{2}(?::[0-9a-f]{2})*)\s*$/i;

/** All fingerprints of an SDP, of the session and of its media sections, in their order. */
export function fingerprintsOf(sdp: string): Fingerprint[] {
  return sdp
    .split(/[\r\n]+/)
    .filter((line) => LINE.test(line))
    .map((line) => {
      const [, hash = '', value = ''] = READABLE.exec(line) ?? [];
      return { hash: hash.toLowerCase(), value: value.toLowerCase().replaceAll(':', '') };
    });
}

/** Whether an SDP allows the certificate with this SHA-256 (64 hexadecimal digits) and no other. */
export function matches(sdp: string, fingerprint: string): boolean {
  const found = fingerprintsOf(sdp);
  const wanted = fingerprint.toLowerCase();
  return found.length > 0 && found.every(({ hash, value }) => hash === 'sha-256' && value === wanted);
}
