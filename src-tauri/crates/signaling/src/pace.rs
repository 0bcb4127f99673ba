//! How often things may happen, as token buckets. Pure but for the type of its moments.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// How many at once, and how many a second after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At least 1.
    pub burst: u32,
    /// At least 1.
    pub per_second: u32,
}

impl Pace {
    fn time_of(self, tokens: u32) -> Duration {
        Duration::from_secs(1) * tokens / self.per_second.max(1)
    }
}

/// What one source has left.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bucket {
    /// When it is full again.
    full_at: Option<Instant>,
}

impl Bucket {
    fn debt(&self, now: Instant) -> Duration {
        let full_at = self.full_at.unwrap_or(now);
        full_at.saturating_duration_since(now)
    }

    /// Takes so many tokens, whether or not they are there. How long until they are.
    pub fn take(&mut self, pace: Pace, tokens: u32, now: Instant) -> Duration {
        let debt = self.debt(now) + pace.time_of(tokens);
        self.full_at = Some(now + debt);
        debt.saturating_sub(pace.time_of(pace.burst))
    }

    /// Takes one token, if there is one.
    pub fn try_take(&mut self, pace: Pace, now: Instant) -> bool {
        let is_there = self.debt(now) + pace.time_of(1) <= pace.time_of(pace.burst);
        if is_there {
            self.take(pace, 1, now);
        }
        is_there
    }
}

/// Nodes that dial in from one address: a full room whose nodes are all behind it, as they come back after a change of host.
const OF_ONE: Pace = Pace {
    burst: 32,
    per_second: 4,
};
/// From all addresses: a few such rooms at once. Each costs a handshake and two signatures.
const OF_ALL: Pace = Pace {
    burst: 128,
    per_second: 32,
};
/// Addresses remembered, those that came lately; with more the newcomers wait.
const ADDRESSES: usize = 1_024;

/// New connections of other nodes.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    all: Bucket,
    by_address: HashMap<IpAddr, Bucket>,
}

impl Arrivals {
    /// Whether one more may come from `address`.
    pub(crate) fn admit(&mut self, address: IpAddr, now: Instant) -> bool {
        if self.by_address.len() >= ADDRESSES {
            self.by_address
                .retain(|_, bucket| bucket.debt(now) > Duration::ZERO);
        }
        if self.by_address.len() >= ADDRESSES && !self.by_address.contains_key(&address) {
            return false;
        }
        let of_one = self.by_address.entry(address).or_default();
        of_one.try_take(OF_ONE, now) && self.all.try_take(OF_ALL, now)
    }
}

/// What one node may say: hellos come five times a second at most, and once in a while a claim or all of the chat. A megabyte or 256
/// messages a second.
const SAID: Pace = Pace {
    burst: 1_024,
    per_second: 256,
};
/// Bytes that cost as much as a message.
const BYTES: usize = 4 * 1_024;

/// The messages of one connection.
#[derive(Debug, Default)]
pub struct Flow(Bucket);

impl Flow {
    /// How long the next message is to be waited for after one of so many bytes: who says too much is heard later, not cut off.
    pub fn pause_after(&mut self, bytes: usize, now: Instant) -> Duration {
        let tokens = u32::try_from(1 + bytes / BYTES).unwrap_or(u32::MAX);
        self.0.take(SAID, tokens, now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    fn admitted(arrivals: &mut Arrivals, from: impl Iterator<Item = u32>, now: Instant) -> usize {
        from.filter(|number| arrivals.admit(address(*number), now))
            .count()
    }

    #[test]
    fn one_address_costs_itself_and_all_together_are_bounded() {
        let (mut arrivals, now) = (Arrivals::default(), Instant::now());
        assert_eq!(admitted(&mut arrivals, (0..100).map(|_| 1), now), 32);
        assert!(arrivals.admit(address(2), now));
        assert_eq!(admitted(&mut arrivals, 3..1_000, now), 128 - 33);
        let later = now + Duration::from_secs(1);
        assert_eq!(admitted(&mut arrivals, (0..100).map(|_| 1), later), 4);
        let much_later = now + Duration::from_mins(1);
        assert_eq!(admitted(&mut arrivals, (0..100).map(|_| 1), much_later), 32);
    }

    #[test]
    fn the_number_of_addresses_is_bounded() {
        let (mut arrivals, start) = (Arrivals::default(), Instant::now());
        for number in 0..10_000 {
            let now = start + Duration::from_millis(10) * number;
            arrivals.admit(address(number), now);
            assert!(arrivals.by_address.len() <= ADDRESSES);
        }
    }

    #[test]
    fn what_a_node_says_is_never_slowed_down_and_a_flood_is() {
        let (mut flow, start) = (Flow::default(), Instant::now());
        for number in 0..10_000 {
            let now = start + Duration::from_millis(20) * number;
            assert_eq!(flow.pause_after(2_000, now), Duration::ZERO);
        }
        let mut flood = Flow::default();
        let pauses = (0..1_280).map(|_| flood.pause_after(10, start));
        assert_eq!(pauses.max(), Some(Duration::from_secs(1)));
        let mut large = Flow::default();
        let pauses = (0..20).map(|_| large.pause_after(256 * 1_024, start));
        assert!(pauses.max() > Some(Duration::from_secs(1)));
    }
}
