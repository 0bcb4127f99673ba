//! The task of one meeting: feeds a [`Survivor`] what happens, and does what it says.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use landline_signaling::Roster;
use landline_succession::{Input, Kind, Member, Output, Standing, Survivor};
use landline_trust::PublicKey;
use tokio::sync::{mpsc, watch};

use super::begin::{Orders, kind};
use super::clock::now;
use super::links::{Event, Links, follow};
use super::shared::{Over, Shared};
use super::wire::{Credentials, dial};
use crate::fingerprint::Fingerprint;
use crate::node::Inner;

/// Dials at a time.
const DIALS: usize = 16;
/// How often own addresses are looked at.
const ADDRESSES_EVERY: Duration = Duration::from_secs(5);

pub(super) struct Driver {
    pub(super) node: Weak<Inner>,
    pub(super) credentials: Credentials,
    pub(super) shared: Arc<Shared>,
    pub(super) orders: Orders,
    pub(super) survivor: Survivor,
    pub(super) links: Links,
    pub(super) dialing: BTreeSet<PublicKey>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) inbox: mpsc::Receiver<Event>,
    pub(super) port: u16,
    pub(super) kind: Kind,
    /// When own addresses were looked at.
    pub(super) looked: Duration,
    /// The host at which the page joined.
    pub(super) joined_at: Option<Fingerprint>,
    /// Of the own room, while this node hosts.
    pub(super) roster: Option<watch::Receiver<Roster>>,
    pub(super) before: Roster,
    pub(super) knocking: Vec<Member>,
    /// The guest link of the next host, as the room was told.
    pub(super) told: Option<String>,
}

/// The meeting is over for this node.
pub(super) struct Done;

impl Driver {
    pub(super) async fn live(mut self) {
        while self.step().await.is_ok() {}
    }

    async fn step(&mut self) -> Result<(), Done> {
        while let Some(output) = self.survivor.poll_output() {
            self.act(output).await?;
        }
        self.tell_companions();
        self.tell_successor().await;
        match self.shared.is_over() {
            Over::Ended => return Err(Done),
            Over::Left if !self.orders.is_hosting() => {
                self.feed(Input::Leave);
                return self.last_words().await;
            }
            Over::Left if self.is_deserted() => {
                if let Some(node) = self.node.upgrade() {
                    // An error means that it is over as well.
                    let _ = node.hosting.end().await;
                }
                return Err(Done);
            }
            Over::Left | Over::No => {}
        }
        let deadline = self.survivor.next_deadline().ok_or(Done)?;
        let wait = deadline.saturating_sub(now());
        tokio::select! {
            event = self.inbox.recv() => self.heed(event.ok_or(Done)?),
            roster = changed(self.roster.as_mut()) => self.seats(&roster.ok_or(Done)?),
            () = self.shared.changed.notified() => {}
            () = self.orders.leave.cancelled(), if !self.leaves() => {
                self.feed(Input::Leave);
            }
            () = tokio::time::sleep(wait) => {
                self.look_at_addresses();
                self.feed(Input::Tick);
            }
        }
        Ok(())
    }

