//! What the W3C surface of one connection shows: the values of [`crate::engine_api`], named as in W3C webrtc.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Everything of one connection that the W3C surface shows, after each request that can change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionState {
    pub signaling: SignalingState,
    pub gathering: GatheringState,
    pub ice: IceConnectionState,
    pub connection: PeerConnectionState,
    pub negotiation_needed: bool,
    pub current_local: Option<Description>,
    pub pending_local: Option<Description>,
    pub current_remote: Option<Description>,
    pub pending_remote: Option<Description>,
    /// In the order in which they were made; stopped ones are left out once negotiated.
    pub transceivers: Vec<TransceiverState>,
    /// Largest message that the other side takes, bytes; null before there is a data section.
    pub max_message_size: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransceiverState {
    pub transceiver: u32,
    pub kind: TrackKind,
    pub mid: Option<String>,
    pub direction: Direction,
    pub current_direction: Option<Direction>,
    /// Negotiated to be stopped, or stopped by us.
    pub stopped: bool,
    /// Id of the receiver in binary frames, unique in the engine session.
    pub receiver: u32,
    /// The other side sends (its direction in the remote description has `send`): `ontrack` is due when this becomes true.
    pub receiving: bool,
    /// Ids of the streams that the remote track belongs to.
    pub remote_streams: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Description {
    pub r#type: DescriptionType,
    /// Empty for a rollback.
    pub sdp: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct IceCandidate {
    /// `candidate:…` (RFC 8839 §5.1); empty ends the candidates.
    pub candidate: String,
    pub sdp_mid: Option<String>,
    pub sdp_m_line_index: Option<u16>,
    pub username_fragment: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, optional_fields)]
pub struct ChannelOptions {
    pub ordered: bool,
    pub max_packet_life_time: Option<u16>,
    pub max_retransmits: Option<u16>,
    pub protocol: String,
    pub negotiated: bool,
    pub id: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum TrackKind {
    Audio,
    Video,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum DescriptionType {
    Offer,
    Answer,
    Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum SignalingState {
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum GatheringState {
    New,
    Gathering,
    Complete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum IceConnectionState {
    New,
    Checking,
    Connected,
    Completed,
    Disconnected,
    Failed,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum PeerConnectionState {
    New,
    Connecting,
    Connected,
    Disconnected,
    Failed,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ChannelState {
    Connecting,
    Open,
    Closing,
    Closed,
}

/// The one encoding of a sender (W3C webrtc §5.2.5, `RTCRtpEncodingParameters`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, optional_fields)]
pub struct Encoding {
    /// False: nothing is sent.
    pub active: bool,
    /// bit/s; null for no limit.
    pub max_bitrate: Option<u32>,
    /// Null or at least 1: of the track's width and height. Video.
    pub scale_resolution_down_by: Option<f64>,
    /// Frames a second; 0 sends none, null for no limit. Video.
    pub max_framerate: Option<u32>,
}

impl Default for Encoding {
    /// What a sender has until it is told otherwise.
    fn default() -> Self {
        Self {
            active: true,
            max_bitrate: None,
            scale_resolution_down_by: None,
            max_framerate: None,
        }
    }
}

/// A refused request, as the `DOMException` that the standard asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{name:?}: {message}")]
#[ts(export)]
pub struct EngineError {
    pub name: EngineErrorName,
    /// For logs. Never holds keys or passwords.
    pub message: String,
}

/// The names of Web IDL and W3C webrtc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub enum EngineErrorName {
    InvalidStateError,
    InvalidAccessError,
    InvalidModificationError,
    OperationError,
    /// The description cannot be read or is not for us: `RTCError` with `sdp-syntax-error` there.
    SyntaxError,
    /// Too much, too large, or too many.
    QuotaExceededError,
    NotSupportedError,
}
