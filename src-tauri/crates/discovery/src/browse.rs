//! Looking for meetings. [`Watch`] is the guard that keeps it going; [`instance`] turns an event of the library into a
//! value of ours.

use std::net::IpAddr;
use std::sync::Arc;

use landline_protocol::node_api::DiscoveryState;
use mdns_sd::{ResolvedService, ScopedIp};
use tokio::sync::watch;

use crate::discovery::Discovery;
use crate::list::{Found, Instance};

/// Looking for meetings, as long as this value lives.
#[derive(Debug)]
pub struct Watch {
    discovery: Discovery,
}

impl Watch {
    pub(crate) fn start(discovery: Discovery) -> Self {
        discovery.shared.change(|wanted| wanted.watchers += 1);
        Self { discovery }
    }

    /// All meetings on the network, own ones too, after each change. The receiver's first `changed` returns at once.
    #[must_use]
    pub fn found(&self) -> watch::Receiver<Arc<[Found]>> {
        let mut found = self.discovery.shared.found.subscribe();
        found.mark_changed();
        found
    }

    /// How it goes. The receiver's first `changed` returns at once.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<DiscoveryState> {
        self.discovery.state()
    }

    /// A dial of this meeting failed. The network is asked whether it is still there; it disappears if nobody answers.
    pub fn report_unreachable(&self, meeting_id: &str) {
        self.discovery
            .shared
            .change(|wanted| wanted.report(meeting_id));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.discovery
            .shared
            .change(|wanted| wanted.watchers = wanted.watchers.saturating_sub(1));
    }
}

/// What the library resolved, as the list takes it.
pub(crate) fn instance(service: &ResolvedService) -> Instance {
    let mut addresses: Vec<(IpAddr, u32)> = service
        .addresses
        .iter()
        .map(|address| match address {
            ScopedIp::V6(v6) => (IpAddr::V6(*v6.addr()), v6.scope_id().index),
            other => (other.to_ip_addr(), 0),
        })
        .collect();
    addresses.sort_unstable();
    Instance {
        fullname: service.fullname.clone(),
        port: service.port,
        addresses,
        txt: service
            .txt_properties
            .iter()
            .map(|property| {
                let value = property.val().unwrap_or_default().to_vec();
                (property.key().to_owned(), value)
            })
            .collect(),
    }
}
