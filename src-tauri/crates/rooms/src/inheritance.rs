//! What a room has from the host before it, or from another half of its meeting, and what it hands on: seats by key, roles, who
//! was removed, the chat.

use std::collections::VecDeque;
use std::time::Duration;

use landline_protocol::limits::RESTORE_GRACE;
use landline_protocol::{AccessMode, ChatLine, Role};

use crate::room::{Now, Room};
use crate::seat::Presence;

/// Seats of other hosts that wait for their holders: twice the members of the largest record.
const INHERITED: usize = 128;

/// A seat that was given by another host of the same meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    pub client_id: String,
    /// Of the participant. Whoever proves it gets the seat, without a token.
    pub key: String,
}

/// What a room has from the host before it.
#[derive(Debug, Clone, Default)]
pub struct Inheritance {
    pub seats: Vec<Inherited>,
    /// By key.
    pub roles: Vec<(String, Role)>,
    /// Keys of people who may not come back.
    pub removed: Vec<String>,
    pub chat: Vec<ChatLine>,
}

/// One seat of somebody who has a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    pub client_id: String,
    pub key: String,
    /// Its connection is lost.
    pub away: bool,
}

/// Who has a seat, as far as keys go, and what was ruled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    pub seats: Vec<Seated>,
    /// Keys of people who were removed.
    pub removed: Vec<String>,
    /// By key, of those who are more than participants.
    pub roles: Vec<(String, Role)>,
    /// Who comes in.
    pub mode: AccessMode,
}

/// Seats of other hosts, for their holders to come to.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    seats: VecDeque<Inherited>,
    /// Until then seats of before are given back.
    until: Duration,
}

impl Elsewhere {
    /// Until `until`, counted from the beginning of the room, seats are given back.
    fn open(&mut self, until: Duration, seats: impl IntoIterator<Item = Inherited>) {
        if self.until < until {
            self.until = until;
        }
        for seat in seats {
            self.seats.retain(|known| *known != seat);
            self.seats.push_back(seat);
            if self.seats.len() > INHERITED {
                self.seats.pop_front();
            }
        }
    }

    /// Its holder gave it up here.
    pub(crate) fn forget(&mut self, client_id: &str) {
        self.seats.retain(|seat| seat.client_id != client_id);
    }
}

impl Room {
    /// Takes in what the host before had.
    pub(crate) fn inherit(&mut self) {
        let Inheritance {
            seats,
            roles,
            removed,
            chat,
        } = std::mem::take(&mut self.config.inherited);
        for (key, role) in &roles {
            // The host of now is so by itself.
            if self.config.host_key.as_ref() != Some(key) {
                self.people.set_role(key, *role);
            }
        }
        for seat in &seats {
            self.people.let_in(&seat.key);
        }
        for key in &removed {
            self.people.remove(key);
        }
        self.chat.merge(chat);
        if self.config.reopened {
            self.elsewhere.open(RESTORE_GRACE, seats);
        }
    }

    /// Another half of the meeting comes to this room: its people take their seats here by their keys, as after a restart.
    pub fn inherit_more(&mut self, seats: Vec<Inherited>, now: Now) {
        for seat in &seats {
            if !self.people.is_removed(&seat.key) {
                self.people.let_in(&seat.key);
            }
        }
        self.elsewhere.open(now.monotonic + RESTORE_GRACE, seats);
    }

    /// For how long seats of before the restart, or of another half, are still given back.
    pub(crate) fn restore_grace(&self, now: Now) -> Option<Duration> {
        let left = self.elsewhere.until.checked_sub(now.monotonic);
        left.filter(|left| !left.is_zero())
    }

    /// Whether the seat `client_id` was that of the holder of `key` at another host, and is still given.
    pub(crate) fn inherits(&self, client_id: &str, key: Option<&str>, now: Now) -> bool {
        self.restore_grace(now).is_some()
            && key.is_some_and(|key| {
                let mut seats = self.elsewhere.seats.iter();
                seats.any(|seat| seat.client_id == client_id && seat.key == key)
            })
    }

    /// Who has a seat now, if that changed since this was asked last.
    pub fn take_roster(&mut self) -> Option<Roster> {
        std::mem::take(&mut self.roster_changed).then(|| Roster {
            seats: self
                .seats
                .values()
                .filter_map(|seat| {
                    Some(Seated {
                        client_id: seat.client_id.to_string(),
                        key: seat.key()?.to_owned(),
                        away: matches!(seat.presence, Presence::Away { .. }),
                    })
                })
                .collect(),
            removed: self.people.removed().map(str::to_owned).collect(),
            roles: self.people.roles(),
            mode: self.access.mode,
        })
    }
}
