//! Which link gets which layer of a track, and how each layer is to be encoded. Pure: estimates and time in, decision out.
//!
//! A link gets the largest layer that it can carry; a layer is encoded for the slowest of its links. A link that would drag the
//! others of its layer down gets the next smaller one. Going down is at once, going up waits, so that nothing flaps.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use landline_protocol::engine_api::{EncodeTarget, Layer};

use crate::session::red::TWICE_FROM;

/// Of an estimate, what pictures may take: the rest is for headers, repair, sound of more sources, and doubt.
const SHARE: f64 = 0.85;
/// One Opus sender with headers.
const SOUND: u64 = 64_000;
/// The same where each packet carries the one before it along.
const SOUND_TWICE: u64 = 120_000;
/// A link that carries less than this part of what the best one of its layer gets, goes to the next smaller layer.
const DRAGS: f64 = 0.5;
/// And comes back when it carries this part.
const FITS: f64 = 0.75;
/// What a layer needs on top of its minimum before a link goes up to it.
const UP: f64 = 1.25;
/// A link goes up once it could for so long.
const UP_AFTER: Duration = Duration::from_secs(3);
/// Frames a second of a layer that gets its minimum.
const FRAMERATE: u32 = 30;
/// Below this a picture does not move.
const LEAST_FRAMERATE: u32 = 5;
/// An encoder is told a new rate when it is lower, or higher by this part.
const STEP: f64 = 1.08;

/// A sender of a link, with what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) link: u32,
    pub(super) transceiver: u32,
    pub(super) track: u32,
    /// bit/s
    pub(super) max_bitrate: Option<u32>,
}

/// What paths carry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// bit/s
    pub(super) estimate: u64,
    /// Sound senders on it.
    pub(super) sounds: u32,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// By link and transceiver.
    pub(super) layers: BTreeMap<(u32, u32), u8>,
    /// Of all tracks and layers.
    pub(super) targets: BTreeMap<(u32, u8), Option<EncodeTarget>>,
    /// By link: bit/s that its pictures would like.
    pub(super) desired: BTreeMap<u32, u64>,
}

#[derive(Debug)]
struct Memory {
    track: u32,
    layer: u8,
    /// Since when it could go up.
    better: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Allocator {
    links: HashMap<(u32, u32), Memory>,
    told: BTreeMap<(u32, u8), Option<EncodeTarget>>,
}

fn part(of: u64, share: f64) -> u64 {
    // Rates are far below 2^52, and not negative.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let part = (of as f64 * share) as u64;
    part
}

fn most(layer: &Layer, sending: &Sending) -> u64 {
    u64::from(
        sending
            .max_bitrate
            .map_or(layer.max_bitrate, |max| max.min(layer.max_bitrate)),
    )
}

/// The rate at which a layer is of use: a fixed one has its own.
fn needs(layer: &Layer) -> u64 {
    u64::from(if layer.fixed {
        layer.max_bitrate
    } else {
        layer.min_bitrate
    })
}

/// Shares of a link's estimate, in the order of its senders: first what each needs least, then evenly.
fn shares(path: Path, wishes: &[(u64, u64)]) -> Vec<u64> {
    let sound = if path.estimate >= TWICE_FROM {
        SOUND_TWICE
    } else {
        SOUND
    };
    let mut left = part(path.estimate, SHARE).saturating_sub(u64::from(path.sounds) * sound);
    let mut given: Vec<u64> = Vec::with_capacity(wishes.len());
    for (least, _) in wishes {
        let share = left.min(*least);
        left -= share;
        given.push(share);
    }
    // Each round satisfies one at least, or gives everything away.
    for _ in 0..wishes.len() {
        let open = given
            .iter()
            .zip(wishes)
            .filter(|(got, (_, most))| *got < most)
            .count() as u64;
        if open == 0 {
            break;
        }
        let each = left / open;
        for (got, (_, most)) in given.iter_mut().zip(wishes) {
            let more = each.min(most.saturating_sub(*got));
            *got += more;
            left -= more;
        }
    }
    given
}

impl Allocator {
    pub(super) fn decide(
        &mut self,
        now: Instant,
        tracks: &BTreeMap<u32, Vec<Layer>>,
        paths: &BTreeMap<u32, Path>,
        sendings: &[Sending],
    ) -> Decision {
        let mut decision = Decision::default();
        let carried = carried(tracks, paths, sendings, &mut decision.desired);
        self.links.retain(|id, memory| {
            sendings
                .iter()
                .any(|s| (s.link, s.transceiver) == *id && s.track == memory.track)
        });
        for (track, layers) in tracks {
            let mut open: Vec<(&Sending, u64)> = sendings
                .iter()
                .zip(&carried)
                .filter(|(s, _)| s.track == *track)
                .map(|(s, rate)| (s, *rate))
                .collect();
            for (index, layer) in layers.iter().enumerate() {
                let Ok(number) = u8::try_from(index) else {
                    break;
                };
                let last = index + 1 == layers.len();
                let stay = self.stay(now, &open, number, layer, last);
                let (on, below): (Vec<_>, Vec<_>) = open
                    .into_iter()
                    .partition(|(s, _)| stay.contains(&(s.link, s.transceiver)));
                open = below;
                for (sending, _) in &on {
                    let id = (sending.link, sending.transceiver);
                    decision.layers.insert(id, number);
                    self.remember(id, *track, number);
                }
                let target = self.target((*track, number), layer, &on);
                decision.targets.insert((*track, number), target);
            }
        }
        self.told = decision.targets.clone();
        decision
    }

