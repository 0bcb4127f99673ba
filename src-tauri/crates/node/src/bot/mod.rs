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
//! - `line`, `pieces`, `views`, `between`: what it says and hears beside media, and how large the others show it
//! - `speech`: whose turn it is to be heard
//! - `link`, `negotiation`, `slots`, `signals`, `candidates`: its links to others, as `ui/src/rtc` has them for the page
//! - `counts`, `echo`: what becomes of what it receives
//! - `family`: the bots of one process leave each other alone

mod ask;
#[doc(hidden)]
pub mod bare;
mod between;
mod candidates;
mod counts;
mod crowd;
mod door;
mod echo;
mod family;
mod footage;
pub mod ivf;
mod line;
mod link;
mod means;
mod media;
mod negotiation;
mod papers;
mod participant;
mod pieces;
mod player;
mod reel;
mod report;
mod room;
mod roster;
mod seat;
mod signals;
mod slots;
mod speech;
mod test_call;
mod trust;
mod views;
mod vp8;

pub use counts::{AudioCount, Count, VideoCount};
pub use crowd::{BotOptions, CrowdError, MAX_BOTS, run};
pub use footage::Footage;
pub use reel::FilmError;
pub use report::{BotError, BotEvent, LeftReason, PeerReport, Sent};
pub use signals::Source;
pub(crate) use test_call::TestCall;
pub use views::View;
