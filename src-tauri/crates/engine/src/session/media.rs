//! Frames in and out of one connection, and what was counted of them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use landline_protocol::engine_api::TrackKind;
use str0m::format::CodecExtra;
use str0m::media::{MediaData, Mid};
use str0m::stats::{MediaEgressStats, MediaIngressStats, PeerStats};

use super::link::Link;
use super::red::{self, Redundancy, Seen, TWICE_FROM};
use super::timeline::Timeline;
use super::{Session, SessionOutput};

/// Key frames are dear: the other side is asked again after this.
const ASK_EVERY: Duration = Duration::from_millis(500);
const AUDIO_RATE: u32 = 48_000;
const VIDEO_RATE: u32 = 90_000;

/// What was counted of a section.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) frames_received: u64,
    pub(super) key_frames_received: u64,
    pub(super) frames_sent: u64,
    pub(super) key_frames_sent: u64,
    pub(super) plis_received: u64,
    pub(super) firs_received: u64,
    pub(super) plis_sent: u64,
    /// Of the last picture that was sent.
    pub(super) size_sent: (u16, u16),
}

/// A frame on its way to a link, or to several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) track: u32,
    /// Of the track's clock.
    pub(crate) timestamp: u32,
    pub(crate) key: bool,
    /// Of a picture.
    pub(crate) size: (u16, u16),
    pub(crate) payload: &'a Arc<[u8]>,
}

#[derive(Debug, Default)]
struct Receiving {
    /// Nothing can be decoded before the next key frame.
    broken: bool,
    asked: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Media {
    /// By `mid`.
    counts: HashMap<String, Counts>,
    receiving: HashMap<String, Receiving>,
    /// By transceiver.
    timelines: HashMap<u32, Timeline>,
    /// By transceiver.
    redundancies: HashMap<u32, Redundancy>,
    /// By `mid`.
    seen: HashMap<String, Seen>,
    pub(super) peer: Option<PeerStats>,
    ingress: HashMap<Mid, MediaIngressStats>,
    egress: HashMap<Mid, MediaEgressStats>,
}

impl Media {
    pub(super) fn counts(&self, mid: &str) -> Counts {
        self.counts.get(mid).copied().unwrap_or_default()
    }

    pub(super) fn ingress_of(&self, mid: &str) -> Option<&MediaIngressStats> {
        self.ingress.get(&Mid::from(mid))
    }

    pub(super) fn egress_of(&self, mid: &str) -> Option<&MediaEgressStats> {
        self.egress.get(&Mid::from(mid))
    }

    pub(super) fn ingress(&mut self, stats: MediaIngressStats) {
        self.ingress.insert(stats.mid, stats);
    }

    pub(super) fn egress(&mut self, stats: MediaEgressStats) {
        self.egress.insert(stats.mid, stats);
    }

    pub(super) fn received(
        &mut self,
        now: Instant,
        link: &mut Link,
        data: MediaData,
        outputs: &mut VecDeque<SessionOutput>,
    ) {
        let Some(media) = link.section(data.mid).filter(|m| m.receive) else {
            return;
        };
        let receiver = media.receiver;
        let timestamp = u32::try_from(data.time.numer() & u64::from(u32::MAX)).unwrap_or(0);
        let arrival = data.network_time;
        let payload = Bytes::from_owner(data.data);
        if payload.is_empty() {
            return;
        }
        if media.kind == TrackKind::Audio {
            let redundant = media.red == Some(*data.pt);
            let seen = self.seen.entry(media.mid.clone()).or_default();
            let blocks = if redundant {
                red::blocks(&payload)
            } else {
                vec![red::Block { before: 0, payload }]
            };
            for red::Block { before, payload } in blocks {
                let timestamp = timestamp.wrapping_sub(before);
                if seen.is_new(timestamp) {
                    outputs.push_back(SessionOutput::Audio {
                        receiver,
                        timestamp,
                        arrival,
                        payload,
                    });
                }
            }
            return;
        }
        let mid = media.mid.clone();
        let key = matches!(data.codec_extra, CodecExtra::Vp8(extra) if extra.is_keyframe);
        let counts = self.counts.entry(mid.clone()).or_default();
        let first = counts.frames_received == 0;
        counts.frames_received += 1;
        counts.key_frames_received += u64::from(key);
        // The first frame follows nothing.
        let gap = !data.contiguous && !first;
        let receiving = self.receiving.entry(mid.clone()).or_default();
        receiving.broken = !key && (receiving.broken || gap || first);
        if receiving.broken {
            self.ask(now, link, &mid);
        }
        outputs.push_back(SessionOutput::Video {
            receiver,
            key,
            gap,
            timestamp,
            arrival,
            payload,
        });
    }

