//! The messages of one run: who says what to whom, written beforehand.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::frames::{self, MASK};
use crate::seat::Seat;

/// Characters of the number in a message.
const DIGITS: usize = 10;
/// What stands before it.
const MARK: &str = r#""n":"#;
/// Bytes of `data`: an offer for sound and a picture, shortened as browsers send it.
const DATA_BYTES: usize = 1_200;

/// Everything that is sent in one run. Message `n` is due at `n / rate` and goes along way `n % ways`.
pub(super) struct Plan<'a> {
    pub(super) seats: Vec<&'a Seat>,
    ways: Vec<Way>,
    rate: u32,
    pub(super) total: usize,
}

/// From one participant to another of the same room.
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The frame, masked, with a number of noughts.
    frame: Vec<u8>,
    /// Where the number stands in it, and in what it masks.
    number_at: usize,
    mask_at: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(rooms: &'a [Vec<Seat>], rate: u32, total: usize) -> Self {
        let seats: Vec<&Seat> = rooms.iter().flatten().collect();
        let mut ways = Vec::new();
        // Round by round, so that messages that follow each other belong to different rooms.
        let most = rooms.iter().map(Vec::len).max().unwrap_or(0);
        for round in 0..most * most.saturating_sub(1) {
            let (from, step) = (round % most, 1 + round / most);
            let mut first = 0;
            for room in rooms {
                let to = (from + step) % most;
                if let (Some(speaker), Some(hearer)) = (room.get(from), room.get(to)) {
                    ways.push(Way::new(speaker, hearer, first + from, first + to));
                }
                first += room.len();
            }
        }
        Self {
            seats,
            ways,
            rate,
            total,
        }
    }

    /// When a message is due, from the beginning on.
    pub(super) fn due(&self, number: usize) -> Duration {
        Duration::from_secs(1) * u32::try_from(number).unwrap_or(u32::MAX) / self.rate
    }

    pub(super) fn way(&self, number: usize) -> Option<&Way> {
        self.ways.get(number.checked_rem(self.ways.len())?)
    }

    pub(super) fn ways(&self) -> usize {
        self.ways.len()
    }
}

impl Way {
    fn new(speaker: &Seat, hearer: &Seat, from: usize, to: usize) -> Self {
        let mut sdp = String::new();
        while sdp.len() < DATA_BYTES - 40 {
            sdp.push_str(r"a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n");
        }
        let nought = "1".repeat(DIGITS);
        let head = format!(
            r#"{{"action":"signal","roomId":"{}","type":"offer","to":"{}","data":{{{MARK}"#,
            speaker.room, hearer.id
        );
        let text = format!(r#"{head}{nought},"sdp":"{sdp}"}}}}"#);
        let frame = frames::text(&text);
        let start = frame.len() - text.len();
        Self {
            from,
            to,
            number_at: start + head.len(),
            mask_at: head.len(),
            frame,
        }
    }

    /// The frame of a message, written into `out`.
    pub(super) fn write(&self, number: usize, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.frame);
        let digits = written(number);
        for (index, digit) in digits.iter().enumerate() {
            let mask = MASK.get((self.mask_at + index) % MASK.len());
            if let (Some(place), Some(mask)) = (out.get_mut(self.number_at + index), mask) {
                *place = digit ^ mask;
            }
        }
    }
}

/// A number that JSON takes: it begins with a 1.
fn written(number: usize) -> [u8; DIGITS] {
    let mut digits = [b'0'; DIGITS];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    if let Some(first) = digits.first_mut() {
        *first = b'1';
    }
    digits
}

/// The number of a message as it came.
pub(super) fn number_of(payload: &[u8]) -> Result<usize> {
    let mark = MARK.as_bytes();
    let at = payload
        .windows(mark.len())
        .position(|window| window == mark)
        .with_context(|| format!("no number: {}", String::from_utf8_lossy(payload)))?;
    let digits = payload
        .get(at + mark.len() + 1..at + mark.len() + DIGITS)
        .context("the number is cut")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_written() {
        for number in [0, 1, 123_456_789] {
            let digits = String::from_utf8(written(number).to_vec()).unwrap();
            let text = format!(r#"{{"data":{{"n":{digits},"sdp":""}}}}"#);
            assert_eq!(number_of(text.as_bytes()).unwrap(), number);
        }
    }
}
