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
    /// Times in which nothing came for longer than 200 ms and then something did.
    pub freezes: u64,
    /// The longest of all times between two frames, milliseconds.
    pub longest_gap_ms: u32,
    /// The longest that ended since counters were last told.
    pub recent_gap_ms: u32,
    /// When the last frame came, on the engine's clock.
    #[serde(skip)]
    last: Option<u32>,
}

/// A picture that stands for longer is seen to stand.
const FREEZE_MS: u32 = 200;

impl VideoCount {
    fn came(&mut self, arrival_ms: u32) {
        if let Some(last) = self.last.replace(arrival_ms) {
            // The clock wraps. What was sent first may come last by a little.
            let gap = arrival_ms.wrapping_sub(last);
            let gap = if gap > u32::MAX / 2 { 0 } else { gap };
            self.freezes += u64::from(gap > FREEZE_MS);
            self.longest_gap_ms = self.longest_gap_ms.max(gap);
            self.recent_gap_ms = self.recent_gap_ms.max(gap);
        }
    }
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
            key,
            gap,
            arrival_ms,
            payload,
            ..
        } => {
            let entry = counts
                .entry(source)
                .or_insert_with(|| Count::Video(VideoCount::default()));
            let Count::Video(count) = entry else { return };
            count.frames += 1;
            count.came(*arrival_ms);
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

/// Counters as they are told now; what is counted from one telling to the next begins anew.
pub(crate) fn told(counts: &mut Counts) -> Counts {
    let told = counts.clone();
    for count in counts.values_mut() {
        if let Count::Video(count) = count {
            count.recent_gap_ms = 0;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn camera(counts: &Counts) -> VideoCount {
        match counts.get(&Source::Camera) {
            Some(Count::Video(count)) => count.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_without_a_picture_are_counted_over_the_wrap_of_the_clock() {
        let mut counts = Counts::new();
        let come = |counts: &mut Counts, arrival_ms| {
            let frame = FrameOut::Video {
                receiver: 1,
                key: false,
                gap: false,
                timestamp: 0,
                arrival_ms,
                payload: Bytes::from_static(&[1]),
            };
            count(counts, Source::Camera, &frame);
        };
        for arrival in [u32::MAX - 300, u32::MAX - 267, 33, 66, 60] {
            come(&mut counts, arrival);
        }
        let first = camera(&told(&mut counts));
        assert_eq!(
            (first.freezes, first.longest_gap_ms, first.recent_gap_ms),
            (1, 301, 301)
        );
        come(&mut counts, 160);
        let second = camera(&told(&mut counts));
        assert_eq!(
            (second.freezes, second.longest_gap_ms, second.recent_gap_ms),
            (1, 301, 100)
        );
        assert_eq!(second.frames, 6);
    }
}
