//! The one task behind [`crate::Discovery`]: makes the network follow what is wanted.
//!
//! Owns the list and the responder. In each round it waits for whatever comes first (a wish, an event of the responder, the
//! time to look at the interfaces), and then brings everything into line with what is wanted. States:
//!
//! - off: nobody watches, advertises, or waits for a host's address. No socket, no timer.
//! - no network: wanted, but no interface has an address. Interfaces are looked at every [`LOOK_EVERY`].
//! - failed: wanted and on a network, but the port cannot be had. Tried again every [`LOOK_EVERY`].
//! - on: the responder runs.

use std::sync::Arc;
use std::time::Duration;

use landline_protocol::node_api::{DiscoveryState, Interface};
use mdns_sd::ServiceEvent;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::advertise::random_name;
use crate::announcer::Announcer;
use crate::browse::instance;
use crate::host::Lookups;
use crate::interfaces::{LocalAddress, local_addresses};
use crate::list::MeetingList;
use crate::port::Families;
use crate::question::{Question, ask_at_once};
use crate::responder::{Event, Responder};
use crate::wanted::Shared;

/// Time between two looks at the interfaces: a plugged cable shows within a second. One look is one system call.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Time between two fresh queries. The library's own queries become rarer up to one an hour, so a network that was split
/// would heal unnoticed.
const QUERY_EVERY: Duration = Duration::from_mins(1);
/// After this time what did not answer a query that forgot everything is gone: the library asks at 0, 1, 3 and 7 s.
const SWEEP_AFTER: Duration = Duration::from_secs(8);
pub(crate) struct Engine {
    shared: Arc<Shared>,
    started: Instant,
    local: Vec<LocalAddress>,
    names: Vec<String>,
    responder: Option<Responder>,
    /// Why there is no responder although there should be one, and when to try again.
    failure: Option<(String, Instant)>,
    list: MeetingList,
    announcer: Announcer,
    lookups: Lookups,
    next_look: Instant,
    next_query: Instant,
    /// The library's cache holds records of instances that are gone or in doubt: the next query starts from nothing.
    stale: bool,
    sweep_at: Option<Instant>,
    /// Looking has just begun: once the library listens, the network is asked for an answer at once.
    ask: bool,
}

