//! Key-frame requests of many links made into few: at most two a second for each layer of a track. Pure.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Two a second ([`landline_protocol::engine_api::EngineEvent::KeyFrame`]).
const EVERY: Duration = Duration::from_millis(500);

/// Track and layer.
pub(super) type Stream = (u32, u8);

#[derive(Debug, Default, Clone, Copy)]
struct State {
    told: Option<Instant>,
    wanted: bool,
}

#[derive(Debug, Default)]
pub(super) struct KeyRequests {
    streams: BTreeMap<Stream, State>,
}

impl KeyRequests {
    pub(super) fn request(&mut self, stream: Stream) {
        self.streams.entry(stream).or_default().wanted = true;
    }

    /// A key frame came: what was asked for is there.
    pub(super) fn came(&mut self, stream: Stream) {
        if let Some(state) = self.streams.get_mut(&stream) {
            state.wanted = false;
        }
    }

    pub(super) fn forget(&mut self, track: u32) {
        self.streams.retain(|(of, _), _| *of != track);
    }

    pub(super) fn due(&mut self, now: Instant) -> Vec<Stream> {
        let mut due = Vec::new();
        for (stream, state) in &mut self.streams {
            if state.wanted && state.told.is_none_or(|told| told + EVERY <= now) {
                // Told again until a key frame comes: an encoder may drop it.
                state.told = Some(now);
                due.push(*stream);
            }
        }
        due
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.streams
            .values()
            .filter(|state| state.wanted)
            .filter_map(|state| state.told.map(|told| told + EVERY))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_requests_are_one_at_once_and_one_half_a_second_later() {
        let start = Instant::now();
        let mut keys = KeyRequests::default();
        keys.request((1, 0));
        keys.request((1, 0));
        assert_eq!(keys.due(start), vec![(1, 0)]);
        keys.request((1, 0));
        assert!(keys.due(start + Duration::from_millis(499)).is_empty());
        assert_eq!(keys.next(), Some(start + EVERY));
        assert_eq!(keys.due(start + EVERY), vec![(1, 0)]);
    }

    #[test]
    fn a_key_frame_answers_all_requests_before_it() {
        let start = Instant::now();
        let mut keys = KeyRequests::default();
        keys.request((1, 0));
        keys.due(start);
        keys.request((1, 0));
        keys.came((1, 0));
        assert!(keys.due(start + EVERY).is_empty());
        assert_eq!(keys.next(), None);
    }
}
