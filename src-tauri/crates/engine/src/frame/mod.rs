//! Binary frames between page and engine: [`landline_protocol::engine_api`], "Binary frames".

mod codec;

use bytes::Bytes;

pub use codec::FrameError;

/// A frame on its way to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameIn {
    Video {
        track: u32,
        layer: u8,
        key: bool,
        /// 90 kHz, wrapping.
        timestamp: u32,
        width: u16,
        height: u16,
        payload: Bytes,
    },
    Audio {
        track: u32,
        /// 48 kHz, wrapping.
        timestamp: u32,
        payload: Bytes,
    },
    KeyRequest {
        receiver: u32,
    },
    Channel {
        connection: u32,
        channel: u32,
        binary: bool,
        payload: Bytes,
    },
}

/// A frame from the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameOut {
    Video {
        receiver: u32,
        key: bool,
        gap: bool,
        timestamp: u32,
        arrival_ms: u32,
        payload: Bytes,
    },
    Audio {
        receiver: u32,
        gap: bool,
        timestamp: u32,
        arrival_ms: u32,
        payload: Bytes,
    },
    Channel {
        connection: u32,
        channel: u32,
        binary: bool,
        payload: Bytes,
    },
}
