//! Reaching the hosts of meetings whose ids certify themselves, and what was seen of their chains in this run.
//!
//! Invariant: of a meeting whose chain was seen, one that has fewer hosts is not taken while the host of the longer one answers:
//! a host of earlier shows an old claim that is good in itself. If it does not answer, both are true: the network is split.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use landline_succession::{Kind, MeetingId, Member};
use landline_trust::PublicKey;

use crate::dial::DialError;
use crate::dial::chain::{Proven, prove};
use crate::dial::pin::{Pin, client_config};
use crate::dial::race::race;
use crate::dial::secure::Secure;
use crate::fingerprint::Fingerprint;

/// Meetings remembered: one process visits few.
const MEETINGS: usize = 64;
/// Addresses of one meeting's apps: as many as one dial tries.
const PLACES: usize = 16;
/// How long a host that was seen before has to answer: on a local network milliseconds.
const STILL_THERE: Duration = Duration::from_millis(1_500);

/// What whoever answers has to show.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    Pin(Pin),
    /// That it is the meeting's host, with whatever certificate.
    Chain(MeetingId),
}

/// Whoever answered as expected.
pub(crate) struct Shown {
    pub(crate) connection: Secure,
    /// By a chain.
    pub(crate) is_proven: bool,
}

/// The longest chain of a meeting that was seen.
#[derive(Debug, Clone)]
struct Seen {
    meeting: MeetingId,
    epoch: u32,
    fingerprint: Fingerprint,
    /// Where its host is.
    host: Vec<SocketAddr>,
    /// Where its host may be next: the apps in it, as they follow.
    heirs: Vec<SocketAddr>,
}

/// The chains of this run.
#[derive(Debug)]
pub(crate) struct Chains {
    own: PublicKey,
    /// The least recently seen first.
    seen: Mutex<VecDeque<Seen>>,
}

impl Chains {
    pub(crate) fn new(own: PublicKey) -> Self {
        Self {
            own,
            seen: Mutex::default(),
        }
    }

    /// Where the meeting was or may be by now.
    pub(crate) fn places(&self, meeting: MeetingId) -> Vec<SocketAddr> {
        self.get(meeting)
            .map(|seen| [seen.host, seen.heirs].concat())
            .unwrap_or_default()
    }

    /// The first that shows what is expected at its address.
    pub(crate) async fn reach(
        &self,
        first: Vec<SocketAddr>,
        more: impl Stream<Item = SocketAddr>,
        expected: impl Fn(SocketAddr) -> Expected,
    ) -> Result<Shown, DialError> {
        let attempt = |address| self.attempt(address, expected(address));
        match race(first, more, attempt).await? {
            Answered::Pinned(connection) => Ok(Shown {
                connection: *connection,
                is_proven: false,
            }),
            Answered::Proven(proven) => Ok(Shown {
                connection: self.latest(*proven).await,
                is_proven: true,
            }),
        }
    }

    /// Has whoever is at the other end prove that it is the meeting's host. The connection, or one to its host of now.
    pub(crate) async fn prove(
        &self,
        connection: Secure,
        meeting: MeetingId,
    ) -> Result<Secure, DialError> {
        let proven = prove(connection, meeting, self.own).await?;
        Ok(self.latest(proven).await)
    }

    async fn attempt(
        &self,
        address: SocketAddr,
        expected: Expected,
    ) -> Result<Answered, DialError> {
        let pin = match expected {
            Expected::Pin(pin) => pin,
            Expected::Chain(_) => Pin::FirstUse,
        };
        let config =
            client_config(pin).map_err(|error| DialError::Unreachable(error.to_string()))?;
        let connection = Secure::connect(address, config).await?;
        match expected {
            Expected::Pin(_) => Ok(Answered::Pinned(Box::new(connection))),
            Expected::Chain(meeting) => {
                let proven = prove(connection, meeting, self.own).await?;
                Ok(Answered::Proven(Box::new(proven)))
            }
        }
    }

    /// The host of the longer chain, if that one is another and answers.
    async fn latest(&self, proven: Proven) -> Secure {
        let meeting = proven.claim.founding().id();
        let (epoch, fingerprint) = (proven.claim.header().epoch, proven.connection.fingerprint);
        let later = self
            .get(meeting)
            .filter(|seen| seen.epoch > epoch && seen.fingerprint != fingerprint);
        let mut latest = proven;
        if let Some(later) = later {
            let pin = Pin::Exactly(later.fingerprint);
            let asked = race(later.host, stream::empty(), |address| async move {
                let config = client_config(pin)
                    .map_err(|error| DialError::Unreachable(error.to_string()))?;
                let connection = Secure::connect(address, config).await?;
                prove(connection, meeting, self.own).await
            });
            let asked = tokio::time::timeout(STILL_THERE, Box::pin(asked)).await;
            if let Ok(Ok(still)) = asked
                && still.claim.header().epoch > epoch
            {
                tracing::info!("a host of earlier still says that it has the meeting");
                latest = still;
            }
        }
        self.remember(&latest);
        latest.connection
    }

    fn get(&self, meeting: MeetingId) -> Option<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().find(|seen| seen.meeting == meeting).cloned()
    }

    /// Keeps what the longer chain says.
    fn remember(&self, proven: &Proven) {
        let Proven { connection, claim } = proven;
        let is_there = |address: &SocketAddr| {
            // What is on this machine means something to those on it alone.
            !address.ip().is_loopback() || connection.address.ip().is_loopback()
        };
        let mut places = claim.record().members().iter().map(|member| {
            let places = addresses_of(member).filter(is_there);
            places.take(PLACES).collect::<Vec<_>>()
        });
        let mut host = places.next().unwrap_or_default();
        host.retain(|address| *address != connection.address);
        host.insert(0, connection.address);
        let now = Seen {
            meeting: claim.founding().id(),
            epoch: claim.header().epoch,
            fingerprint: connection.fingerprint,
            host,
            heirs: places.flatten().take(PLACES).collect(),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = seen.iter().position(|seen| seen.meeting == now.meeting) {
            if seen.get(place).is_some_and(|seen| seen.epoch > now.epoch) {
                return;
            }
            seen.remove(place);
        }
        seen.push_back(now);
        if seen.len() > MEETINGS {
            seen.pop_front();
        }
    }
}

/// One attempt's end.
enum Answered {
    Pinned(Box<Secure>),
    Proven(Box<Proven>),
}

fn addresses_of(member: &Member) -> impl Iterator<Item = SocketAddr> {
    let addresses = match &member.kind {
        Kind::App { addresses, .. } => addresses.as_slice(),
        Kind::Guest => &[],
    };
    addresses.iter().filter_map(|address| address.parse().ok())
}
