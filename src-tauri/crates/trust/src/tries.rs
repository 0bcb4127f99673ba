//! How often the code of one meeting may be guessed, by all together: addresses cost nothing on a local network.
//!
//! A try counts from the moment it is taken; one that turns out right is given back. Three rules, the longest wait holds:
//! - at most [`TRIES`] counted in any [`WINDOW`];
//! - every counted try is a debt, of which one is forgiven each [`EASE`]; from [`TRIES`] of them on the next try waits
//!   [`FIRST_WAIT`] after the last one, and twice as long with each more, up to [`LONGEST_WAIT`];
//! - a right code also forgives one: those who know it come and go while somebody guesses.
//!
//! So somebody who guesses for a time T has at most 11 tries and one for each five minutes of T, besides one for each right
//! code of others. Of a million codes he finds one in a thousand in three days.

use std::collections::VecDeque;
use std::time::Duration;

/// Tries counted at most in a [`WINDOW`], and free of waits. Somebody who mistypes has enough of them.
pub const TRIES: usize = 5;
/// See [`TRIES`].
pub const WINDOW: Duration = Duration::from_mins(1);
/// The wait when the free tries are used up.
pub const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Waits double up to this.
pub const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// Quiet time that forgives one try. As long as [`LONGEST_WAIT`], so that guessing at that pace never gets faster.
pub const EASE: Duration = LONGEST_WAIT;
/// When tries that are still being decided are all that is in the way: an exchange takes milliseconds.
pub const UNDECIDED_WAIT: Duration = Duration::from_secs(1);

/// The budget of one meeting. Times are since any fixed moment and do not go back.
#[derive(Debug, Default)]
pub struct Tries {
    /// The newest that count, [`TRIES`] at most, oldest first. An older one was out of the window before the newest was
    /// taken, so it stays without effect even when one of these is given back.
    counted: VecDeque<Counted>,
    debt: u32,
    /// Up to when the debt has been eased.
    eased: Duration,
    taken: u64,
}

#[derive(Debug)]
struct Counted {
    id: u64,
    at: Duration,
    decided: bool,
}

/// A try that was taken. It counts until it is given back; dropping it leaves it counted.
#[derive(Debug)]
#[must_use = "a try that is neither given back nor said to have failed is taken for undecided"]
pub struct Try {
    id: u64,
}

/// No try is left; how long until there may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries")]
pub struct TooMany {
    pub retry_after: Duration,
}

impl Tries {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a try can be taken.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn check(&mut self, now: Duration) -> Result<(), TooMany> {
        self.ease(now);
        let wait = self.wait(now, |_| true);
        if wait.is_zero() {
            return Ok(());
        }
        let retry_after = if self.wait(now, |counted| counted.decided).is_zero() {
            wait.min(UNDECIDED_WAIT)
        } else {
            wait
        };
        Err(TooMany { retry_after })
    }

    /// Takes a try.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn take(&mut self, now: Duration) -> Result<Try, TooMany> {
        self.check(now)?;
        if self.counted.len() == TRIES {
            self.counted.pop_front();
        }
        let id = self.taken;
        self.taken += 1;
        self.counted.push_back(Counted {
            id,
            at: now,
            decided: false,
        });
        if self.debt == 0 {
            self.eased = now;
        }
        self.debt = self.debt.saturating_add(1);
        Ok(Try { id })
    }

    /// The code was right: the try does not count, and one more is forgiven.
    #[expect(clippy::needless_pass_by_value, reason = "a try is given back once")]
    pub fn give_back(&mut self, right: Try) {
        self.counted.retain(|counted| counted.id != right.id);
        self.debt = self.debt.saturating_sub(2);
    }

    /// The code was wrong, or the one who tried is gone.
    #[expect(clippy::needless_pass_by_value, reason = "a try fails once")]
    pub fn failed(&mut self, wrong: Try) {
        for counted in &mut self.counted {
            counted.decided |= counted.id == wrong.id;
        }
    }

    /// Tries that count in the minute before `now`.
    #[must_use]
    pub fn counted(&self, now: Duration) -> usize {
        self.counted
            .iter()
            .filter(|counted| counted.at + WINDOW > now)
            .count()
    }

    fn ease(&mut self, now: Duration) {
        while self.debt > 0 && self.eased + EASE <= now {
            self.debt -= 1;
            self.eased += EASE;
        }
    }

    /// The wait if only those tries counted.
    fn wait(&self, now: Duration, counts: impl Fn(&Counted) -> bool) -> Duration {
        let mut counting = self.counted.iter().filter(|counted| counts(counted));
        let others = self.counted.len() - counting.clone().count();
        let debt = self.debt.saturating_sub(u32::try_from(others).unwrap_or(0));
        let after_last = counting
            .clone()
            .next_back()
            .map_or(Duration::ZERO, |last| last.at + pause(debt));
        let window = if counting.clone().count() < TRIES {
            Duration::ZERO
        } else {
            counting
                .next()
                .map_or(Duration::ZERO, |oldest| oldest.at + WINDOW)
        };
        after_last.max(window).saturating_sub(now)
    }
}

