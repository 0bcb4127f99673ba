//! Frames of a track to all links that send it, and the layer that each of them gets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use landline_protocol::engine_api::{EncodeTarget, EngineEvent};

use super::Network;
use super::allocate::{Decision, Sending};
use super::client::ClientState;
use super::keys::Stream;
use super::shares::Path;
use crate::session::Outgoing;

/// A frame is dropped rather than put behind packets that wait for longer.
const BACKLOG: Duration = Duration::from_millis(300);
/// And goes on with a key frame when what waits is no older.
const CLEARED: Duration = Duration::from_millis(100);
/// Estimates come many times a second; one decision for all of them.
const SOON: Duration = Duration::from_millis(50);
/// Decisions also depend on time passed.
const AGAIN: Duration = Duration::from_millis(500);
/// Padding keeps an estimate from falling behind while little is sent: this part of what is shown, and at most so much, since on a
/// narrow path it takes what pictures need.
const LEAST_PART: u64 = 4;
const LEAST_MOST: u64 = 150_000;

impl ClientState {
    pub(super) fn fan_out_audio(
        &mut self,
        now: Instant,
        packet: &Outgoing<'_>,
        network: &mut dyn Network,
    ) {
        let mut reached = Vec::new();
        for (connection, peer) in &mut self.peers {
            for (transceiver, sender) in &peer.senders {
                if sender.sending() == Some(packet.track)
                    && peer.session.send_frame(now, *transceiver, packet)
                {
                    reached.push(*connection);
                }
            }
        }
        for connection in reached {
            self.pump(now, connection, network);
        }
    }

    pub(super) fn fan_out_video(
        &mut self,
        now: Instant,
        layer: u8,
        frame: &Outgoing<'_>,
        network: &mut dyn Network,
    ) {
        let stream: Stream = (frame.track, layer);
        if frame.key {
            self.keys.came(stream);
        }
        let mut reached = Vec::new();
        for (connection, peer) in &mut self.peers {
            for (transceiver, sender) in &mut peer.senders {
                if sender.sending() != Some(frame.track) {
                    continue;
                }
                if frame.key && sender.wanted == Some(layer) && sender.layer != Some(layer) {
                    sender.layer = Some(layer);
                    sender.broken = true;
                }
                if sender.layer != Some(layer) || !peer.session.sends(*transceiver) {
                    continue;
                }
                let backlog = peer.session.backlog(*transceiver);
                if backlog > BACKLOG {
                    sender.broken = true;
                    continue;
                }
                if sender.broken && !frame.key {
                    if backlog <= CLEARED {
                        self.keys.request(stream);
                    }
                    continue;
                }
                sender.broken = !peer.session.send_frame(now, *transceiver, frame);
                reached.push(*connection);
            }
        }
        for connection in reached {
            self.pump(now, connection, network);
        }
    }

    pub(super) fn decide_soon(&mut self, now: Instant) {
        let soon = now + SOON;
        self.decide_at = Some(self.decide_at.map_or(soon, |at| at.min(soon)));
    }

    pub(super) fn decide_if_due(&mut self, now: Instant, network: &mut dyn Network) {
        if self.decide_at.is_none_or(|at| at > now) {
            return;
        }
        self.decide_at = None;
        let (mut sendings, mut paths) = (Vec::new(), BTreeMap::new());
        let mut heard = BTreeSet::new();
        for (connection, peer) in &self.peers {
            let mut path = Path {
                estimate: peer.session.estimate(),
                sounds: 0,
            };
            for (transceiver, sender) in &peer.senders {
                let Some(track) = sender.sending() else {
                    continue;
                };
                let Some(layers) = self.tracks.get(&track) else {
                    continue;
                };
                if !peer.session.sends(*transceiver) {
                    continue;
                }
                if layers.iter().all(|l| l.width == 0) {
                    path.sounds += 1;
                    heard.insert(track);
                    continue;
                }
                sendings.push(Sending {
                    link: *connection,
                    transceiver: *transceiver,
                    track,
                    max_bitrate: sender.encoding.max_bitrate,
                    scale: sender.encoding.scale_resolution_down_by,
                    max_framerate: sender.encoding.max_framerate,
                });
            }
            paths.insert(*connection, path);
        }
        let pictures: BTreeMap<_, _> = self
            .tracks
            .iter()
            .filter(|(_, layers)| layers.iter().any(|l| l.width > 0))
            .map(|(track, layers)| (*track, layers.clone()))
            .collect();
        let mut decision = self.allocator.decide(now, &pictures, &paths, &sendings);
        for (track, layers) in &self.tracks {
            if let [layer] = layers.as_slice()
                && layer.width == 0
            {
                let target = heard.contains(track).then_some(EncodeTarget {
                    bitrate: layer.max_bitrate,
                    framerate: SOUND_FRAMES,
                    height: 0,
                });
                decision.targets.insert((*track, 0), target);
            }
        }
        self.assign(&decision);
        for (connection, desired) in decision.desired {
            let limited = decision.limited.iter().any(|(link, _)| *link == connection);
            let least = (desired.shown / LEAST_PART).min(LEAST_MOST);
            let told = (least, desired.room(limited));
            if let Some(peer) = self.peers.get_mut(&connection)
                && peer.told != told
                && peer.session.is_connected()
            {
                peer.told = told;
                peer.session.set_bitrate(now, told.0, told.1);
                self.pump(now, connection, network);
            }
        }
        for (stream, target) in &decision.targets {
            if self.told.get(stream) != Some(target) {
                let (track, layer) = *stream;
                let target = *target;
                self.shared.event(EngineEvent::Encode {
                    track,
                    layer,
                    target,
                });
            }
        }
        self.told = decision.targets;
        if !sendings.is_empty() {
            let again = now + AGAIN;
            self.decide_at = Some(self.decide_at.map_or(again, |at| at.min(again)));
        }
    }

    fn assign(&mut self, decision: &Decision) {
        for (connection, peer) in &mut self.peers {
            for (transceiver, sender) in &mut peer.senders {
                let id = (*connection, *transceiver);
                sender.limited = decision.limited.contains(&id);
                let wanted = decision.layers.get(&id).copied();
                if wanted == sender.wanted {
                    continue;
                }
                sender.wanted = wanted;
                if let (Some(track), Some(layer)) = (sender.track, wanted) {
                    if sender.layer.is_none() {
                        sender.layer = Some(layer);
                        sender.broken = true;
                    }
                    self.keys.request((track, layer));
                }
                if wanted.is_none() {
                    sender.layer = None;
                }
            }
        }
    }
}

/// Opus packets of 20 ms.
const SOUND_FRAMES: u32 = 50;
