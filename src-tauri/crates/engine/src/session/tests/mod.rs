//! Two sessions over a simulated network in virtual time.

mod channels;
mod connect;
mod restart;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use landline_protocol::engine_api::{Direction, TrackKind};

use super::{Outgoing, SessionOutput};
use crate::fuzzing::world::{End, Side, World};

/// Transceivers of the side that offers.
const AUDIO: u32 = 1;
const VIDEO: u32 = 2;

/// A world in which the left side wants sound and pictures both ways.
fn world(seed: u64) -> World {
    let mut world = World::new(seed).unwrap();
    for (id, kind) in [(AUDIO, TrackKind::Audio), (VIDEO, TrackKind::Video)] {
        let jsep = &mut world.left.session.jsep;
        jsep.add_transceiver(id, kind, Direction::SendRecv, vec!["s".to_owned()])
            .unwrap();
    }
    world
}

/// Negotiates so that the right side sends as well.
fn join(world: &mut World) {
    let offer = world.describe(Side::Left).unwrap();
    world.hear(Side::Right, offer).unwrap();
    for transceiver in world.right.session.jsep.transceivers() {
        let jsep = &mut world.right.session.jsep;
        jsep.set_direction(transceiver.transceiver, Direction::SendRecv)
            .unwrap();
    }
    let answer = world.describe(Side::Right).unwrap();
    world.hear(Side::Left, answer).unwrap();
}

fn connected(seed: u64) -> World {
    let mut world = world(seed);
    join(&mut world);
    world.run_for(Duration::from_secs(1));
    assert!(world.left.session.is_connected() && world.right.session.is_connected());
    world
}

/// A VP8 frame as far as packets can tell (RFC 6386 §9.1): its first bit says whether it is a key frame.
fn vp8(key: bool, number: u32, size: usize) -> Arc<[u8]> {
    let mut bytes = vec![if key { 0x10 } else { 0x11 }, 0, 0];
    bytes.extend(number.to_be_bytes());
    bytes.resize(size.max(7), 7);
    bytes.into()
}

fn transceiver(end: &End, kind: TrackKind) -> u32 {
    let all = end.session.jsep.transceivers();
    all.iter().find(|t| t.kind == kind).unwrap().transceiver
}

fn frame(track: u32, timestamp: u32, key: bool, payload: &Arc<[u8]>) -> Outgoing<'_> {
    Outgoing {
        track,
        timestamp,
        key,
        size: (640, 480),
        payload,
    }
}

/// Sends so many frames at 30 a second with a key frame each second, and a packet of sound with each.
fn talk(world: &mut World, from: Side, frames: std::ops::Range<u32>, size: usize) {
    for number in frames {
        let now = world.now;
        let end = world.end(from);
        let (audio, video) = (
            transceiver(end, TrackKind::Audio),
            transceiver(end, TrackKind::Video),
        );
        let key = number % 30 == 0;
        let picture = vp8(key, number, size);
        let frame = frame(1, number * 3_000, key, &picture);
        end.session.send_frame(now, video, &frame);
        let sound = Arc::from(number.to_be_bytes());
        let packet = self::frame(2, number * 1_600, false, &sound);
        end.session.send_frame(now, audio, &packet);
        world.run_for(Duration::from_millis(33));
    }
}

/// Numbers of the pictures that came, with the gap mark.
fn pictures(end: &End) -> Vec<(u32, bool)> {
    let number =
        |payload: &Bytes| u32::from_be_bytes([payload[3], payload[4], payload[5], payload[6]]);
    end.outputs
        .iter()
        .filter_map(|(_, output)| match output {
            SessionOutput::Video { payload, gap, .. } => Some((number(payload), *gap)),
            _ => None,
        })
        .collect()
}

fn sounds(end: &End) -> Vec<u32> {
    end.outputs
        .iter()
        .filter_map(|(_, output)| match output {
            SessionOutput::Audio { payload, .. } => {
                Some(u32::from_be_bytes(payload[..4].try_into().unwrap()))
            }
            _ => None,
        })
        .collect()
}
