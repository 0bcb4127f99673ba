//! The host's work: a new record at each change, who comes in, who goes; and taking over and handing over.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::handover::Handover;
use crate::ids::{Hash, TermId};
use crate::letter::{Body, Refused};
use crate::limits::{BEAT_EVERY, DIAL_EVERY, ENTER_EVERY, MEMBERS, NEIGHBOURS, SILENT_AFTER};
use crate::message::Message;
use crate::record::{HeaderBody, Kind, Member, Record};
use crate::suspicion::Neighbour;
use crate::takeover::is_vouched;

use super::{Output, Standing, Survivor};

/// How long a leaving host waits for its successor.
const HANDS_OVER_FOR: Duration = Duration::from_secs(2);
/// Claims of hosts that are not heard any more are remembered so long.
const RIVAL_KEPT: Duration = Duration::from_secs(30);

impl Survivor {
    pub(super) fn fingerprint(&self) -> Option<Hash> {
        match &self.me.kind {
            Kind::App { fingerprint, .. } => Some(*fingerprint),
            Kind::Guest => None,
        }
    }

    pub(super) fn become_host(&mut self, claim: Arc<Claim>, now: Duration) {
        self.standing = Standing::Host;
        self.heard = None;
        self.heard_at = now;
        self.candidates.clear();
        self.merge = None;
        self.next_merge = now + BEAT_EVERY;
        self.next_beat = now;
        self.set_claim(claim.clone());
        self.outputs.push_back(Output::Open(claim));
    }

    /// Opens the room as the successor of the claim's host.
    pub(super) fn take_over(&mut self, handover: Option<Arc<Handover>>, now: Duration) {
        let (Some(claim), Some(fingerprint)) = (self.claim.clone(), self.fingerprint()) else {
            return;
        };
        let before = claim.header();
        let leaves = handover.as_ref().map(|_| before.host);
        let members: Vec<Member> = claim
            .record()
            .members()
            .iter()
            .filter(|member| !self.rulings.is_banned(&member.key) && Some(member.key) != leaves)
            .map(|member| self.updated(member))
            .collect();
        let hosts: Vec<PublicKey> = claim.headers().map(|header| header.host).collect();
        self.rulings.set_hosts(
            hosts
                .into_iter()
                .chain([self.me.key, claim.founding().founder]),
        );
        let body = HeaderBody {
            meeting: self.meeting,
            epoch: before.epoch + 1,
            version: 0,
            host: self.me.key,
            fingerprint,
            opened: self.draw(),
            base: before.hash(),
            previous: before.hash(),
            stand: Vec::new(),
            apps: 0,
            members: [0; 32],
            rulings: self.rulings.hash(),
        };
        let Some(record) = Record::sign(body, members, self.signer.as_ref()) else {
            return;
        };
        if let Some(handover) = handover {
            self.keep_handover(&handover);
        }
        #[cfg(test)]
        if self.mutated(crate::simulation::Mutation::ForgetsChat) {
            self.log = crate::chat::Log::new(1);
        }
        let claim = Arc::new(claim.followed_by(record));
        self.become_host(claim, now);
        self.show_all(now);
    }

    /// A member as listed, ourselves as we are now.
    fn updated(&self, member: &Member) -> Member {
        if member.key == self.me.key {
            Member {
                joined: member.joined,
                ..self.me.clone()
            }
        } else {
            member.clone()
        }
    }

    /// Shows everybody who answers the host that is followed.
    pub(super) fn show_all(&mut self, now: Duration) {
        for key in self.answering(now) {
            self.show_claim(key, None);
        }
    }

    /// The record of our own term, with other members or other rulings.
    pub(super) fn rewrite(&mut self, members: Vec<Member>, now: Duration) {
        if !self.is_own_term() {
            return;
        }
        let Some(claim) = self.claim.clone() else {
            return;
        };
        let before = claim.header();
        let Some(version) = before.version.checked_add(1) else {
            return;
        };
        let body = HeaderBody {
            version,
            fingerprint: self.fingerprint().unwrap_or(before.fingerprint),
            previous: before.hash(),
            rulings: self.rulings.hash(),
            ..HeaderBody::clone(before)
        };
        if let Some(record) = Record::sign(body, members, self.signer.as_ref()) {
            self.set_claim(Arc::new(claim.with(record)));
            self.next_beat = now;
        }
    }

    pub(super) fn listed(&self) -> Vec<Member> {
        self.claim
            .as_ref()
            .map(|claim| claim.record().members().to_vec())
            .unwrap_or_default()
    }

