import { object, type Check } from '../protocol/check.ts';
import { fromHex32, utf8 } from './bytes.ts';
import { isPublicKey, isSignature, verify } from './keys.ts';
import type { Signer } from './signer.ts';
import { statement } from './statement.ts';

/**
 * Who somebody is in one meeting: a lasting key that signs the fingerprint of the DTLS certificate of its links. The same
 * statements as `crates/trust/src/identity.rs`.
 */

/** A key and a fingerprint: 64 hexadecimal digits in lower case, SHA-256 of the DTLS certificate. */
export interface Verified {
  readonly key: string;
  readonly fingerprint: string;
}

/** What a participant shows to the others. Nothing of it is true before {@link verifyIdentity}. */
export interface Identity extends Verified {
  readonly signature: string;
}

/** An identity in form. Fingerprints in upper case become lower. */
export const identity: Check<Identity> = object({
  key: (value) => (typeof value === 'string' && isPublicKey(value) ? value : undefined),
  fingerprint: (value) => {
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    return fromHex32(text) === undefined ? undefined : text;
  },
  signature: (value) => (typeof value === 'string' && isSignature(value) ? value : undefined),
});

/** Fields of "in this meeting my links use the certificate with this fingerprint", under the label `dtls`. */
export function dtlsFields(meetingId: string, fingerprint: string): Uint8Array[] {
  return [utf8(meetingId), hex(fingerprint)];
}

/**
 * Fields of "I join this meeting at the host with this certificate, and answer its nonce", under the label `join`.
 * Both fingerprints are 64 hexadecimal digits.
 */
export function joinFields(
  meetingId: string,
  hostFingerprint: string,
  nonce: Uint8Array,
  dtlsFingerprint: string,
): Uint8Array[] {
  return [utf8(meetingId), hex(hostFingerprint), nonce, hex(dtlsFingerprint)];
}

/** Our own identity for a meeting. */
export async function makeIdentity(signer: Signer, meetingId: string, fingerprint: string): Promise<Identity> {
  const lower = fingerprint.toLowerCase();
  return { key: signer.key, fingerprint: lower, signature: await signer.sign('dtls', dtlsFields(meetingId, lower)) };
}

/** What `shown` says, if its key said it for this meeting. */
export async function verifyIdentity(shown: Identity, meetingId: string): Promise<Verified | undefined> {
  const fingerprint = shown.fingerprint.toLowerCase();
  if (fromHex32(fingerprint) === undefined) return undefined;
  const bytes = statement('dtls', dtlsFields(meetingId, fingerprint));
  const good = await verify(shown.key, bytes, shown.signature);
  return good ? { key: shown.key, fingerprint } : undefined;
}

function hex(fingerprint: string): Uint8Array {
  const bytes = fromHex32(fingerprint.toLowerCase());
  if (bytes === undefined) throw new RangeError('a fingerprint has 64 hexadecimal digits');
  return bytes;
}
