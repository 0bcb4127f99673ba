//! Which link gets which layer of a track, and how each layer is to be encoded. Pure: estimates and time in, decision out.
//!
//! A link gets the largest layer that it can carry, and none that is larger than the smallest one which is enough for what it shows.
//! A layer is encoded as high as the highest of its links wants it, and for the slowest of them. A link that would drag the others
//! of its layer down gets the next smaller one. Going down is at once, going up again waits, so that nothing flaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use landline_protocol::engine_api::{EncodeTarget, Layer};

use super::shares::{Path, part, shares};
use super::sizes::{at_height, top, wanted};

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
/// bit/s that a path is to have ready for pictures that are shown small. What looks for it (15 ms at twice the rate, every five
/// seconds) takes 100 ms of a path of 300 kbit/s.
const AT_ONCE: u64 = 1_000_000;
/// Below this a picture does not move.
const LEAST_FRAMERATE: u32 = 5;
/// An encoder is told a new rate when it is lower, or higher by this part.
const STEP: f64 = 1.08;

/// A sender of a link, with what it sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sending {
    pub(super) link: u32,
    pub(super) transceiver: u32,
    pub(super) track: u32,
    /// bit/s
    pub(super) max_bitrate: Option<u32>,
    /// By how much the track's height is divided at least.
    pub(super) scale: Option<f64>,
    /// Frames a second.
    pub(super) max_framerate: Option<u32>,
}

/// A sender, with what it may get of its track.
#[derive(Debug, Clone, Copy)]
struct Asking<'a> {
    sending: &'a Sending,
    /// bit/s that its link carries of it.
    rate: u64,
    /// Pixels that it wants.
    height: u16,
    /// The layer that is enough.
    top: usize,
}

impl Asking<'_> {
    fn id(&self) -> (u32, u32) {
        (self.sending.link, self.sending.transceiver)
    }
}

/// What the pictures of a link would like, bit/s.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Desired {
    /// As large as they are shown.
    pub(super) shown: u64,
    /// As large as they are: whoever begins to speak is shown large at once.
    pub(super) whole: u64,
}

impl Desired {
    /// What the path is asked to have room for. An estimator that looks for no more than what is shown takes that for all there is,
    /// and whoever is shown large then stays blurred for seconds. A path that does not carry what is shown is spared that.
    pub(super) fn room(self, limited: bool) -> u64 {
        if limited {
            self.shown
        } else {
            self.shown.max(self.whole.min(AT_ONCE))
        }
    }
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// By link and transceiver.
    pub(super) layers: BTreeMap<(u32, u32), u8>,
    /// Of all tracks and layers.
    pub(super) targets: BTreeMap<(u32, u8), Option<EncodeTarget>>,
    /// By link.
    pub(super) desired: BTreeMap<u32, Desired>,
    /// By link and transceiver: those whose path does not carry the layer that would be enough.
    pub(super) limited: BTreeSet<(u32, u32)>,
}

