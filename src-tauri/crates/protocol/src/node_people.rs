//! What the UI asks of its own node about people: the own person's signature, and whom the person has met.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a page may have signed: a node that signed anything could be made to say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum SignLabel {
    /// Meeting id, fingerprint of a DTLS certificate.
    Dtls,
    /// Meeting id, the host's fingerprint, the host's nonce, fingerprint of the DTLS certificate.
    Join,
    /// A commitment to, or the revealing of, a part of the meeting's code.
    Verify,
    /// A line of chat: meeting id, the own key, clock, run, sequence, time, text.
    Chat,
    /// A signal that somebody else passes on: meeting id, author's and receiver's client ids, fingerprint of the author's DTLS
    /// certificate, type, SHA-256 of the data, count.
    Signal,
}

impl SignLabel {
    /// The label of the statement.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dtls => "dtls",
            Self::Join => "join",
            Self::Verify => "verify",
            Self::Chat => "chat",
            Self::Signal => "signal",
        }
    }
}

/// Somebody in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Person {
    pub key: String,
    /// As they call themselves now.
    pub name: String,
    /// The people compared codes and found them the same.
    pub verified: bool,
}

/// What is remembered of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Acquaintance {
    pub key: String,
    /// In how many meetings before this one.
    pub met: u32,
    /// Codes were compared at some time.
    pub verified: bool,
    /// Somebody else, with another key, was met under this name.
    pub name_of_another: bool,
}
