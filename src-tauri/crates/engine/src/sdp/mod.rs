//! Session descriptions (RFC 8866) as browsers exchange them (RFC 8829 §5): text to values and back. Pure, bounded, and no
//! input makes it panic. What is not known is skipped; what is known and broken refuses the description when the call depends
//! on it, and is skipped otherwise.

mod attribute;
mod candidate;
mod read;
mod write;

#[cfg(test)]
mod tests;

use landline_protocol::engine_api::Direction;

pub use self::candidate::{CandidateLine, MAX_CANDIDATE_LENGTH};
pub use self::read::{ReadError, read};

pub(crate) use self::attribute::is_token;

use crate::negotiated::IceCredentials;

/// Longest description that is read, bytes. Chromium offers 6 kB a section.
pub const MAX_BYTES: usize = 128 * 1024;
/// Most lines of one. Chromium has some 130 a video section, and candidates come on top.
pub const MAX_LINES: usize = 4_096;
/// Most media sections: four sources and data need five; each costs a transceiver.
pub const MAX_SECTIONS: usize = 12;
/// Longest mid that fits the header extension as str0m writes it.
pub const MAX_MID: usize = 16;

/// One description.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// `o=`: session id and version (RFC 8866 §5.2).
    pub id: u64,
    pub version: u64,
    /// The first `a=group:BUNDLE` (RFC 8843 §7): mids, the one whose transport all use first.
    pub bundle: Vec<String>,
    pub ice_lite: bool,
    pub sections: Vec<Section>,
}

/// One `m=` section. What stood at session level is repeated in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub kind: SectionKind,
    pub port: u16,
    pub protocol: String,
    /// `fmt` of the `m=` line, as written.
    pub formats: Vec<String>,
    pub mid: Option<String>,
    pub direction: Direction,
    pub bundle_only: bool,
    pub rtcp_mux: bool,
    pub ice: Option<IceCredentials>,
    /// `a=fingerprint:sha-256` (RFC 8122).
    pub fingerprint: Option<[u8; 32]>,
    pub setup: Option<Setup>,
    pub codecs: Vec<RtpMap>,
    pub parameters: Vec<Parameters>,
    pub feedback: Vec<Feedback>,
    pub extensions: Vec<ExtensionMap>,
    pub msids: Vec<Msid>,
    /// In the order of their first `a=ssrc` line.
    pub ssrcs: Vec<Ssrc>,
    pub ssrc_groups: Vec<SsrcGroup>,
    /// `candidate:…`, unread.
    pub candidates: Vec<String>,
    pub end_of_candidates: bool,
    pub sctp_port: Option<u16>,
    pub max_message_size: Option<u64>,
}

impl Section {
    /// Refused or stopped: port 0, and not only because it is bundled (RFC 8843 §7.2.1).
    pub fn rejected(&self) -> bool {
        self.port == 0 && !self.bundle_only
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionKind {
    Audio,
    Video,
    Application,
    /// Never accepted.
    Other(String),
}

/// RFC 8842 §5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    Active,
    Passive,
    ActPass,
    HoldConn,
}

/// `a=rtpmap`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpMap {
    pub payload_type: u8,
    pub name: String,
    /// Hz
    pub clock: u32,
    pub channels: u8,
}

/// `a=fmtp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    pub payload_type: u8,
    pub text: String,
}

/// `a=rtcp-fb` (RFC 4585 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// None: all payload types.
    pub payload_type: Option<u8>,
    /// For example `nack pli`.
    pub value: String,
}

/// `a=extmap` (RFC 8285 §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionMap {
    pub id: u16,
    /// As the writer of the description sees it.
    pub direction: Direction,
    pub uri: String,
}

/// `a=msid` (RFC 8830).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Msid {
    /// `-`: no stream.
    pub stream: String,
    pub track: Option<String>,
}

/// `a=ssrc` (RFC 5576 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssrc {
    pub ssrc: u32,
    pub cname: Option<String>,
    /// The older place of `a=msid`: stream and track.
    pub msid: Option<Msid>,
}

/// `a=ssrc-group` (RFC 5576 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsrcGroup {
    pub semantics: String,
    pub ssrcs: Vec<u32>,
}
