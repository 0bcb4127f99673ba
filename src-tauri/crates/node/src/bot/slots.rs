//! Which transceiver of a connection carries what. Pure. A bot sends microphone and camera, and receives whatever there is.
//!
//! After glare both sides may have made a transceiver for the same source; the one in the accepted description wins.

use std::collections::{BTreeMap, BTreeSet};

use landline_protocol::engine_api::{Direction, TrackKind, TransceiverState};

use super::signals::{Source, SourceMap};

/// What a bot sends; there from the first offer on.
pub(crate) const OWN: [Source; 2] = [Source::Microphone, Source::Camera];

#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    by_source: BTreeMap<Source, u32>,
}

/// What has to be done with transceivers after a remote offer was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It carries one of ours from now on: both directions, our track.
    Adopt { source: Source, transceiver: u32 },
    /// It lost to another one and was never negotiated.
    Stop { transceiver: u32 },
}

impl Slots {
    /// Sources of ours that have no transceiver yet.
    pub(crate) fn missing(&self) -> Vec<Source> {
        let missing = OWN
            .iter()
            .filter(|source| !self.by_source.contains_key(source));
        missing.copied().collect()
    }

    pub(crate) fn made(&mut self, source: Source, transceiver: u32) {
        self.by_source.insert(source, transceiver);
    }

    pub(crate) fn transceiver(&self, source: Source) -> Option<u32> {
        self.by_source.get(&source).copied()
    }

    /// The sections of a remote offer become the slots.
    pub(crate) fn adopt(
        &mut self,
        transceivers: &[TransceiverState],
        told: &SourceMap,
    ) -> Vec<Change> {
        let mut known = told.clone();
        // What was named before stays as it was, whatever the other side says.
        for (mid, source) in self.sources(transceivers) {
            known.retain(|_, other| *other != source);
            known.insert(mid, source);
        }
        let sources = guess(transceivers, known);
        let mut changes = Vec::new();
        for each in transceivers.iter().filter(|each| !each.stopped) {
            let Some(mid) = &each.mid else { continue };
            let Some(source) = sources.get(mid).copied() else {
                continue;
            };
            if source.is_audio() != (each.kind == TrackKind::Audio) {
                continue;
            }
            let before = self.by_source.insert(source, each.transceiver);
            if before == Some(each.transceiver) {
                continue;
            }
            if let Some(transceiver) = before {
                changes.push(Change::Stop { transceiver });
            }
            if OWN.contains(&source) {
                changes.push(Change::Adopt {
                    source,
                    transceiver: each.transceiver,
                });
            }
        }
        changes
    }

    /// What has to be told with a description.
    pub(crate) fn sources(&self, transceivers: &[TransceiverState]) -> SourceMap {
        let mids = self.by_source.iter().filter_map(|(source, transceiver)| {
            let state = transceivers
                .iter()
                .find(|it| it.transceiver == *transceiver)?;
            Some((state.mid.clone()?, *source))
        });
        mids.collect()
    }

    /// Whether an offer of ours has to follow one that was taken.
    pub(crate) fn unfinished(&self, transceivers: &[TransceiverState]) -> bool {
        OWN.iter().any(|source| {
            let state = self
                .transceiver(*source)
                .and_then(|id| transceivers.iter().find(|it| it.transceiver == id));
            !state.is_some_and(|it| {
                matches!(
                    it.current_direction,
                    Some(Direction::SendRecv | Direction::SendOnly)
                )
            })
        })
    }

    /// Receivers that something may come from, as negotiated.
    pub(crate) fn receivers(&self, transceivers: &[TransceiverState]) -> Vec<(u32, Source)> {
        let receivers = self.by_source.iter().filter_map(|(source, transceiver)| {
            let state = transceivers
                .iter()
                .find(|it| it.transceiver == *transceiver)?;
            Some((state.receiver, *source))
        });
        receivers.collect()
    }
}

/// Sections that the other side did not name (a minimal client): the first of a kind is microphone or camera, the second the
/// screen's, the rest nothing.
fn guess(transceivers: &[TransceiverState], known: SourceMap) -> SourceMap {
    let mut sources = known;
    let mut taken: BTreeSet<Source> = sources.values().copied().collect();
    for each in transceivers {
        let Some(mid) = &each.mid else { continue };
        if sources.contains_key(mid) {
            continue;
        }
        let audio = each.kind == TrackKind::Audio;
        let free = Source::ALL
            .iter()
            .find(|it| it.is_audio() == audio && !taken.contains(it));
        if let Some(source) = free {
            sources.insert(mid.clone(), *source);
            taken.insert(*source);
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transceiver(id: u32, kind: TrackKind, mid: Option<&str>) -> TransceiverState {
        TransceiverState {
            transceiver: id,
            kind,
            mid: mid.map(str::to_owned),
            direction: Direction::SendRecv,
            current_direction: mid.map(|_| Direction::SendRecv),
            stopped: false,
            receiver: id + 100,
            receiving: true,
            remote_streams: Vec::new(),
        }
    }

    const AUDIO: TrackKind = TrackKind::Audio;
    const VIDEO: TrackKind = TrackKind::Video;

    #[test]
    fn an_offer_that_won_against_ours_gives_the_slots_and_ours_are_stopped() {
        let mut slots = Slots::default();
        assert_eq!(slots.missing(), OWN);
        slots.made(Source::Microphone, 1);
        slots.made(Source::Camera, 2);
        let all = [
            transceiver(1, AUDIO, None),
            transceiver(2, VIDEO, None),
            transceiver(8, AUDIO, Some("0")),
            transceiver(9, VIDEO, Some("1")),
        ];
        let told = SourceMap::from([
            ("0".to_owned(), Source::Microphone),
            ("1".to_owned(), Source::Camera),
        ]);
        let changes = slots.adopt(&all, &told);
        let (microphone, camera) = (Source::Microphone, Source::Camera);
        assert_eq!(
            changes,
            [
                Change::Stop { transceiver: 1 },
                Change::Adopt {
                    source: microphone,
                    transceiver: 8
                },
                Change::Stop { transceiver: 2 },
                Change::Adopt {
                    source: camera,
                    transceiver: 9
                },
            ]
        );
        assert!(slots.missing().is_empty() && !slots.unfinished(&all));
        assert_eq!(slots.sources(&all), told);
        assert_eq!(slots.receivers(&all), [(108, microphone), (109, camera)]);
    }

    #[test]
    fn a_screen_is_received_and_nothing_is_sent_on_it() {
        let mut slots = Slots::default();
        let mut all = vec![
            transceiver(1, AUDIO, Some("0")),
            transceiver(2, VIDEO, Some("1")),
        ];
        slots.adopt(&all, &SourceMap::new());
        all.push(transceiver(3, VIDEO, Some("2")));
        let told = [
            ("2".to_owned(), Source::Screen),
            ("1".to_owned(), Source::Screen),
        ];
        assert_eq!(slots.adopt(&all, &told.into()), []);
        assert_eq!(slots.transceiver(Source::Camera), Some(2));
        assert_eq!(slots.transceiver(Source::Screen), Some(3));
    }

    #[test]
    fn an_offer_without_a_camera_leaves_something_to_do() {
        let mut slots = Slots::default();
        let all = [transceiver(1, AUDIO, Some("0"))];
        slots.adopt(&all, &SourceMap::new());
        assert!(slots.unfinished(&all));
        assert_eq!(slots.missing(), [Source::Camera]);
    }
}