/// The pause that this debt asks for after the last try.
fn pause(debt: u32) -> Duration {
    let free = u32::try_from(TRIES).unwrap_or(u32::MAX);
    debt.checked_sub(free).map_or(Duration::ZERO, |over| {
        FIRST_WAIT
            .saturating_mul(2_u32.saturating_pow(over))
            .min(LONGEST_WAIT)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Takes and fails as often as is allowed, until `end`; the times of the tries.
    fn guess(tries: &mut Tries, from: Duration, end: Duration) -> Vec<Duration> {
        let (mut now, mut times) = (from, Vec::new());
        while now < end {
            match tries.take(now) {
                Ok(taken) => {
                    tries.failed(taken);
                    times.push(now);
                }
                Err(TooMany { retry_after }) => now += retry_after,
            }
        }
        times
    }

    #[test]
    fn five_are_free_then_waits_grow_to_five_minutes() {
        let mut tries = Tries::new();
        let times = guess(&mut tries, Duration::ZERO, Duration::from_mins(20));
        let seconds: Vec<_> = times.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds[..8], [0, 0, 0, 0, 0, 60, 80, 120]);
        let waits: Vec<_> = seconds.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(waits[4..].contains(&300), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= 300), "{waits:?}");
    }

    #[test]
    fn three_days_of_guessing_are_less_than_a_thousand_tries() {
        let mut tries = Tries::new();
        let days = Duration::from_hours(72);
        let count = guess(&mut tries, Duration::ZERO, days).len();
        assert!(count <= 11 + 72 * 12, "{count}");
        assert!(count > 800, "{count}");
    }

    #[test]
    fn right_codes_cost_nothing() {
        let mut tries = Tries::new();
        for _ in 0..1_000 {
            let taken = tries.take(SECOND).unwrap();
            tries.give_back(taken);
        }
        assert_eq!(tries.counted(SECOND), 0);
    }

    #[test]
    fn those_who_come_at_once_are_asked_to_wait_for_a_moment_only() {
        let mut tries = Tries::new();
        let mut open: Vec<_> = (0..TRIES).map(|_| tries.take(SECOND).unwrap()).collect();
        let too_many = tries.take(SECOND).unwrap_err();
        assert_eq!(too_many.retry_after, UNDECIDED_WAIT);
        tries.give_back(open.remove(0));
        let sixth = tries.take(SECOND).unwrap();
        tries.give_back(sixth);
        // One of those who are left was wrong; the others still may be right.
        tries.failed(open.remove(0));
        open.push(tries.take(SECOND).unwrap());
        assert_eq!(tries.take(SECOND).unwrap_err().retry_after, UNDECIDED_WAIT);
        for taken in open {
            tries.failed(taken);
        }
        assert_eq!(tries.take(SECOND).unwrap_err().retry_after, WINDOW);
    }

    #[test]
    fn quiet_time_gives_everything_back() {
        let mut tries = Tries::new();
        let end = Duration::from_hours(5);
        guess(&mut tries, Duration::ZERO, end);
        assert!(tries.check(end).is_err());
        let later = end + EASE * 12;
        let times = guess(&mut tries, later, later + SECOND);
        assert_eq!(times.len(), TRIES);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Pass(u64),
        Take,
        Right(prop::sample::Index),
        Wrong(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            2 => (0_u64..90_000).prop_map(Step::Pass),
            6 => Just(Step::Take),
            2 => any::<prop::sample::Index>().prop_map(Step::Right),
            3 => any::<prop::sample::Index>().prop_map(Step::Wrong),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// In no minute, wherever it begins, are there more than five that were not given back; and five quiet
        /// minutes always give one.
        #[test]
        fn never_more_than_five_in_a_minute_and_it_recovers(steps in prop::collection::vec(step(), 1..200)) {
            let mut tries = Tries::new();
            let mut now = Duration::ZERO;
            let mut open: Vec<(Duration, Try)> = Vec::new();
            let mut wrong: Vec<Duration> = Vec::new();
            for step in steps {
                match step {
                    Step::Pass(ms) => now += Duration::from_millis(ms),
                    Step::Take => match tries.take(now) {
                        Ok(taken) => open.push((now, taken)),
                        Err(too_many) => {
                            prop_assert!(too_many.retry_after > Duration::ZERO);
                            prop_assert!(too_many.retry_after <= LONGEST_WAIT);
                        }
                    },
                    Step::Right(index) if !open.is_empty() => {
                        let (_, taken) = open.remove(index.index(open.len()));
                        tries.give_back(taken);
                    }
                    Step::Wrong(index) if !open.is_empty() => {
                        let (at, taken) = open.remove(index.index(open.len()));
                        tries.failed(taken);
                        wrong.push(at);
                    }
                    Step::Right(_) | Step::Wrong(_) => {}
                }
                let mut counted: Vec<_> = open.iter().map(|(at, _)| *at).chain(wrong.iter().copied()).collect();
                counted.sort_unstable();
                let most = counted.windows(TRIES + 1).all(|six| six[TRIES] >= six[0] + WINDOW);
                prop_assert!(most, "{counted:?}");
            }
            prop_assert!(tries.take(now + LONGEST_WAIT).is_ok());
        }
    }
}
