//! Messages of the room to a participant, as text frames of JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::client::{ParticipantKind, SignalType};

/// A message of the room. The tag is `action`.
///
/// To a client with `v` in its `join`, every message but `joined`, `error`, `ack` and `pong` carries `seq` as its first
/// member: 1, 2, 3, … over the life of the seat.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(
    tag = "action",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export, optional_fields)]
pub enum ServerMessage {
    /// Answer to `join`.
    Joined(Joined),
    /// Somebody came in (or back after the host was restarted). Members offer to the newcomer.
    PeerJoined {
        room_id: String,
        peer: Peer,
        /// The newcomer held this seat before the host was restarted: a link to it that lives is kept.
        #[serde(skip_serializing_if = "is_false")]
        #[ts(as = "Option<bool>")]
        restored: bool,
    },
    /// Somebody is gone for good. Nothing of that participant follows.
    PeerLeft {
        room_id: String,
        client_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<LeaveReason>,
    },
    /// Somebody's connection is lost; the seat is kept for a while and links live on.
    PeerAway { room_id: String, client_id: String },
    /// Somebody who was away is back. `fresh`: with a page that was loaded anew, so members offer as to a newcomer.
    PeerBack {
        room_id: String,
        client_id: String,
        fresh: bool,
    },
    /// An offer, answer, candidate or hangup from another participant.
    Signal {
        room_id: String,
        /// Stamped by the server.
        from: String,
        #[serde(rename = "type")]
        signal_type: SignalType,
        #[ts(type = "unknown")]
        data: Arc<RawValue>,
    },
    /// Somebody's track sources changed.
    PeerState {
        room_id: String,
        client_id: String,
        state: MediaState,
    },
    /// A line of chat; the sender gets its own as well, which is the receipt.
    Chat { room_id: String, line: ChatLine },
    /// The host has ended the meeting for all.
    MeetingEnded { room_id: String },
    /// Something of the client's was refused. The connection lives on unless it is closed next.
    Error {
        code: ErrorCode,
        /// For people who read logs; the UI goes by `code`.
        message: String,
    },
    /// All messages of this client up to and including `seq` have been done.
    Ack { seq: u32 },
    /// Answer to `ping`.
    Pong,
}

/// `joined`: the client is in the room.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Joined {
    pub room_id: String,
    /// The participant's id, never used again in this meeting.
    pub client_id: String,
    /// Everybody else who has a seat.
    pub peers: Vec<Peer>,
    /// What follows is sent only to clients with `v` in their `join`.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[ts(flatten)]
    pub more: Option<JoinedMore>,
}

/// The part of `joined` that a minimal client does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JoinedMore {
    /// The version that the server speaks to this client.
    pub v: u32,
    pub outcome: JoinOutcome,
    /// Opens this seat again. Secret.
    pub resume_token: String,
    /// The last `seq` of this client that was done; the client sends later ones again.
    pub ack: u32,
    /// With `restored`: for how long, in milliseconds, participants missing in `peers` may still come back. Else 0.
    pub roster_grace_ms: u32,
    pub title: String,
    /// The host's name.
    pub host: String,
    /// When the meeting began, in milliseconds since 1970.
    pub started_at: u64,
    /// The chat so far, oldest first.
    pub chat: Vec<ChatLine>,
}

/// What became of a `join`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum JoinOutcome {
    /// A new seat. Members will offer.
    New,
    /// The old seat; what was missed follows, `peers` is for information.
    Resumed,
    /// The old seat, but messages in between are lost or the page asked for a fresh start: `peers` replaces what the
    /// client knows. Links that live are kept, unless the page was fresh.
    Restored,
}

/// Another participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Peer {
    pub client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ParticipantKind>,
    /// The addresses from which this participant's connection comes (on the host's machine its LAN addresses). The receiver adds
    /// a copy with such an address beside each `.local` candidate. Never loopback.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>")]
    pub addr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<MediaState>,
    /// The participant's connection is lost and its seat is being kept.
    #[serde(default, skip_serializing_if = "is_false")]
    #[ts(as = "Option<bool>")]
    pub away: bool,
}

/// Why somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum LeaveReason {
    /// By choice.
    Left,
    /// Did not come back while the seat was kept.
    Lost,
}

/// Which track sources of a participant are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct MediaState {
    pub microphone: bool,
    pub camera: bool,
    pub screen: bool,
}

/// One line of chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct ChatLine {
    /// Chosen by the sender, unique in the meeting: `[A-Za-z0-9-]{8,64}`.
    pub id: String,
    /// The sender's client id.
    pub from: String,
    /// The sender's name when it was said, for those who come later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub text: String,
    /// When the host got it, in milliseconds since 1970.
    pub at: u64,
}

/// Why something was refused. The UI branches on these, never on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ErrorCode {
    /// Not JSON, not an object, a field missing or of the wrong kind.
    #[error("the message cannot be understood")]
    BadMessage,
    /// A message of a newer version, perhaps.
    #[error("this action is not known here")]
    UnknownAction,
    /// This node does not host that meeting.
    #[error("there is no such meeting here")]
    RoomNotFound,
    #[error("the meeting is full")]
    RoomFull,
    #[error("join first")]
    NotJoined,
    #[error("this connection has joined already")]
    AlreadyJoined,
    /// The addressee of a signal is not in the room (any more).
    #[error("no such participant")]
    UnknownPeer,
    /// A message, line or name above its limit.
    #[error("too large")]
    TooLarge,
    /// Too much at once; the connection is closed when it goes on.
    #[error("too many messages")]
    RateLimited,
    #[error("this version of the protocol is not spoken here")]
    UnsupportedVersion,
    /// Somebody else holds that seat: another window resumed it.
    #[error("the seat was taken over by another connection")]
    SeatTaken,
    /// Too many connections from one address.
    #[error("too many connections")]
    TooManyConnections,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}
