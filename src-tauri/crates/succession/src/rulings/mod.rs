//! Roles, bans, lock and lobby as a set of signed rulings, which travels as the chat does: what was ruled in one half holds in
//! both when they meet again.
//!
//! In order of their clocks, each counts if its author was a moderator by those before it; about roles, only if it was a host. The
//! founder is one from the start, and so are the hosts of the chain, for somebody has to be. Nobody but a host removes the founder
//! or somebody who was made a host, and nobody but the founder takes its role. Of several about the same thing the last counts.
//! Rulings of people who never were moderators are not kept. Ruling in the past, below the clock of one's own dismissal, is possible: it is what two
//! halves do. It cannot undo what was ruled since.

mod ruling;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{Hash, MeetingId, short};
use crate::limits::{CLOCK_LEAP, RULINGS};
use crate::signer::Signer;
use crate::wire::Writer;

use ruling::Subject;
pub use ruling::{Role, Rule, Ruling};

type Place = (u64, PublicKey, Rule);

/// All rulings that one participant knows, and what follows from them.
#[derive(Debug, Default)]
pub struct Rulings {
    kept: BTreeMap<Place, Arc<Ruling>>,
    founder: Option<PublicKey>,
    /// Hosts from the start: the founder and the hosts of the chain.
    born: BTreeSet<PublicKey>,
    /// Those and everybody who was ever made one.
    ever: BTreeSet<PublicKey>,
    now: BTreeMap<Subject, Rule>,
    digest: u64,
    clock: u64,
}

impl Rulings {
    /// The founder and the hosts of the chain that counts now.
    pub(crate) fn set_hosts(&mut self, founder: PublicKey, hosts: impl Iterator<Item = PublicKey>) {
        let born: BTreeSet<PublicKey> = hosts.chain([founder]).collect();
        if born != self.born {
            self.founder = Some(founder);
            self.born = born;
            self.settle();
        }
    }

    pub fn role(&self, key: &PublicKey) -> Role {
        match self.now.get(&Subject::Role(*key)) {
            Some(Rule::Role(_, role)) => *role,
            _ if self.born.contains(key) => Role::Host,
            _ => Role::Participant,
        }
    }

    /// All who are more than participants.
    pub fn roles(&self) -> impl Iterator<Item = (PublicKey, Role)> {
        let ruled = self.now.keys().filter_map(|subject| match subject {
            Subject::Role(key) => Some(key),
            Subject::Ban(_) | Subject::Lock | Subject::Lobby => None,
        });
        let keys: BTreeSet<PublicKey> = self.born.iter().chain(ruled).copied().collect();
        keys.into_iter()
            .map(|key| (key, self.role(&key)))
            .filter(|(key, role)| *role != Role::Participant && !self.is_banned(key))
    }

    /// Whether somebody may rule this, by what counts now.
    fn may(&self, author: &PublicKey, rule: &Rule) -> bool {
        let is_founder = |key: &PublicKey| self.founder.as_ref() == Some(key);
        let was_made_host = |key: &PublicKey| {
            let ruled = self.now.get(&Subject::Role(*key));
            matches!(ruled, Some(Rule::Role(_, Role::Host)))
        };
        let needed = match rule {
            Rule::Role(key, _) if is_founder(key) && !is_founder(author) => return false,
            Rule::Ban(key, true) if is_founder(key) || was_made_host(key) => Role::Host,
            Rule::Role(..) => Role::Host,
            Rule::Ban(..) | Rule::Lock(_) | Rule::Lobby(_) => Role::Moderator,
        };
        self.role(author) >= needed
    }

    pub fn is_banned(&self, key: &PublicKey) -> bool {
        matches!(self.now.get(&Subject::Ban(*key)), Some(Rule::Ban(_, true)))
    }

    pub fn is_locked(&self) -> bool {
        matches!(self.now.get(&Subject::Lock), Some(Rule::Lock(true)))
    }

    pub fn has_lobby(&self) -> bool {
        matches!(self.now.get(&Subject::Lobby), Some(Rule::Lobby(true)))
    }

    /// What counts now.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.now.values()
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    /// For the record.
    pub(crate) fn hash(&self) -> Hash {
        let mut writer = Writer::default();
        for ruling in self.kept.values() {
            ruling.write(&mut writer);
        }
        Statement::new("rulings").field(&writer.done()).hash()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.kept.values().map(|ruling| ruling.id).collect()
    }

