//! When our last message of a round is sent again: the room may have lost it, or somebody came late.

use std::time::Duration;

/// Pauses before a message is sent again while something is missing; the last one repeats.
const AGAIN_AFTER: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// Least time between two times that the same message goes out because somebody asked.
const ANSWER_AFTER: Duration = Duration::from_secs(1);

/// What was sent when, and whether somebody asked for it since.
#[derive(Debug)]
pub(crate) struct Pace {
    sent: Duration,
    times: usize,
    asked: bool,
}

impl Pace {
    /// A new message went out now.
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            sent: now,
            times: 0,
            asked: false,
        }
    }

    /// Somebody lacks something of ours.
    pub(crate) const fn ask(&mut self) {
        self.asked = true;
    }

    /// When it goes out again, if ever. `lacking`: we lack something ourselves.
    pub(crate) fn next(&self, lacking: bool) -> Option<Duration> {
        let [.., longest] = AGAIN_AFTER;
        let pause = AGAIN_AFTER.get(self.times).copied().unwrap_or(longest);
        if self.asked {
            Some(self.sent + pause.min(ANSWER_AFTER))
        } else {
            lacking.then(|| self.sent + pause)
        }
    }

    /// It went out again now.
    pub(crate) const fn again(&mut self, now: Duration) {
        *self = Self {
            sent: now,
            times: self.times.saturating_add(1),
            asked: false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_when_nothing_is_lacking() {
        let mut pace = Pace::new(Duration::ZERO);
        let mut at = Vec::new();
        for _ in 0..5 {
            let next = pace.next(true).unwrap();
            at.push(next.as_secs());
            pace.again(next);
        }
        assert_eq!(at, [1, 3, 7, 15, 23]);
        assert_eq!(pace.next(false), None);
    }

    #[test]
    fn whoever_asks_is_answered_once_a_second() {
        let mut pace = Pace::new(Duration::from_secs(10));
        pace.ask();
        pace.ask();
        assert_eq!(pace.next(false), Some(Duration::from_secs(11)));
        pace.again(Duration::from_secs(11));
        assert_eq!(pace.next(false), None);
    }
}
