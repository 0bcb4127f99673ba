//! An `RTCPeerConnection` for webviews that have none (stock WebKitGTK), and for participants without a webview.
//!
//! From the page down to the wire:
//! - [`Engine`]: the one thread that owns the UDP sockets; [`Client`]: one page, or one bot
//! - [`frame`]: the binary frames between page and engine
//! - `jsep`: the W3C side, pure: transceivers, descriptions, signaling state, rollback (RFC 8829)
//! - `sdp`: descriptions as text (RFC 8866), both ways, pure
//! - [`negotiated`]: what a negotiation came to: all that the transport has to know of it
//! - `session`: one connection: `jsep` above, str0m below (ICE, DTLS-SRTP, RTP, SCTP), time and packets passed in
//!
//! Encoded frames go in once and are packetised for each link; what each link can carry decides which layer it gets.

mod client;
mod engine;
pub mod frame;
pub mod fuzzing;
mod hub;
pub mod jsep;
pub mod negotiated;
mod net;
mod resolver;
pub mod sdp;
mod session;

pub use client::{Client, ClientOutput, ControlOutput, MediaOutput, Output};
pub use engine::{Engine, EngineConfig, StartError};
pub use resolver::{Resolver, Resolving};
