//! Bytes of binary frames, both ways. Total: every input is a frame or an error, nothing is kept.

use bytes::{BufMut, Bytes, BytesMut};
use landline_protocol::engine_api::{
    FLAG_BINARY, FLAG_GAP, FLAG_KEY, FRAME_AUDIO, FRAME_CHANNEL, FRAME_HEADER, FRAME_KEY_REQUEST,
    FRAME_PAYLOAD, FRAME_VIDEO,
};

use super::{FrameIn, FrameOut};

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("shorter than a header")]
    Short,
    #[error("payload above the limit")]
    Large,
    #[error("kind {0} is not known here")]
    Kind(u8),
    #[error("a media frame without payload")]
    Empty,
}

struct Header {
    kind: u8,
    flags: u8,
    layer: u8,
    first: u32,
    second: u32,
    third: u32,
}

impl Header {
    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

fn split(mut bytes: Bytes) -> Result<(Header, Bytes), FrameError> {
    let head = bytes
        .first_chunk::<FRAME_HEADER>()
        .ok_or(FrameError::Short)?;
    let [
        kind,
        flags,
        layer,
        _,
        a0,
        a1,
        a2,
        a3,
        b0,
        b1,
        b2,
        b3,
        c0,
        c1,
        c2,
        c3,
    ] = *head;
    let header = Header {
        kind,
        flags,
        layer,
        first: u32::from_le_bytes([a0, a1, a2, a3]),
        second: u32::from_le_bytes([b0, b1, b2, b3]),
        third: u32::from_le_bytes([c0, c1, c2, c3]),
    };
    let payload = bytes.split_off(FRAME_HEADER);
    if payload.len() > FRAME_PAYLOAD {
        return Err(FrameError::Large);
    }
    Ok((header, payload))
}

fn media(payload: Bytes) -> Result<Bytes, FrameError> {
    if payload.is_empty() {
        return Err(FrameError::Empty);
    }
    Ok(payload)
}

fn join(header: &Header, payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(FRAME_HEADER.saturating_add(payload.len()));
    bytes.put_u8(header.kind);
    bytes.put_u8(header.flags);
    bytes.put_u8(header.layer);
    bytes.put_u8(0);
    bytes.put_u32_le(header.first);
    bytes.put_u32_le(header.second);
    bytes.put_u32_le(header.third);
    bytes.put_slice(payload);
    bytes.freeze()
}

fn flag(set: bool, flag: u8) -> u8 {
    if set { flag } else { 0 }
}

impl FrameIn {
    /// # Errors
    /// The bytes are no frame that goes to the engine.
    pub fn decode(bytes: Bytes) -> Result<Self, FrameError> {
        let (header, payload) = split(bytes)?;
        match header.kind {
            FRAME_VIDEO => Ok(Self::Video {
                track: header.first,
                layer: header.layer,
                key: header.has(FLAG_KEY),
                timestamp: header.second,
                width: (header.third >> 16) as u16,
                height: (header.third & 0xffff) as u16,
                payload: media(payload)?,
            }),
            FRAME_AUDIO => Ok(Self::Audio {
                track: header.first,
                timestamp: header.second,
                payload: media(payload)?,
            }),
            FRAME_KEY_REQUEST => Ok(Self::KeyRequest {
                receiver: header.first,
            }),
            FRAME_CHANNEL => Ok(Self::Channel {
                connection: header.first,
                channel: header.second,
                binary: header.has(FLAG_BINARY),
                payload,
            }),
            kind => Err(FrameError::Kind(kind)),
        }
    }

    pub fn encode(&self) -> Bytes {
        match self {
            Self::Video {
                track,
                layer,
                key,
                timestamp,
                width,
                height,
                payload,
            } => join(
                &Header {
                    kind: FRAME_VIDEO,
                    flags: flag(*key, FLAG_KEY),
                    layer: *layer,
                    first: *track,
                    second: *timestamp,
                    third: u32::from(*width) << 16 | u32::from(*height),
                },
                payload,
            ),
            Self::Audio {
                track,
                timestamp,
                payload,
            } => join(
                &Header {
                    kind: FRAME_AUDIO,
                    flags: 0,
                    layer: 0,
                    first: *track,
                    second: *timestamp,
                    third: 0,
                },
                payload,
            ),
            Self::KeyRequest { receiver } => join(
                &Header {
                    kind: FRAME_KEY_REQUEST,
                    flags: 0,
                    layer: 0,
                    first: *receiver,
                    second: 0,
                    third: 0,
                },
                &[],
            ),
            Self::Channel {
                connection,
                channel,
                binary,
                payload,
            } => channel_bytes(*connection, *channel, *binary, payload),
        }
    }
}

impl FrameOut {
    /// # Errors
    /// The bytes are no frame that comes from the engine.
    pub fn decode(bytes: Bytes) -> Result<Self, FrameError> {
        let (header, payload) = split(bytes)?;
        match header.kind {
            FRAME_VIDEO => Ok(Self::Video {
                receiver: header.first,
                key: header.has(FLAG_KEY),
                gap: header.has(FLAG_GAP),
                timestamp: header.second,
                arrival_ms: header.third,
                payload: media(payload)?,
            }),
            FRAME_AUDIO => Ok(Self::Audio {
                receiver: header.first,
                gap: header.has(FLAG_GAP),
                timestamp: header.second,
                arrival_ms: header.third,
                payload: media(payload)?,
            }),
            FRAME_CHANNEL => Ok(Self::Channel {
                connection: header.first,
                channel: header.second,
                binary: header.has(FLAG_BINARY),
                payload,
            }),
            kind => Err(FrameError::Kind(kind)),
        }
    }

    pub fn encode(&self) -> Bytes {
        match self {
            Self::Video {
                receiver,
                key,
                gap,
                timestamp,
                arrival_ms,
                payload,
            } => join(
                &Header {
                    kind: FRAME_VIDEO,
                    flags: flag(*key, FLAG_KEY) | flag(*gap, FLAG_GAP),
                    layer: 0,
                    first: *receiver,
                    second: *timestamp,
                    third: *arrival_ms,
                },
                payload,
            ),
            Self::Audio {
                receiver,
                gap,
                timestamp,
                arrival_ms,
                payload,
            } => join(
                &Header {
                    kind: FRAME_AUDIO,
                    flags: flag(*gap, FLAG_GAP),
                    layer: 0,
                    first: *receiver,
                    second: *timestamp,
                    third: *arrival_ms,
                },
                payload,
            ),
            Self::Channel {
                connection,
                channel,
                binary,
                payload,
            } => channel_bytes(*connection, *channel, *binary, payload),
        }
    }
}

fn channel_bytes(connection: u32, channel: u32, binary: bool, payload: &[u8]) -> Bytes {
    join(
        &Header {
            kind: FRAME_CHANNEL,
            flags: flag(binary, FLAG_BINARY),
            layer: 0,
            first: connection,
            second: channel,
            third: 0,
        },
        payload,
    )
}
