//! All clients of an engine, with their connections: what comes in is taken where it belongs, what comes of it goes out.
//! No socket and no clock: those are [`Network`] and arguments.

mod allocate;
mod client;
mod fanout;
mod keys;
mod peer;
mod requests;
mod shares;
mod sizes;
mod timers;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::client::Shared;
use crate::session::Certificate;
use client::ClientState;
use timers::Timers;

/// Whose socket, or timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner {
    pub(crate) client: u64,
    pub(crate) connection: u32,
}

/// What a hub reaches of the world.
pub(crate) trait Network {
    /// Sockets on all addresses of now: those of `have` that still fit, others new; the rest of `have` is closed.
    fn open(&mut self, owner: Owner, have: &[SocketAddr]) -> Vec<SocketAddr>;
    fn close(&mut self, local: SocketAddr);
    fn send(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]);
    /// The answer comes by [`Hub::resolved`], or not at all.
    fn resolve(&mut self, owner: Owner, question: u64, name: String);
}

/// Relates the engine's monotonic clock to the calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Epoch {
    pub(crate) monotonic: Instant,
    pub(crate) wall: SystemTime,
}

impl Epoch {
    pub(crate) fn wall(&self, now: Instant) -> SystemTime {
        self.wall + now.saturating_duration_since(self.monotonic)
    }

    /// Milliseconds of the engine's clock, wrapping.
    pub(crate) fn milliseconds(&self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.monotonic).as_millis();
        u32::try_from(since & u128::from(u32::MAX)).unwrap_or(0)
    }
}

pub(crate) struct Hub {
    certificate: Certificate,
    epoch: Epoch,
    clients: BTreeMap<u64, ClientState>,
    last: u64,
    timers: Timers,
}

impl Hub {
    pub(crate) fn new(certificate: Certificate, monotonic: Instant, wall: SystemTime) -> Self {
        Self {
            certificate,
            epoch: Epoch { monotonic, wall },
            clients: BTreeMap::new(),
            last: 0,
            timers: Timers::default(),
        }
    }

    pub(crate) fn connect(&mut self, shared: Arc<Shared>) {
        self.last += 1;
        let client = ClientState::new(self.last, shared, self.certificate.clone(), self.epoch);
        self.clients.insert(self.last, client);
    }

    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        owner: Owner,
        source: SocketAddr,
        local: SocketAddr,
        bytes: &[u8],
        network: &mut dyn Network,
    ) {
        if let Some(client) = self.clients.get_mut(&owner.client) {
            client.handle_packet(now, owner.connection, source, local, bytes, network);
            client.timers(&mut self.timers);
        }
    }

    pub(crate) fn resolved(
        &mut self,
        now: Instant,
        owner: Owner,
        question: u64,
        addresses: &[IpAddr],
        network: &mut dyn Network,
    ) {
        if let Some(client) = self.clients.get_mut(&owner.client) {
            client.resolved(now, owner.connection, question, addresses, network);
            client.timers(&mut self.timers);
        }
    }

    /// Takes what clients asked for and sent; those that are gone end.
    pub(crate) fn take_inputs(&mut self, now: Instant, network: &mut dyn Network) {
        let mut gone = Vec::new();
        for (id, client) in &mut self.clients {
            if client.take_inputs(now, network) {
                client.timers(&mut self.timers);
            } else {
                gone.push(*id);
            }
        }
        for id in gone {
            if let Some(mut client) = self.clients.remove(&id) {
                client.close(now, network);
                self.timers.forget(id);
            }
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, network: &mut dyn Network) {
        while let Some(id) = self.timers.due(now) {
            if let Some(client) = self.clients.get_mut(&id) {
                client.handle_timeout(now, network);
                client.timers(&mut self.timers);
            }
        }
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Ends all clients.
    pub(crate) fn close(&mut self, now: Instant, network: &mut dyn Network) {
        for client in self.clients.values_mut() {
            client.close(now, network);
        }
        self.clients.clear();
    }
}
