//! The ways to a host: our own, where the meeting has moved, in the list, or at an address.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, stream};
use landline_protocol::node_api::{
    DiscoveryState, HostedMeeting, NodeError, NodeErrorCode, Target, Trust,
};

use super::{Dialer, Reached};
use crate::address::Address;
use crate::contacts::Whereabouts;
use crate::dial::DialError;
use crate::dial::chain::meeting_of;
use crate::dial::chains::{Expected, Shown};
use crate::dial::listed::{addresses_of, further_addresses, seek};
use crate::dial::pin::Pin;
use crate::dial::resolve::{order, resolve};
use crate::error::node_error;

/// How long other addresses are awaited when there are some to try.
const LINGER: Duration = Duration::from_secs(1);
/// How long the next host of a meeting is awaited whose host does not answer: longer than it takes to be sure and to take over.
const SUCCESSION: Duration = Duration::from_secs(6);
/// How often it is sought meanwhile by one who was told of no next host: it may be in the list.
const AGAIN: Duration = Duration::from_secs(1);

impl Dialer {
    /// A meeting that this node is in is sought where it is now; and when its host is gone, its next one is waited for.
    pub(super) async fn reach(&self, target: &Target) -> Result<Reached, NodeError> {
        let (Target::Meeting { meeting_id: name } | Target::Address { text: name }) = target;
        let Some((meeting_id, was)) = self.moves.get(name) else {
            return self.reach_as_named(target).await;
        };
        let attempt = async {
            match self.reach_moved(&meeting_id, &was).await {
                Some(reached) => reached,
                None => self.reach_as_named(target).await,
            }
        };
        let mut next = pin!(self.moves.changed(name, &was));
        let error = tokio::select! {
            biased;
            tried = attempt => match tried {
                Ok(reached) => return Ok(reached),
                Err(error) => error,
            },
            now = &mut next => return match self.reach_now(now).await {
                Some(reached) => reached,
                None => self.reach_as_named(target).await,
            },
        };
        let (mut error, mut end) = (error, pin!(tokio::time::sleep(SUCCESSION)));
        loop {
            let again = async {
                tokio::time::sleep(AGAIN).await;
                Box::pin(self.reach_as_named(target)).await
            };
            tokio::select! {
                biased;
                now = &mut next => {
                    return Box::pin(self.reach_now(now)).await.unwrap_or(Err(error));
                }
                () = &mut end => return Err(error),
                tried = again, if meeting_of(&meeting_id).is_some() => match tried {
                    Ok(reached) => return Ok(reached),
                    Err(failed) => error = failed,
                },
            }
        }
    }

    async fn reach_now(
        &self,
        moved: Option<(String, Whereabouts)>,
    ) -> Option<Result<Reached, NodeError>> {
        let (meeting_id, whereabouts) = moved?;
        self.reach_moved(&meeting_id, &whereabouts).await
    }

    /// None: it is where it was joined.
    async fn reach_moved(
        &self,
        meeting_id: &str,
        whereabouts: &Whereabouts,
    ) -> Option<Result<Reached, NodeError>> {
        let (fingerprint, mut addresses) = match whereabouts {
            Whereabouts::AsJoined => return None,
            Whereabouts::Own => {
                let hosted = self.hosted.borrow().clone();
                let hosted = hosted.filter(|hosted| hosted.meeting_id == meeting_id)?;
                return Some(self.reach_own(hosted).await);
            }
            Whereabouts::At {
                fingerprint,
                addresses,
            } => (*fingerprint, addresses.clone()),
        };
        order(&mut addresses, &self.interfaces.local_addresses());
        let pin = Expected::Pin(Pin::Exactly(fingerprint));
        let reached = self.chains.reach(addresses, stream::empty(), |_| pin).await;
        Some(reached.map_err(NodeError::from).map(|shown| Reached {
            connection: shown.connection,
            trust: Trust::Pinned,
            meeting_id: Some(meeting_id.to_owned()),
            address: None,
            // The chain was shown to this node before.
            is_proven: true,
        }))
    }

    async fn reach_as_named(&self, target: &Target) -> Result<Reached, NodeError> {
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
        let pin = Expected::Pin(Pin::Exactly(self.face.fingerprint()));
        let reached = self
            .chains
            .reach(vec![address], stream::empty(), |_| pin)
            .await?;
        Ok(Reached {
            connection: reached.connection,
            trust: Trust::Own,
            meeting_id: Some(hosted.meeting_id),
            address: None,
            is_proven: true,
        })
    }

