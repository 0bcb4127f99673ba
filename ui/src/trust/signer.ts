import { sign, type SigningKey } from './keys.ts';
import { statement } from './statement.ts';

/** Whoever signs for this page: its own key, or the node of the app, which keeps the installation's. */
export interface Signer {
  /** The public key as base64url. */
  readonly key: string;
  /** The signature over the statement of this label and these fields, as base64url. Rejects if it cannot be had; settles soon. */
  sign(label: string, fields: Uint8Array[]): Promise<string>;
}

/** Signs with a key that this page holds, as guests do. */
export function signerOf(key: SigningKey): Signer {
  return {
    key: key.public,
    sign: (label, fields) => sign(key, statement(label, fields)),
  };
}
