//! From what the page wants to reach, to a connection with whoever proves to be it.
//!
//! - A meeting of our own: over loopback, with our own certificate.
//! - A meeting seen on the network: its advertised addresses and those of an earlier contact, pinned to the advertised
//!   certificate. Each dial looks at the list anew and goes on looking while it runs, so a host that came back under
//!   another address is found.
//! - An address: pinned by the link, else by an earlier visit, else trusted this once and remembered.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{Stream, StreamExt as _, stream};
use landline_discovery::{Discovery, Found, Watch};
use landline_protocol::node_api::{
    DiscoveryState, FoundMeeting, HostedMeeting, NodeError, NodeErrorCode, Target, Trust,
};
use landline_trust::{Code, PublicKey};
use tokio::sync::watch;

use crate::address::Address;
use crate::contacts::{Contact, Contacts};
use crate::dial::pin::{Pin, client_config};
use crate::dial::prove::{Claim, prove};
use crate::dial::race::race;
use crate::dial::resolve::{order, resolve};
use crate::dial::secure::Secure;
use crate::dial::upgrade::{RoomSocket, upgrade};
use crate::dial::{DialError, look};
use crate::error::node_error;
use crate::fingerprint::Fingerprint;
use crate::interfaces::ChosenInterfaces;
use crate::storage::known_hosts::KnownHosts;

/// How long a meeting is sought that is not in the list: a running one answers within half a second, a lost query is
/// repeated after one and after two.
const SEEK: Duration = Duration::from_secs(3);
/// How long other addresses are awaited when there are some to try.
const LINGER: Duration = Duration::from_secs(1);

/// Reaches hosts.
pub(crate) struct Dialer {
    pub(crate) discovery: Discovery,
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) known_hosts: Arc<KnownHosts>,
    pub(crate) contacts: Contacts,
    /// What this node hosts.
    pub(crate) hosted: watch::Receiver<Option<HostedMeeting>>,
    /// This node's own certificate.
    pub(crate) fingerprint: Fingerprint,
    /// The key with which its pages join.
    pub(crate) key: PublicKey,
}

/// A host that was reached, and what is to be remembered once it has shown that it is one.
struct Reached {
    connection: Secure,
    trust: Trust,
    /// The meeting that was asked for.
    meeting_id: Option<String>,
    /// `host:port` of an address.
    address: Option<String>,
}

/// A connection to a room.
pub(crate) struct Opened {
    pub(crate) socket: RoomSocket,
    /// Of the host's certificate.
    pub(crate) fingerprint: Fingerprint,
}

impl Dialer {
    /// Asks a host what it has.
    pub(crate) async fn look(&self, target: &Target) -> Result<FoundMeeting, NodeError> {
        let reached = self.reach(target).await?;
        let (fingerprint, peer) = (reached.connection.fingerprint, reached.connection.address);
        let summary = look::look(reached.connection).await?;
        if let Some(expected) = &reached.meeting_id
            && *expected != summary.meeting_id
        {
            return Err(node_error(
                NodeErrorCode::MeetingNotFound,
                "that host has another meeting now",
            ));
        }
        let contact = Contact {
            meeting_id: Some(summary.meeting_id.clone()),
            fingerprint,
            address: peer,
        };
        self.remember(target, contact, reached.address).await;
        Ok(FoundMeeting {
            summary,
            trust: reached.trust,
            fingerprint: fingerprint.to_string(),
            own: reached.trust == Trust::Own,
        })
    }