    fn ask(&mut self, now: Instant, link: &mut Link, mid: &str) {
        let receiving = self.receiving.entry(mid.to_owned()).or_default();
        if receiving
            .asked
            .is_some_and(|asked| now.saturating_duration_since(asked) < ASK_EVERY)
        {
            return;
        }
        receiving.asked = Some(now);
        self.counts.entry(mid.to_owned()).or_default().plis_sent += 1;
        link.request_key_frame(mid);
    }

    /// The other side asked for a key frame: of this transceiver.
    pub(super) fn asked(&mut self, link: &Link, mid: Mid, full: bool) -> Option<u32> {
        let media = link.section(mid)?;
        let counts = self.counts.entry(media.mid.clone()).or_default();
        if full {
            counts.firs_received += 1;
        } else {
            counts.plis_received += 1;
        }
        Some(media.transceiver)
    }
}

impl Session {
    /// A frame for the sender of a transceiver. False: it cannot be sent now.
    pub(crate) fn send_frame(
        &mut self,
        now: Instant,
        transceiver: u32,
        frame: &Outgoing<'_>,
    ) -> bool {
        let payload = frame.payload;
        if !self.is_connected() {
            return false;
        }
        let Some(link) = &self.link else {
            return false;
        };
        let Some(agreed) = link.media(transceiver).filter(|m| m.send) else {
            return false;
        };
        let rate = match agreed.kind {
            TrackKind::Audio => AUDIO_RATE,
            TrackKind::Video => VIDEO_RATE,
        };
        let (mid, ssrc) = (agreed.mid.clone(), agreed.local_ssrc);
        let (plain, red) = (agreed.payload_type, agreed.red);
        let red = red.filter(|_| self.estimate() >= TWICE_FROM);
        let Some(link) = &mut self.link else {
            return false;
        };
        let sent = self
            .media
            .timelines
            .entry(transceiver)
            .or_insert_with(|| Timeline::new(rate, ssrc))
            .map(frame.track, frame.timestamp, now);
        let written = match red {
            Some(red) => {
                let redundancy = self.media.redundancies.entry(transceiver).or_default();
                let both = redundancy.wrap(sent, payload, plain);
                link.write(now, transceiver, red, sent, &both)
            }
            None => link.write(now, transceiver, plain, sent, payload),
        };
        if !written {
            return false;
        }
        let counts = self.media.counts.entry(mid).or_default();
        counts.frames_sent += 1;
        counts.key_frames_sent += u64::from(frame.key);
        counts.size_sent = frame.size;
        self.stirred = true;
        self.settle(now);
        true
    }

    /// How long the oldest packet of a sender waits.
    pub(crate) fn backlog(&mut self, transceiver: u32) -> Duration {
        self.link
            .as_mut()
            .map_or(Duration::ZERO, |link| link.backlog(transceiver))
    }

    pub(crate) fn sends(&self, transceiver: u32) -> bool {
        self.is_connected()
            && self
                .link
                .as_ref()
                .and_then(|link| link.media(transceiver))
                .is_some_and(|m| m.send)
    }

    /// The page's decoder, or its queue, needs a key frame.
    pub(crate) fn request_key_frame(&mut self, now: Instant, receiver: u32) {
        let Some(link) = &mut self.link else { return };
        let mid = link
            .agreed()
            .media
            .iter()
            .find(|m| m.receiver == receiver && m.receive)
            .map(|m| m.mid.clone());
        if let Some(mid) = mid {
            self.media.ask(now, link, &mid);
            self.stirred = true;
            self.settle(now);
        }
    }

    /// Ids of the receivers that are negotiated.
    pub(crate) fn receivers(&self) -> Vec<u32> {
        self.link.as_ref().map_or_else(Vec::new, |link| {
            link.agreed().media.iter().map(|m| m.receiver).collect()
        })
    }

    /// bit/s: see [`Link::set_bitrate`].
    pub(crate) fn set_bitrate(&mut self, now: Instant, least: u64, desired: u64) {
        if let Some(link) = &mut self.link {
            link.set_bitrate(least, desired);
            self.stirred = true;
            self.settle(now);
        }
    }
}
