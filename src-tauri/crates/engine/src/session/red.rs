//! Sound that carries the packet before it along, so that one that is lost is made up for by the next (RFC 2198). Pure.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

/// A path that carries less, bit/s, gets sound once: there is too little for pictures as it is.
pub(crate) const TWICE_FROM: u64 = 300_000;
/// Offsets have 14 bits.
const MAX_OFFSET: u64 = 0x3fff;
/// Lengths have 10 bits.
const MAX_LENGTH: usize = 0x3ff;
/// Both together stay in one packet of any path.
const MAX_TOTAL: usize = 1_100;
/// Of one packet. libwebrtc makes at most 9 (`WebRTC-Audio-Red-For-Opus`).
const MAX_BLOCKS: usize = 10;
/// Timestamps that are remembered: 1.3 s of 20 ms.
const REMEMBERED: usize = 64;

/// What one sender sent last.
#[derive(Debug, Default)]
pub(super) struct Redundancy {
    last: Option<(u64, Arc<[u8]>)>,
}

impl Redundancy {
    /// The payload with the one before it, where that fits. `payload_type`: of both.
    pub(super) fn wrap(
        &mut self,
        timestamp: u64,
        payload: &Arc<[u8]>,
        payload_type: u8,
    ) -> Arc<[u8]> {
        let last = self.last.replace((timestamp, Arc::clone(payload)));
        let mut bytes = Vec::with_capacity(MAX_TOTAL);
        let before = last.and_then(|(then, last)| {
            let offset = timestamp
                .checked_sub(then)
                .filter(|offset| (1..=MAX_OFFSET).contains(offset))?;
            let fits = last.len() <= MAX_LENGTH && last.len() + payload.len() <= MAX_TOTAL;
            fits.then_some((offset, last))
        });
        if let Some((offset, last)) = &before {
            let length = last.len() as u64;
            let header = u64::from(0x80 | payload_type) << 24 | offset << 10 | length;
            bytes.extend_from_slice(&header.to_be_bytes()[4..]);
        }
        bytes.push(payload_type & 0x7f);
        if let Some((_, last)) = &before {
            bytes.extend_from_slice(last);
        }
        bytes.extend_from_slice(payload);
        bytes.into()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Ticks before the packet's own timestamp.
    pub(super) before: u32,
    pub(super) payload: Bytes,
}

/// What is in a packet, the oldest first; empty blocks are left out. A packet that is cut off or strange holds nothing.
pub(super) fn blocks(packet: &Bytes) -> Vec<Block> {
    headers(packet).unwrap_or_default()
}

fn headers(packet: &Bytes) -> Option<Vec<Block>> {
    let mut at = 0;
    let mut told = Vec::new();
    while packet.get(at)? & 0x80 != 0 {
        let header = packet.get(at..at + 4)?;
        let [_, high, middle, low] = *header else {
            return None;
        };
        let offset = u32::from(high) << 6 | u32::from(middle) >> 2;
        let length = usize::from(middle & 3) << 8 | usize::from(low);
        told.push((offset, length));
        if told.len() >= MAX_BLOCKS {
            return None;
        }
        at += 4;
    }
    at += 1;
    let mut blocks = Vec::with_capacity(told.len() + 1);
    for (before, length) in told {
        let end = at + length;
        if end > packet.len() {
            return None;
        }
        blocks.push(Block {
            before,
            payload: packet.slice(at..end),
        });
        at = end;
    }
    blocks.push(Block {
        before: 0,
        payload: packet.slice(at..),
    });
    blocks.retain(|block| !block.payload.is_empty());
    Some(blocks)
}

/// Which timestamps of one receiver were handed on.
#[derive(Debug, Default)]
pub(super) struct Seen {
    last: VecDeque<u32>,
}

impl Seen {
    pub(super) fn is_new(&mut self, timestamp: u32) -> bool {
        if self.last.contains(&timestamp) {
            return false;
        }
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(timestamp);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn payload(byte: u8, length: usize) -> Arc<[u8]> {
        vec![byte; length].into()
    }

    /// Timestamps and first bytes.
    fn heard(packet: &[u8]) -> Vec<(u32, u8)> {
        blocks(&Bytes::copy_from_slice(packet))
            .iter()
            .map(|block| (block.before, block.payload[0]))
            .collect()
    }

    #[test]
    fn the_layout_is_that_of_rfc_2198() {
        let mut redundancy = Redundancy::default();
        assert_eq!(*redundancy.wrap(0, &payload(7, 2), 111), [111, 7, 7]);
        let second = redundancy.wrap(960, &payload(8, 3), 111);
        assert_eq!(*second, [0xef, 15, 0, 2, 111, 7, 7, 8, 8, 8]);
    }

    #[test]
    fn every_other_packet_is_enough() {
        let mut redundancy = Redundancy::default();
        let mut seen = Seen::default();
        let mut heard_at = Vec::new();
        for index in 0_u8..10 {
            let timestamp = u32::from(index) * 960;
            let packet = redundancy.wrap(u64::from(timestamp), &payload(index + 1, 80), 111);
            if index % 2 == 0 {
                continue;
            }
            for (before, byte) in heard(&packet) {
                let at = timestamp - before;
                assert_eq!(u32::from(byte - 1) * 960, at);
                if seen.is_new(at) {
                    heard_at.push(at);
                }
            }
        }
        assert_eq!(
            heard_at,
            (0..10).map(|index| index * 960).collect::<Vec<u32>>()
        );
    }

    #[test]
    fn what_does_not_fit_goes_alone() {
        let mut redundancy = Redundancy::default();
        redundancy.wrap(0, &payload(1, 10), 111);
        let late = redundancy.wrap(20_000, &payload(2, 10), 111);
        assert_eq!(heard(&late), [(0, 2)], "after a pause");
        let large = redundancy.wrap(20_960, &payload(3, MAX_TOTAL), 111);
        assert_eq!(heard(&large), [(0, 3)], "too large together");
        let after = redundancy.wrap(21_920, &payload(4, 10), 111);
        assert_eq!(heard(&after), [(0, 4)], "too large to be told");
        let back = redundancy.wrap(20_000, &payload(5, 10), 111);
        assert_eq!(heard(&back), [(0, 5)], "a timestamp that goes back");
    }

    #[test]
    fn strange_packets_hold_nothing() {
        for packet in [
            &[][..],
            &[0xef],
            &[0xef, 15, 0],
            &[0xef, 15, 0, 9, 111, 1],
            &[0xff; 60],
        ] {
            assert_eq!(heard(packet), []);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_within_the_packet(packet in prop::collection::vec(any::<u8>(), 0..200)) {
            let packet = Bytes::from(packet);
            let total: usize = blocks(&packet).iter().map(|block| block.payload.len()).sum();
            prop_assert!(total <= packet.len());
        }

        #[test]
        fn what_went_in_comes_out(one in prop::collection::vec(any::<u8>(), 1..600), two in prop::collection::vec(any::<u8>(), 1..600), step in 1_u64..=MAX_OFFSET) {
            let mut redundancy = Redundancy::default();
            redundancy.wrap(5, &Arc::from(&one[..]), 109);
            let packet = redundancy.wrap(5 + step, &Arc::from(&two[..]), 109);
            let found = blocks(&Bytes::copy_from_slice(&packet));
            prop_assert_eq!(&found.last().unwrap().payload[..], &two[..]);
            if one.len() + two.len() <= MAX_TOTAL {
                prop_assert_eq!(&found[0].payload[..], &one[..]);
                prop_assert_eq!(u64::from(found[0].before), step);
            }
        }
    }
}