    /// Our own entry changed.
    pub(super) fn relist(&mut self, now: Duration) {
        if self.is_own_term() {
            let members = self.listed();
            let members = members.iter().map(|member| self.updated(member)).collect();
            self.rewrite(members, now);
        } else {
            self.next_enter = now;
        }
    }

    /// Somebody asks to be listed.
    pub(super) fn enters(
        &mut self,
        term: TermId,
        member: &Member,
        ticket: Option<&Arc<Claim>>,
        now: Duration,
    ) {
        if !self.speaks() || self.term() != Some(term) {
            return;
        }
        let key = member.key;
        if self.rulings.is_banned(&key) {
            self.write_to(key, Body::Refused(Refused::Banned), now);
            return;
        }
        if let Some(listed) = self.fellow(&key) {
            let listed = listed.clone();
            if listed.kind == member.kind && listed.client == member.client {
                self.show_claim(key, None);
            } else if listed.client == member.client {
                let mut members = self.listed();
                for entry in members.iter_mut().filter(|entry| entry.key == key) {
                    entry.kind = member.kind.clone();
                }
                self.rewrite(members, now);
            }
            return;
        }
        let listed = ticket.and_then(|ticket| self.ticketed(ticket, &key));
        if let Some(listed) = listed {
            let kind = member.kind.clone();
            self.list([Member { kind, ..listed }].into_iter(), now);
        } else if self.rulings.is_locked() {
            self.write_to(key, Body::Refused(Refused::Locked), now);
        } else if self.listed().len() >= MEMBERS || self.knocking.len() >= NEIGHBOURS {
            self.write_to(key, Body::Refused(Refused::Full), now);
        } else if self.knocking.insert(key, member.clone()).is_none() {
            self.outputs.push_back(Output::Knock(member.clone()));
        }
    }

    /// As a record of this meeting, of whatever half, lists `key`.
    fn ticketed(&mut self, ticket: &Claim, key: &PublicKey) -> Option<Member> {
        ticket
            .verify(self.meeting, self.signer.as_ref(), &mut self.verified)
            .ok()?;
        let own = self.claim.as_ref()?;
        is_vouched(own, ticket, &self.rulings)
            .then(|| ticket.record().member(key).cloned())
            .flatten()
    }

    /// Adds members who are not listed, as many as fit.
    pub(super) fn list(&mut self, new: impl Iterator<Item = Member>, now: Duration) {
        let mut members = self.listed();
        let before = members.len();
        for member in new {
            let is_known = members
                .iter()
                .any(|known| known.key == member.key || known.client == member.client);
            if !is_known && members.len() < MEMBERS && !self.rulings.is_banned(&member.key) {
                self.knocking.remove(&member.key);
                members.push(member);
            }
        }
        if members.len() > before {
            self.rewrite(members, now);
        }
    }

    pub(super) fn admit(&mut self, key: &PublicKey, now: Duration) {
        let Some(member) = self.knocking.remove(key) else {
            return;
        };
        let last = self.listed().iter().map(|member| member.joined).max();
        let joined = last.unwrap_or(0).saturating_add(1);
        self.list([Member { joined, ..member }].into_iter(), now);
    }

    pub(super) fn decline(&mut self, key: PublicKey, why: Refused, now: Duration) {
        if self.knocking.remove(&key).is_some() {
            self.write_to(key, Body::Refused(why), now);
        }
    }

    /// Somebody is not in the meeting any more.
    pub(super) fn forget(&mut self, key: &PublicKey, now: Duration) {
        self.knocking.remove(key);
        if *key != self.me.key && self.fellow(key).is_some() {
            let mut members = self.listed();
            members.retain(|member| member.key != *key);
            self.rewrite(members, now);
        }
    }

    /// Leaves. A host first hands over to the first in the order who answers.
    pub(super) fn leave(&mut self, now: Duration) {
        let Some(claim) = self.claim.clone() else {
            self.go();
            return;
        };
        if !matches!(self.standing, Standing::Host) {
            self.write_to(*claim.host(), Body::Leave, now);
            self.go();
            return;
        }
        let successor = claim.record().members().iter().skip(1).find(|member| {
            member.is_app()
                && !self.rulings.is_banned(&member.key)
                && self
                    .neighbours
                    .get(&member.key)
                    .is_some_and(|neighbour| neighbour.answers(now))
        });
        let handover = successor.and_then(|to| {
            Handover::sign(
                self.meeting,
                claim.term(),
                to.key,
                None,
                self.signer.as_ref(),
            )
        });
        let Some(handover) = handover.map(Arc::new) else {
            self.go();
            return;
        };
        self.standing = Standing::Leaving {
            until: now + HANDS_OVER_FOR,
        };
        self.merge = None;
        let to = handover.to;
        self.keep_handover(&handover);
        self.write_to(to, Body::Take { handover, claim }, now);
    }

