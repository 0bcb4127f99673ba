//! Who says what, and whether it is so: keys, signed statements, proofs of a spoken code. No clock, no socket.
//!
//! - [`key`]: an installation's or guest's lasting key, and signatures
//! - [`statement`]: what is signed or hashed: length-prefixed fields under a label, never JSON
//!
//! What is built from them, and against whom: docs/SECURITY.md.

pub mod key;
pub mod statement;

pub use key::{BadKey, BadSignature, PublicKey, Signature, SigningKey};
pub use statement::Statement;
