//! Who may come in, who they are, and who may say so. Keys, signatures and secrets travel as text; `landline-trust` knows
//! what they mean.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who a participant is, for everybody in the meeting: a key, and the one DTLS certificate that it vouches for. All links
/// of the participant have to show that certificate and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Identity {
    /// ECDSA P-256, an uncompressed point in base64url without padding: 87 characters.
    pub key: String,
    /// SHA-256 of the DTLS certificate (RFC 8122), 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    /// Over the statement `dtls`: meeting id, fingerprint. 86 characters of base64url.
    pub signature: String,
}

/// What somebody may do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Role {
    #[default]
    Participant,
    /// Does what the host does, except making hosts and ending the meeting.
    CoHost,
    Host,
}

/// Who comes in without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum AccessMode {
    /// Everybody.
    #[default]
    Open,
    /// Who knows the code or has the guest link. Others may knock.
    Code,
    /// Nobody: everybody knocks.
    Lobby,
    /// Nobody, and nobody may knock.
    Locked,
}

/// How one comes in, as those inside know it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Access {
    pub mode: AccessMode,
    /// With [`AccessMode::Code`]: six digits, to be said aloud. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With [`AccessMode::Code`]: what guest links carry, 128 bits in base64url. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl Access {
    /// Not everybody comes in without being asked for.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.mode != AccessMode::Open
    }
}

/// Somebody at the door, as hosts and co-hosts see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Knock {
    /// Of this knock, for [`Moderation::Admit`] and [`Moderation::Refuse`].
    pub id: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<crate::client::ParticipantKind>,
    /// Proven by whoever knocks. None for a minimal client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What hosts and co-hosts ask the room to do. The tag is `do`. Without the role it is refused with `not-allowed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, optional_fields)]
pub enum Moderation {
    /// Turns a microphone off, or without `to` all but the sender's. Its owner may turn it on again.
    Mute {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Asks somebody to turn the microphone on. Nothing turns it on but its owner.
    AskUnmute { to: String },
    /// Ends a shared screen.
    StopShare { to: String },
    /// Sends somebody out for good: the key is refused from now on, code and secret change, and into an open meeting
    /// nobody unknown comes without knocking.
    Remove { to: String },
    /// Host only: makes a participant a co-host, or a co-host a participant.
    SetRole { to: String, role: Role },
    /// Host only: makes somebody the host; the sender becomes a co-host.
    HandOver { to: String },
    /// Lets somebody in, or without `id` all who knock.
    Admit {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
    },
    /// Does not let somebody in.
    Refuse { id: u32 },
    /// Another mode. A new code and a new secret are made if it is [`AccessMode::Code`].
    SetAccess { mode: AccessMode },
    /// Host only: ends the meeting for all.
    End,
}

/// What a host or co-host did to, or wants of, the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Request {
    /// The microphone counts as off: turn it off.
    Mute,
    /// Ask the person whether to turn the microphone on.
    Unmute,
    /// The shared screen counts as off: stop it.
    StopShare,
}
