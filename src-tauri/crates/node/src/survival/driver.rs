//! The task of one meeting: feeds a [`Survivor`] what happens, and does what it says.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use landline_signaling::{Inheritance, Inherited, Roster};
use landline_succession::letter::Refused;
use landline_succession::limits::ADDRESSES;
use landline_succession::rulings::Rule;
use landline_succession::{
    Claim, Config, Input, Kind, MeetingId, Member, Output, Signer, Survivor,
};
use landline_trust::{PublicKey, Signature, SigningKey, Statement};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::clock::now;
use super::links::{Door, Event, Links, follow};
use super::shared::{Over, Shared};
use super::token;
use super::wire::{Credentials, Wire, dial};
use crate::contacts::Whereabouts;
use crate::dial::DialError;
use crate::fingerprint::Fingerprint;
use crate::hosting::Succession;
use crate::node::Inner;
use crate::random;

/// What connections have to say that waits for the task.
const EVENTS: usize = 64;
/// Dials at a time.
const DIALS: usize = 16;
/// Tries to reach the host after a page has joined there.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
/// How often own addresses are looked at.
const ADDRESSES_EVERY: Duration = Duration::from_secs(5);
/// Nodes that say that they are in the meeting and have no seat in the room yet.
const KNOCKING: usize = 16;

/// How the rest of the node speaks with the task.
#[derive(Clone)]
pub(super) struct Orders {
    /// Leave in order.
    pub(super) leave: CancellationToken,
    /// End at once.
    pub(super) stop: CancellationToken,
    /// It has ended.
    pub(super) done: CancellationToken,
    hosting: Arc<AtomicBool>,
}

impl Orders {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            leave: token(),
            stop,
            done: token(),
            hosting: Arc::default(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.is_cancelled()
    }

    pub(super) fn is_hosting(&self) -> bool {
        self.hosting.load(Ordering::Relaxed)
    }
}

/// How this node comes to be in the meeting.
pub(super) enum Begin {
    Found {
        nonce: [u8; 16],
        start: u64,
    },
    /// Its page has a seat at this host.
    Join {
        address: SocketAddr,
        fingerprint: Fingerprint,
    },
}

/// The node's key, as the survivor signs with it.
struct Own(Arc<SigningKey>);

impl Signer for Own {
    fn public(&self) -> PublicKey {
        self.0.public()
    }

    fn sign(&self, statement: &Statement) -> Option<Signature> {
        self.0.sign(statement).ok()
    }
}

/// Until the meeting, or this node's part in it, is over.
pub(super) async fn run(
    node: Weak<Inner>,
    door: Arc<Door>,
    meeting: MeetingId,
    shared: Arc<Shared>,
    begin: Begin,
    orders: Orders,
) {
    let meeting_id = shared.meeting_id.clone();
    let stop = orders.stop.clone();
    let living = async {
        let driver = start(&node, &door, meeting, shared, begin, orders).await?;
        driver.live().await;
        Some(())
    };
    tokio::select! {
        _ = living => {}
        () = stop.cancelled() => {}
    }
    door.close(meeting);
    if let Some(node) = node.upgrade() {
        node.dialer.moves.forget(&meeting_id);
        node.hosting.stand_down().await;
        node.survival.companions.send_replace(0);
    }
}

/// None: the meeting does not survive its host.
async fn start(
    node: &Weak<Inner>,
    door: &Door,
    meeting: MeetingId,
    shared: Arc<Shared>,
    begin: Begin,
    orders: Orders,
) -> Option<Driver> {
    let key = Arc::clone(&node.upgrade()?.signing_key);
    let credentials = Credentials { meeting, key };
    let (events, inbox) = mpsc::channel(EVENTS);
    let (first, fingerprint) = match &begin {
        Begin::Found { .. } => (None, None),
        Begin::Join {
            address,
            fingerprint,
        } => {
            let reached = reach_host(*address, *fingerprint, &credentials).await?;
            (Some(reached), Some(*fingerprint))
        }
    };
    let port = node.upgrade()?.hosting.stand_by().await.ok()?;
    let kind = kind(&*node.upgrade()?, port);
    let config = Config {
        client: shared.client.clone(),
        kind: kind.clone(),
        entropy: random::key().ok()?,
    };
    let signer = Box::new(Own(Arc::clone(&credentials.key)));
    let survivor = match begin {
        Begin::Found { nonce, start } => Survivor::found(config, nonce, start, signer, now())?,
        Begin::Join { .. } => Survivor::join(config, meeting, signer, now()),
    };
    door.open(credentials.clone(), events.clone());
    if let Some((key, wire)) = first {
        let events = events.clone();
        tokio::spawn(async move { follow(key, wire, &events).await });
    }
    Some(Driver {
        node: node.clone(),
        credentials,
        shared,
        orders,
        survivor,
        links: Links::default(),
        dialing: BTreeSet::new(),
        events,
        inbox,
        port,
        kind,
        looked: now(),
        joined_at: fingerprint,
        roster: None,
        before: Roster::default(),
        knocking: Vec::new(),
    })
}

