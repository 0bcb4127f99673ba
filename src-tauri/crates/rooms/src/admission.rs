//! Who comes in: at once, after knocking, or not at all.
//!
//! Whoever was let in before comes in again without code or knocking, as long as it proves the same key; who was removed
//! does not. A connection that knocks has no seat; it is let in, refused, or gives up.

use landline_protocol::limits::{HANDSHAKE, KNOCKS};
use landline_protocol::{
    Access, AccessMode, ErrorCode, Join, Knock, LeaveReason, Role, ServerMessage,
};

use crate::authority::{Authority, Refusal};
use crate::output::{CloseReason, ConnectionId, Output, body_of};
use crate::room::{Now, Room, Stage};
use crate::seat::{Seat, SeatNumber};

/// Somebody at the door.
#[derive(Debug)]
pub(crate) struct Knocking {
    pub(crate) id: u32,
    /// What it will join with.
    pub(crate) join: Join,
}

pub(crate) enum Admission {
    In,
    /// Somebody has to open.
    Knock,
}

impl Room {
    /// Whether a newcomer comes in.
    pub(crate) fn admission(
        &self,
        connection: ConnectionId,
        join: &Join,
        now: Now,
        authority: &mut dyn Authority,
    ) -> Result<Admission, Refusal> {
        let key = key_of(join);
        if key.is_some_and(|key| self.people.is_removed(key)) {
            return Err(ErrorCode::Removed.into());
        }
        if key.is_some_and(|key| self.people.is_known(key)) {
            return Ok(Admission::In);
        }
        // A minimal client does not know how to ask, and waits for `joined` in any case.
        let knocks = join.knock || join.v.is_none();
        let needed = match self.access.mode {
            AccessMode::Open => return Ok(Admission::In),
            AccessMode::Locked => return Err(ErrorCode::Locked.into()),
            AccessMode::Lobby => ErrorCode::KnockNeeded,
            AccessMode::Code => {
                if authority.clears(connection, join, &self.access, now.monotonic)? {
                    return Ok(Admission::In);
                }
                ErrorCode::CodeNeeded
            }
        };
        if knocks {
            Ok(Admission::Knock)
        } else {
            Err(needed.into())
        }
    }

    /// Lets a connection wait at the door.
    pub(crate) fn knock(&mut self, connection: ConnectionId, join: Join) {
        let waiting = self.knocking().count();
        if waiting >= KNOCKS {
            return self.refuse(connection, ErrorCode::RoomFull);
        }
        let Some(open) = self.connections.get_mut(&connection) else {
            return;
        };
        self.next_knock = self.next_knock.wrapping_add(1);
        let knocking = Knocking {
            id: self.next_knock,
            join,
        };
        let knock = describe(&knocking);
        let full = knocking.join.v.is_some();
        open.stage = Stage::Knocking(Box::new(knocking));
        if full {
            let waiting = ServerMessage::Waiting {
                room_id: self.config.meeting_id.clone(),
            };
            self.reply(connection, &waiting);
        }
        self.tell_moderators(&ServerMessage::Knock {
            room_id: self.config.meeting_id.clone(),
            knock,
        });
    }

    /// Who waits, in the order in which they came.
    pub(crate) fn knocks(&self) -> Vec<Knock> {
        let mut knocks: Vec<Knock> = self.knocking().map(|(_, it)| describe(it)).collect();
        knocks.sort_by_key(|knock| knock.id);
        knocks
    }

    /// Lets in the one with this id, or all.
    pub(crate) fn admit(&mut self, id: Option<u32>, now: Now, authority: &mut dyn Authority) {
        for connection in self.at_the_door(id) {
            if let Some(Knocking { id, join }) = self.open_door(connection, now) {
                self.knock_ended(id);
                self.take_seat(connection, join, None, now, authority);
            }
        }
    }

    /// Sends away the one with this id, or all.
    pub(crate) fn turn_away(&mut self, id: Option<u32>, now: Now) {
        for connection in self.at_the_door(id) {
            if let Some(Knocking { id, .. }) = self.open_door(connection, now) {
                self.knock_ended(id);
                self.refuse(connection, ErrorCode::NotAdmitted);
                self.drop_connection(connection, CloseReason::Policy, now);
            }
        }
    }

