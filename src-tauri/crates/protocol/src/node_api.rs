//! What the UI asks of its own node, and what the node tells it.
//!
//! The same values travel over Tauri's commands and one channel (the app), and as [`NodeFrame`]s over a WebSocket on
//! 127.0.0.1 (browser mode). One page is one node session: when it ends, its channels are closed and its watching stops.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::admission::AccessMode;
use crate::settings::Settings;

pub use crate::node_meetings::{FoundMeeting, HostedMeeting, Meeting, Trust};
pub use crate::node_people::{Acquaintance, Person, SignLabel};

/// Something the page asks for. The tag is `do`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, optional_fields)]
pub enum NodeRequest {
    /// First request of a page. Answer: [`NodeReply::Welcome`].
    Hello,
    /// Replaces the settings. Answer: `Done`.
    SetSettings { settings: Settings },
    /// Starts or stops looking for meetings; [`NodeEvent::Meetings`] and [`NodeEvent::Discovery`] follow. Answer: `Done`.
    Watch { on: bool },
    /// Hosts a meeting. A node hosts one at a time. Answer: [`NodeReply::Hosted`].
    Host {
        title: String,
        name: String,
        #[serde(default)]
        access: AccessMode,
        /// Lists show neither title nor name, and the certificate is one of its own.
        #[serde(default)]
        private: bool,
    },
    /// Opens the meeting of [`Welcome::interrupted`] again, unless another node has it. Answer: [`NodeReply::Hosted`].
    HostAgain,
    /// The same is not to be opened again. Answer: `Done`.
    ForgetMeeting,
    /// Ends the hosted meeting for all. Answer: `Done`.
    EndMeeting,
    /// Asks a host what it has, without joining. Answer: [`NodeReply::Found`].
    Look { target: Target },
    /// Opens a connection to the room of a meeting. Answer: [`NodeReply::Channel`]; frames follow as events.
    /// With a code, it is proven to the host without being sent: `WrongCode` or `TooManyTries` if that fails.
    OpenChannel {
        target: Target,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        code: Option<String>,
    },
    /// Signs a statement with this installation's key: `label`, then `fields` in base64url. Answer:
    /// [`NodeReply::Signed`].
    Sign {
        label: SignLabel,
        fields: Vec<String>,
    },
    /// What this installation knows of people with these keys, and that they are met now. Answer: [`NodeReply::Met`].
    Meet {
        meeting_id: String,
        people: Vec<Person>,
    },
    /// Sends one text frame. Answer: `Done`.
    SendFrame { channel: u32, frame: String },
    /// Closes a channel. Answer: `Done`.
    CloseChannel { channel: u32 },
    /// App only: opens `target` in browser mode in the default browser. Answer: `Done`.
    OpenInBrowser {
        #[ts(optional)]
        target: Option<Target>,
    },
    /// Keeps the machine awake while `on`, where the page cannot do so itself. Answer: `Done`.
    KeepAwake { on: bool },
    /// App only: an engine session for a webview without `RTCPeerConnection`. Answer: [`NodeReply::Engine`].
    OpenEngine,
    /// Somebody to talk to: a participant without a person joins the meeting that this node hosts, shows a moving picture and
    /// plays back what it hears. `on: false` sends it away. Answer: `Done`.
    TestCall { on: bool },
}

/// Which meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum Target {
    /// Hosted by this node, or seen on the network.
    Meeting { meeting_id: String },
    /// What a person typed or pasted: `host:port`, `host`, or a guest link.
    Address { text: String },
}

/// Answer to a [`NodeRequest`]. The tag is `is`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum NodeReply {
    Done,
    Welcome(Box<Welcome>),
    Hosted {
        hosted: HostedMeeting,
    },
    Found {
        found: FoundMeeting,
    },
    Channel {
        channel: u32,
        /// SHA-256 of the host's certificate, 64 lower-case hexadecimal digits.
        fingerprint: String,
    },
    Engine(EngineDoor),
    Signed {
        /// 86 characters of base64url.
        signature: String,
    },
    Met {
        people: Vec<Acquaintance>,
    },
}

/// Where the page finds its engine session ([`crate::engine_api`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EngineDoor {
    /// `ws://127.0.0.1:<port>/engine`
    pub url: String,
    /// Token of the control socket. Good once and for a short while. Secret.
    pub control: String,
    /// Token of the media socket. Good once and for a short while. Secret.
    pub media: String,
}

