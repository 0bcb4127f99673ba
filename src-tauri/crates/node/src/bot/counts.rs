//! What a bot received, by participant and source; printed as JSON.

use std::collections::BTreeMap;

use landline_engine::frame::FrameOut;
use serde::Serialize;

use super::signals::Source;
use super::vp8;

/// Everything since the bot joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Count {
    Video(VideoCount),
    Audio(AudioCount),
}

/// Pictures received from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoCount {
    pub frames: u64,
    pub key_frames: u64,
    pub bytes: u64,
    /// Frames before which something was missing for good.
    pub gaps: u64,
    /// Of the last key frame.
    pub width: u16,
    pub height: u16,
}

/// Sound received from one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioCount {
    pub packets: u64,
    pub bytes: u64,
    pub gaps: u64,
}

/// By source, of one participant.
pub(crate) type Counts = BTreeMap<Source, Count>;

pub(crate) fn count(counts: &mut Counts, source: Source, frame: &FrameOut) {
    match frame {
        FrameOut::Video {
            key, gap, payload, ..
        } => {
            let entry = counts
                .entry(source)
                .or_insert_with(|| Count::Video(VideoCount::default()));
            let Count::Video(count) = entry else { return };
            count.frames += 1;
            count.key_frames += u64::from(*key);
            count.bytes += payload.len() as u64;
            count.gaps += u64::from(*gap);
            if let Some((width, height)) = vp8::key_frame_size(payload) {
                (count.width, count.height) = (width, height);
            }
        }
        FrameOut::Audio { gap, payload, .. } => {
            let entry = counts
                .entry(source)
                .or_insert_with(|| Count::Audio(AudioCount::default()));
            let Count::Audio(count) = entry else { return };
            count.packets += 1;
            count.bytes += payload.len() as u64;
            count.gaps += u64::from(*gap);
        }
        FrameOut::Channel { .. } => {}
    }
}