    /// Opens the WebSocket to the room. With a code, both ends have proven to each other that they know it.
    pub(crate) async fn open(
        &self,
        target: &Target,
        code: Option<&str>,
    ) -> Result<Opened, NodeError> {
        let code = code
            .map(Code::parse)
            .transpose()
            .map_err(|error| node_error(NodeErrorCode::WrongCode, error))?;
        let reached = self.reach(target).await?;
        let claim = match code {
            None => None,
            Some(code) => Some(Claim {
                meeting_id: match &reached.meeting_id {
                    Some(meeting_id) => meeting_id.clone(),
                    // A bare address does not say which meeting the code is for.
                    None => self.look(target).await?.summary.meeting_id,
                },
                code,
                key: self.key,
            }),
        };
        let fingerprint = reached.connection.fingerprint;
        let contact = Contact {
            meeting_id: reached.meeting_id,
            fingerprint,
            address: reached.connection.address,
        };
        let mut socket = upgrade(reached.connection).await?;
        if let Some(claim) = &claim {
            prove(&mut socket, claim).await?;
        }
        self.remember(target, contact, reached.address).await;
        Ok(Opened {
            socket,
            fingerprint,
        })
    }

    async fn reach(&self, target: &Target) -> Result<Reached, NodeError> {
        match target {
            Target::Meeting { meeting_id } => self.reach_meeting(meeting_id).await,
            Target::Address { text } => {
                let address = Address::parse(text)
                    .map_err(|error| node_error(NodeErrorCode::BadAddress, error))?;
                self.reach_address(text, address).await
            }
        }
    }

    async fn reach_own(&self, hosted: HostedMeeting) -> Result<Reached, NodeError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, hosted.port));
        let pin = Pin::Exactly(self.fingerprint);
        let connection = connect(vec![address], stream::empty(), pin).await?;
        Ok(Reached {
            connection,
            trust: Trust::Own,
            meeting_id: Some(hosted.meeting_id),
            address: None,
        })
    }

    async fn reach_meeting(&self, meeting_id: &str) -> Result<Reached, NodeError> {
        let hosted = self.hosted.borrow().clone();
        if let Some(hosted) = hosted.filter(|hosted| hosted.meeting_id == meeting_id) {
            return self.reach_own(hosted).await;
        }
        let watch = self.discovery.watch();
        let mut found = watch.found();
        let contact = self.contacts.get(meeting_id);
        let pin = match &contact {
            Some(contact) => contact.fingerprint,
            None => seek(&watch, meeting_id)
                .await
                .and_then(|found| found.fingerprint.parse().ok())
                .ok_or(NodeErrorCode::MeetingNotFound)?,
        };
        let mut first = addresses_of(&found.borrow_and_update(), meeting_id);
        first.extend(contact.map(|contact| contact.address));
        let more = further_addresses(found, meeting_id.to_owned());
        let more = more.take_until(tokio::time::sleep(LINGER));
        order(&mut first, &self.interfaces.local_addresses());
        let connection = match connect(first, more, Pin::Exactly(pin)).await {
            Ok(connection) => connection,
            Err(error) => {
                if matches!(error, DialError::Unreachable(_) | DialError::Refused) {
                    watch.report_unreachable(meeting_id);
                }
                return Err(error.into());
            }
        };
        Ok(Reached {
            connection,
            trust: Trust::Pinned,
            meeting_id: Some(meeting_id.to_owned()),
            address: None,
        })
    }

    async fn reach_address(&self, text: &str, address: Address) -> Result<Reached, NodeError> {
        let local = self.interfaces.local_addresses();
        let key = address.host_and_port();
        let known = self.known_hosts.expected(&key, SystemTime::now());
        let (pin, mut trust) = match (address.fingerprint, known) {
            (Some(fingerprint), _) => (Pin::Exactly(fingerprint), Trust::Pinned),
            (None, Some(fingerprint)) => (Pin::Exactly(fingerprint), Trust::Known),
            (None, None) => (Pin::FirstUse, Trust::FirstUse),
        };
        // Where the host of a link or of an earlier contact is now, the list may know better than its old address.
        // Joining by address alone opens no multicast socket: a link is looked up only while somebody looks anyway.
        let contact = self.contacts.get(text);
        let looking = *self.discovery.state().borrow() != DiscoveryState::Off;
        let meeting_id = contact
            .as_ref()
            .and_then(|contact| contact.meeting_id.clone())
            .or_else(|| address.meeting_id.clone().filter(|_| looking));
        let watch = meeting_id.as_ref().map(|_| self.discovery.watch());
        let more = match (&watch, meeting_id, pin) {
            (Some(watch), Some(meeting_id), Pin::Exactly(_)) => {
                further_addresses(watch.found(), meeting_id)
                    .take_until(tokio::time::sleep(LINGER))
                    .left_stream()
            }
            _ => stream::empty().right_stream(),
        };
        let mut first = match resolve(&address, &local).await {
            Ok(addresses) => addresses,
            // The name may be gone and the host still there.
            Err(error) => match &contact {
                Some(_) => Vec::new(),
                None => return Err(error),
            },
        };
        first.extend(contact.map(|contact| contact.address));
        order(&mut first, &local);
        let connection = connect(first, more, pin)
            .await
            .map_err(|error| match (error, trust) {
                (DialError::Fingerprint, Trust::Known) => NodeErrorCode::FingerprintChanged.into(),
                (error, _) => NodeError::from(error),
            })?;
        if connection.fingerprint == self.fingerprint && self.hosted.borrow().is_some() {
            trust = Trust::Own;
        }
        Ok(Reached {
            connection,
            trust,
            meeting_id: address.meeting_id,
            address: Some(key),
        })
    }

    async fn remember(&self, target: &Target, contact: Contact, address: Option<String>) {
        let fingerprint = contact.fingerprint;
        match target {
            Target::Meeting { meeting_id: key } | Target::Address { text: key } => {
                self.contacts.remember(key, contact);
            }
        }
        if let Some(address) = address {
            let known_hosts = Arc::clone(&self.known_hosts);
            let write = tokio::task::spawn_blocking(move || {
                known_hosts.remember(&address, &fingerprint, SystemTime::now());
            });
            if let Err(error) = write.await {
                tracing::warn!(%error, "a known host was not remembered");
            }
        }
    }
}

