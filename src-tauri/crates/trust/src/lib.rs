//! Who says what, and whether it is so: keys, signed statements, proofs of a spoken code. No clock, no socket.
//!
//! - [`key`]: an installation's or guest's lasting key, and signatures
//! - [`code`]: the six digits that are said aloud, and the secret that links carry
//! - [`pake`]: that both ends know the same code, without sending it
//! - [`tries`]: how often a code may be guessed
//! - [`statement`]: what is signed or hashed: length-prefixed fields under a label, never JSON
//! - [`chat`]: a line of chat as its author signs it
//! - [`fingerprints`]: which certificates a description allows
//! - [`identity`]: whose key signed which DTLS fingerprint for which meeting
//! - [`rounds`]: one spoken code for the whole meeting: commit, then reveal, without a leader
//! - `bytes32`: hashes and nonces in JSON
//!
//! What is built from them, and against whom: docs/SECURITY.md.

mod bytes32;
pub mod chat;
pub mod code;
pub mod fingerprints;
pub mod identity;
pub mod key;
pub mod pake;
pub mod rounds;
pub mod statement;
pub mod tries;

#[cfg(test)]
mod pake_tests;

pub use code::{BadCode, Code, Secret};
pub use identity::{Identity, Verified, dtls_statement, join_statement};
pub use key::{BadKey, BadSignature, PublicKey, Signature, SigningKey};
pub use statement::Statement;
pub use tries::Tries;
