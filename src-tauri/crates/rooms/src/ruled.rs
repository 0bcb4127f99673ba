//! What moderators ruled elsewhere in the meeting, in another half or before this host knew of it: it holds here as well.

use landline_protocol::{AccessMode, Role};

use crate::authority::Authority;
use crate::room::{Now, Room};
use crate::seat::Seat;

/// One thing that was ruled. Whoever tells it has checked that its author might.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruled {
    /// The holder of this key has this role.
    Role(String, Role),
    /// The holder of this key was sent out.
    Removed(String),
    /// The holder of this key may come again.
    Allowed(String),
    /// Who comes in. Not closed any more is `Open`, with a code where there was one.
    Access(AccessMode),
}

impl Room {
    /// Carries out what is not so here yet.
    pub fn ruled(&mut self, rulings: Vec<Ruled>, now: Now, authority: &mut dyn Authority) {
        for ruling in rulings {
            match ruling {
                Ruled::Role(key, role) => self.give_role_to(&key, role),
                Ruled::Removed(key) => self.removed_elsewhere(&key, now, authority),
                Ruled::Allowed(key) => {
                    self.people.allow(&key);
                    self.roster_changed = true;
                }
                Ruled::Access(mode) => self.access_elsewhere(mode, now, authority),
            }
        }
        self.tell_summary();
    }

    /// Whether a code is needed is no matter of rulings: it is as it was here.
    fn access_elsewhere(&mut self, mode: AccessMode, now: Now, authority: &mut dyn Authority) {
        let is_closed = |mode| matches!(mode, AccessMode::Lobby | AccessMode::Locked);
        if mode == self.access.mode || !is_closed(mode) && !is_closed(self.access.mode) {
            return;
        }
        let mode = if mode == AccessMode::Open && self.had_code {
            AccessMode::Code
        } else {
            mode
        };
        let access = authority.access(mode);
        self.set_access(access, now, authority);
    }

    fn removed_elsewhere(&mut self, key: &str, now: Now, authority: &mut dyn Authority) {
        if self.people.is_removed(key) {
            return;
        }
        self.expel_key(key, now);
        // Whoever was sent out knows the code. Whether the door stays open is a ruling of its own.
        if self.access.mode == AccessMode::Code {
            let access = authority.access(AccessMode::Code);
            self.set_access(access, now, authority);
        }
    }

    /// Refuses a key from now on, and sends its seats out.
    pub(crate) fn expel_key(&mut self, key: &str, now: Now) {
        self.people.remove(key);
        self.roster_changed = true;
        let seats = self.seats.iter();
        let seats = seats.filter(|(_, seat)| seat.key() == Some(key));
        let seats: Vec<_> = seats.map(|(number, _)| *number).collect();
        for number in seats {
            self.show_out(number, now);
        }
    }

    /// To all seats of that person's key.
    pub(crate) fn give_role_to(&mut self, key: &str, role: Role) {
        let before = self.people.role(Some(key));
        if before == role || self.people.is_removed(key) {
            return;
        }
        self.people.set_role(key, role);
        self.roster_changed = true;
        let seats = self.seats.iter();
        let seats: Vec<_> = seats
            .filter(|(_, seat)| seat.key() == Some(key))
            .map(|(number, seat): (_, &Seat)| (*number, seat.client_id.to_string()))
            .collect();
        for (number, client_id) in seats {
            self.tell_role(number, client_id, before, role);
        }
    }
}
