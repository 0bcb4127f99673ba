//! Finding meetings on the local network, and being found: DNS-SD over multicast DNS (RFC 6763, RFC 6762), by `mdns-sd`.
//!
//! What others use:
//! - [`Discovery`]: the one door. Sockets are open only while somebody watches, advertises or asks for a host
//! - [`Watch`]: looking for meetings, as long as it lives: [`Found`] and how it goes
//! - [`Advertisement`]: one meeting that others can see, as long as it lives
//! - [`interfaces`]: which network interfaces are used, and the own addresses
//! - [`list`]: the meetings as a pure value, which decides what strangers may put into the list
//!
//! Inside, from wish to wire:
//! - `wanted`: what the guards want. A level, not a queue
//! - `engine`: the one task; makes the network follow what is wanted, and the list follow the network
//! - `announcer`: what the network was told of own meetings, updates and goodbyes
//! - `host`: the addresses behind the names that browsers make up for candidates
//! - `responder`: the library's daemon, bound to the chosen interfaces
//! - `port`: whether UDP 5353 can be had, since the library does not tell
//! - `question`: one question at the start of looking that is answered at once
//!
//! # How a meeting gets into the list, and out
//!
//! A host announces at 0, 1 and 3 s, without probing: its names are random. Who starts to look asks at once, and then at
//! ever longer intervals, but at least once a minute, so that a network that was split heals. A change (participants, lock)
//! is told at most four times a second. An end is told by a goodbye, sent twice; receivers keep the record for one more
//! second (RFC 6762 §10.1). A host that crashed says nothing: its meeting goes when a dial failed and nobody answers for it
//! ([`Watch::report_unreachable`], some 2.5 s), or when its records expire (120 s, which the library fixes).
//!
//! A meeting is known by the id in its TXT record. Several instances with one id are one meeting, of which the latest counts:
//! a host that came back replaces its former self, whose records may still be around.
//!
//! # What it does not do
//!
//! Nothing here is authenticated: anybody on the network can advertise any id. The fingerprint in the record pins the
//! certificate of whoever advertised it, no more.

mod advertise;
mod announcer;
mod browse;
mod discovery;
mod engine;
mod host;
pub mod interfaces;
pub mod list;
mod port;
mod question;
mod responder;
mod wanted;

pub use advertise::{AdvertiseError, AdvertisedMeeting, Advertisement};
pub use browse::Watch;
pub use discovery::Discovery;
pub use list::Found;