    /// It knocks no more; the connection is as before its `join`.
    pub(crate) fn open_door(&mut self, connection: ConnectionId, now: Now) -> Option<Knocking> {
        let open = self.connections.get_mut(&connection)?;
        let joining = Stage::Joining {
            until: now.monotonic + HANDSHAKE,
        };
        match std::mem::replace(&mut open.stage, joining) {
            Stage::Knocking(knocking) => Some(*knocking),
            before => {
                open.stage = before;
                None
            }
        }
    }

    pub(crate) fn knock_ended(&mut self, id: u32) {
        self.tell_moderators(&ServerMessage::KnockEnded {
            room_id: self.config.meeting_id.clone(),
            id,
        });
    }

    /// Another way to come in. With an open door nobody waits before it any more.
    pub(crate) fn set_access(&mut self, access: Access, now: Now, authority: &mut dyn Authority) {
        self.access = access;
        match self.access.mode {
            AccessMode::Open => self.had_code = false,
            AccessMode::Code => self.had_code = true,
            AccessMode::Lobby | AccessMode::Locked => {}
        }
        self.roster_changed = true;
        // With a new code the summary says the same, and those who have the code have to know.
        self.put(Output::SummaryChanged);
        let message = ServerMessage::Access {
            room_id: self.config.meeting_id.clone(),
            access: self.access.clone(),
        };
        let body = body_of(&message);
        for number in self.numbers_but(None) {
            self.post(number, Some(&body), None);
        }
        match self.access.mode {
            AccessMode::Open => self.admit(None, now, authority),
            AccessMode::Locked => self.turn_away(None, now),
            AccessMode::Code | AccessMode::Lobby => {}
        }
    }

    /// Sends all seats of a key out, or the one seat of somebody without a key.
    pub(crate) fn expel(&mut self, number: SeatNumber, now: Now, authority: &mut dyn Authority) {
        let key = self
            .seats
            .get(&number)
            .and_then(Seat::key)
            .map(str::to_owned);
        match key {
            Some(key) => self.expel_key(&key, now),
            None => self.show_out(number, now),
        }
        // Whoever was sent out knows the code, and may come with another key.
        let mode = match self.access.mode {
            AccessMode::Open => AccessMode::Lobby,
            mode => mode,
        };
        let access = authority.access(mode);
        self.set_access(access, now, authority);
    }

    /// Ends the seat of somebody who was sent out, and its connection.
    pub(crate) fn show_out(&mut self, number: SeatNumber, now: Now) {
        let connection = self.seats.get(&number).and_then(Seat::connection);
        self.vacate(number, LeaveReason::Removed, now);
        if let Some(connection) = connection {
            self.refuse(connection, ErrorCode::Removed);
            self.drop_connection(connection, CloseReason::Removed, now);
        }
    }

    /// Tells hosts and co-hosts.
    pub(crate) fn tell_moderators(&mut self, message: &ServerMessage) {
        let body = body_of(message);
        for number in self.numbers_but(None) {
            if self.role_of(number) >= Role::CoHost {
                self.post(number, Some(&body), None);
            }
        }
    }

    fn at_the_door(&self, id: Option<u32>) -> Vec<ConnectionId> {
        let mut waiting: Vec<(u32, ConnectionId)> = self
            .knocking()
            .filter(|(_, knocking)| id.is_none_or(|id| id == knocking.id))
            .map(|(connection, knocking)| (knocking.id, connection))
            .collect();
        waiting.sort_unstable();
        waiting
            .into_iter()
            .map(|(_, connection)| connection)
            .collect()
    }

    fn knocking(&self) -> impl Iterator<Item = (ConnectionId, &Knocking)> {
        self.connections
            .iter()
            .filter_map(|(connection, open)| match &open.stage {
                Stage::Knocking(knocking) => Some((*connection, knocking.as_ref())),
                Stage::Joining { .. } | Stage::Seated(_) => None,
            })
    }
}

pub(crate) fn key_of(join: &Join) -> Option<&str> {
    join.identity.as_ref().map(|identity| identity.key.as_str())
}

fn describe(knocking: &Knocking) -> Knock {
    Knock {
        id: knocking.id,
        name: knocking.join.name.clone(),
        kind: knocking.join.kind,
        key: key_of(&knocking.join).map(str::to_owned),
    }
}
