//! What travels between the programs of Landline, and nothing that acts on it.
//!
//! - [`admission`]: who may come in, who they are, and who may say so
//! - [`client`]: messages of a participant to the room
//! - [`server`]: messages of the room to a participant
//! - [`decode`]: bytes of strangers to a [`ClientMessage`], or an [`ErrorCode`]
//! - [`meeting`]: what a meeting says of itself before one joins it, TXT keys
//! - [`engine_api`]: what a page without `RTCPeerConnection` asks of the engine, and the frames between them
//! - [`node_api`]: what the UI asks of its own node, and what the node tells it
//! - [`settings`]: what one installation remembers
//! - [`limits`]: every bound, with its reason
//!
//! The wire is described for people in docs/PROTOCOL.md. The TypeScript side is generated from here (ts-rs) into
//! `ui/src/protocol/generated/`.

pub mod admission;
pub mod client;
pub mod decode;
pub mod engine_api;
mod engine_state;
pub mod limits;
pub mod meeting;
pub mod node_api;
mod node_meetings;
mod node_people;
pub mod server;
pub mod settings;

pub use admission::{Access, AccessMode, Identity, Knock, Moderation, Request, Role};
pub use client::{ClientMessage, Join, ParticipantKind, Resume, Signal, SignalType};
pub use decode::{Decoded, decode_client_message};
pub use limits::Limits;
pub use meeting::{MeetingSummary, SERVICE_TYPE, TxtKey};
pub use server::{
    ChatLine, ErrorCode, JoinOutcome, Joined, LeaveReason, LineSignature, MediaState, Peer,
    ServerMessage,
};
pub use settings::Settings;

/// Version of the wire, as `v` in `join`, `joined` and the TXT record.
pub const PROTOCOL_VERSION: u32 = 1;