    async fn reach_meeting(&self, meeting_id: &str) -> Result<Reached, NodeError> {
        let hosted = self.hosted.borrow().clone();
        if let Some(hosted) = hosted.filter(|hosted| hosted.meeting_id == meeting_id) {
            return self.reach_own(hosted).await;
        }
        let watch = self.discovery.watch();
        let mut found = watch.found();
        let (contact, certain) = (self.contacts.get(meeting_id), meeting_of(meeting_id));
        let places = certain.map_or_else(Vec::new, |meeting| self.chains.places(meeting));
        let pin = match &contact {
            Some(contact) => Some(contact.fingerprint),
            None if !places.is_empty() => None,
            None => seek(&watch, meeting_id)
                .await
                .and_then(|found| found.fingerprint.parse().ok()),
        };
        let expected = match (certain, pin) {
            (Some(meeting), Some(_)) => Expected::Chain(meeting),
            (Some(meeting), None) if !places.is_empty() => Expected::Chain(meeting),
            (None, Some(pin)) => Expected::Pin(Pin::Exactly(pin)),
            (_, None) => return Err(NodeErrorCode::MeetingNotFound.into()),
        };
        let mut first = addresses_of(&found.borrow_and_update(), meeting_id);
        first.extend(contact.map(|contact| contact.address));
        first.extend(places);
        let more = further_addresses(found, meeting_id.to_owned());
        let more = more.take_until(tokio::time::sleep(LINGER));
        order(&mut first, &self.interfaces.local_addresses());
        let reached = match self.chains.reach(first, more, |_| expected).await {
            Ok(reached) => reached,
            Err(error) => {
                if matches!(error, DialError::Unreachable(_) | DialError::Refused) {
                    watch.report_unreachable(meeting_id);
                }
                return Err(error.into());
            }
        };
        Ok(Reached {
            connection: reached.connection,
            trust: Trust::Pinned,
            meeting_id: Some(meeting_id.to_owned()),
            address: None,
            is_proven: reached.is_proven,
        })
    }

    async fn reach_address(&self, text: &str, address: Address) -> Result<Reached, NodeError> {
        let local = self.interfaces.local_addresses();
        let key = address.host_and_port();
        let known = self.known_hosts.expected(&key, SystemTime::now());
        let certain = address.meeting_id.as_deref().and_then(meeting_of);
        let (pin, mut trust) = match (address.fingerprint, known) {
            (Some(fingerprint), _) => (Pin::Exactly(fingerprint), Trust::Pinned),
            (None, _) if certain.is_some() => (Pin::FirstUse, Trust::Pinned),
            (None, Some(fingerprint)) => (Pin::Exactly(fingerprint), Trust::Known),
            (None, None) => (Pin::FirstUse, Trust::FirstUse),
        };
        // Where the host of a link or of an earlier contact is now, the list may know better than its old address.
        // Joining by address alone opens no multicast socket: a link is looked up only while somebody looks anyway.
        let contact = self.contacts.get(text);
        let looking = *self.discovery.state().borrow() != DiscoveryState::Off;
        let seen = contact
            .as_ref()
            .and_then(|contact| contact.meeting_id.clone());
        let sought = seen
            .clone()
            .or_else(|| address.meeting_id.clone().filter(|_| looking));
        // At a bare address may be another meeting by now; everywhere else the one that was seen there.
        let elsewhere = certain.or_else(|| seen.as_deref().and_then(meeting_of));
        let watch = sought.as_ref().map(|_| self.discovery.watch());
        let is_certain = elsewhere.is_some() || matches!(pin, Pin::Exactly(_));
        let more = match (&watch, sought) {
            (Some(watch), Some(meeting_id)) if is_certain => {
                further_addresses(watch.found(), meeting_id)
                    .take_until(tokio::time::sleep(LINGER))
                    .left_stream()
            }
            _ => stream::empty().right_stream(),
        };
        let there = match resolve(&address, &local).await {
            Ok(addresses) => addresses,
            // The name may be gone and the host still there.
            Err(error) => match &contact {
                Some(_) => Vec::new(),
                None => return Err(error),
            },
        };
        let mut first = there.clone();
        first.extend(contact.map(|contact| contact.address));
        order(&mut first, &local);
        first.extend(elsewhere.map_or_else(Vec::new, |meeting| self.chains.places(meeting)));
        let expected = |at: SocketAddr| match (certain, elsewhere) {
            (Some(meeting), _) => Expected::Chain(meeting),
            (None, Some(meeting)) if !there.contains(&at) => Expected::Chain(meeting),
            (None, _) => Expected::Pin(pin),
        };
        let reached = self.chains.reach(first, more, expected).await;
        let Shown {
            connection,
            mut is_proven,
        } = reached.map_err(|error| match (error, trust) {
            (DialError::Fingerprint, Trust::Known) => NodeErrorCode::FingerprintChanged.into(),
            (error, _) => NodeError::from(error),
        })?;
        if connection.fingerprint == self.face.fingerprint() && self.hosted.borrow().is_some() {
            (trust, is_proven) = (Trust::Own, true);
        }
        Ok(Reached {
            address: Some(key).filter(|_| there.contains(&connection.address)),
            meeting_id: address.meeting_id.or_else(|| seen.filter(|_| is_proven)),
            connection,
            trust,
            is_proven,
        })
    }
}
