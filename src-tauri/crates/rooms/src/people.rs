//! Who was here before, by key: what they may do, and whether they may come back.

use std::collections::{HashMap, VecDeque};

use landline_protocol::Role;
use landline_protocol::limits::REMOVED_KEYS;

/// Keys of people who were let in. More than that many in one meeting, and the first ones knock again.
const KNOWN_KEYS: usize = 1_024;

/// What a room remembers of people beyond their seats.
#[derive(Debug, Default)]
pub(crate) struct People {
    roles: HashMap<String, Role>,
    known: VecDeque<String>,
    removed: VecDeque<String>,
}

impl People {
    pub(crate) fn new(host_key: Option<String>) -> Self {
        Self {
            roles: host_key.into_iter().map(|key| (key, Role::Host)).collect(),
            ..Self::default()
        }
    }

    /// Whoever has no key has no role.
    pub(crate) fn role(&self, key: Option<&str>) -> Role {
        key.and_then(|key| self.roles.get(key))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn set_role(&mut self, key: &str, role: Role) {
        if role == Role::Participant {
            self.roles.remove(key);
        } else {
            self.roles.insert(key.to_owned(), role);
        }
    }

    pub(crate) fn is_known(&self, key: &str) -> bool {
        self.roles.contains_key(key) || self.known.iter().any(|known| known == key)
    }

    pub(crate) fn is_removed(&self, key: &str) -> bool {
        self.removed.iter().any(|removed| removed == key)
    }

    pub(crate) fn removed(&self) -> impl Iterator<Item = &str> {
        self.removed.iter().map(String::as_str)
    }

    /// All who are more than participants, in the order of their keys.
    pub(crate) fn roles(&self) -> Vec<(String, Role)> {
        let roles = self.roles.iter();
        let mut roles: Vec<_> = roles.map(|(key, role)| (key.clone(), *role)).collect();
        roles.sort_unstable();
        roles
    }

    pub(crate) fn let_in(&mut self, key: &str) {
        if !self.is_known(key) {
            keep(&mut self.known, key, KNOWN_KEYS);
        }
    }

    /// Whoever was removed may come again.
    pub(crate) fn allow(&mut self, key: &str) {
        self.removed.retain(|removed| removed != key);
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.roles.remove(key);
        self.known.retain(|known| known != key);
        if !self.is_removed(key) {
            keep(&mut self.removed, key, REMOVED_KEYS);
        }
    }
}

fn keep(keys: &mut VecDeque<String>, key: &str, most: usize) {
    keys.push_back(key.to_owned());
    if keys.len() > most {
        keys.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_removed_has_no_role_and_is_not_known() {
        let mut people = People::new(Some("host".into()));
        assert_eq!(people.role(Some("host")), Role::Host);
        people.let_in("ada");
        people.set_role("ada", Role::CoHost);
        people.remove("ada");
        assert_eq!(people.role(Some("ada")), Role::Participant);
        assert!(people.is_removed("ada") && !people.is_known("ada"));
    }

    #[test]
    fn lists_are_bounded() {
        let mut people = People::default();
        for number in 0..=KNOWN_KEYS {
            people.let_in(&number.to_string());
            people.remove(&format!("r{number}"));
        }
        assert!(!people.is_known("0") && people.is_known("1"));
        assert_eq!(people.removed.len(), REMOVED_KEYS);
        assert_eq!(people.known.len(), KNOWN_KEYS);
    }
}
