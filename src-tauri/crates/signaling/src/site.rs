//! What the routes of one server have in common.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use landline_protocol::Limits;
use tokio::sync::watch;

use crate::guard::{HostRule, Scheme};
use crate::pace::Arrivals;
use crate::room_stream::Streams;
use crate::{Assets, LocalAddresses, MeetingHandle, Peers, Timing};

/// One server: its pages, its meeting and its rules.
pub(crate) struct Site {
    pub(crate) scheme: Scheme,
    pub(crate) hosts: HostRule,
    /// The one that is hosted at the time, if any.
    pub(crate) meeting: watch::Receiver<Option<MeetingHandle>>,
    /// Who speaks with other nodes.
    pub(crate) peers: Option<Arc<dyn Peers>>,
    pub(crate) assets: Arc<dyn Assets>,
    pub(crate) addresses: Arc<dyn LocalAddresses>,
    pub(crate) timing: Timing,
    pub(crate) streams: Arc<Streams>,
    /// Of other nodes.
    pub(crate) arrivals: Mutex<Arrivals>,
}

impl Site {
    pub(crate) fn meeting(&self) -> Option<MeetingHandle> {
        self.meeting.borrow().clone()
    }

    pub(crate) fn limits(&self) -> Limits {
        self.meeting()
            .map_or_else(Limits::default, |meeting| meeting.limits().clone())
    }

    /// Where a participant's connection comes from, as others may know it. From this machine: the addresses that this
    /// machine has for others.
    pub(crate) fn addr_of(&self, peer: IpAddr) -> Vec<String> {
        let own = self.addresses.addresses();
        if peer.is_loopback() || own.contains(&peer) {
            own.iter().map(IpAddr::to_string).collect()
        } else {
            vec![peer.to_string()]
        }
    }
}
