//! How much one connection may send.
//!
//! A token bucket that goes into debt. No message is thrown away while its connection lives: a client that is over its
//! rate is told once, and when its debt reaches half a bucket the connection is closed. What it sent by then has been
//! done, so that a client of version 1 loses nothing over it.

use std::time::Duration;

/// Tokens are counted in millionths, so that refilling by microseconds is exact.
const TOKEN: i64 = 1_000_000;

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    full: i64,
    per_second: i64,
    level: i64,
    at: Duration,
    warned: bool,
}

/// What to do about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    /// Do it, and say that it is too much.
    Warn,
    /// Close the connection.
    Close,
}

impl Bucket {
    pub(crate) fn new(burst: u32, per_second: u32, now: Duration) -> Self {
        let full = i64::from(burst.max(1)) * TOKEN;
        Self {
            full,
            per_second: i64::from(per_second.max(1)),
            level: full,
            at: now,
            warned: false,
        }
    }

    /// Takes one token.
    pub(crate) fn take(&mut self, now: Duration) -> Verdict {
        self.refill(now);
        self.level -= TOKEN;
        if self.level >= 0 {
            Verdict::Pass
        } else if self.level < -self.full / 2 {
            Verdict::Close
        } else if self.warned {
            Verdict::Pass
        } else {
            self.warned = true;
            Verdict::Warn
        }
    }

    /// The debt goes with the seat to its next connection, so that reconnecting does not pay it.
    pub(crate) fn inherit(&mut self, mut earlier: Self, now: Duration) {
        earlier.refill(now);
        self.level = self.level.min(earlier.level);
        self.warned = earlier.warned;
    }

    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_micros();
        let gained = i64::try_from(passed)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.per_second);
        self.level = self.level.saturating_add(gained).min(self.full);
        self.at = self.at.max(now);
        if self.level > self.full / 2 {
            self.warned = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn take_many(bucket: &mut Bucket, count: u32, now: Duration) -> Vec<Verdict> {
        (0..count).map(|_| bucket.take(now)).collect()
    }

    #[test]
    fn a_burst_passes_then_one_warning_then_the_end() {
        let mut bucket = Bucket::new(4, 1, START);
        assert_eq!(
            take_many(&mut bucket, 7, START),
            [
                Verdict::Pass,
                Verdict::Pass,
                Verdict::Pass,
                Verdict::Pass,
                Verdict::Warn,
                Verdict::Pass,
                Verdict::Close
            ]
        );
    }

    #[test]
    fn a_steady_rate_passes_for_ever() {
        let mut bucket = Bucket::new(2, 10, START);
        for message in 0..1_000 {
            let now = Duration::from_millis(100 * message);
            assert_eq!(bucket.take(now), Verdict::Pass, "message {message}");
        }
    }

    #[test]
    fn a_new_connection_of_the_same_seat_keeps_the_debt() {
        let mut earlier = Bucket::new(4, 1, START);
        take_many(&mut earlier, 6, START);
        let mut next = Bucket::new(4, 1, START);
        next.inherit(earlier, START);
        assert_eq!(next.take(START), Verdict::Close);
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::new(1, 1, Duration::from_secs(10));
        take_many(&mut bucket, 1, Duration::from_secs(10));
        assert_ne!(bucket.take(START), Verdict::Pass);
    }
}
