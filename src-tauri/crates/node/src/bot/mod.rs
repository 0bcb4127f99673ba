//! Participants without a person: they join as any other, send a picture and a tone made once, and count what they receive.
//!
//! - [`BotOptions`], [`run`]: a crowd of them in somebody's meeting; [`BotEvent`]: what they tell of themselves
//! - `test_call`: one of them in our own meeting, to give back what one sends
//! - [`Footage`], `reel`, [`ivf`], `vp8`: what they send
//! - `player`: gives it to the engine when it is due, one for all
//! - `participant`, `roster`, `media`: one bot: the loop, what it does about the room, and about the engine
//! - `seat`, `room`, `door`: its seat in the room, the connection to it, and coming in
//! - `papers`, `trust`: who it is, and who the others are
//! - `bare`: one without media, for tests
//! - `link`, `negotiation`, `slots`, `signals`, `candidates`: its links to others, as `ui/src/rtc` has them for the page
//! - `counts`, `echo`: what becomes of what it receives
//! - `family`: the bots of one process leave each other alone

mod ask;
#[doc(hidden)]
pub mod bare;
mod candidates;
mod counts;
mod crowd;
mod door;
mod echo;
mod family;
mod footage;
pub mod ivf;
mod link;
mod means;
mod media;
mod negotiation;
mod papers;
mod participant;
mod player;
mod reel;
mod report;
mod room;
mod roster;
mod seat;
mod signals;
mod slots;
mod test_call;
mod trust;
mod vp8;

pub use counts::{AudioCount, Count, VideoCount};
pub use crowd::{BotOptions, CrowdError, MAX_BOTS, run};
pub use footage::Footage;
pub use reel::FilmError;
pub use report::{BotError, BotEvent, LeftReason, PeerReport, Sent};
pub use signals::Source;
pub(crate) use test_call::TestCall;
