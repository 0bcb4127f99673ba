import { fromBase64url, toBase64url, type Bytes } from './bytes.ts';

/**
 * ECDSA on P-256 with SHA-256 (FIPS 186-5, W3C WebCrypto §23). A public key is an uncompressed point as base64url, 87
 * characters; a signature is r and s, 32 bytes each, as base64url, 86 characters.
 */

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };
const KEY_BYTES = 65;
const SIGNATURE_BYTES = 64;
/** First byte of an uncompressed point (SEC 1, 2.3.3). */
const UNCOMPRESSED = 4;

/** A key that signs. `public` names its holder. */
export interface SigningKey {
  readonly public: string;
  readonly private: CryptoKey;
}

/** A new key. It can be exported, as a page that is loaded anew keeps it. */
export async function generateKey(): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  return { public: toBase64url(point), private: pair.privateKey };
}

/** The private key as JWK (RFC 7517), to be kept where only this page reads it. */
export async function exportKey(key: SigningKey): Promise<JsonWebKey> {
  return await crypto.subtle.exportKey('jwk', key.private);
}

/** A kept key; undefined if it is none. */
export async function importKey(kept: JsonWebKey): Promise<SigningKey | undefined> {
  const x = fromBase64url(kept.x ?? '', 32);
  const y = fromBase64url(kept.y ?? '', 32);
  if (x === undefined || y === undefined) return undefined;
  try {
    const key = await crypto.subtle.importKey('jwk', kept, CURVE, true, ['sign']);
    return { public: toBase64url(Uint8Array.of(UNCOMPRESSED, ...x, ...y)), private: key };
  } catch {
    return undefined;
  }
}

/** Whether this is the text of an uncompressed point. Whether the point is on the curve shows when it verifies something. */
export function isPublicKey(text: string): boolean {
  return fromBase64url(text, KEY_BYTES)?.[0] === UNCOMPRESSED;
}

/** Whether this is the text of a signature's 64 bytes. */
export function isSignature(text: string): boolean {
  return fromBase64url(text, SIGNATURE_BYTES) !== undefined;
}

/** The bytes of a public key; none if it is no key. */
export function keyBytes(key: string): Bytes {
  return fromBase64url(key, KEY_BYTES) ?? new Uint8Array();
}

export async function sign(key: SigningKey, bytes: Bytes): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.sign(SIGNATURE, key.private, bytes)));
}

/** Whether the holder of `key` made `signature` over `bytes`. Never rejects. */
export async function verify(key: string, bytes: Bytes, signature: string): Promise<boolean> {
  const raw = fromBase64url(signature, SIGNATURE_BYTES);
  if (raw === undefined || !isPublicKey(key)) return false;
  try {
    const point = await crypto.subtle.importKey('raw', keyBytes(key), CURVE, false, ['verify']);
    return await crypto.subtle.verify(SIGNATURE, point, raw, bytes);
  } catch {
    // Not a point of the curve.
    return false;
  }
}
