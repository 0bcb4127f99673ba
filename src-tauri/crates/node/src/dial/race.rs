//! Several addresses of one host: tried one after the other with a head start for the better ones, the first that answers wins
//! (after RFC 8305). Addresses may come in while it runs.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt as _};

use crate::dial::DialError;

/// Head start of an address before the next (RFC 8305 §8 recommends 250 ms).
const STAGGER: Duration = Duration::from_millis(250);
/// Addresses tried in one dial: a laptop with docks, bridges and IPv6 privacy addresses has some ten.
const ADDRESSES: usize = 16;

/// Runs `attempt` for each address of `first`, then of `more`, until one succeeds.
///
/// An address that fails gives way to the next at once. Fails when all have failed and `more` has ended, with the error
/// that says most.
pub(crate) async fn race<T, F>(
    first: Vec<SocketAddr>,
    more: impl Stream<Item = SocketAddr>,
    attempt: impl Fn(SocketAddr) -> F,
) -> Result<T, DialError>
where
    F: Future<Output = Result<T, DialError>>,
{
    let mut known: Vec<SocketAddr> = Vec::new();
    let mut waiting: VecDeque<SocketAddr> = VecDeque::new();
    let mut running = FuturesUnordered::new();
    let mut worst = DialError::Unreachable("no address is known".into());
    let mut ended = false;
    tokio::pin!(more);

    let mut note = |address, waiting: &mut VecDeque<SocketAddr>| {
        if known.len() < ADDRESSES && !known.contains(&address) {
            known.push(address);
            waiting.push_back(address);
        }
    };
    for address in first {
        note(address, &mut waiting);
    }
    loop {
        if running.is_empty()
            && let Some(address) = waiting.pop_front()
        {
            running.push(attempt(address));
        }
        if running.is_empty() && ended {
            return Err(worst);
        }
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(winner) => return Ok(winner),
                Err(error) => {
                    worst = worst.max(error);
                    if let Some(address) = waiting.pop_front() {
                        running.push(attempt(address));
                    }
                }
            },
            () = tokio::time::sleep(STAGGER), if !waiting.is_empty() => {
                if let Some(address) = waiting.pop_front() {
                    running.push(attempt(address));
                }
            },
            next = more.next(), if !ended => match next {
                Some(address) => note(address, &mut waiting),
                None => ended = true,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use tokio::time::{Instant, sleep};

    fn address(n: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, n], 4717))
    }

    /// 1 answers never, 2 refuses at once, 3 answers after 100 ms, 4 shows another certificate.
    async fn attempt(to: SocketAddr) -> Result<SocketAddr, DialError> {
        match to {
            to if to == address(1) => std::future::pending().await,
            to if to == address(2) => Err(DialError::Refused),
            to if to == address(3) => {
                sleep(Duration::from_millis(100)).await;
                Ok(to)
            }
            _ => Err(DialError::Fingerprint),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_never_answers_delays_the_next_by_its_head_start_only() {
        let start = Instant::now();
        let winner = race(vec![address(1), address(3)], stream::empty(), attempt).await;
        assert_eq!(winner, Ok(address(3)));
        assert_eq!(start.elapsed(), STAGGER + Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_refuses_gives_way_at_once() {
        let start = Instant::now();
        let winner = race(vec![address(2), address(3)], stream::empty(), attempt).await;
        assert_eq!(winner, Ok(address(3)));
        assert_eq!(start.elapsed(), Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_learnt_later_is_tried_while_an_old_one_is_silent() {
        let later = stream::once(Box::pin(async {
            sleep(Duration::from_secs(1)).await;
            address(3)
        }));
        let winner = race(vec![address(1)], later, attempt).await;
        assert_eq!(winner, Ok(address(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_the_error_that_says_most_is_told() {
        let all = vec![address(2), address(4), address(2)];
        assert_eq!(
            race(all, stream::empty(), attempt).await,
            Err(DialError::Fingerprint)
        );
        let none = race(Vec::new(), stream::empty(), attempt).await;
        assert!(matches!(none, Err(DialError::Unreachable(_))));
    }
}
