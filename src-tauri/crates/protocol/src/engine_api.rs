//! What a page whose webview has no `RTCPeerConnection` asks of the engine, and what the engine tells it.
//!
//! Two sockets (RFC 6455) on 127.0.0.1 belong to one engine session, each opened with a token that is good once
//! ([`crate::node_api::NodeReply::Engine`]):
//! - `control`: text frames, one [`EngineCall`] or [`EngineMessage`] each, in order; and binary frames of kind
//!   [`FRAME_CHANNEL`] for the messages of data channels
//! - `media`: binary frames, opened by a worker
//!
//! The session and everything in it ends when either socket is closed.
//!
//! # Binary frames
//!
//! A header of [`FRAME_HEADER`] bytes, little-endian, then the payload:
//!
//! | offset | type | meaning |
//! |---|---|---|
//! | 0 | u8  | kind: [`FRAME_VIDEO`], [`FRAME_AUDIO`], [`FRAME_KEY_REQUEST`], [`FRAME_CHANNEL`] |
//! | 1 | u8  | flags: [`FLAG_KEY`], [`FLAG_GAP`], [`FLAG_BINARY`] |
//! | 2 | u8  | video to the engine: layer (0 is the largest). Otherwise 0 |
//! | 3 | u8  | 0 |
//! | 4 | u32 | to the engine: track. From the engine: receiver. [`FRAME_CHANNEL`]: connection |
//! | 8 | u32 | RTP timestamp (video 90 kHz, audio 48 kHz), wrapping. [`FRAME_CHANNEL`]: channel |
//! | 12 | u32 | video to the engine: width in the upper, height in the lower 16 bits. From the engine: arrival of the frame's first packet, in milliseconds of the engine's clock, wrapping |
//!
//! Payloads are one VP8 frame (RFC 6386) or one Opus packet (RFC 6716). A key-frame request has none, its second field is the
//! receiver.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::engine_state::{
    ChannelOptions, ChannelState, ConnectionState, Description, DescriptionType, Direction,
    Encoding, EngineError, EngineErrorName, GatheringState, IceCandidate, IceConnectionState,
    PeerConnectionState, SignalingState, TrackKind, TransceiverState,
};

/// Bytes of a binary frame's header.
pub const FRAME_HEADER: usize = 16;
pub const FRAME_VIDEO: u8 = 1;
pub const FRAME_AUDIO: u8 = 2;
/// To the engine: the decoder of this receiver needs a key frame.
pub const FRAME_KEY_REQUEST: u8 = 3;
/// One message of a data channel, either way.
pub const FRAME_CHANNEL: u8 = 4;
/// Video: a key frame.
pub const FLAG_KEY: u8 = 1;
/// From the engine: something before this frame is missing for good.
pub const FLAG_GAP: u8 = 2;
/// Data channel: the message is binary, not UTF-8 text.
pub const FLAG_BINARY: u8 = 4;
/// Largest payload of a binary frame. A 4K key frame of a shared screen has some 1 MB.
pub const FRAME_PAYLOAD: usize = 4 * 1024 * 1024;
/// Sub-protocol of both sockets; the token travels as a second one, `token.<hex>`.
pub const ENGINE_SUBPROTOCOL: &str = "landline.engine.1";
/// Transceivers and channels made by the other side have ids from here on; those of the page are below.
pub const REMOTE_IDS: u32 = 0x8000_0000;
/// Connections of one engine session: [`crate::limits::ROOM_PARTICIPANTS`] with room for replaced ones that are closing.
pub const ENGINE_CONNECTIONS: usize = 64;

/// One call, a text frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EngineCall {
    /// Chosen by the page; the answer carries it.
    pub id: u32,
    pub request: EngineRequest,
}

