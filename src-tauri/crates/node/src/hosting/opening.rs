//! What a meeting is opened with, and what comes of it.

use landline_protocol::node_api::HostedMeeting;
use landline_protocol::{Access, AccessMode};
use landline_signaling::Inheritance;

/// What to host.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// Shown in lists. Empty: "Meeting of <name>".
    pub title: String,
    /// The host's name. Empty: the computer's.
    pub name: String,
    /// Opens this meeting again, and gives seats back to those who had them. None: a new meeting.
    pub meeting_id: Option<String>,
    /// Who comes in without being asked for.
    pub access: AccessMode,
    /// Lists show neither title nor name, and the certificate is one of its own.
    pub private: bool,
}

/// A meeting that was opened.
pub(crate) struct Started {
    pub(crate) hosted: HostedMeeting,
    /// None: its id is not of this node's making, so nobody could prove to be its next host.
    pub(crate) founding: Option<Founded>,
}

/// What a new meeting's id is made of.
pub(crate) struct Founded {
    pub(crate) nonce: [u8; 16],
    pub(crate) start: u64,
    /// The client id of the host.
    pub(crate) client: String,
}

/// A meeting that had another host before.
pub(crate) struct Succession {
    pub(crate) meeting_id: String,
    pub(crate) title: String,
    /// The new host's name.
    pub(crate) name: String,
    pub(crate) started_at: u64,
    pub(crate) access: Access,
    pub(crate) inherited: Inheritance,
    /// How many hosts it had.
    pub(crate) epoch: u32,
    /// The client id of the new host, where its page has none to resume with.
    pub(crate) host_seat: Option<String>,
    pub(crate) private: bool,
}
