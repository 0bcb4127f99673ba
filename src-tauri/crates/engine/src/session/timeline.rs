//! RTP timestamps of one sender: its own start, continuous when another track takes over (RFC 3550 §5.1). Pure.

use std::time::Instant;

/// A jump of more than this is a new beginning of the page's clock, seconds.
const JUMP: u32 = 10;

#[derive(Debug)]
pub(crate) struct Timeline {
    /// Ticks a second.
    rate: u32,
    first: u64,
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    track: u32,
    given: u32,
    sent: u64,
    at: Instant,
}

impl Timeline {
    /// `seed`: something that differs from sender to sender.
    pub(crate) fn new(rate: u32, seed: u32) -> Self {
        Self {
            rate,
            first: u64::from(seed >> 1),
            last: None,
        }
    }

    /// The timestamp to send for one that the page gave. Later frames of the same track may go back a little.
    pub(crate) fn map(&mut self, track: u32, given: u32, now: Instant) -> u64 {
        let sent = match &self.last {
            None => self.first,
            Some(last) => {
                let step = i64::from(given.wrapping_sub(last.given).cast_signed());
                let most = i64::from(JUMP) * i64::from(self.rate);
                if last.track == track && step.abs() <= most {
                    last.sent.saturating_add_signed(step)
                } else {
                    let elapsed = now.saturating_duration_since(last.at);
                    let ticks = elapsed.as_micros() * u128::from(self.rate) / 1_000_000;
                    last.sent
                        .saturating_add(u64::try_from(ticks).unwrap_or(0).max(1))
                }
            }
        };
        self.last = Some(Last {
            track,
            given,
            sent,
            at: now,
        });
        sent
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn steps_of_a_track_are_kept_over_the_wrap() {
        let now = Instant::now();
        let mut timeline = Timeline::new(90_000, 2_000);
        assert_eq!(timeline.map(1, u32::MAX - 999, now), 1_000);
        assert_eq!(timeline.map(1, 2_000, now), 4_000);
    }

    #[test]
    fn another_track_goes_on_where_the_clock_is() {
        let now = Instant::now();
        let mut timeline = Timeline::new(90_000, 0);
        timeline.map(1, 500, now);
        let later = now + Duration::from_millis(100);
        assert_eq!(timeline.map(2, 77, later), 9_000);
        assert_eq!(timeline.map(2, 3_077, later), 12_000);
    }
}