/// What a page asks for. The tag is `do`. Requests are carried out in their order; `connection`, `transceiver`, `channel` and
/// `track` are ids chosen by the page (below [`REMOTE_IDS`]). Names and meanings as in W3C webrtc.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export, optional_fields)]
pub enum EngineRequest {
    /// A new `RTCPeerConnection`. Answer: `Done`.
    Open { connection: u32 },
    /// Ends it at once: DTLS `close_notify`, then nothing. Answer: `Done`.
    Close { connection: u32 },
    /// Answer: `State`.
    AddTransceiver {
        connection: u32,
        transceiver: u32,
        kind: TrackKind,
        direction: Direction,
        /// Ids of the streams that its track belongs to (msid).
        streams: Vec<String>,
    },
    /// Answer: `State`.
    SetDirection {
        connection: u32,
        transceiver: u32,
        direction: Direction,
    },
    /// Answer: `State`.
    SetStreams {
        connection: u32,
        transceiver: u32,
        streams: Vec<String>,
    },
    /// Answer: `State`.
    StopTransceiver { connection: u32, transceiver: u32 },
    /// What the sender of a transceiver sends from now on (`replaceTrack`): frames of this track; null for nothing. Answer: `Done`.
    SetTrack {
        connection: u32,
        transceiver: u32,
        #[ts(optional)]
        track: Option<u32>,
    },
    /// What the sender of a transceiver may send at most (`setParameters`). Answer: `Done`.
    SetEncoding {
        connection: u32,
        transceiver: u32,
        encoding: Encoding,
    },
    /// What can be made of a track. Layer 0 is its full size. Told before its first frame and at each change. Answer: `Done`.
    SetLayers { track: u32, layers: Vec<Layer> },
    /// The track is not needed any more, nor anything known of it. Answer: `Done`.
    DropTrack { track: u32 },
    /// Answer: `State`.
    CreateDataChannel {
        connection: u32,
        channel: u32,
        label: String,
        options: ChannelOptions,
    },
    /// Closes after what was sent before. Answer: `Done`.
    CloseDataChannel { connection: u32, channel: u32 },
    /// Answer: `Description`.
    CreateOffer { connection: u32, ice_restart: bool },
    /// Answer: `Description`.
    CreateAnswer { connection: u32 },
    /// Null: what the signaling state asks for (implicit description). Answer: `State`.
    SetLocalDescription {
        connection: u32,
        #[ts(optional)]
        description: Option<Description>,
    },
    /// An offer over an own offer rolls that back. Answer: `State`.
    SetRemoteDescription {
        connection: u32,
        description: Description,
    },
    /// An empty candidate ends them. Answer: `Done`.
    AddIceCandidate {
        connection: u32,
        candidate: IceCandidate,
    },
    /// The next offer restarts ICE. Answer: `State`.
    RestartIce { connection: u32 },
    /// Answer: `Stats`.
    GetStats { connection: u32 },
}

/// Answer to an [`EngineRequest`]. The tag is `is`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum EngineReply {
    Done,
    Description {
        description: Description,
    },
    State {
        state: ConnectionState,
    },
    /// Objects as W3C webrtc-stats names them: `id`, `type`, `timestamp` (milliseconds since 1970) and members. What only
    /// the page knows (decoded frames, sizes, concealment) is added there.
    Stats {
        #[ts(type = "Array<Record<string, unknown>>")]
        entries: Vec<serde_json::Map<String, serde_json::Value>>,
    },
}

/// One message of the engine, a text frame. The tag is `frame`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "frame",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum EngineMessage {
    Reply { id: u32, reply: EngineReply },
    Failed { id: u32, error: EngineError },
    Event { event: EngineEvent },
}

/// Something that the engine tells unasked. The tag is `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
#[ts(export)]
pub enum EngineEvent {
    /// An own candidate; null after the last one of a generation.
    Candidate {
        connection: u32,
        candidate: Option<IceCandidate>,
    },
    /// States changed, or negotiation became needed.
    State {
        connection: u32,
        state: ConnectionState,
    },
    /// A channel that the other side made, in state `open`.
    ChannelCreated {
        connection: u32,
        channel: u32,
        label: String,
        options: ChannelOptions,
    },
    ChannelState {
        connection: u32,
        channel: u32,
        state: ChannelState,
        /// SCTP stream id, once known.
        id: Option<u16>,
    },
    /// So many bytes of what was given to the engine are still to be sent.
    ChannelBuffered {
        connection: u32,
        channel: u32,
        bytes: u32,
    },
    /// What a track's layer has to be encoded like from now on; null: nobody needs it, do not encode it.
    Encode {
        track: u32,
        layer: u8,
        target: Option<EncodeTarget>,
    },
    /// The next frame of this layer has to be a key frame. Told at most twice a second for each layer.
    KeyFrame { track: u32, layer: u8 },
}

/// How a layer has to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EncodeTarget {
    /// bit/s
    pub bitrate: u32,
    /// Frames a second at most.
    pub framerate: u32,
    /// Pixels: no link wants it higher. The width follows from the source. 0 for sound.
    pub height: u16,
}

/// One size in which a video track can be encoded. For audio tracks one layer of size 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Layer {
    pub width: u16,
    pub height: u16,
    /// bit/s below which this size is not worth it.
    pub min_bitrate: u32,
    /// bit/s above which more brings nothing.
    pub max_bitrate: u32,
    /// Frames come whether anybody needs them or not, at their own rate ([`EngineEvent::Encode`] is not heeded): bots.
    pub fixed: bool,
}