#[derive(Debug)]
struct Memory {
    track: u32,
    layer: u8,
    /// The path did not carry a larger one, though it was wanted. Who wants more only now goes up as soon as the path carries it.
    fell: bool,
    /// Since when it could go up.
    better: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Allocator {
    links: HashMap<(u32, u32), Memory>,
    told: BTreeMap<(u32, u8), Option<EncodeTarget>>,
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
            let mut open: Vec<Asking<'_>> = sendings
                .iter()
                .zip(&carried)
                .filter(|(sending, _)| sending.track == *track)
                .map(|(sending, rate)| asking(layers, sending, *rate))
                .collect();
            for index in 0..layers.len() {
                let Ok(number) = u8::try_from(index) else {
                    break;
                };
                let (here, mut below): (Vec<_>, Vec<_>) =
                    open.into_iter().partition(|asking| asking.top <= index);
                let last = index + 1 == layers.len();
                let stay = match sized(layers, index, &here) {
                    Some(layer) => self.stay(now, &here, number, &layer, last),
                    None => Vec::new(),
                };
                let (on, slow): (Vec<_>, Vec<_>) = here
                    .into_iter()
                    .partition(|asking| stay.contains(&asking.id()));
                below.extend(slow);
                open = below;
                for asking in &on {
                    let (id, limited) = (asking.id(), asking.top < index);
                    decision.layers.insert(id, number);
                    if limited {
                        decision.limited.insert(id);
                    }
                    self.remember(id, *track, number, limited);
                }
                let target = sized(layers, index, &on)
                    .and_then(|layer| self.target((*track, number), &layer, &on));
                decision.targets.insert((*track, number), target);
            }
        }
        self.told = decision.targets.clone();
        decision
    }

    /// Those of `here` that get this layer.
    fn stay(
        &mut self,
        now: Instant,
        here: &[Asking<'_>],
        number: u8,
        layer: &Layer,
        last: bool,
    ) -> Vec<(u32, u32)> {
        if last {
            return here.iter().map(Asking::id).collect();
        }
        let best = here
            .iter()
            .map(|asking| asking.rate.min(most(layer, asking.sending)))
            .max()
            .unwrap_or(0);
        let mut stay = Vec::new();
        for asking in here {
            let (id, sending) = (asking.id(), asking.sending);
            let memory = self
                .links
                .get_mut(&id)
                .filter(|memory| memory.track == sending.track);
            let fair = part(
                best.min(most(layer, sending)),
                if layer.fixed { 0.0 } else { 1.0 },
            );
            let enough = |need: f64, share: f64| {
                asking.rate >= part(needs(layer), need).min(u64::from(layer.max_bitrate))
                    && asking.rate >= part(fair, share)
            };
            let fits = match memory {
                Some(memory) if memory.layer <= number => enough(1.0, DRAGS),
                Some(memory) if memory.fell => {
                    if enough(UP, FITS) {
                        let since = *memory.better.get_or_insert(now);
                        now.saturating_duration_since(since) >= UP_AFTER
                    } else {
                        memory.better = None;
                        false
                    }
                }
                // Its smaller layer was all that it wanted.
                None | Some(_) => enough(1.0, FITS),
            };
            if fits {
                stay.push(id);
            }
        }
        stay
    }

    fn remember(&mut self, id: (u32, u32), track: u32, layer: u8, limited: bool) {
        let memory = self.links.entry(id).or_insert(Memory {
            track,
            layer,
            fell: limited,
            better: None,
        });
        memory.fell = limited && (memory.fell || layer > memory.layer);
        if memory.layer != layer {
            memory.layer = layer;
            memory.better = None;
        }
    }

    fn target(&self, stream: (u32, u8), layer: &Layer, on: &[Asking<'_>]) -> Option<EncodeTarget> {
        let slowest = on
            .iter()
            .map(|asking| asking.rate.min(most(layer, asking.sending)))
            .min()?;
        // Pictures refer to each other: one encoding has one number of frames.
        let liveliest = on
            .iter()
            .map(|asking| asking.sending.max_framerate.unwrap_or(FRAMERATE))
            .max()
            .unwrap_or(FRAMERATE)
            .clamp(1, FRAMERATE);
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
            framerate: framerate.min(liveliest),
            height: layer.height,
        };
        let before = self.told.get(&stream).copied().flatten();
        match before {
            Some(before)
                if (new.height, new.framerate) == (before.height, before.framerate)
                    && new.bitrate >= before.bitrate
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

fn asking<'a>(layers: &[Layer], sending: &'a Sending, rate: u64) -> Asking<'a> {
    let height = wanted(layers, sending.scale);
    Asking {
        sending,
        rate,
        height,
        top: top(layers, height),
    }
}

/// A layer, as high as the highest of `here` wants it. None if nobody does.
fn sized(layers: &[Layer], index: usize, here: &[Asking<'_>]) -> Option<Layer> {
    let height = here.iter().map(|asking| asking.height).max()?;
    at_height(layers, index, height)
}

/// What each sender's link carries of it, in the order of `sendings`.
fn carried(
    tracks: &BTreeMap<u32, Vec<Layer>>,
    paths: &BTreeMap<u32, Path>,
    sendings: &[Sending],
    desired: &mut BTreeMap<u32, Desired>,
) -> Vec<u64> {
    let mut carried = vec![0; sendings.len()];
    for (link, path) in paths {
        let mut own = Vec::new();
        let mut wishes = Vec::new();
        let mut whole = 0;
        for (index, sending) in sendings.iter().enumerate() {
            if sending.link != *link {
                continue;
            }
            let layers = tracks.get(&sending.track);
            let least = layers.and_then(|l| l.last()).map_or(0, needs);
            let most = layers
                .and_then(|layers| {
                    let Asking { height, top, .. } = asking(layers, sending, 0);
                    at_height(layers, top, height)
                })
                .map_or(0, |layer| most(&layer, sending));
            whole += layers
                .and_then(|layers| layers.first())
                .map_or(0, |layer| u64::from(layer.max_bitrate));
            own.push(index);
            wishes.push((least.min(most), most));
        }
        let shown = wishes.iter().map(|(_, most)| *most).sum();
        desired.insert(*link, Desired { shown, whole });
        for (index, share) in own.into_iter().zip(shares(*path, &wishes)) {
            if let Some(slot) = carried.get_mut(index) {
                *slot = share;
            }
        }
    }
    carried
}
