//! From what the page wants to reach, to a connection with whoever proves to be it.
//!
//! - A meeting of our own: over loopback, with our own certificate.
//! - A meeting seen on the network: its advertised addresses and those of an earlier contact. Each dial looks at the list anew and
//!   goes on looking while it runs, so a host that came back under another address is found.
//! - An address, or a link.
//!
//! A meeting whose id certifies itself is believed by its chain ([`crate::dial::chain`]), whatever certificate was seen before. Any
//! other is pinned to the advertised certificate, to the link's, or to that of an earlier visit, else trusted once and remembered.

mod reach;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use landline_discovery::Discovery;
use landline_protocol::node_api::{
    FoundMeeting, HostedMeeting, NodeError, NodeErrorCode, Target, Trust,
};
use landline_trust::{Code, PublicKey};
use tokio::sync::watch;

use crate::contacts::{Contact, Contacts, Moves};
use crate::dial::chain::meeting_of;
use crate::dial::chains::Chains;
use crate::dial::look;
use crate::dial::prove::{Claim, prove};
use crate::dial::secure::Secure;
use crate::dial::upgrade::{RoomSocket, upgrade};
use crate::error::node_error;
use crate::face::Face;
use crate::fingerprint::Fingerprint;
use crate::interfaces::ChosenInterfaces;
use crate::storage::known_hosts::KnownHosts;

/// Reaches hosts.
pub(crate) struct Dialer {
    pub(crate) discovery: Discovery,
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) known_hosts: Arc<KnownHosts>,
    pub(crate) contacts: Contacts,
    pub(crate) chains: Chains,
    /// Where the meetings are that this node is in.
    pub(crate) moves: Arc<Moves>,
    /// What this node hosts.
    pub(crate) hosted: watch::Receiver<Option<HostedMeeting>>,
    /// This node's own certificate.
    pub(crate) face: Arc<Face>,
    /// The key with which its pages join.
    pub(crate) key: PublicKey,
}

/// A host that was reached, and what is to be remembered once it has shown that it is one.
struct Reached {
    connection: Secure,
    trust: Trust,
    /// The meeting that was asked for.
    meeting_id: Option<String>,
    /// `host:port` of an address, if it was reached there.
    address: Option<String>,
    /// It is this node, or showed the meeting's chain.
    is_proven: bool,
}

/// A connection to a room.
pub(crate) struct Opened {
    pub(crate) socket: RoomSocket,
    /// Of the host's certificate.
    pub(crate) fingerprint: Fingerprint,
    pub(crate) address: SocketAddr,
}

impl Dialer {
    /// Asks a host what it has.
    pub(crate) async fn look(&self, target: &Target) -> Result<FoundMeeting, NodeError> {
        let reached = Box::pin(self.reach(target)).await?;
        let (fingerprint, peer) = (reached.connection.fingerprint, reached.connection.address);
        let (summary, connection) = Box::pin(look::look(reached.connection)).await?;
        if let Some(expected) = &reached.meeting_id
            && *expected != summary.meeting_id
        {
            return Err(node_error(
                NodeErrorCode::MeetingNotFound,
                "that host has another meeting now",
            ));
        }
        if let Some(meeting) = meeting_of(&summary.meeting_id)
            && !reached.is_proven
        {
            Box::pin(self.chains.prove(connection?, meeting)).await?;
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
        let mut reached = Box::pin(self.reach(target)).await?;
        if !reached.is_proven
            && let Some(meeting) = self
                .contact_of(target)
                .and_then(|contact| contact.meeting_id)
            && let Some(meeting) = meeting_of(&meeting)
        {
            // A bare address, at which this meeting was seen.
            let proving = self.chains.prove(reached.connection, meeting);
            reached.connection = Box::pin(proving).await?;
        }
        let claim = match code {
            None => None,
            Some(code) => Some(Claim {
                meeting_id: match &reached.meeting_id {
                    Some(meeting_id) => meeting_id.clone(),
                    // A bare address does not say which meeting the code is for.
                    None => Box::pin(self.look(target)).await?.summary.meeting_id,
                },
                code,
                key: self.key,
            }),
        };
        let fingerprint = reached.connection.fingerprint;
        let host = reached.connection.address;
        let contact = Contact {
            meeting_id: reached.meeting_id,
            fingerprint,
            address: host,
        };
        let mut socket = upgrade(reached.connection).await?;
        if let Some(claim) = &claim {
            prove(&mut socket, claim).await?;
        }
        self.remember(target, contact, reached.address).await;
        Ok(Opened {
            socket,
            fingerprint,
            address: host,
        })
    }

    fn contact_of(&self, target: &Target) -> Option<Contact> {
        let (Target::Meeting { meeting_id: key } | Target::Address { text: key }) = target;
        self.contacts.get(key)
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
