//! What bots tell of themselves: lines of JSON on the command line.

use serde::Serialize;

use super::counts::Counts;
use super::room::Gone;
use landline_protocol::engine_api::PeerConnectionState;
use landline_protocol::node_api::NodeErrorCode;

/// Something that happened to a bot. The tag is `event`.
#[derive(Debug, Clone, Serialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum BotEvent {
    /// It is in the room.
    Joined {
        /// Milliseconds since 1970.
        at: u64,
        bot: String,
        client_id: String,
        meeting_id: String,
        title: String,
        /// Who was there.
        peers: usize,
    },
    /// Once a second: counters since it joined.
    Stats {
        at: u64,
        bot: String,
        client_id: String,
        sent: Sent,
        /// Everybody to whom it has a link.
        peers: Vec<PeerReport>,
    },
    /// The code of the meeting, and whom it covers.
    Code {
        at: u64,
        bot: String,
        client_id: String,
        /// Five numbers from 0 to 63.
        code: [u8; 5],
        with: Vec<String>,
    },
    /// A description came that its sender does not vouch for: somebody in between may have changed it. It was dropped.
    Unvouched {
        at: u64,
        bot: String,
        client_id: String,
        from: String,
    },
    /// It left in good order.
    Left {
        at: u64,
        bot: String,
        client_id: String,
        reason: LeftReason,
    },
    /// It is out against its will.
    Error {
        at: u64,
        bot: String,
        #[serde(flatten)]
        error: BotError,
        message: String,
    },
}

/// What it gave to the engine, whatever the number of receivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    pub frames: u64,
    pub packets: u64,
}

/// One link.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeerReport {
    pub client_id: String,
    pub name: String,
    pub link: PeerConnectionState,
    /// `microphone`, `camera`, `screen`, `screen-audio`: what has come of each.
    pub received: Counts,
}

/// Why a bot left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftReason {
    /// It was told to.
    Left,
    /// The host ended the meeting for all.
    MeetingEnded,
    /// Nobody was with it any more, and it was there for somebody.
    Alone,
}

/// Why a bot is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", content = "detail", rename_all = "kebab-case")]
pub enum BotError {
    /// The host was not reached.
    #[error("the host cannot be reached: {0}")]
    Unreachable(NodeErrorCode),
    /// The room did not let it in: its error code, or that of the closing.
    #[error("the meeting did not let it in: {0}")]
    Refused(String),
    /// The host closed Landline.
    #[error("the host has gone")]
    HostLeft,
    #[error("the connection to the host is lost")]
    Lost,
    /// The engine has ended.
    #[error("the media engine has ended")]
    Engine,
}

impl From<Gone> for BotError {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::HostLeft => Self::HostLeft,
            Gone::Refused(code) => Self::Refused(code.to_string()),
            Gone::Lost => Self::Lost,
        }
    }
}
