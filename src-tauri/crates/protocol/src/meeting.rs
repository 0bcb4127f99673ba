//! What a meeting says of itself before one joins it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::admission::AccessMode;

/// The DNS-SD service type (RFC 6763 §4.1.2) under which meetings are advertised.
pub const SERVICE_TYPE: &str = "_landline._tcp.local.";

/// Keys of the TXT record (RFC 6763 §6). Values are UTF-8, each string at most 255 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TxtKey {
    /// Version of the wire.
    Version,
    /// Meeting id: the identity. Lists merge by it.
    Id,
    Title,
    /// The host's name.
    Host,
    /// SHA-256 of the host's certificate, 64 lower-case hexadecimal digits.
    Fingerprint,
    /// Number of participants.
    Participants,
    /// `1` when not everybody comes in without being asked for.
    Lock,
    /// Start, in seconds since 1970.
    Start,
    /// How many hosts the meeting had before this one. Missing: none.
    Epoch,
}

impl TxtKey {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "v",
            Self::Id => "id",
            Self::Title => "title",
            Self::Host => "host",
            Self::Fingerprint => "fp",
            Self::Participants => "n",
            Self::Lock => "lock",
            Self::Start => "t",
            Self::Epoch => "e",
        }
    }
}

/// `GET /api/meeting`: what a node that hosts tells anyone who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MeetingSummary {
    pub v: u32,
    pub meeting_id: String,
    pub title: String,
    /// The host's name.
    pub host: String,
    /// Participants that are there (those away are not counted).
    pub participants: u32,
    /// Their names, for the preview. Nameless ones are left out.
    pub names: Vec<String>,
    /// Not everybody comes in without being asked for.
    pub locked: bool,
    pub access: AccessMode,
    /// No seat is free.
    pub full: bool,
    /// In milliseconds since 1970.
    pub started_at: u64,
}
