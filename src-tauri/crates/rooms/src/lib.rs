//! Who is in the room of a meeting, and what goes to whom. No clock, no socket, no randomness: all come in as arguments.
//!
//! Feed a [`Room`] its inputs ([`Room::open`], [`Room::receive`], [`Room::closed`], [`Room::tick`]), then drain
//! [`Room::poll_output`] and do what it says.
//!
//! - [`room`]: inputs, timers, the seats; `join` and `seated` are its two halves, before and after a connection has a seat,
//!   and `telling` gets what it says to whom it is for
//! - [`output`]: what the caller has to do
//! - [`authority`]: new ids and resume tokens, from the caller
//! - `seat`, `outbox`, `received`: one participant's place, what was sent to it, what came from it
//! - `bucket`, `chat`, `used_ids`: bounds

pub mod authority;
mod bucket;
mod chat;
mod join;
mod outbox;
pub mod output;
mod received;
pub mod room;
mod seat;
mod seated;
mod telling;
mod used_ids;

pub use authority::Authority;
pub use output::{CloseReason, ConnectionId, Frame, Output};
pub use room::{Now, Room, RoomConfig};

#[cfg(test)]
mod property;
