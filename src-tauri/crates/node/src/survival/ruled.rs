//! Rulings between the room that is open here and the set that all nodes keep. Either side is told what changed on the other, and
//! nothing else: so two changes at the same time do not undo each other.

use std::collections::{BTreeMap, BTreeSet};

use landline_protocol::AccessMode;
use landline_signaling::{Roster, Ruled};
use landline_succession::Input;
use landline_succession::rulings::{Role, Rule, Rulings};
use landline_trust::PublicKey;

use super::driver::Driver;
use super::ordered::{holds, mode_of, role_of, rules_of, wire_role};

/// What counts at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    roles: BTreeMap<PublicKey, Role>,
    banned: BTreeSet<PublicKey>,
    mode: AccessMode,
}

impl Counts {
    pub(super) fn of(rulings: &Rulings) -> Self {
        let banned = rulings.rules().filter_map(|rule| match rule {
            Rule::Ban(key, true) => Some(*key),
            _ => None,
        });
        Self {
            roles: rulings.roles().collect(),
            banned: banned.collect(),
            mode: mode_of(rulings),
        }
    }

    /// What a room has to be told that stood at `before`.
    fn since(&self, before: &Self) -> Vec<Ruled> {
        let mut changes = Vec::new();
        for key in self.banned.difference(&before.banned) {
            changes.push(Ruled::Removed(key.to_string()));
        }
        for key in before.banned.difference(&self.banned) {
            changes.push(Ruled::Allowed(key.to_string()));
        }
        let keys: BTreeSet<&PublicKey> = self.roles.keys().chain(before.roles.keys()).collect();
        for key in keys {
            let role = |counts: &Self| counts.roles.get(key).copied();
            if role(self) != role(before) {
                let role = role(self).unwrap_or(Role::Participant);
                changes.push(Ruled::Role(key.to_string(), wire_role(role)));
            }
        }
        if self.mode != before.mode {
            changes.push(Ruled::Access(self.mode));
        }
        changes
    }
}

impl Driver {
    /// The set has changed. A room that is open here does what is new.
    pub(super) async fn rulings_changed(&mut self) {
        let counts = Counts::of(self.survivor.rulings());
        let changes = counts.since(&self.counts);
        self.counts = counts;
        let Some(node) = self.node.upgrade().filter(|_| self.orders.is_hosting()) else {
            return;
        };
        let meeting = node.hosting.meeting.borrow().clone();
        if let Some(meeting) = meeting.filter(|_| !changes.is_empty()) {
            meeting.ruled(changes).await;
        }
    }

    /// The room has changed. Moderators who have a node sign what they ordered; this one signs it for those who have none, and in
    /// case that the other is gone before it did.
    pub(super) fn room_ruled(&mut self, before: &Roster, now: &Roster) {
        let mut rules = Vec::new();
        let key_of = |key: &String| PublicKey::from_text(key).ok();
        let removed = now.removed.iter();
        let removed = removed.filter(|key| !before.removed.contains(key));
        rules.extend(removed.filter_map(key_of).map(|key| Rule::Ban(key, true)));
        for (key, role) in &now.roles {
            if !before.roles.contains(&(key.clone(), *role)) {
                rules.extend(key_of(key).map(|key| Rule::Role(key, role_of(*role))));
            }
        }
        for (key, _) in &before.roles {
            let is_removed = now.removed.contains(key);
            if !is_removed && !now.roles.iter().any(|(other, _)| other == key) {
                rules.extend(key_of(key).map(|key| Rule::Role(key, Role::Participant)));
            }
        }
        if before.mode != now.mode {
            rules.extend(rules_of(now.mode));
        }
        self.rule(rules);
    }

    /// Signs what does not hold yet.
    pub(super) fn rule(&mut self, rules: Vec<Rule>) {
        for rule in rules {
            if !holds(&rule, self.survivor.rulings()) {
                self.feed(Input::Rule(rule));
            }
        }
    }
}
