//! The loop: wait for sockets, letters or time; hand each to the hub; carry out what it wants sent.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mio::{Events, Poll, Token};

use super::sockets::{PACKET, Sockets};
use super::{Mail, Mailbox, usable};
use crate::engine::EngineConfig;
use crate::hub::{Hub, Network, Owner};
use crate::session::Certificate;

pub(crate) const WAKE: Token = Token(0);
/// Readiness of so many sockets is taken at once.
const EVENTS: usize = 256;
/// Packets read from one socket before others get their turn.
const BATCH: usize = 128;

pub(crate) struct Runner {
    poll: Poll,
    mailbox: Arc<Mailbox>,
    hub: Hub,
    outside: Outside,
    buffer: Vec<u8>,
    /// Sockets that had more than a batch.
    hot: Vec<Token>,
}

/// What the hub reaches of the world.
struct Outside {
    registry: mio::Registry,
    sockets: Sockets,
    config: EngineConfig,
    mailbox: Arc<Mailbox>,
    runtime: Option<tokio::runtime::Handle>,
}

impl Network for Outside {
    fn open(&mut self, owner: Owner, have: &[SocketAddr]) -> Vec<SocketAddr> {
        let addresses: Vec<IpAddr> = usable((self.config.addresses)());
        self.sockets.open(&self.registry, owner, &addresses, have)
    }

    fn close(&mut self, local: SocketAddr) {
        self.sockets.close(&self.registry, local);
    }

    fn send(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        self.sockets.send(source, destination, bytes);
    }

    fn resolve(&mut self, owner: Owner, question: u64, name: String) {
        let (Some(resolver), Some(runtime)) = (&self.config.resolver, &self.runtime) else {
            return;
        };
        let answer = resolver.resolve(name);
        let mailbox = Arc::clone(&self.mailbox);
        runtime.spawn(async move {
            let addresses = answer.await;
            mailbox.post(Mail::Resolved {
                client: owner.client,
                connection: owner.connection,
                question,
                addresses,
            });
        });
    }
}

impl Runner {
    /// # Errors
    /// The system gives no second handle of the poll.
    pub(crate) fn new(
        poll: Poll,
        mailbox: Arc<Mailbox>,
        config: EngineConfig,
        certificate: Certificate,
        runtime: Option<tokio::runtime::Handle>,
    ) -> std::io::Result<Self> {
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
            hub: Hub::new(certificate, Instant::now(), SystemTime::now()),
            outside: Outside {
                registry,
                sockets: Sockets::default(),
                config,
                mailbox: Arc::clone(&mailbox),
                runtime,
            },
            mailbox,
            buffer: vec![0; PACKET],
            hot: Vec::new(),
        })
    }

    /// Until a stop is posted.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        tracing::debug!("engine started");
        loop {
            let timeout = if self.hot.is_empty() {
                self.hub
                    .next_timeout()
                    .map(|at| at.saturating_duration_since(Instant::now()))
            } else {
                Some(Duration::ZERO)
            };
            if let Err(error) = self.poll.poll(&mut events, timeout)
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the engine cannot wait for its sockets");
                break;
            }
            let mut ready = std::mem::take(&mut self.hot);
            for event in &events {
                if event.token() != WAKE && !ready.contains(&event.token()) {
                    ready.push(event.token());
                }
            }
            for token in ready {
                self.read(token);
            }
            let now = Instant::now();
            let mut stop = false;
            for mail in self.mailbox.take() {
                match mail {
                    Mail::Connect(shared) => self.hub.connect(shared),
                    Mail::Resolved {
                        client,
                        connection,
                        question,
                        addresses,
                    } => self.hub.resolved(
                        now,
                        Owner { client, connection },
                        question,
                        &addresses,
                        &mut self.outside,
                    ),
                    Mail::Stop => stop = true,
                }
            }
            self.hub.take_inputs(now, &mut self.outside);
            self.hub.handle_timeout(now, &mut self.outside);
            if stop {
                break;
            }
        }
        self.hub.close(Instant::now(), &mut self.outside);
        tracing::debug!("engine ended");
    }

    fn read(&mut self, token: Token) {
        for _ in 0..BATCH {
            let Some((owner, source, local, length)) =
                self.outside.sockets.receive(token, &mut self.buffer)
            else {
                return;
            };
            if let Some(bytes) = self.buffer.get(..length) {
                self.hub.handle_packet(
                    Instant::now(),
                    owner,
                    source,
                    local,
                    bytes,
                    &mut self.outside,
                );
            }
        }
        self.hot.push(token);
    }
}
