//! How a meeting outlives its host: the decisions alone. No clock, no socket, no randomness: all come in as arguments.
//!
//! Each participant has a [`Survivor`]. It is fed [`Input`]s, and says in [`Output`]s what to send, whom to follow, and when to
//! open the room itself.

pub mod chain;
pub mod chat;
pub mod fuzzing;
pub mod handover;
pub mod ids;
pub mod letter;
pub mod limits;
mod merge;
pub mod message;
mod order;
pub mod pulse;
pub mod record;
pub mod resume;
pub mod rulings;
pub mod signer;
pub mod survivor;
mod suspicion;
mod takeover;
mod wire;

pub use chain::{Claim, FalseHost};
pub use ids::{Founding, MeetingId, TermId};
pub use message::Message;
pub use record::{Kind, Member, Record};
pub use signer::Signer;
pub use survivor::{Config, Input, Output, Standing, Survivor};
pub use wire::Malformed;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod survival_tests;
#[cfg(test)]
mod testing;
