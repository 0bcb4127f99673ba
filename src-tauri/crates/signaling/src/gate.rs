//! How many connections there may be: in all, of one address, and in the middle of a handshake.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Counts open connections.
#[derive(Debug)]
pub(crate) struct Gate {
    counts: Mutex<Counts>,
    most: usize,
    most_per_address: usize,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place among the connections, given back when dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    address: IpAddr,
}

impl Gate {
    pub(crate) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::default(),
            most,
            most_per_address,
        })
    }

    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let mut counts = lock(&self.counts);
        let of_address = counts.by_address.get(&address).copied().unwrap_or(0);
        if counts.all >= self.most || of_address >= self.most_per_address {
            return None;
        }
        counts.all += 1;
        counts.by_address.insert(address, of_address + 1);
        Some(Permit {
            gate: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = lock(&self.gate.counts);
        counts.all -= 1;
        if let Some(count) = counts.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

/// Connections that are not past their handshake, or were refused and are being told so. When there are too many the
/// oldest goes: honest ones take milliseconds, so those that dawdle give way to those that come.
#[derive(Debug)]
pub(crate) struct Waiting {
    pending: Mutex<Pending>,
    most: usize,
}

#[derive(Debug, Default)]
struct Pending {
    next: u64,
    slots: VecDeque<(u64, CancellationToken)>,
}

/// A place among those that wait, given back when dropped. `evicted` says that it was taken away.
#[derive(Debug)]
pub(crate) struct Slot {
    waiting: Arc<Waiting>,
    number: u64,
    pub(crate) evicted: CancellationToken,
}

impl Waiting {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            pending: Mutex::default(),
            most,
        })
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Slot {
        let mut pending = lock(&self.pending);
        if pending.slots.len() >= self.most
            && let Some((_, oldest)) = pending.slots.pop_front()
        {
            oldest.cancel();
        }
        let number = pending.next;
        pending.next += 1;
        let evicted = CancellationToken::new();
        pending.slots.push_back((number, evicted.clone()));
        Slot {
            waiting: Arc::clone(self),
            number,
            evicted,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut pending = lock(&self.waiting.pending);
        pending.slots.retain(|(number, _)| *number != self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    #[test]
    fn one_address_and_all_together_are_bounded_and_places_come_back() {
        let gate = Gate::new(3, 2);
        let first = gate.enter(address(1)).unwrap();
        let _second = gate.enter(address(1)).unwrap();
        assert!(gate.enter(address(1)).is_none());
        let _third = gate.enter(address(2)).unwrap();
        assert!(gate.enter(address(3)).is_none());
        drop(first);
        let _fourth = gate.enter(address(3)).unwrap();
        assert_eq!(lock(&gate.counts).all, 3);
    }

    #[test]
    fn an_address_without_connections_is_forgotten() {
        let gate = Gate::new(3, 2);
        drop(gate.enter(address(1)));
        assert!(lock(&gate.counts).by_address.is_empty());
    }

    #[test]
    fn the_oldest_of_too_many_gives_way() {
        let waiting = Waiting::new(2);
        let first = waiting.enter();
        let second = waiting.enter();
        let third = waiting.enter();
        assert!(first.evicted.is_cancelled());
        assert!(!second.evicted.is_cancelled() && !third.evicted.is_cancelled());
        drop(second);
        let _fourth = waiting.enter();
        assert!(!third.evicted.is_cancelled());
    }
}
