//! When to try again. Pure: attempt and jitter in, delay out.
//!
//! Pages run the same policy for the seat of a participant (`ui/src/signaling`); this one serves programs without a page.

use std::time::Duration;

/// The first retry: a host that restarts its server is back within a second or two.
const FIRST: Duration = Duration::from_millis(250);
/// The longest pause: on a local network a try costs nothing, and people are waiting.
const LONGEST: Duration = Duration::from_secs(4);
/// Retries in all. With the longest pause they outlast the time a seat is kept several times over.
const ATTEMPTS: u32 = 60;

/// How long to wait before retry `attempt` (0 is the first), or none to give up.
///
/// `jitter` is a random number from 0 to 1: it spreads the participants of a meeting whose host was lost over half the delay,
/// so that they do not all knock at once.
#[must_use]
pub fn backoff(attempt: u32, jitter: f64) -> Option<Duration> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let doubled = FIRST
        .saturating_mul(2_u32.saturating_pow(attempt))
        .min(LONGEST);
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        0.0
    };
    Some(doubled.mul_f64(0.5 + jitter / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn delays_double_up_to_the_longest_and_end() {
        let delays: Vec<_> = (0..6).filter_map(|n| backoff(n, 1.0)).collect();
        assert_eq!(
            delays,
            [250, 500, 1_000, 2_000, 4_000, 4_000].map(Duration::from_millis)
        );
        assert_eq!(backoff(ATTEMPTS, 0.0), None);
        assert_eq!(backoff(u32::MAX, 0.0), None);
    }

    proptest! {
        #[test]
        fn whatever_the_jitter_a_delay_stays_in_its_half(attempt in 0..ATTEMPTS, jitter in any::<f64>()) {
            let most = backoff(attempt, 1.0).unwrap();
            let delay = backoff(attempt, jitter).unwrap();
            prop_assert!(delay <= most && delay >= most / 2);
        }
    }
}