impl Engine {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            shared,
            started: now,
            local: Vec::new(),
            names: Vec::new(),
            responder: None,
            failure: None,
            list: MeetingList::default(),
            announcer: Announcer::default(),
            lookups: Lookups::default(),
            next_look: now,
            next_query: now,
            stale: false,
            sweep_at: None,
            ask: false,
        }
    }

    /// Runs until `stop`; then says goodbye for what is still advertised.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let shared = Arc::clone(&self.shared);
        loop {
            let wake = self.follow(Instant::now());
            tokio::select! {
                () = stop.cancelled() => break,
                () = shared.changed.notified() => {}
                event = next_event(self.responder.as_ref()) => self.take(event),
                () = sleep_until(wake) => {}
            }
        }
        if let Some(responder) = self.responder.take() {
            responder.shut_down().await;
        }
    }

    /// Brings everything into line with what is wanted. Returns when to do so again at the latest.
    fn follow(&mut self, now: Instant) -> Option<Instant> {
        let (active, watching, names) = {
            let wanted = self.shared.wanted();
            (
                wanted.is_active(),
                wanted.watchers > 0,
                wanted.names.clone(),
            )
        };
        if active {
            self.look(now, names);
            self.start(now);
        } else {
            self.stop_responder();
            self.local.clear();
            self.failure = None;
            self.next_look = now;
        }
        self.browse(now, watching);
        let announce_at = self
            .announcer
            .follow(&self.shared, self.responder.as_ref(), now);
        self.lookups
            .follow(&self.shared, self.responder.as_ref(), &self.local);
        self.publish(active);
        let query_at = watching.then_some(self.next_query);
        active.then(|| {
            [announce_at, query_at, self.sweep_at]
                .into_iter()
                .flatten()
                .fold(self.next_look, Instant::min)
        })
    }

    /// Looks at the interfaces when it is time, or when others are wanted.
    fn look(&mut self, now: Instant, names: Vec<String>) {
        let other_names = self.names != names;
        if now < self.next_look && !other_names {
            return;
        }
        self.next_look = now + LOOK_EVERY;
        let local = local_addresses(&names);
        let changed = local != self.local;
        if changed {
            tracing::info!(addresses = local.len(), "the network addresses changed");
            self.list.set_local(local.clone());
            self.local = local;
            // What was found may be gone with its interface, and others may be behind a new one.
            self.next_query = now;
            self.stale = true;
            self.announcer.again(now);
        }
        self.names = names;
        let Some(responder) = &self.responder else {
            return;
        };
        if self.local.is_empty() || responder.lacks(Families::of(&self.local)) {
            // Without an address there is nothing to do; with a port that became free there is more.
            self.stop_responder();
        } else if changed || other_names {
            responder.set_names(&self.names);
            log_failure("interfaces", responder.apply_interfaces());
        }
    }

    fn stop_responder(&mut self) {
        self.responder = None;
        self.announcer.forget();
        self.lookups = Lookups::default();
        self.list.clear();
        self.stale = false;
        self.sweep_at = None;
    }

    /// Starts the responder where there is a network.
    fn start(&mut self, now: Instant) {
        if self.local.is_empty() {
            self.failure = None;
        }
        let waiting = matches!(&self.failure, Some((_, again)) if now < *again);
        if self.responder.is_some() || self.local.is_empty() || waiting {
            return;
        }
        match Responder::start(&self.names, Families::of(&self.local)) {
            Ok(responder) => {
                self.stop_responder();
                self.responder = Some(responder);
                self.failure = None;
            }
            Err(error) => self.fail(error.to_string(), now),
        }
    }

    fn fail(&mut self, message: String, now: Instant) {
        if self.failure.is_none() {
            tracing::warn!(%message, "meetings cannot be discovered");
        }
        self.stop_responder();
        self.failure = Some((message, now + LOOK_EVERY));
    }

    /// Asks the network, as far as somebody watches.
    fn browse(&mut self, now: Instant, watching: bool) {
        let doubts = std::mem::take(&mut self.shared.wanted().unreachable);
        let Some(responder) = &mut self.responder else {
            return;
        };
        if !watching {
            if responder.is_browsing() {
                log_failure("stop browsing", responder.stop_browse());
                self.list.clear();
                self.sweep_at = None;
            }
            return;
        }
        if !responder.is_browsing() || now >= self.next_query {
            self.ask |= self.stale || !responder.is_browsing();
            if responder.is_browsing() && self.stale {
                log_failure("forget", responder.stop_browse());
                self.list.doubt_all();
                self.sweep_at = Some(now + SWEEP_AFTER);
            }
            self.stale = false;
            self.next_query = now + QUERY_EVERY;
            log_failure("browse", responder.browse());
        }
        if self.sweep_at.is_some_and(|at| at <= now) {
            self.list.sweep();
            self.sweep_at = None;
        }
        for meeting_id in doubts {
            for fullname in self.list.instances_of(&meeting_id) {
                log_failure("verify", responder.verify(fullname));
            }
        }
    }

    /// Takes in what the responder said.
    fn take(&mut self, event: Event) {
        match event {
            Event::Service(ServiceEvent::ServiceResolved(service)) => {
                self.list
                    .resolved(&instance(&service), self.started.elapsed());
            }
            Event::Service(ServiceEvent::ServiceRemoved(_, fullname)) => {
                self.list.removed(&fullname);
                self.stale = true;
            }
            Event::Service(ServiceEvent::SearchStarted(_)) => {
                if std::mem::take(&mut self.ask) {
                    ask_at_once(&self.local, Question::Meetings, &random_name());
                }
            }
            Event::Service(_) | Event::Other => {}
            Event::BrowseLost => {
                tracing::warn!("events of discovery were lost, asking anew");
                self.stale = true;
                self.next_query = Instant::now();
            }
            Event::Failed(error) => {
                self.fail(
                    format!("multicast DNS stopped working: {error}"),
                    Instant::now(),
                );
            }
        }
    }

    fn publish(&self, active: bool) {
        let state = match (&self.responder, &self.failure) {
            _ if !active => DiscoveryState::Off,
            (Some(responder), _) => DiscoveryState::On {
                interfaces: self
                    .local
                    .iter()
                    .filter(|own| responder.bound().has(own))
                    .map(|own| Interface {
                        name: own.name.clone(),
                        address: own.address.to_string(),
                    })
                    .collect(),
            },
            (None, Some((message, _))) => DiscoveryState::Failed {
                message: message.clone(),
            },
            (None, None) => DiscoveryState::NoNetwork,
        };
        self.shared.state.send_if_modified(|current| {
            let changed = *current != state;
            *current = state;
            changed
        });
        let found = self.list.snapshot();
        self.shared.found.send_if_modified(|current| {
            let changed = **current != *found;
            if changed {
                *current = found.into();
            }
            changed
        });
    }
}

async fn next_event(responder: Option<&Responder>) -> Event {
    match responder {
        Some(responder) => responder.next().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The library refuses a command only when a hundred are waiting; it is asked again at the next look.
fn log_failure(what: &str, result: Result<(), mdns_sd::Error>) {
    if let Err(error) = result {
        tracing::warn!(what, %error, "the multicast DNS library refused");
    }
}
