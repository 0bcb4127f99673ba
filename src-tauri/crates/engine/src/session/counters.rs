//! Counts packets as they pass, so that statistics are exact when they are asked for: str0m tells its own once a second only.

use std::collections::HashMap;

/// SSRCs counted in one direction of one connection: two a section with room for changes.
const SSRCS: usize = 256;
/// Tag of the AEAD profile that both sides prefer (RFC 7714); of the older one it would be 10.
const TAG: usize = 16;
const RTP_HEADER: usize = 12;
/// Bit of the first byte (RFC 3550 §5.1).
const PADDING: u8 = 0x20;

/// What a datagram is (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    StunRequest,
    StunSuccess,
    StunOther,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

pub(crate) fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [0, 1, ..] => Kind::StunRequest,
        [1, 1, ..] => Kind::StunSuccess,
        [0..=3, ..] => Kind::StunOther,
        [20..=63, ..] => Kind::Dtls,
        [128..=191, second, ..] if (64..96).contains(&(second & 0x7f)) => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}

/// Of one SSRC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) packets: u64,
    /// Payload, without headers and tag.
    pub(crate) bytes: u64,
    pub(crate) header_bytes: u64,
    first: Option<u64>,
    highest: u64,
}

impl Stream {
    /// Packets that should have come, less those that came; duplicates make it negative (RFC 3550 §6.4.1).
    pub(crate) fn lost(&self) -> i64 {
        let Some(first) = self.first else { return 0 };
        let expected = self.highest - first + 1;
        expected.cast_signed() - self.packets.cast_signed()
    }

    fn sequence(&mut self, number: u16) {
        let Some(first) = self.first else {
            let start = u64::from(number) + (1 << 16);
            self.first = Some(start);
            self.highest = start;
            return;
        };
        let step = number.wrapping_sub((self.highest & 0xffff) as u16);
        if step < 1 << 15 {
            self.highest += u64::from(step);
        } else {
            // Older than the first one that came: reordered at the beginning.
            let older = self.highest - u64::from(step.wrapping_neg());
            self.first = Some(first.min(older));
        }
    }
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Direction {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) responses: u64,
    streams: HashMap<u32, Stream>,
}

impl Direction {
    pub(crate) fn count(&mut self, bytes: &[u8]) {
        self.packets += 1;
        match kind(bytes) {
            Kind::StunRequest => self.requests += 1,
            Kind::StunSuccess => self.responses += 1,
            Kind::StunOther | Kind::Unknown => {}
            Kind::Dtls | Kind::Rtcp => self.bytes += bytes.len() as u64,
            Kind::Rtp => {
                self.bytes += bytes.len() as u64;
                self.rtp(bytes);
            }
        }
    }

    fn rtp(&mut self, bytes: &[u8]) {
        let Some([first, _, s0, s1, _, _, _, _, c0, c1, c2, c3]) =
            bytes.first_chunk::<RTP_HEADER>()
        else {
            return;
        };
        let ssrc = u32::from_be_bytes([*c0, *c1, *c2, *c3]);
        let mut header = RTP_HEADER + 4 * usize::from(first & 0x0f);
        if first & 0x10 != 0
            && let Some([_, _, l0, l1]) = bytes.get(header..).and_then(|b| b.first_chunk::<4>())
        {
            header += 4 + 4 * usize::from(u16::from_be_bytes([*l0, *l1]));
        }
        if self.streams.len() >= SSRCS && !self.streams.contains_key(&ssrc) {
            return;
        }
        let payload = bytes.len().saturating_sub(header + TAG);
        // Padding counts as header (W3C webrtc-stats, `headerBytesSent`). Its length is encrypted; who pads sends nothing else.
        let padding = if first & PADDING == 0 { 0 } else { payload };
        let stream = self.streams.entry(ssrc).or_default();
        stream.packets += 1;
        stream.header_bytes += (header + padding) as u64;
        stream.bytes += (payload - padding) as u64;
        stream.sequence(u16::from_be_bytes([*s0, *s1]));
    }

    pub(crate) fn stream(&self, ssrc: u32) -> Stream {
        self.streams.get(&ssrc).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16) -> Vec<u8> {
        let mut bytes = vec![0x80, 96];
        bytes.extend(sequence.to_be_bytes());
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 9]);
        bytes.extend([0; 100 + TAG]);
        bytes
    }

    #[test]
    fn lost_packets_are_counted_over_the_wrap_and_with_reordering() {
        let mut direction = Direction::default();
        for sequence in [65_534, 65_533, 65_535, 1, 3, 2] {
            direction.count(&packet(sequence));
        }
        let stream = direction.stream(9);
        assert_eq!((stream.packets, stream.bytes), (6, 600));
        assert_eq!(stream.lost(), 1, "sequence number 0 is missing");
    }

    #[test]
    fn padding_is_no_payload() {
        let mut direction = Direction::default();
        direction.count(&packet(1));
        let mut padding = packet(2);
        padding[0] |= PADDING;
        direction.count(&padding);
        let stream = direction.stream(9);
        assert_eq!((stream.packets, stream.bytes), (2, 100));
        assert_eq!(stream.header_bytes, 2 * RTP_HEADER as u64 + 100);
    }

    #[test]
    fn datagrams_are_told_apart() {
        assert_eq!(kind(&[0, 1, 0, 0]), Kind::StunRequest);
        assert_eq!(kind(&[22, 254]), Kind::Dtls);
        assert_eq!(kind(&[0x80, 200]), Kind::Rtcp);
        assert_eq!(kind(&[0x80, 96]), Kind::Rtp);
        assert_eq!(kind(&[]), Kind::Unknown);
    }
}
