//! Messages of a participant to the room, as text frames of JSON.
//!
//! `join`, `leave` and `signal` are the minimal vocabulary: a program that sends these alone is a full participant.
//! Everything else is an addition that only a client with `v` in its `join` uses.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::admission::{Identity, Moderation};
use crate::server::{ChatLine, LineSignature, MediaState};

/// A message of a participant. The tag is `action`.
///
/// Besides the fields below, every message but `join`, `ack`, `ping` and those before a `join` of a client with `v` carries `seq`: 1, 2, 3, …
/// counted by the sender over the life of its seat, so that after a lost connection none is missed and none done twice.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(
    tag = "action",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum ClientMessage {
    /// Asks to be let into the room, or back into a seat held in it.
    Join(Box<Join>),
    /// Leaves for good: the seat is given up at once.
    Leave { room_id: String },
    /// An offer, answer, candidate or hangup for one participant (`to`) or all others. Relayed unread.
    Signal(Signal),
    /// The page is closing. Its seat is kept for [`crate::limits::CLOSING_GRACE`], so that a reload finds it again.
    Closing { room_id: String },
    /// Which of the sender's track sources are on.
    State { room_id: String, state: MediaState },
    /// One line of chat to all. `id` is chosen by the sender (random) and makes sending it twice harmless.
    Chat {
        room_id: String,
        id: String,
        text: String,
        /// By the key of the sender's identity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<LineSignature>,
    },
    /// Lines that this participant knows, given back to a host that was restarted. Known ids are ignored.
    ChatHistory {
        room_id: String,
        lines: Vec<ChatLine>,
    },
    /// All messages of the room up to and including `seq` have arrived.
    Ack { seq: u32 },
    /// Asks for a `pong`: pages cannot see WebSocket pings.
    Ping,
    /// Before `join`: asks for the number over which the proof in it is made. Answered with `challenge`.
    Challenge,
    /// Before `join`, between programs that know the TLS connection: begins to prove the code without sending it (SPAKE2,
    /// RFC 9382). Answered with `pake-reply`, or with `too-many-tries`.
    PakeStart {
        room_id: String,
        /// The prover's key, which `join` has to carry.
        key: String,
        /// Base64url.
        message: String,
    },
    /// The joiner's confirmation. Answered with the host's, or with `wrong-code`.
    PakeConfirm {
        room_id: String,
        /// Base64url.
        tag: String,
    },
    /// Something that takes a role.
    Moderate { room_id: String, order: Moderation },
    /// Part of the agreement on the code of the meeting, for all others. Signed by its author and relayed unread.
    Verify {
        room_id: String,
        #[ts(type = "unknown")]
        data: Arc<RawValue>,
    },
}

/// `join`: the first message of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Join {
    /// The meeting id.
    pub room_id: String,
    /// The name that others see. Cut at [`crate::limits::NAME_CHARS`] characters, never refused for its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Version of the wire that the client speaks. Without it (a minimal client) only the minimal messages are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v: Option<u32>,
    /// How the participant takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ParticipantKind>,
    /// Which sources are on from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<MediaState>,
    /// A seat that the client holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// Who it is. Goes into the roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// That the key is its own, for this connection: a signature over the statement `join`. Needed with `identity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// The secret of a guest link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The code, from a browser, which cannot prove it without sending it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// If it is not let in, it asks to be: answered with `waiting`.
    #[serde(default, skip_serializing_if = "crate::server::is_false")]
    #[ts(as = "Option<bool>")]
    pub knock: bool,
}

/// A claim to a seat after a lost connection, a reload or a restart of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Resume {
    /// The seat: the `clientId` of the `joined` that gave the token.
    pub client_id: String,
    /// `resumeToken` of that `joined`: an HMAC over meeting id, client id and name. Secret.
    pub token: String,
    /// The last `seq` that arrived from the room; later ones are sent again. 0 if none.
    pub seq: u32,
    /// The page was loaded anew: it knows nothing of before, and every link to it has to be made anew.
    pub fresh: bool,
}

/// How a participant takes part. Shown to people; grants nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ParticipantKind {
    /// Through an installed Landline.
    App,
    /// From a browser, without the app.
    Guest,
}

/// `signal`: carried from one participant to another.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Signal {
    pub room_id: String,
    #[serde(rename = "type")]
    pub signal_type: SignalType,
    /// The addressee's `clientId`; all others without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Never read by the server. What clients put here: docs/PROTOCOL.md, "Signals".
    #[ts(type = "unknown")]
    pub data: Box<RawValue>,
}

/// What a [`Signal`] carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum SignalType {
    Offer,
    Answer,
    IceCandidate,
    /// The sender has closed its link to the addressee.
    Hangup,
}
