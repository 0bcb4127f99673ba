//! Who is in the room of a meeting, and what goes to whom. No clock, no socket, no randomness: all come in as arguments.
//!
//! Feed a [`Room`] its inputs ([`Room::open`], [`Room::receive`], [`Room::closed`], [`Room::tick`]), then drain
//! [`Room::poll_output`] and do what it says.
//!
//! - [`room`]: inputs, timers, the seats; `unseated` with `join`, and `seated`, are its two halves, before and after a connection has a seat,
//!   and `telling` gets what it says to whom it is for
//! - [`output`]: what the caller has to do
//! - [`authority`]: new ids, resume tokens, and what takes cryptography, from the caller
//! - `admission`, `moderation`, `people`: who comes in, what takes a role, and what is remembered of whom
//! - `seat`, `outbox`, `received`: one participant's place, what was sent to it, what came from it
//! - `inheritance`: what comes from the host before, and what the next one has to know
//! - `bucket`, `chat`, `used_ids`: bounds

mod admission;
pub mod authority;
mod bucket;
mod chat;
mod inheritance;
mod join;
mod moderation;
mod outbox;
pub mod output;
mod people;
mod received;
pub mod room;
mod seat;
mod seated;
mod successor;
mod telling;
mod unseated;
mod used_ids;

pub use authority::{Authority, CodeProof, Refusal};
pub use inheritance::{Inheritance, Inherited, Roster, Seated};
pub use output::{CloseReason, ConnectionId, Frame, Output};
pub use room::{Now, Room, RoomConfig};

#[cfg(test)]
mod property;
