//! What fuzzers call, and tests with seeded bytes: whatever comes in must be refused or taken, never crash.

pub(crate) mod world;

use std::time::Duration;

use bytes::Bytes;
use landline_protocol::engine_api::{ChannelOptions, Direction, TrackKind};

use crate::frame::{FrameIn, FrameOut};
pub use crate::jsep::fuzz_descriptions;
use world::{Side, World};

/// Packets made of one input.
const PACKETS: usize = 64;

/// Binary frames of a page: what can be read is written the same way again.
pub fn fuzz_frames(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    if let Ok(frame) = FrameIn::decode(bytes.clone()) {
        assert_eq!(FrameIn::decode(frame.encode()), Ok(frame));
    }
    if let Ok(frame) = FrameOut::decode(bytes) {
        assert_eq!(FrameOut::decode(frame.encode()), Ok(frame));
    }
}

/// Packets into a connection that works: the input's own bytes, and real packets with some of them in their place.
pub fn fuzz_packets(data: &[u8]) {
    let seed = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let Some(mut world) = connected(seed) else {
        return;
    };
    let mut rest = data;
    for _ in 0..PACKETS {
        let [mode, length, tail @ ..] = rest else {
            break;
        };
        let (bytes, left) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = left;
        let Some((source, destination, mut packet)) = world.right.last.clone() else {
            break;
        };
        if mode & 1 == 0 {
            packet = bytes.to_vec();
        } else {
            let start = usize::from(*mode >> 1) % packet.len().max(1);
            for (slot, byte) in packet.iter_mut().skip(start).zip(bytes) {
                *slot = *byte;
            }
        }
        world.inject(Side::Left, source, destination, &packet);
        world.run_for(Duration::from_millis(u64::from(*mode)));
    }
}

/// Sound, pictures and a channel both ways.
fn connected(seed: u64) -> Option<World> {
    let mut world = World::new(seed)?;
    for (id, kind) in [(1, TrackKind::Audio), (2, TrackKind::Video)] {
        let jsep = &mut world.left.session.jsep;
        jsep.add_transceiver(id, kind, Direction::SendRecv, vec![])
            .ok()?;
    }
    let now = world.now;
    let options = ChannelOptions {
        ordered: true,
        ..ChannelOptions::default()
    };
    world
        .left
        .session
        .create_channel(now, 1, "fuzz".to_owned(), options)
        .ok()?;
    world.negotiate(Side::Left).ok()?;
    world.run_for(Duration::from_millis(500));
    world.right.session.is_connected().then_some(world)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::world::Dice;
    use super::*;

    /// Of each test here.
    const FOR: Duration = Duration::from_secs(2);

    fn seeded(mut each: impl FnMut(&[u8])) -> u32 {
        let start = Instant::now();
        let mut dice = Dice::new(7);
        let mut runs = 0;
        while start.elapsed() < FOR {
            let length = dice.below(600);
            let bytes: Vec<u8> = (0..length)
                .map(|_| u8::try_from(dice.below(256)).unwrap())
                .collect();
            each(&bytes);
            runs += 1;
        }
        runs
    }

    #[test]
    fn no_bytes_of_a_page_crash_the_frame_codec() {
        assert!(seeded(fuzz_frames) > 100);
    }

    #[test]
    fn no_packet_crashes_a_connection() {
        assert!(
            connected(1).is_some(),
            "the packets must reach a connection"
        );
        assert!(seeded(fuzz_packets) > 3);
    }

    #[test]
    fn no_description_crashes_the_signaling_side() {
        assert!(seeded(fuzz_descriptions) > 100);
    }
}