    /// Rulings whose ids are not among `have`, oldest first, so that who makes a moderator comes before what that one rules.
    pub(crate) fn lacking(&self, have: &[u64]) -> Vec<Arc<Ruling>> {
        let have: HashSet<u64> = have.iter().copied().collect();
        self.kept
            .values()
            .filter(|ruling| !have.contains(&ruling.id))
            .cloned()
            .collect()
    }

    /// A ruling of this participant. Nothing if it may not rule, or too much was ruled.
    pub(crate) fn rule(
        &mut self,
        meeting: MeetingId,
        rule: Rule,
        signer: &dyn Signer,
    ) -> Option<Arc<Ruling>> {
        let author = signer.public();
        if !self.may(&author, &rule) || self.kept.len() >= RULINGS {
            return None;
        }
        let mut ruling = Ruling {
            author,
            clock: self.clock + 1,
            rule,
            signature: Signature::from_bytes([0; 64]),
            id: 0,
        };
        let statement = ruling.statement(meeting);
        ruling.signature = signer.sign(&statement)?;
        ruling.id = short(&statement);
        let ruling = Arc::new(ruling);
        self.keep(ruling.clone());
        Some(ruling)
    }

    /// Somebody else's. Whether it is new, and kept.
    pub(crate) fn take(
        &mut self,
        meeting: MeetingId,
        ruling: &Arc<Ruling>,
        signer: &dyn Signer,
    ) -> bool {
        let place = (ruling.clock, ruling.author, ruling.rule);
        if self.kept.contains_key(&place)
            || self.kept.len() >= RULINGS
            || ruling.clock > self.clock.saturating_add(CLOCK_LEAP)
            || !self.ever.contains(&ruling.author)
        {
            return false;
        }
        let statement = ruling.statement(meeting);
        if !signer.verifies(&ruling.author, &statement, &ruling.signature) {
            return false;
        }
        self.keep(Arc::new(Ruling {
            id: short(&statement),
            ..Ruling::clone(ruling)
        }));
        true
    }

    fn keep(&mut self, ruling: Arc<Ruling>) {
        self.kept
            .insert((ruling.clock, ruling.author, ruling.rule), ruling);
        self.settle();
    }