async fn connect(
    first: Vec<SocketAddr>,
    more: impl Stream<Item = SocketAddr>,
    pin: Pin,
) -> Result<Secure, DialError> {
    let config = client_config(pin).map_err(|error| DialError::Unreachable(error.to_string()))?;
    race(first, more, |address| {
        Secure::connect(address, Arc::clone(&config))
    })
    .await
}

/// Waits until the meeting is in the list, at most [`SEEK`]; not at all where nothing can be looked for.
async fn seek(watch: &Watch, meeting_id: &str) -> Option<Found> {
    let (mut found, mut state) = (watch.found(), watch.state());
    let there = |found: &Arc<[Found]>| found.iter().any(|found| found.meeting_id == meeting_id);
    let futile = |state: &DiscoveryState| match state {
        DiscoveryState::NoNetwork | DiscoveryState::Failed { .. } => true,
        DiscoveryState::Off | DiscoveryState::On { .. } => false,
    };
    let list = tokio::select! {
        biased;
        list = found.wait_for(there) => Arc::clone(&*list.ok()?),
        _ = state.wait_for(futile) => return None,
        () = tokio::time::sleep(SEEK) => return None,
    };
    list.iter()
        .find(|found| found.meeting_id == meeting_id)
        .cloned()
}

fn addresses_of(found: &[Found], meeting_id: &str) -> Vec<SocketAddr> {
    found
        .iter()
        .filter(|found| found.meeting_id == meeting_id)
        .flat_map(|found| found.addresses.iter().copied())
        .collect()
}

/// All addresses of the meeting after each change of the list; the race knows which are new.
fn further_addresses(
    found: watch::Receiver<Arc<[Found]>>,
    meeting_id: String,
) -> impl Stream<Item = SocketAddr> {
    let waiting: VecDeque<SocketAddr> = addresses_of(&found.borrow(), &meeting_id).into();
    stream::unfold(
        (found, meeting_id, waiting),
        |(mut found, meeting_id, mut waiting)| async move {
            loop {
                if let Some(address) = waiting.pop_front() {
                    return Some((address, (found, meeting_id, waiting)));
                }
                found.changed().await.ok()?;
                waiting = addresses_of(&found.borrow_and_update(), &meeting_id).into();
            }
        },
    )
}
