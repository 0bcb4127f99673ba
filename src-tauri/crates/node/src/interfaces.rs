//! The addresses of this machine on the interfaces that the person has chosen.

use std::net::IpAddr;
use std::sync::Arc;

use landline_discovery::interfaces::{LocalAddress, local_addresses};
use landline_signaling::LocalAddresses;

use crate::storage::settings_store::SettingsStore;

/// Asked anew each time: addresses come and go.
#[derive(Debug, Clone)]
pub(crate) struct ChosenInterfaces {
    settings: Arc<SettingsStore>,
}

impl ChosenInterfaces {
    pub(crate) fn new(settings: Arc<SettingsStore>) -> Self {
        Self { settings }
    }

    /// The best first.
    pub(crate) fn local_addresses(&self) -> Vec<LocalAddress> {
        local_addresses(&self.settings.get().interfaces)
    }

    /// Addresses that work in a link: browsers take no scope, so link-local ones of version 6 are left out.
    pub(crate) fn shareable(&self) -> Vec<IpAddr> {
        self.addresses()
            .into_iter()
            .filter(|ip| !matches!(ip, IpAddr::V6(v6) if v6.is_unicast_link_local()))
            .collect()
    }
}

impl LocalAddresses for ChosenInterfaces {
    fn addresses(&self) -> Vec<IpAddr> {
        self.local_addresses()
            .into_iter()
            .map(|local| local.address)
            .collect()
    }
}