    /// Works out what counts, and forgets what never can.
    fn settle(&mut self) {
        self.ever.clone_from(&self.born);
        loop {
            let before = self.ever.len();
            for ruling in self.kept.values() {
                if let Rule::Role(key, Role::Moderator | Role::Host) = ruling.rule
                    && self.ever.contains(&ruling.author)
                {
                    self.ever.insert(key);
                }
            }
            if self.ever.len() == before {
                break;
            }
        }
        let ever = &self.ever;
        self.kept.retain(|(_, author, _), _| ever.contains(author));
        self.now.clear();
        let rulings: Vec<Arc<Ruling>> = self.kept.values().cloned().collect();
        for ruling in rulings {
            if self.may(&ruling.author, &ruling.rule) {
                self.now.insert(ruling.rule.subject(), ruling.rule);
            }
        }
        self.digest = self.kept.values().fold(0, |sum, ruling| sum ^ ruling.id);
        self.clock = self
            .kept
            .keys()
            .map(|(clock, ..)| *clock)
            .max()
            .unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use landline_trust::SigningKey;

    use super::*;

    const MEETING: MeetingId = MeetingId([1; 16]);

    fn key() -> SigningKey {
        SigningKey::generate().unwrap()
    }

    fn founded(founder: &SigningKey) -> Rulings {
        let mut rulings = Rulings::default();
        rulings.set_hosts(founder.public(), [].into_iter());
        rulings
    }

    fn give(from: &Rulings, to: &mut Rulings, signer: &SigningKey) {
        for ruling in from.lacking(&to.ids()) {
            to.take(MEETING, &ruling, signer);
        }
    }

    #[test]
    fn bans_and_roles_of_two_halves_hold_in_both() {
        let (founder, ada, eve, dan) = (key(), key(), key(), key());
        let mut left = founded(&founder);
        let mut right = founded(&founder);
        left.rule(MEETING, Rule::Role(ada.public(), Role::Moderator), &founder)
            .unwrap();
        give(&left, &mut right, &ada);
        left.rule(MEETING, Rule::Ban(eve.public(), true), &founder)
            .unwrap();
        right
            .rule(MEETING, Rule::Ban(dan.public(), true), &ada)
            .unwrap();
        give(&left, &mut right, &ada);
        give(&right, &mut left, &ada);
        for rulings in [&left, &right] {
            assert!(rulings.is_banned(&eve.public()) && rulings.is_banned(&dan.public()));
            assert_eq!(rulings.role(&ada.public()), Role::Moderator);
        }
        assert_eq!(left.hash(), right.hash());
        assert_eq!(left.digest(), right.digest());
    }

    #[test]
    fn who_is_no_moderator_rules_nothing() {
        let (founder, eve) = (key(), key());
        let mut rulings = founded(&founder);
        let ban = Rule::Ban(founder.public(), true);
        assert!(rulings.rule(MEETING, ban, &eve).is_none());
        let mut own = founded(&eve);
        let forged = own.rule(MEETING, ban, &eve).unwrap();
        assert!(!rulings.take(MEETING, &forged, &founder));
        let as_founder = Arc::new(Ruling {
            author: founder.public(),
            ..Ruling::clone(&forged)
        });
        assert!(!rulings.take(MEETING, &as_founder, &founder));
    }

    #[test]
    fn a_moderator_makes_nobody_a_moderator_and_removes_no_host() {
        let (founder, ada, ben, eve) = (key(), key(), key(), key());
        let mut rulings = founded(&founder);
        let role = |who: &SigningKey, role| Rule::Role(who.public(), role);
        for rule in [role(&ada, Role::Moderator), role(&ben, Role::Host)] {
            rulings.rule(MEETING, rule, &founder).unwrap();
        }
        let refused = [
            role(&eve, Role::Moderator),
            role(&founder, Role::Participant),
            Rule::Ban(founder.public(), true),
            Rule::Ban(ben.public(), true),
        ];
        for rule in refused {
            assert!(rulings.rule(MEETING, rule, &ada).is_none(), "{rule:?}");
        }
        // What a hostile program of Ada's signs all the same is kept, and does not count.
        let mut loose = founded(&ada);
        for rule in [Rule::Lock(false), Rule::Lock(true), Rule::Lock(false)] {
            loose.rule(MEETING, rule, &ada).unwrap();
        }
        for rule in refused.into_iter().skip(1) {
            if let Some(forged) = loose.rule(MEETING, rule, &ada) {
                rulings.take(MEETING, &forged, &founder);
            }
        }
        assert!(!rulings.is_banned(&founder.public()) && !rulings.is_banned(&ben.public()));
        assert_eq!(rulings.role(&founder.public()), Role::Host);
        assert!(
            rulings
                .rule(MEETING, role(&founder, Role::Participant), &ben)
                .is_none()
        );
        rulings
            .rule(MEETING, Rule::Ban(ada.public(), true), &ben)
            .unwrap();
        let roles: Vec<_> = rulings.roles().map(|(_, role)| role).collect();
        assert_eq!(roles, [Role::Host, Role::Host]);
    }

    #[test]
    fn a_dismissed_moderator_rules_no_more() {
        let (founder, ada, eve) = (key(), key(), key());
        let mut rulings = founded(&founder);
        let role = |role| Rule::Role(ada.public(), role);
        rulings
            .rule(MEETING, role(Role::Moderator), &founder)
            .unwrap();
        let mut later = founded(&founder);
        give(&rulings, &mut later, &ada);
        rulings
            .rule(MEETING, role(Role::Participant), &founder)
            .unwrap();
        for _ in 0..3 {
            later.rule(MEETING, Rule::Lock(true), &ada).unwrap();
        }
        let ban = later
            .rule(MEETING, Rule::Ban(eve.public(), true), &ada)
            .unwrap();
        rulings.take(MEETING, &ban, &ada);
        assert!(!rulings.is_banned(&eve.public()));
        assert!(rulings.rule(MEETING, Rule::Lock(true), &ada).is_none());
    }

    #[test]
    fn rulings_of_a_host_that_is_not_of_the_chain_any_more_are_forgotten() {
        let (founder, ben, eve) = (key(), key(), key());
        let mut rulings = founded(&founder);
        rulings.set_hosts(founder.public(), [ben.public()].into_iter());
        rulings
            .rule(MEETING, Rule::Ban(eve.public(), true), &ben)
            .unwrap();
        assert!(rulings.is_banned(&eve.public()));
        rulings.set_hosts(founder.public(), [].into_iter());
        assert!(!rulings.is_banned(&eve.public()));
        assert_eq!(rulings.hash(), founded(&founder).hash());
    }

    #[test]
    fn rulings_are_bounded() {
        let founder = key();
        let mut rulings = founded(&founder);
        for number in 0..RULINGS {
            rulings
                .rule(MEETING, Rule::Lock(number % 2 == 0), &founder)
                .unwrap();
        }
        assert!(rulings.rule(MEETING, Rule::Lock(true), &founder).is_none());
    }
}