    /// How many nodes could host the meeting: those of the record that are reached, and this one if it stands there.
    fn tell_companions(&self) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        let own = self.credentials.key.public();
        let claim = self.survivor.followed();
        let companions = claim
            .filter(|_| self.survivor.is_listed())
            .map_or(0, |claim| {
                let members = claim.record().members().iter();
                let is_there =
                    |member: &&Member| member.key == own || self.links.reaches(&member.key);
                members
                    .filter(|member| member.is_app())
                    .filter(is_there)
                    .count()
            });
        let told = &node.survival.companions;
        told.send_if_modified(|before| std::mem::replace(before, companions) != companions);
    }

    /// A meeting that came to this node, and nobody is in it any more. One that was opened here is its page's to end.
    fn is_deserted(&self) -> bool {
        let claim = self.survivor.followed();
        let came = claim.is_some_and(|claim| claim.header().epoch > 0);
        came && self.node.upgrade().is_some_and(|node| {
            let hosted = node.hosting.hosted.borrow();
            hosted
                .as_ref()
                .is_some_and(|hosted| hosted.participants == 0)
        })
    }

    fn leaves(&self) -> bool {
        matches!(
            self.survivor.standing(),
            Standing::Leaving { .. } | Standing::Gone
        )
    }

    /// What a leaving member has to say goes out with the end of the connections.
    async fn last_words(&mut self) -> Result<(), Done> {
        while let Some(output) = self.survivor.poll_output() {
            self.act(output).await?;
        }
        Err(Done)
    }

    pub(super) fn feed(&mut self, input: Input) {
        self.survivor.handle(input, now());
    }

    fn heed(&mut self, event: Event) {
        match event {
            Event::Linked { key, number, to } => {
                self.dialing.remove(&key);
                let claim = self.survivor.followed().cloned();
                let is_member = |key: &PublicKey| {
                    claim
                        .as_ref()
                        .is_some_and(|claim| claim.record().member(key).is_some())
                };
                self.links.add(key, number, to, is_member);
                self.feed(Input::Reached(key));
            }
            Event::Received { key, message } => self.feed(Input::Received {
                from: key,
                message: *message,
            }),
            Event::Unlinked { key, number } => self.links.remove(&key, number),
            Event::Missed(key) => {
                self.dialing.remove(&key);
            }
        }
    }

    async fn act(&mut self, output: Output) -> Result<(), Done> {
        match output {
            Output::Send { to, message } => self.links.send(&to, &message),
            Output::Dial {
                to,
                fingerprint,
                addresses,
            } => self.dial(to, fingerprint, &addresses),
            Output::Open(claim) => self.open(&claim).await,
            Output::Follow(claim) => self.follow(&claim).await,
            Output::Roster(claim) => self.know_place(&claim),
            Output::Knock(member) => self.knock(member),
            Output::Refused(why) => {
                tracing::info!(
                    ?why,
                    "the host does not have this node among its successors"
                );
                return Err(Done);
            }
            Output::Left => return Err(Done),
            // The port is open all the time, and signaling goes directly; chat and rulings of the records are not wired yet.
            Output::Route(_) | Output::Ready(_) | Output::Line(_) | Output::Ruled => {}
        }
        Ok(())
    }

    fn dial(&mut self, to: PublicKey, fingerprint: [u8; 32], addresses: &[String]) {
        if self.dialing.len() >= DIALS || !self.dialing.insert(to) {
            return;
        }
        let addresses = parse(addresses);
        let (credentials, events) = (self.credentials.clone(), self.events.clone());
        let stop = self.orders.done.clone();
        tokio::spawn(async move {
            let dialing = dial(addresses, Fingerprint::from(fingerprint), &credentials);
            let reached = tokio::select! {
                reached = dialing => reached,
                () = stop.cancelled() => return,
            };
            match reached {
                Ok((key, wire)) if key == to => follow(key, wire, &events).await,
                Ok(_) => tracing::debug!("another node than the expected one"),
                Err(error) => tracing::debug!(%error, "a node of the meeting is not reached"),
            }
            // If nobody listens any more, nobody has to know.
            let _ = events.send(Event::Missed(to)).await;
        });
    }

    fn look_at_addresses(&mut self) {
        if now().saturating_sub(self.looked) < ADDRESSES_EVERY {
            return;
        }
        self.looked = now();
        let Some(node) = self.node.upgrade() else {
            return;
        };
        let kind = kind(&node, self.port);
        if kind != self.kind {
            self.kind = kind.clone();
            self.feed(Input::Moved(kind));
        }
    }
}

pub(super) fn parse(addresses: &[String]) -> Vec<SocketAddr> {
    let parsed = addresses.iter().filter_map(|address| address.parse().ok());
    parsed.collect()
}

/// The room's seats after each change; for ever nothing without a room. None: the room is no more.
async fn changed(roster: Option<&mut watch::Receiver<Roster>>) -> Option<Roster> {
    match roster {
        None => std::future::pending().await,
        Some(roster) => {
            roster.changed().await.ok()?;
            Some(roster.borrow_and_update().clone())
        }
    }
}
