//! When each client wants to be woken. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Timers {
    order: BTreeSet<(Instant, u64)>,
    of: BTreeMap<u64, Instant>,
}

impl Timers {
    pub(super) fn set(&mut self, client: u64, at: Option<Instant>) {
        if self.of.get(&client).copied() == at {
            return;
        }
        self.forget(client);
        if let Some(at) = at {
            self.order.insert((at, client));
            self.of.insert(client, at);
        }
    }

    pub(super) fn forget(&mut self, client: u64) {
        if let Some(at) = self.of.remove(&client) {
            self.order.remove(&(at, client));
        }
    }

    /// One whose time has come; it is forgotten.
    pub(super) fn due(&mut self, now: Instant) -> Option<u64> {
        let (at, client) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.forget(client);
        Some(client)
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }
}