    /// The host gives us the meeting.
    pub(super) fn taken(
        &mut self,
        from: &PublicKey,
        handover: &Arc<Handover>,
        claim: &Arc<Claim>,
        now: Duration,
    ) {
        let is_ours = handover.to == self.me.key
            && handover.from == claim.term()
            && handover.term.is_none()
            && claim.host() == from
            && handover.verifies(from, self.signer.as_ref());
        let follows = matches!(self.standing, Standing::Member | Standing::Candidate { .. })
            && self.term() == Some(claim.term());
        if is_ours && follows && self.learn(claim, now) {
            self.take_over(Some(handover.clone()), now);
        }
    }

    /// Asks the host to list us as we are, if it does not.
    pub(super) fn enter(&mut self, now: Duration) {
        let Some(claim) = self.claim.clone() else {
            return;
        };
        if self.standing != Standing::Member || self.has_lost(now) || now < self.next_enter {
            return;
        }
        let is_listed = claim
            .record()
            .member(&self.me.key)
            .is_some_and(|listed| listed.kind == self.me.kind);
        if is_listed {
            self.yielded = None;
            return;
        }
        self.next_enter = now + ENTER_EVERY;
        self.yield_again(now);
        let ticket = self
            .ticket
            .clone()
            .filter(|ticket| ticket.term() != claim.term());
        let enter = Body::Enter {
            term: claim.term(),
            member: self.me.clone(),
            ticket,
        };
        self.write_to(*claim.host(), enter, now);
    }

    /// Tries to reach the apps that are lost.
    pub(super) fn dial(&mut self, now: Duration) {
        if !self.me.is_app() {
            return;
        }
        for member in self.listed() {
            let Kind::App {
                fingerprint,
                addresses,
                ..
            } = member.kind
            else {
                continue;
            };
            if self.rulings.is_banned(&member.key) {
                continue;
            }
            let Some(neighbour) = self.neighbour(member.key, now) else {
                continue;
            };
            if !neighbour.answers(now) && Neighbour::is_due(neighbour.dialed, DIAL_EVERY, now) {
                neighbour.dialed = Some(now);
                self.outputs.push_back(Output::Dial {
                    to: member.key,
                    fingerprint,
                    addresses,
                });
            }
        }
    }

    /// Forgets strangers and other hosts of which nothing is heard.
    pub(super) fn prune(&mut self, now: Duration) {
        let claim = self.claim.clone();
        let is_listed = |key: &PublicKey| {
            claim
                .as_ref()
                .is_some_and(|claim| claim.record().member(key).is_some())
        };
        self.neighbours.retain(|key, neighbour| {
            neighbour.is_heard(now.saturating_sub(SILENT_AFTER))
                || neighbour.was_reached(now)
                || is_listed(key)
        });
        self.rivals.retain(|_, rival| {
            rival
                .heard
                .as_ref()
                .is_none_or(|heard| heard.is_fresh(RIVAL_KEPT, now))
        });
        let message_due = matches!(self.standing, Standing::Leaving { .. });
        if message_due
            && let Some(handover) = self
                .handovers
                .iter()
                .find(|handover| Some(handover.from) == self.term())
                .cloned()
            && let Some(claim) = claim
        {
            self.write_to(handover.to, Body::Take { handover, claim }, now);
        }
    }

    /// What follows from new rulings: who was banned goes.
    pub(super) fn after_rulings(&mut self, now: Duration) {
        self.outputs.push_back(Output::Ruled);
        if self.rulings.is_banned(&self.me.key) {
            if self.standing == Standing::Host {
                self.leave(now);
            } else {
                self.refused(Refused::Banned);
            }
            return;
        }
        let mut members = self.listed();
        #[cfg(test)]
        if self.mutated(crate::simulation::Mutation::KeepsBanned) {
            return;
        }
        members.retain(|member| !self.rulings.is_banned(&member.key));
        self.rewrite(members, now);
    }

    pub(super) fn broadcast(
        &mut self,
        message: &Message,
        except: Option<PublicKey>,
        now: Duration,
    ) {
        let host = self.claim.as_ref().map(|claim| *claim.host());
        let mut to: Vec<PublicKey> = self.answering(now);
        to.retain(|key| self.shares_with(key) && Some(*key) != except);
        if !self.speaks()
            && let Some(host) = host.filter(|host| to.contains(host))
        {
            to = vec![host];
        }
        for key in to {
            self.send(key, message.clone());
        }
    }
}
