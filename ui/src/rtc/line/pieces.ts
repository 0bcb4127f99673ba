import { MESSAGE_BYTES } from '../../protocol/limits.ts';

/**
 * How a message travels over a data channel: in pieces that every browser takes, put together again at the other end. Pure.
 *
 * The first byte of a piece says what it is a piece of, and whether it is the last one; the rest is UTF-8.
 */

/** Bytes of one piece, the first one included. What all browsers and our engine take from each other (RFC 8831 §6.6). */
export const PIECE_BYTES = 16 * 1024;

/** An envelope is JSON of ours; a frame is one of a room, carried as it is. */
export type Kind = 'envelope' | 'frame';

export interface Whole {
  readonly kind: Kind;
  readonly text: string;
}

const LAST = 1;
const FRAME = 2;

/** Pieces of a message, in their order; null if it is larger than one message may be. */
export function cut(kind: Kind, text: string): Uint8Array<ArrayBuffer>[] | null {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MESSAGE_BYTES) return null;
  const room = PIECE_BYTES - 1;
  const flags = kind === 'frame' ? FRAME : 0;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  // An empty message is one piece too.
  for (let at = 0; at === 0 || at < bytes.length; at += room) {
    const part = bytes.subarray(at, at + room);
    const piece = new Uint8Array(1 + part.length);
    piece[0] = at + room < bytes.length ? flags : flags | LAST;
    piece.set(part, 1);
    pieces.push(piece);
  }
  return pieces;
}

/** What came of a piece. */
export type Taken = { is: 'more' } | { is: 'whole'; whole: Whole } | { is: 'malformed'; why: string };

/** Puts pieces together. Holds one message of at most `MESSAGE_BYTES`. After `malformed` it is of no use. */
export class Assembly {
  #kind: Kind | null = null;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  take(piece: Uint8Array): Taken {
    const flags = piece[0];
    if (flags === undefined || flags > (LAST | FRAME)) return { is: 'malformed', why: 'no piece' };
    if (piece.length > PIECE_BYTES) return { is: 'malformed', why: 'a piece is too large' };
    const kind: Kind = (flags & FRAME) === 0 ? 'envelope' : 'frame';
    if (this.#kind !== null && this.#kind !== kind) return { is: 'malformed', why: 'a piece of something else' };
    const last = (flags & LAST) !== 0;
    // A message that goes on with nothing would go on for ever.
    if (!last && piece.length === 1) return { is: 'malformed', why: 'an empty piece' };
    this.#bytes += piece.length - 1;
    if (this.#bytes > MESSAGE_BYTES) return { is: 'malformed', why: 'a message is too large' };
    this.#kind = kind;
    this.#parts.push(piece.slice(1));
    if (!last) return { is: 'more' };
    const text = utf8(this.#parts, this.#bytes);
    this.#kind = null;
    this.#parts = [];
    this.#bytes = 0;
    return text === null ? { is: 'malformed', why: 'not UTF-8' } : { is: 'whole', whole: { kind, text } };
  }
}

function utf8(parts: readonly Uint8Array[], length: number): string | null {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  try {
    // A mark at the beginning is a letter like any other: what goes in comes out.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
