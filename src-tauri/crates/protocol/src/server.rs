//! Messages of the room to a participant, as text frames of JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::admission::{Access, Identity, Knock, Request, Role};
use crate::client::{ParticipantKind, SignalType};

/// A message of the room. The tag is `action`.
///
/// To a client with `v` in its `join`, every message but `joined`, `error`, `ack`, `pong` and those before `joined` carries `seq` as its first
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
        /// With `fresh`: who it is now. The key is the same, the certificate is that of the new page.
        #[serde(skip_serializing_if = "Option::is_none")]
        identity: Option<Identity>,
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
        /// With `too-many-tries`: when the next try is possible.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u32>,
    },
    /// All messages of this client up to and including `seq` have been done.
    Ack { seq: u32 },
    /// Answer to `ping`.
    Pong,
    /// Answer to `challenge`.
    Challenge {
        /// 32 bytes in base64url, good for one `join` on this connection.
        nonce: String,
        /// SHA-256 of the host's certificate, for clients that cannot see it themselves.
        fingerprint: String,
    },
    /// Answer to `pake-start`.
    PakeReply {
        /// The host's, of the installation that runs the meeting. The tags vouch for it.
        key: String,
        /// Base64url.
        message: String,
    },
    /// Answer to a right `pake-confirm`: a `join` with that key is let in.
    PakeConfirm {
        /// Base64url. Shows that the host knows the code as well.
        tag: String,
    },
    /// Answer to a `join` with `knock`: somebody has to open. `joined` follows, or an error.
    Waiting { room_id: String },
    /// To hosts and co-hosts: somebody knocks.
    Knock { room_id: String, knock: Knock },
    /// To hosts and co-hosts: somebody does not knock any more, for whatever reason.
    KnockEnded { room_id: String, id: u32 },
    /// How one comes in has changed.
    Access { room_id: String, access: Access },
    /// Where the meeting goes on should its host be gone. A guest's page could not be loaded again then.
    Successor {
        room_id: String,
        /// The guest link of the next host; with its secret, if there is one. None: nobody could take over.
        #[serde(skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
    /// Somebody's role has changed; the receiver's own as well.
    PeerRole {
        room_id: String,
        client_id: String,
        role: Role,
    },
    /// A host or co-host wants something of the receiver.
    Asked {
        room_id: String,
        /// The client id of whoever asks.
        by: String,
        request: Request,
    },
    /// Part of the agreement on the code of the meeting.
    Verify {
        room_id: String,
        /// Stamped by the server.
        from: String,
        #[ts(type = "unknown")]
        data: Arc<RawValue>,
    },
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
    /// The client's own.
    pub role: Role,
    pub access: Access,
    /// To hosts and co-hosts: who is at the door.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<Knock>>", optional)]
    pub knocks: Vec<Knock>,
    /// As in [`ServerMessage::Successor`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub successor: Option<String>,
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
    /// Who it is. None for a minimal client: nobody can say whether its links are its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    #[serde(default, skip_serializing_if = "is_participant")]
    #[ts(as = "Option<Role>")]
    pub role: Role,
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
    /// Was sent out.
    Removed,
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
    /// A key, a fingerprint or a signature that is none, or does not fit.
    #[error("that identity is not proven")]
    BadIdentity,
    /// Only who knows the code comes in, or who is let in after knocking.
    #[error("the meeting needs a code")]
    CodeNeeded,
    #[error("the code is wrong")]
    WrongCode,
    /// For all who try, however many they are. Knocking is possible meanwhile.
    #[error("too many wrong codes")]
    TooManyTries,
    /// Only who is let in after knocking comes in.
    #[error("the host lets people in")]
    KnockNeeded,
    #[error("the meeting is locked")]
    Locked,
    /// A host or co-host did not open.
    #[error("not let in")]
    NotAdmitted,
    /// Was sent out of this meeting before.
    #[error("removed from the meeting")]
    Removed,
    /// The role does not allow it.
    #[error("not allowed")]
    NotAllowed,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_participant(role: &Role) -> bool {
    *role == Role::Participant
}
