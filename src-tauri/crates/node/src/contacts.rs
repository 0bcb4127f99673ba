//! Hosts reached before in this run: how a meeting is found again after its connection was lost, and where it is when another hosts it.
//!
//! An advertisement that comes later under the same meeting id, from whomever, adds addresses to try and nothing else: the host
//! there has to show the meeting's chain, or the fingerprint of the first contact where the id certifies nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::fingerprint::Fingerprint;

/// Contacts kept: one process visits few meetings.
const CONTACTS: usize = 64;
/// Meetings that this node may be in at a time, and some.
const MOVES: usize = 8;
/// Names of one meeting.
const NAMES: usize = 8;

/// A host as it was last reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// None until the host was asked.
    pub(crate) meeting_id: Option<String>,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) address: SocketAddr,
}

/// Contacts by what the page calls them: a meeting id, or the text of an address.
#[derive(Debug, Default)]
pub(crate) struct Contacts(Mutex<VecDeque<(String, Contact)>>);

impl Contacts {
    pub(crate) fn get(&self, key: &str) -> Option<Contact> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, contact)| contact.clone())
    }

    /// Keeps the latest; a meeting id once learnt is not forgotten.
    pub(crate) fn remember(&self, key: &str, mut contact: Contact) {
        let mut contacts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = contacts.iter().position(|(known, _)| known == key)
            && let Some((_, earlier)) = contacts.remove(index)
        {
            contact.meeting_id = contact.meeting_id.or(earlier.meeting_id);
        }
        contacts.push_back((key.to_owned(), contact));
        if contacts.len() > CONTACTS {
            contacts.pop_front();
        }
    }
}

/// Where a meeting is that has another host now, as its chain of hosts shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// Where it was joined. Should its host be gone, another may be known in a moment.
    AsJoined,
    /// Here.
    Own,
    At {
        fingerprint: Fingerprint,
        addresses: Vec<SocketAddr>,
    },
}

/// The meetings that this node is in, by all that pages call them.
#[derive(Debug)]
pub(crate) struct Moves(watch::Sender<Vec<Move>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Move {
    meeting_id: String,
    /// Texts of addresses and links by which pages came.
    names: Vec<String>,
    whereabouts: Whereabouts,
}

impl Default for Moves {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Moves {
    /// A page is in the meeting, and calls it by this name.
    pub(crate) fn joined(&self, meeting_id: &str, name: &str) {
        self.0.send_modify(|moves| {
            change(moves, meeting_id, |known| {
                known.names.retain(|known| known != name);
                known.names.push(name.to_owned());
                if known.names.len() > NAMES {
                    known.names.remove(0);
                }
            });
        });
    }

    pub(crate) fn set(&self, meeting_id: &str, whereabouts: Whereabouts) {
        self.0.send_modify(|moves| {
            change(moves, meeting_id, |known| known.whereabouts = whereabouts);
        });
    }

    /// This node is not in the meeting any more.
    pub(crate) fn forget(&self, meeting_id: &str) {
        self.0
            .send_modify(|moves| moves.retain(|known| known.meeting_id != meeting_id));
    }

    /// The meeting's id and where it is.
    pub(crate) fn get(&self, name: &str) -> Option<(String, Whereabouts)> {
        find(&self.0.borrow(), name)
    }

    /// Waits until it is elsewhere than it `was`. For ever, if it stays.
    pub(crate) async fn changed(
        &self,
        name: &str,
        was: &Whereabouts,
    ) -> Option<(String, Whereabouts)> {
        let elsewhere = |moves: &Vec<Move>| find(moves, name).is_none_or(|(_, now)| now != *was);
        let mut moves = self.0.subscribe();
        let moves = moves.wait_for(elsewhere).await.ok()?;
        find(&moves, name)
    }
}

fn change(moves: &mut Vec<Move>, meeting_id: &str, change: impl FnOnce(&mut Move)) {
    let known = moves
        .iter()
        .position(|known| known.meeting_id == meeting_id);
    let mut known = match known {
        Some(place) => moves.remove(place),
        None => Move {
            meeting_id: meeting_id.to_owned(),
            names: Vec::new(),
            whereabouts: Whereabouts::AsJoined,
        },
    };
    change(&mut known);
    moves.push(known);
    if moves.len() > MOVES {
        moves.remove(0);
    }
}

fn find(moves: &[Move], name: &str) -> Option<(String, Whereabouts)> {
    moves
        .iter()
        .find(|known| known.meeting_id == name || known.names.iter().any(|it| it == name))
        .map(|known| (known.meeting_id.clone(), known.whereabouts.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(meeting_id: Option<&str>, port: u16) -> Contact {
        Contact {
            meeting_id: meeting_id.map(str::to_owned),
            fingerprint: Fingerprint::of(b"a"),
            address: SocketAddr::from(([10, 0, 0, 1], port)),
        }
    }

    #[test]
    fn the_latest_address_is_kept_with_the_meeting_learnt_before() {
        let contacts = Contacts::default();
        contacts.remember("a", contact(Some("id"), 1));
        contacts.remember("a", contact(None, 2));
        assert_eq!(contacts.get("a"), Some(contact(Some("id"), 2)));
    }

    #[test]
    fn the_number_of_contacts_is_bounded() {
        let contacts = Contacts::default();
        for n in 0..=CONTACTS {
            contacts.remember(&n.to_string(), contact(None, 1));
        }
        assert_eq!(contacts.get("0"), None);
        assert!(contacts.get("1").is_some());
    }
}
