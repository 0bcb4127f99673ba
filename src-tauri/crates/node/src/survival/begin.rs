//! How the task of a meeting begins and ends.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use landline_signaling::Roster;
use landline_succession::limits::ADDRESSES;
use landline_succession::{Config, Kind, MeetingId, Signer, Survivor};
use landline_trust::{PublicKey, Signature, SigningKey, Statement};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::clock::now;
use super::driver::Driver;
use super::links::{Door, Links, follow};
use super::shared::Shared;
use super::wire::{Credentials, Wire, dial};
use crate::dial::DialError;
use crate::fingerprint::Fingerprint;
use crate::node::Inner;
use crate::random;

/// What connections have to say that waits for the task.
const EVENTS: usize = 64;
/// Tries to reach the host after a page has joined there.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// How the rest of the node speaks with the task.
#[derive(Clone)]
pub(super) struct Orders {
    /// Leave in order.
    pub(super) leave: CancellationToken,
    /// End at once.
    pub(super) stop: CancellationToken,
    /// It has ended.
    pub(super) done: CancellationToken,
    pub(super) hosting: Arc<AtomicBool>,
}

impl Orders {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self {
            leave: CancellationToken::new(),
            stop,
            done: CancellationToken::new(),
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
    if let Some(name) = shared.name() {
        // Once more: an earlier part in the same meeting may have ended meanwhile, and forgot it.
        node.upgrade()?
            .dialer
            .moves
            .joined(&shared.meeting_id, &name);
    }
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
        told: None,
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
pub(super) fn kind(node: &Inner, port: u16) -> Kind {
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
