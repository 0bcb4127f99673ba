import { concat, u32, utf8, type Bytes } from './bytes.ts';

/**
 * What is signed or hashed: the label, then each field, each as its length in bytes (32 bits, big-endian) and its bytes.
 * The same bytes as `crates/trust/src/statement.rs`; the fixtures of that crate compare them.
 */

/** Stands before every label, so that these keys sign nothing that another protocol could take for its own. */
const PREFIX = 'landline/1/';

/** The bytes of a statement of the kind `label`. */
export function statement(label: string, fields: readonly Uint8Array[]): Bytes {
  return concat([utf8(PREFIX + label), ...fields].flatMap((field) => [u32(field.length), field]));
}

/** SHA-256 of a statement: 32 bytes. */
export async function hashOf(label: string, fields: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', statement(label, fields)));
}
