//! Meetings as the node tells the page of them: its own, those that it sees, and one that it was asked to look at.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::admission::Access;
use crate::meeting::MeetingSummary;

/// A meeting that this node hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HostedMeeting {
    pub meeting_id: String,
    pub title: String,
    /// The host's name.
    pub host: String,
    /// `https://<address>:<port>/#m=<meeting id>&fp=<fingerprint>`, one for each address, the best first. Empty without a network.
    pub guest_urls: Vec<String>,
    /// SHA-256 of the certificate, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    pub port: u16,
    pub participants: u32,
    /// The port that was wished for was taken, so another is used.
    pub port_changed: bool,
    /// In milliseconds since 1970.
    pub started_at: u64,
    pub access: Access,
    /// Lists show neither title nor name.
    pub private: bool,
}

/// A meeting seen on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Meeting {
    pub meeting_id: String,
    /// Empty, as the host's name, in a private meeting.
    pub title: String,
    pub host: String,
    pub participants: u32,
    pub locked: bool,
    /// Without port or brackets; addresses in one of this machine's subnets first.
    pub addresses: Vec<String>,
    pub port: u16,
    pub fingerprint: String,
    /// In milliseconds since 1970; 0 if not told.
    pub started_at: u64,
    /// This node hosts it.
    pub own: bool,
}

/// Answer of a host that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FoundMeeting {
    pub summary: MeetingSummary,
    pub trust: Trust,
    pub fingerprint: String,
    /// This node hosts it.
    pub own: bool,
}

/// Why the host's certificate is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Trust {
    /// This node's own.
    Own,
    /// Its fingerprint was in the advertisement or in the link, or the meeting's id proves it.
    Pinned,
    /// The same as at an earlier visit to this address.
    Known,
    /// Seen for the first time at a bare address; remembered from now on. Said to the person.
    FirstUse,
}