/// Some hosts have no `/peer`: their meetings end with them.
async fn reach_host(
    address: SocketAddr,
    fingerprint: Fingerprint,
    credentials: &Credentials,
) -> Option<(PublicKey, Wire)> {
    for _ in 0..TRIES {
        match dial(vec![address], fingerprint, credentials).await {
            Ok(reached) => return Some(reached),
            Err(DialError::NotLandline(error)) => {
                tracing::debug!(error, "the meeting will not outlive its host");
                return None;
            }
            Err(error) => tracing::debug!(%error, "the host's node is not reached"),
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    None
}

/// How others reach this node.
fn kind(node: &Inner, port: u16) -> Kind {
    let mut addresses = node.interfaces.shareable();
    if addresses.is_empty() {
        // On no network there are only the nodes of this machine.
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Kind::App {
        fingerprint: *node.dialer.fingerprint.bytes(),
        addresses: addresses
            .into_iter()
            .take(ADDRESSES)
            .map(|ip| SocketAddr::new(ip, port).to_string())
            .collect(),
        wired: None,
    }
}

struct Driver {
    node: Weak<Inner>,
    credentials: Credentials,
    shared: Arc<Shared>,
    orders: Orders,
    survivor: Survivor,
    links: Links,
    dialing: BTreeSet<PublicKey>,
    events: mpsc::Sender<Event>,
    inbox: mpsc::Receiver<Event>,
    port: u16,
    kind: Kind,
    /// When own addresses were looked at.
    looked: Duration,
    /// The host at which the page joined.
    joined_at: Option<Fingerprint>,
    /// Of the own room, while this node hosts.
    roster: Option<watch::Receiver<Roster>>,
    before: Roster,
    knocking: Vec<Member>,
}

/// The meeting is over for this node.
struct Done;

impl Driver {
    async fn live(mut self) {
        while self.step().await.is_ok() {}
    }

    async fn step(&mut self) -> Result<(), Done> {
        while let Some(output) = self.survivor.poll_output() {
            self.act(output).await?;
        }
        self.tell_companions();
        match self.shared.is_over() {
            Over::Ended => return Err(Done),
            Over::Left if !self.orders.is_hosting() => {
                self.feed(Input::Leave);
                return self.last_words().await;
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

    fn leaves(&self) -> bool {
        use landline_succession::Standing;
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

    fn feed(&mut self, input: Input) {
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

    /// This node is the host now, or from the start.
    async fn open(&mut self, claim: &Claim) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if claim.header().epoch > 0 {
            let succession = self.succession(claim, &node);
            if let Err(error) = node.hosting.succeed(succession).await {
                tracing::warn!(%error.message, "the meeting cannot be hosted here");
                self.feed(Input::Leave);
                return;
            }
            tracing::info!(epoch = claim.header().epoch, "took the meeting over");
            let own = Whereabouts::Own;
            node.dialer.moves.set(&self.shared.meeting_id, own);
        }
        self.orders.hosting.store(true, Ordering::Relaxed);
        self.before = Roster::default();
        let meeting = node.hosting.meeting.borrow().clone();
        self.roster = meeting.map(|meeting| meeting.roster());
        if let Some(roster) = &mut self.roster {
            roster.mark_changed();
        }
        if claim.header().epoch > 0 {
            self.shared.cut_unless(node.dialer.fingerprint);
        }
    }

    fn succession(&self, claim: &Claim, node: &Inner) -> Succession {
        let knowledge = self.shared.knowledge();
        let seats = claim.record().members().iter().map(|member| Inherited {
            client_id: member.client.clone(),
            key: member.key.to_string(),
        });
        let removed = self
            .survivor
            .rulings()
            .rules()
            .filter_map(|rule| match rule {
                Rule::Ban(key, true) => Some(key.to_string()),
                _ => None,
            });
        let name = knowledge.own_name.clone();
        Succession {
            meeting_id: self.shared.meeting_id.clone(),
            title: knowledge.title.clone(),
            name: name.unwrap_or_else(|| node.computer_name.clone()),
            started_at: knowledge.started_at,
            access: knowledge.access.clone(),
            inherited: Inheritance {
                seats: seats.collect(),
                roles: knowledge.roles(),
                removed: removed.collect(),
                chat: knowledge.chat(),
            },
        }
    }

    /// Another node is the host.
    async fn follow(&mut self, claim: &Claim) {
        self.roster = None;
        self.know_place(claim);
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if self.orders.hosting.swap(false, Ordering::Relaxed) {
            tracing::info!("another node hosts the meeting now");
            node.hosting.give_way().await;
            self.know_place(claim);
        }
        let fingerprint = Fingerprint::from(claim.header().fingerprint);
        self.shared.cut_unless(fingerprint);
    }

    /// Pages that dial anew are to reach this host. Where the page joined, the list of meetings knows better than a record.
    fn know_place(&self, claim: &Claim) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if self.orders.is_hosting() || *claim.host() == self.credentials.key.public() {
            return;
        }
        let fingerprint = Fingerprint::from(claim.header().fingerprint);
        let host = claim.record().member(claim.host());
        let whereabouts = match host.map(|host| &host.kind) {
            Some(Kind::App { addresses, .. }) if self.joined_at != Some(fingerprint) => {
                Whereabouts::At {
                    fingerprint,
                    addresses: parse(addresses),
                }
            }
            _ => Whereabouts::AsJoined,
        };
        node.dialer.moves.set(&self.shared.meeting_id, whereabouts);
    }

    /// A node says that it is in the meeting. It is, if its page has a seat in the room.
    fn knock(&mut self, member: Member) {
        self.knocking.push(member);
        if self.knocking.len() > KNOCKING {
            let first = self.knocking.remove(0);
            self.feed(Input::Decline(first.key, Refused::Declined));
        }
        let roster = self.roster.as_ref().map(|roster| roster.borrow().clone());
        self.admit(&roster.unwrap_or_default());
    }

    fn admit(&mut self, roster: &Roster) {
        let is_seated = |member: &Member| {
            let key = member.key.to_string();
            let mut seats = roster.seats.iter();
            seats.any(|seat| seat.client_id == member.client && seat.key == key)
        };
        let (seated, waiting) = std::mem::take(&mut self.knocking)
            .into_iter()
            .partition::<Vec<_>, _>(is_seated);
        self.knocking = waiting;
        for member in seated {
            self.feed(Input::Admit(member.key));
        }
    }

    /// The room has changed. Who is only away stays in the record.
    fn seats(&mut self, roster: &Roster) {
        let before = std::mem::replace(&mut self.before, roster.clone());
        let own = self.credentials.key.public();
        let is_in = |key: &str| roster.seats.iter().any(|seat| seat.key == key);
        let left = before.seats.iter().filter(|seat| !seat.away);
        let left = left.filter(|seat| !is_in(&seat.key));
        let mut gone: BTreeSet<PublicKey> = left
            .filter_map(|seat| PublicKey::from_text(&seat.key).ok())
            .collect();
        if let Some(claim) = self.survivor.followed() {
            // Came again as somebody new.
            gone.extend(claim.record().members().iter().filter_map(|member| {
                let key = member.key.to_string();
                let mut seats = roster.seats.iter().filter(|seat| seat.key == key);
                let is_other = is_in(&key) && seats.all(|seat| seat.client_id != member.client);
                is_other.then_some(member.key)
            }));
        }
        for key in gone.into_iter().filter(|key| *key != own) {
            self.feed(Input::Gone(key));
        }
        for key in &roster.removed {
            if !before.removed.contains(key)
                && let Ok(key) = PublicKey::from_text(key)
                && !self.survivor.rulings().is_banned(&key)
            {
                self.feed(Input::Rule(Rule::Ban(key, true)));
            }
        }
        self.admit(roster);
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

fn parse(addresses: &[String]) -> Vec<SocketAddr> {
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
