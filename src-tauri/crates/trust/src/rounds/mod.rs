//! One code for the whole meeting: five numbers below 64, shown as emoji, the same on every screen if everybody sees the same
//! keys and certificates. Whoever swaps some of them, the host included, gets one guess in 2^30 a round and cannot search ahead:
//! each member fixes its nonce before it sees any other (ZRTP's commitment, RFC 6189 §4.4.1.1, for a group).
//!
//! Feed [`Rounds`] its inputs, call [`Rounds::tick`] after each and at [`Rounds::wake_at`], send what it returns, show
//! [`Rounds::view`].
//!
//! `data` of `verify` is one of these; R, hashes and nonces are 32 bytes and signatures 64, in base64url without padding:
//! ```json
//! {"is":"commit","roster":R,"round":0,"commitment":c,"signature":s}
//! {"is":"reveal","roster":R,"round":0,"nonce":n,"commitments":h,"done":false,"signature":s}
//! ```
//! With the statements of [`Statement`](crate::Statement), of which H is the SHA-256, r as 32 bits, big-endian, and members sorted
//! by key, fingerprint, client id:
//! ```text
//! R = H("roster": meeting id, for each member: key (65 bytes), fingerprint (32), client id)
//! c = H("commitment": meeting id, R, r, key, n)
//! h = H("commitments": R, r, c of each member)
//! code = first 30 bits of H("code": R, r, for each member: c, n), six for each of five numbers
//! signed: ("verify": "commit", meeting id, R, r, client id, c) and ("verify": "reveal", meeting id, R, r, client id, n, h)
//! ```
//!
//! - [`machine`]: which round is due, and when. There is no leader: who sees a higher number of a member joins it
//! - `round`: one round, from commit to code
//! - [`roster`]: who takes part, sorted and hashed; [`message`]: what travels; `proof`: what is hashed and signed
//! - `early`, `pace`: what came before its round; when something is sent again

mod early;
pub mod machine;
pub mod message;
mod pace;
mod proof;
pub mod roster;
mod round;

pub use machine::{MAX_COMPARING, Me, ROUND_AFTER, Rounds, Status, View};
pub use message::{Body, DATA_BYTES, Message};
pub use roster::{MAX_MEMBERS, Participant};

#[cfg(test)]
mod tests;
