/**
 * The bounds of the wire that the page keeps to, as `crates/protocol/src/limits.rs` gives them with their reasons,
 * and the bounds of what the own node may send. `limits.test.ts` compares them with that file.
 */

/** Version of the wire that this page speaks. */
export const PROTOCOL_VERSION = 1;
/** Characters, as Unicode counts them. */
export const ROOM_ID_CHARS = 64;
/** Characters. */
export const NAME_CHARS = 64;
/** Characters. */
export const TITLE_CHARS = 60;
/** Bytes of one message either way. */
export const MESSAGE_BYTES = 256 * 1024;
/** Characters. */
export const CHAT_TEXT_CHARS = 4_000;
export const CHAT_LINES = 500;
/** Milliseconds between pings. */
export const PING_EVERY_MS = 4_000;
/** Unanswered pings after which a connection counts as lost. */
export const PING_MISSES = 2;
/** Milliseconds for the answer to `join`. */
export const HANDSHAKE_MS = 5_000;
/** Messages after which either side acknowledges. */
export const ACK_EVERY = 16;

/**
 * Participants that a roster may have. A server says how many it lets in; this bound only keeps a hostile one from
 * filling the page, and leaves room for servers with larger rooms than ours of 32.
 */
export const ROSTER_PEERS = 256;
/** Addresses of one participant: a machine with many interfaces has some ten. */
export const PEER_ADDRESSES = 32;
/** Characters of a public key: 65 bytes in base64url. */
export const KEY_CHARS = 87;
/** Characters of a signature: 64 bytes in base64url. */
export const SIGNATURE_CHARS = 86;
/** Characters of a SHA-256. */
export const FINGERPRINT_CHARS = 64;
/** Characters of a guest link: an address, a meeting, a fingerprint and a secret. */
export const LINK_CHARS = 512;
/** People who knock at once. */
export const KNOCKS = 32;
/** Characters of an id, a token or an address: all are far shorter. */
export const SHORT_TEXT_CHARS = 512;
/** Characters of one frame of the own node: one message of the room, escaped as a string, or a long list of meetings. */
export const NODE_FRAME_CHARS = 2 * 1024 * 1024;
/** Meetings in the list; a network with more is an attack. */
export const LISTED_MEETINGS = 1_000;
