//! The door to discovery. Owns the engine's life: it runs while this value, a clone, or a guard of it lives.

use std::net::IpAddr;
use std::sync::Arc;

use landline_protocol::node_api::DiscoveryState;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::advertise::{AdvertiseError, AdvertisedMeeting, Advertisement};
use crate::browse::Watch;
use crate::engine::Engine;
use crate::host::Lookup;
use crate::interfaces::{LocalAddress, local_addresses};
use crate::wanted::Shared;

/// Finding meetings and being found. Cheap to clone; all clones share one pair of sockets, which is open only while
/// somebody watches, advertises or asks for a host, and the machine is on a network.
#[derive(Debug, Clone)]
pub struct Discovery {
    pub(crate) shared: Arc<Shared>,
    _engine: Arc<DropGuard>,
}

impl Discovery {
    /// `interfaces` are the names of those to use; empty chooses the physical ones.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    #[must_use]
    pub fn new(interfaces: Vec<String>) -> Self {
        let shared = Arc::new(Shared::new(interfaces));
        let stop = CancellationToken::new();
        tokio::spawn(Engine::new(Arc::clone(&shared)).run(stop.clone()));
        Self {
            shared,
            _engine: Arc::new(stop.drop_guard()),
        }
    }

    /// Uses other interfaces from now on.
    pub fn set_interfaces(&self, names: Vec<String>) {
        self.shared.change(|wanted| wanted.names = names);
    }

    /// The addresses of this machine on the interfaces in use, the best first. Read anew at each call.
    #[must_use]
    pub fn local_addresses(&self) -> Vec<LocalAddress> {
        let names = self.shared.wanted().names.clone();
        local_addresses(&names)
    }

    /// How discovery goes: `Off` while nobody watches, advertises or asks for a host. The receiver's first `changed` returns at once.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<DiscoveryState> {
        let mut state = self.shared.state.subscribe();
        state.mark_changed();
        state
    }

    /// Looks for meetings until the value is dropped. Several may look at once.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::start(self.clone())
    }

    /// The addresses behind a name `<uuid>.local`, under which browsers hide theirs in candidates. Empty for any other name,
    /// and if nobody answers within 1.5 s. Answers are not authenticated.
    pub async fn resolve_host(&self, name: &str) -> Vec<IpAddr> {
        match Lookup::start(self.clone(), name) {
            Some(lookup) => lookup.addresses().await,
            None => Vec::new(),
        }
    }

    /// Advertises a meeting until the value is dropped or stopped.
    ///
    /// # Errors
    /// If others could not read the meeting. Trouble with the network is none: the meeting is advertised as soon as there
    /// is one, and [`Discovery::state`] says how it goes.
    pub fn advertise(&self, meeting: AdvertisedMeeting) -> Result<Advertisement, AdvertiseError> {
        Advertisement::start(self.clone(), meeting)
    }
}
