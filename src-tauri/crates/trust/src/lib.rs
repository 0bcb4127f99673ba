//! Who says what, and whether it is so: keys, signed statements, proofs of a spoken code. No clock, no socket.
//!
//! - [`key`]: an installation's or guest's lasting key, and signatures
//! - [`code`]: the six digits that are said aloud, and the secret that links carry
//! - [`pake`]: that both ends know the same code, without sending it
//! - [`tries`]: how often a code may be guessed
//! - [`statement`]: what is signed or hashed: length-prefixed fields under a label, never JSON
//!
//! What is built from them, and against whom: docs/SECURITY.md.

pub mod code;
pub mod key;
pub mod pake;
pub mod statement;
pub mod tries;

#[cfg(test)]
mod pake_tests;

pub use code::{BadCode, Code, Secret};
pub use key::{BadKey, BadSignature, PublicKey, Signature, SigningKey};
pub use statement::Statement;
pub use tries::Tries;
