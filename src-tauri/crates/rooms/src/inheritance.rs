//! What a room has from the host before it, and what it hands on: seats by key, roles, who was removed, the chat.

use std::time::Duration;

use landline_protocol::limits::RESTORE_GRACE;
use landline_protocol::{ChatLine, Role};

use crate::room::{Now, Room};
use crate::seat::Presence;

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

/// Who has a seat, as far as keys go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    pub seats: Vec<Seated>,
    /// Keys of people who were removed.
    pub removed: Vec<String>,
}

impl Room {
    /// Takes in what the host before had.
    pub(crate) fn inherit(&mut self) {
        let inherited = &mut self.config.inherited;
        for (key, role) in &inherited.roles {
            // The host of now is so by itself.
            if self.config.host_key.as_ref() != Some(key) {
                self.people.set_role(key, *role);
            }
        }
        for seat in &inherited.seats {
            self.people.let_in(&seat.key);
        }
        for key in &inherited.removed {
            self.people.remove(key);
        }
        let lines = std::mem::take(&mut inherited.chat);
        self.chat.merge(lines);
    }

    /// For how long seats of before the restart are still given back.
    pub(crate) fn restore_grace(&self, now: Now) -> Option<Duration> {
        RESTORE_GRACE
            .checked_sub(now.monotonic)
            .filter(|left| self.config.reopened && !left.is_zero())
    }

    /// Whether the seat `client_id` was that of the holder of `key` at the host before.
    pub(crate) fn inherits(&self, client_id: &str, key: Option<&str>) -> bool {
        key.is_some_and(|key| {
            let mut seats = self.config.inherited.seats.iter();
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
        })
    }
}
