//! What the rest of the program wants of discovery: the state that guards write and the engine follows.
//!
//! A level, not a queue: however often something changes, the engine reads only the last of it, so nothing can pile up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landline_protocol::node_api::DiscoveryState;
use tokio::sync::{Notify, oneshot, watch};

use crate::advertise::AdvertisedMeeting;
use crate::host::HostWish;
use crate::list::{Found, INSTANCES};

/// An advertisement as it is wished for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) meeting: AdvertisedMeeting,
    pub(crate) instance: String,
    pub(crate) host_name: String,
    pub(crate) life: Life,
}

/// Where an advertisement is in its life.
#[derive(Debug)]
pub(crate) enum Life {
    /// To be told to the network, and kept up to date.
    Wished,
    /// To be taken back. Who waits for that, if anybody, is told.
    Ended(Option<oneshot::Sender<()>>),
    /// Being taken back.
    Leaving,
}

#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Names of the interfaces to use; empty for the physical ones.
    pub(crate) names: Vec<String>,
    /// How many look for meetings.
    pub(crate) watchers: usize,
    pub(crate) wishes: BTreeMap<u64, Wish>,
    /// Names of hosts whose addresses somebody waits for.
    pub(crate) hosts: BTreeMap<String, HostWish>,
    /// Meetings whose dial failed.
    pub(crate) unreachable: BTreeSet<String>,
    next: u64,
}

impl Wanted {
    /// Whether sockets are needed.
    pub(crate) fn is_active(&self) -> bool {
        self.watchers > 0 || !self.wishes.is_empty() || !self.hosts.is_empty()
    }

    pub(crate) fn add(&mut self, wish: Wish) -> u64 {
        let id = self.next_id();
        self.wishes.insert(id, wish);
        id
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn report(&mut self, meeting_id: &str) {
        // No more can be in the list.
        if self.unreachable.len() < INSTANCES {
            self.unreachable.insert(meeting_id.to_owned());
        }
    }
}

/// What guards and engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    wanted: Mutex<Wanted>,
    pub(crate) changed: Notify,
    pub(crate) found: watch::Sender<Arc<[Found]>>,
    pub(crate) state: watch::Sender<DiscoveryState>,
}

impl Shared {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self {
            wanted: Mutex::new(Wanted {
                names,
                ..Wanted::default()
            }),
            changed: Notify::new(),
            found: watch::Sender::new(Arc::from([])),
            state: watch::Sender::new(DiscoveryState::Off),
        }
    }

    /// Reads or changes without waking the engine.
    pub(crate) fn wanted(&self) -> MutexGuard<'_, Wanted> {
        // Each change is complete in itself, so a panic elsewhere leaves nothing half done.
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes, and has the engine follow.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Wanted) -> T) -> T {
        let result = change(&mut self.wanted());
        self.changed.notify_one();
        result
    }
}
