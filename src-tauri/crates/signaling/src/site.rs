//! What the routes of one server have in common.

use std::net::IpAddr;
use std::sync::Arc;

use landline_protocol::Limits;
use tokio::sync::watch;

use crate::guard::{HostRule, Scheme};
use crate::room_stream::Streams;
use crate::{Assets, LocalAddresses, MeetingHandle, Timing};

/// One server: its pages, its meeting and its rules.
pub(crate) struct Site {
    pub(crate) scheme: Scheme,
    pub(crate) hosts: HostRule,
    pub(crate) meeting: Source,
    pub(crate) assets: Arc<dyn Assets>,
    pub(crate) addresses: Arc<dyn LocalAddresses>,
    pub(crate) timing: Timing,
    pub(crate) streams: Arc<Streams>,
}

/// Where the meeting comes from.
pub(crate) enum Source {
    Fixed(MeetingHandle),
    /// The one that is hosted at the time, if any.
    Current(watch::Receiver<Option<MeetingHandle>>),
}

impl Site {
    pub(crate) fn meeting(&self) -> Option<MeetingHandle> {
        match &self.meeting {
            Source::Fixed(meeting) => Some(meeting.clone()),
            Source::Current(meeting) => meeting.borrow().clone(),
        }
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
