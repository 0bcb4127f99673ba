//! Hosts reached before in this run: how a meeting is found again after its connection was lost.
//!
//! The fingerprint of the first contact stays the expected one: an advertisement that comes later under the same meeting id,
//! from whomever, adds addresses to try and nothing else.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use crate::fingerprint::Fingerprint;

/// Contacts kept: one process visits few meetings.
const CONTACTS: usize = 64;

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
