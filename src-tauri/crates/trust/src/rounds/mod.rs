//! One code for the whole meeting: five numbers below 64, shown as emoji, the same on every screen if everybody sees the same
//! keys and certificates. Whoever swaps some of them, the host included, gets one guess in 2^30 a round and cannot search ahead:
//! each member fixes its nonce before it sees any other (ZRTP's commitment, RFC 6189 §4.4.1.1, for a group).
//!
//! Feed [`Rounds`] its inputs, call [`Rounds::tick`] after each and at [`Rounds::wake_at`], send what it returns, show
//! [`Rounds::view`].
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
