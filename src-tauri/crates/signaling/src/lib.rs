//! The server of a meeting: axum over TLS for everybody on the network, and over plain HTTP on 127.0.0.1 for the own browser.
//!
//! - [`meeting`]: [`MeetingHandle`]; `actor` is the one task that drives a `landline_rooms` room, `tokens` its secrets,
//!   `identities` and `doorkeeper` who is who and who knows the code, `queue` what waits for one connection
//! - [`public`]: HTTPS and WSS on the network: the guest's pages, `/ws`, `/api/meeting`, `/api/claim`, `/api/stream`
//! - [`loopback`]: HTTP and WS on 127.0.0.1: the same pages, `/ws`, and `/node`, which drives the node and needs its token
//! - [`assets`]: where pages come from
//! - `accept`, `gate`, `http`, `write_limit`: from a TCP connection to a request, with every limit on the way
//! - [`exporter`]: what tells one TLS connection from all others
//! - `guard`, `headers`: who may ask, and what every answer says
//! - [`peer_socket`]: `/peer`, where other nodes come in
//! - [`pace`]: how often they may come, and speak
//! - [`thread`]: where all of this runs
//! - [`fuzzing`]: hostile bytes
//! - `upgrade`, `frames`, `wire`, `spare`: a WebSocket that holds nothing while it is silent
//! - `pages`, `room_socket`, `room_stream`, `node_socket`: the routes
//!
//! The caller owns binding and the reason to stop.

mod accept;
mod actor;
pub mod assets;
mod authority;
mod doorkeeper;
pub mod exporter;
mod frames;
pub mod fuzzing;
mod gate;
mod guard;
mod headers;
mod http;
mod identities;
pub mod loopback;
pub mod meeting;
mod node_socket;
pub mod pace;
mod pages;
pub mod peer_socket;
pub mod public;
mod queue;
mod room_socket;
mod room_stream;
mod site;
mod spare;
pub mod thread;
pub mod timing;
mod tokens;
mod upgrade;
mod wire;
mod write_limit;

pub use assets::{Asset, Assets};
pub use doorkeeper::new_access;
pub use exporter::exporter_of;
pub use landline_rooms::{Inheritance, Inherited, Roster, Ruled, Seated};
pub use loopback::{Control, ControlSession, Loopback, TokenKind};
pub use meeting::{MeetingConfig, MeetingHandle};
pub use peer_socket::{PeerSession, Peers};
pub use public::{LocalAddresses, Public};
pub use thread::Thread;
pub use timing::Timing;
pub use tokens::new_client_id;
