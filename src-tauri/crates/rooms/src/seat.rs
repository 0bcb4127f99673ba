//! One participant's place in the room.

use std::sync::Arc;
use std::time::Duration;

use landline_protocol::{Identity, Limits, MediaState, ParticipantKind, Peer, Role};

use crate::bucket::Bucket;
use crate::outbox::Outbox;
use crate::output::ConnectionId;
use crate::received::Received;

/// Seats in the order in which they were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeatNumber(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) client_id: Arc<str>,
    pub(crate) name: Option<String>,
    pub(crate) kind: Option<ParticipantKind>,
    /// Where its connection comes from.
    pub(crate) addr: Vec<String>,
    pub(crate) state: Option<MediaState>,
    pub(crate) told: Told,
    /// Proven when the seat was taken. The key stays; the certificate may change with the page.
    pub(crate) identity: Option<Identity>,
    pub(crate) presence: Presence,
    pub(crate) wire: Wire,
}

/// What the others know of the state. Where it is not the state itself, they are told when some time has passed: whoever switches
/// back and forth costs each of them no more than that.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) state: Option<MediaState>,
    /// When a state that the seat said itself was told last.
    pub(crate) at: Option<Duration>,
}

/// Between two states that one seat says, as the others hear them.
const STATE_PAUSE: Duration = Duration::from_millis(100);

/// Whether somebody sits there.
#[derive(Debug)]
pub(crate) enum Presence {
    Here(ConnectionId),
    /// The connection is lost; the seat is kept. Only seats with [`Wire::Full`].
    Away {
        until: Duration,
        /// What the lost connection had left to send.
        bucket: Bucket,
    },
}

/// Which messages the client knows.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Those a client without `v` is written for. Its seat ends with its connection.
    Minimal,
    /// All of version 1.
    Full(Progress),
}

/// Both counts of a seat, so that no message is missed and none is done twice.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) outbox: Outbox,
    pub(crate) received: Received,
    /// The counts were started anew, and nothing has come from the client since: it may not know. Until it does, its
    /// `resume.seq` may mean the old count, and nothing can be resumed.
    pub(crate) restarted: bool,
    /// It has given chat back after the restart. Once is enough, and more would be a way to flood.
    pub(crate) gave_history: bool,
}

impl Progress {
    /// `restarted`: the seat was given by an earlier process, with counts of its own.
    pub(crate) fn new(limits: &Limits, restarted: bool) -> Self {
        Self {
            outbox: Outbox::new(limits.replay_messages, limits.replay_bytes),
            received: Received::default(),
            restarted,
            gave_history: false,
        }
    }

    /// Both counts start anew.
    pub(crate) fn restart(&mut self) {
        self.outbox.reset();
        self.received = Received::default();
        self.restarted = true;
    }
}

impl Seat {
    /// When the others are to be told of the state; none if they know it.
    pub(crate) fn state_due(&self) -> Option<Duration> {
        (self.told.state != self.state)
            .then(|| self.told.at.map_or(Duration::ZERO, |at| at + STATE_PAUSE))
    }

    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self.presence {
            Presence::Here(connection) => Some(connection),
            Presence::Away { .. } => None,
        }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.identity.as_ref().map(|identity| identity.key.as_str())
    }

    /// As others see it.
    pub(crate) fn peer(&self, role: Role) -> Peer {
        Peer {
            client_id: self.client_id.to_string(),
            name: self.name.clone(),
            kind: self.kind,
            addr: self.addr.clone(),
            state: self.state,
            away: self.connection().is_none(),
            identity: self.identity.clone(),
            role,
        }
    }

    /// As a minimal client sees it.
    pub(crate) fn minimal_peer(&self) -> Peer {
        Peer {
            client_id: self.client_id.to_string(),
            name: self.name.clone(),
            kind: None,
            addr: Vec::new(),
            state: None,
            away: false,
            identity: None,
            role: Role::Participant,
        }
    }
}
