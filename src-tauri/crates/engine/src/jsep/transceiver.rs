//! One transceiver (W3C webrtc §5.4), and its data counterpart.

use landline_protocol::engine_api::{Direction, EngineError, TrackKind, TransceiverState};

use super::terms::Payload;
use super::{MAX_STREAMS, Random, direction, error};
use crate::sdp;

/// To which section of the descriptions something belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Association {
    pub(super) mid: String,
    /// `sdpMLineIndex`
    pub(super) index: usize,
}

/// What negotiation sets and rollback takes back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Negotiable {
    pub(super) association: Option<Association>,
    /// The other side sends, by its last description.
    pub(super) receiving: bool,
    pub(super) remote_streams: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Transceiver {
    pub(super) id: u32,
    pub(super) kind: TrackKind,
    /// What we want; the negotiated one is `current`.
    pub(super) direction: Direction,
    pub(super) current: Option<Direction>,
    /// As its section was agreed on last.
    pub(super) payload: Option<Payload>,
    pub(super) streams: Vec<String>,
    /// `stop()` was called, or the other side's offer ended its section. It goes when that is negotiated.
    pub(super) stopping: bool,
    pub(super) receiver: u32,
    pub(super) ssrc: u32,
    /// Video only.
    pub(super) rtx: Option<u32>,
    /// The second word of our `a=msid`.
    pub(super) track: String,
    pub(super) now: Negotiable,
    /// `now` when the state was last stable; None: made by a remote offer that is not answered yet.
    pub(super) stable: Option<Negotiable>,
}

/// The data section.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    /// There is a data channel, or the other side wants one.
    pub(super) wanted: bool,
    pub(super) now: Option<Association>,
    pub(super) stable: Option<Association>,
}

impl Transceiver {
    pub(super) fn new(
        id: u32,
        kind: TrackKind,
        direction: Direction,
        receiver: u32,
        random: &mut Random,
    ) -> Self {
        Self {
            id,
            kind,
            direction,
            current: None,
            payload: None,
            streams: Vec::new(),
            stopping: false,
            receiver,
            ssrc: ssrc(random),
            rtx: (kind == TrackKind::Video).then(|| ssrc(random)),
            track: identifier(random),
            now: Negotiable::default(),
            stable: Some(Negotiable::default()),
        }
    }

    pub(super) fn index(&self) -> Option<usize> {
        self.now.association.as_ref().map(|each| each.index)
    }

    pub(super) fn view(&self) -> TransceiverState {
        TransceiverState {
            transceiver: self.id,
            kind: self.kind,
            mid: self.now.association.as_ref().map(|each| each.mid.clone()),
            direction: self.direction,
            current_direction: self.current,
            stopped: self.stopping,
            receiver: self.receiver,
            receiving: self.now.receiving && !self.stopping,
            remote_streams: self.now.remote_streams.clone(),
        }
    }

    /// By a remote description: what it sends, and to which streams that belongs.
    pub(super) fn hear(&mut self, section: &sdp::Section) {
        self.now.receiving = direction::sends(section.direction) && !section.rejected();
        self.now.remote_streams = if self.now.receiving {
            streams_of(section)
        } else {
            Vec::new()
        };
    }
}

/// Streams of a remote track: `a=msid`, or its older place at `a=ssrc`.
fn streams_of(section: &sdp::Section) -> Vec<String> {
    let older = section.ssrcs.iter().filter_map(|each| each.msid.as_ref());
    let told: Vec<&sdp::Msid> = match section.msids.as_slice() {
        [] => older.take(1).collect(),
        msids => msids.iter().collect(),
    };
    let mut streams: Vec<String> = Vec::new();
    for msid in told {
        if msid.stream != "-" && !streams.contains(&msid.stream) && streams.len() < MAX_STREAMS {
            streams.push(msid.stream.clone());
        }
    }
    streams
}

pub(super) fn check_streams(streams: &[String]) -> Result<(), EngineError> {
    if streams.len() > MAX_STREAMS {
        return Err(error::quota("too many streams"));
    }
    if streams.iter().any(|stream| !sdp::is_token(stream)) {
        return Err(error::access("the id of a stream is not a token"));
    }
    Ok(())
}

/// Any but 0, which some take for none.
fn ssrc(random: &mut Random) -> u32 {
    let bytes = random().to_le_bytes();
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).max(1)
}

/// 32 hexadecimal digits.
pub(super) fn identifier(random: &mut Random) -> String {
    format!("{:016x}{:016x}", random(), random())
}