/// What a page has to know at its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Welcome {
    /// Landline's version.
    pub version: String,
    /// `settings` of this installation.
    pub settings: Settings,
    /// The meeting that this node hosts.
    pub hosted: Option<HostedMeeting>,
    /// The meeting that this node hosted when it crashed.
    pub interrupted: Option<Interrupted>,
    /// A meeting to open at once: the page was opened for it.
    pub open: Option<Target>,
    /// Browser mode: the token for this page's later connections (a ticket was good for one). Secret.
    pub token: Option<String>,
    /// Things to tell the person once, such as a settings file that could not be read.
    pub notices: Vec<Notice>,
    /// What the platform calls this computer, to propose as a name.
    pub computer_name: String,
    /// This installation's public key, by which others recognise it.
    pub key: String,
    /// Whether this page may have an engine session, for a web view without `RTCPeerConnection`.
    pub engine: bool,
}

/// A meeting that could be opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Interrupted {
    pub meeting_id: String,
    pub title: String,
}

/// Something that went wrong and was mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Notice {
    /// The settings file could not be read; it was kept aside and defaults are used.
    SettingsCorrupt,
    /// Settings cannot be written; they hold until the app ends.
    SettingsReadOnly,
}

/// Something that the node tells the page unasked. The tag is `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum NodeEvent {
    /// All meetings on the network, after each change.
    Meetings { meetings: Vec<Meeting> },
    /// How looking for meetings goes.
    Discovery { state: DiscoveryState },
    /// The meeting that this node hosts, after each change; null when it ended.
    Hosted { hosted: Option<HostedMeeting> },
    /// One text frame of the room.
    Frame { channel: u32, frame: String },
    /// The channel is closed, by whomever. No frame follows.
    ChannelClosed { channel: u32, reason: ChannelClosed },
    /// The settings were changed by another window.
    Settings { settings: Settings },
    /// Show this meeting: the app was started again with a link.
    Open { target: Target },
    /// This computer has other addresses than before, so links may need other ways. Told while a channel is open.
    Networks,
}

/// How looking for meetings goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "state",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum DiscoveryState {
    Off,
    /// On the interfaces with these names and addresses.
    On {
        interfaces: Vec<Interface>,
    },
    /// No interface with an address: not on any network.
    NoNetwork,
    /// Multicast DNS cannot be used, for example because the port is taken. Joining by address works.
    Failed {
        message: String,
    },
}

/// A network interface in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Interface {
    pub name: String,
    pub address: String,
}

/// Why a channel was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ChannelClosed {
    /// The page asked for it.
    Closed,
    /// The host closed it in good order (it is going away).
    HostLeft,
    /// The connection broke, or the host went silent.
    Lost,
    /// The host closed it for a breach of the protocol.
    Refused,
}

/// Why a request failed. The UI has a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum NodeErrorCode {
    #[error("the request cannot be understood")]
    BadRequest,
    #[error("that is not an address of a meeting")]
    BadAddress,
    #[error("the name cannot be resolved to an address")]
    NameNotFound,
    #[error("that computer cannot be reached")]
    Unreachable,
    #[error("that computer refused the connection")]
    ConnectionRefused,
    #[error("something else than Landline answered")]
    NotLandline,
    #[error("the certificate is not the expected one")]
    FingerprintMismatch,
    #[error("the certificate at this address has changed since the last visit")]
    FingerprintChanged,
    /// It says that it has the meeting, and cannot show how it came to be its host.
    #[error("that computer cannot prove that it is the meeting's host")]
    FalseHost,
    #[error("no such meeting is known")]
    MeetingNotFound,
    #[error("that host speaks another version of the protocol")]
    UnsupportedVersion,
    #[error("a meeting is hosted already")]
    AlreadyHosting,
    #[error("no port could be opened")]
    PortUnavailable,
    #[error("no such channel")]
    NoChannel,
    #[error("too much is waiting to be sent")]
    Congested,
    #[error("not possible here")]
    NotSupported,
    #[error("no browser could be started")]
    NoBrowser,
    /// The code that was given is not the meeting's.
    #[error("the code is wrong")]
    WrongCode,
    /// Too many wrong codes, of whomever. Knocking is possible.
    #[error("too many wrong codes")]
    TooManyTries,
    #[error("something went wrong")]
    Internal,
}

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code}: {message}")]
#[ts(export)]
pub struct NodeError {
    pub code: NodeErrorCode,
    /// Detail for logs and for people who want to know more.
    pub message: String,
}

impl From<NodeErrorCode> for NodeError {
    fn from(code: NodeErrorCode) -> Self {
        Self {
            code,
            message: code.to_string(),
        }
    }
}

/// Browser mode: what a page sends to its node, one JSON text frame each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NodeCall {
    /// Chosen by the page; the answer carries it.
    pub id: u32,
    pub request: NodeRequest,
}

/// Browser mode: what a node sends to its page, one JSON text frame each. The tag is `frame`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "frame",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum NodeFrame {
    Reply { id: u32, reply: NodeReply },
    Failed { id: u32, error: NodeError },
    Event { body: NodeEvent },
}
