//! How a meeting outlives its host: the decisions alone. No clock, no socket, no randomness: all come in as arguments.
//!
//! Each participant has a [`Survivor`]. It is fed [`Input`]s, and says in [`Output`]s what to send, whom to follow, and when to
//! open the room itself. Everybody speaks with everybody there is a path to, by a connection or a data channel, and passes on
//! what others cannot hear; so whatever is true in one part of the network is known in all of it.
//!
//! - [`survivor`]: the state machine
//! - [`record`], [`chain`], `order`: what a host signs, how a claim is proven from the meeting's id, who follows whom
//! - `suspicion`, [`pulse`]: who hears the host
//! - `takeover`, [`handover`]: whom to follow
//! - `merge`: two halves become one
//! - [`chat`], [`rulings`]: what everybody has: lines; roles, bans, lock, lobby
//! - [`resume`]: taking one's seat at another host, for the server
//! - [`message`], [`letter`], `wire`: what travels
//! - [`signer`], [`ids`], [`limits`]: keys, names, bounds
//! - [`fuzzing`], `simulation`, and tests that tell short stories
//!
//! # Where this differs from the first plan, and why
//!
//! - **Pulses are signed, counted, and passed on.** "Nobody it can reach hears the host" needs the word of others. A signed count
//!   makes that word a fact: a liar cannot keep a dead host alive, and the word carries over any number of people in between.
//!   The same goes for candidates, so of two who do not hear each other but have a neighbour in common only one takes over.
//! - **Old pulses are no news** even to one who forgot the term: the highest count of each term is remembered. Without it two dead
//!   hosts kept each other alive, told of by members who went back and forth between them.
//! - **Chat and rulings are sets**, not a log that a host owns. A new host then lacks nothing that anybody in reach has, and a
//!   merge is nothing special. Rulings are judged by who was a moderator when; hosts of the chain are moderators, so what
//!   the host of a losing half ruled by that alone goes with its chain, and what a moderator ruled stays.
//! - **The record's hash of bans covers roles, lock and lobby as well**: they are one set.
//! - **A chain has headers alone**, with short hashes of all keys in the order of succession. That proves successors and who was
//!   a member of the last common record, in some 600 bytes a host for a meeting of eight.
//! - **A restarted host begins a new term** by succeeding itself: going on in the old one could sign a second record of the same
//!   number. If a successor was there first, it becomes a member.
//! - **A late candidate follows a host that is there already**, even one behind it in the order: to open a second room on
//!   principle would only be undone by a merge.
//! - **Somebody removed is told so**, with the rulings, by whoever knows: without it, who was cut off while it was removed opens a
//!   room of its own and dials for ever. A host that learns that it was removed hands over and goes.
//! - **Merging asks nothing about bans.** The other half's host may have been removed by a ruling that its half does not know or
//!   not accept. Members of the last common record decide, then the chain that goes on says which rulings count. Strangers
//!   of a half that was led by somebody removed knock as all others do.
//! - **A merge has a name** made of a nonce of each host, and one tally of each: both decide over the same numbers, so never do
//!   both give way, and three halves do not go in circles.
//! - **Who follows a host that dies before it listed them falls back** to the last record that does, or there would be nobody who
//!   may take over.
//! - **Hosts that see each other in the list of meetings speak**, though neither stands in the other's record: after two splits and
//!   enough departures nobody may be left who knows both.
//!
//! # What it does not do
//!
//! An app that was a member can open a half of its own and admit whom it likes there, and they come along when the halves merge:
//! every possible host is trusted to host. A meeting can change host [`limits::TERMS`] times.

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