    /// Those of the links that are left which get this layer.
    fn stay(
        &mut self,
        now: Instant,
        open: &[(&Sending, u64)],
        number: u8,
        layer: &Layer,
        last: bool,
    ) -> Vec<(u32, u32)> {
        if last {
            return open.iter().map(|(s, _)| (s.link, s.transceiver)).collect();
        }
        let best = open
            .iter()
            .map(|(s, rate)| (*rate).min(most(layer, s)))
            .max()
            .unwrap_or(0);
        let mut stay = Vec::new();
        for (sending, rate) in open {
            let id = (sending.link, sending.transceiver);
            let memory = self
                .links
                .get_mut(&id)
                .filter(|memory| memory.track == sending.track);
            let fair = part(
                best.min(most(layer, sending)),
                if layer.fixed { 0.0 } else { 1.0 },
            );
            let enough = |need: f64, share: f64| {
                *rate >= part(needs(layer), need).min(u64::from(layer.max_bitrate))
                    && *rate >= part(fair, share)
            };
            let fits = match memory {
                None => enough(1.0, FITS),
                Some(memory) if memory.layer <= number => enough(1.0, DRAGS),
                Some(memory) => {
                    if enough(UP, FITS) {
                        let since = *memory.better.get_or_insert(now);
                        now.saturating_duration_since(since) >= UP_AFTER
                    } else {
                        memory.better = None;
                        false
                    }
                }
            };
            if fits {
                stay.push(id);
            }
        }
        stay
    }

    fn remember(&mut self, id: (u32, u32), track: u32, layer: u8) {
        let memory = self.links.entry(id).or_insert(Memory {
            track,
            layer,
            better: None,
        });
        if memory.layer != layer {
            memory.layer = layer;
            memory.better = None;
        }
    }

    fn target(
        &self,
        stream: (u32, u8),
        layer: &Layer,
        on: &[(&Sending, u64)],
    ) -> Option<EncodeTarget> {
        let slowest = on
            .iter()
            .map(|(s, rate)| (*rate).min(most(layer, s)))
            .min()?;
        let least = u64::from(layer.min_bitrate);
        let rate = u32::try_from(slowest).unwrap_or(u32::MAX);
        let framerate = if slowest >= least || least == 0 {
            FRAMERATE
        } else {
            let scaled = u64::from(FRAMERATE) * slowest / least;
            u32::try_from(scaled)
                .unwrap_or(FRAMERATE)
                .clamp(LEAST_FRAMERATE, FRAMERATE)
        };
        let new = EncodeTarget {
            bitrate: rate.max(1),
            framerate,
        };
        let before = self.told.get(&stream).copied().flatten();
        match before {
            Some(before)
                if new.bitrate >= before.bitrate
                    && u64::from(new.bitrate) < part(u64::from(before.bitrate), STEP)
                    && slowest < u64::from(layer.max_bitrate) =>
            {
                Some(before)
            }
            _ => Some(new),
        }
    }

    pub(super) fn forget_link(&mut self, link: u32) {
        self.links.retain(|(of, _), _| *of != link);
    }
}

/// What each sender's link carries of it, in the order of `sendings`.
fn carried(
    tracks: &BTreeMap<u32, Vec<Layer>>,
    paths: &BTreeMap<u32, Path>,
    sendings: &[Sending],
    desired: &mut BTreeMap<u32, u64>,
) -> Vec<u64> {
    let mut carried = vec![0; sendings.len()];
    for (link, path) in paths {
        let mut own = Vec::new();
        let mut wishes = Vec::new();
        for (index, sending) in sendings.iter().enumerate() {
            if sending.link != *link {
                continue;
            }
            let layers = tracks.get(&sending.track);
            let least = layers.and_then(|l| l.last()).map_or(0, needs);
            let most = layers
                .and_then(|l| l.first())
                .map_or(0, |layer| most(layer, sending));
            own.push(index);
            wishes.push((least.min(most), most));
        }
        desired.insert(*link, wishes.iter().map(|(_, most)| *most).sum());
        for (index, share) in own.into_iter().zip(shares(*path, &wishes)) {
            if let Some(slot) = carried.get_mut(index) {
                *slot = share;
            }
        }
    }
    carried
}
