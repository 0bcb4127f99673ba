//! The host's work: a new record at each change, who comes in, who goes. And its members': to be in it.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::ids::{Hash, TermId};
use crate::letter::{Body, Refused};
use crate::limits::{DIAL_EVERY, ENTER_EVERY, MEMBERS, NEIGHBOURS, RIVAL_KEPT, SILENT_AFTER};
use crate::message::Message;
use crate::record::{HeaderBody, Kind, Member, Record};
use crate::suspicion::Neighbour;
use crate::takeover::is_vouched;

use super::{Output, Standing, Survivor};

impl Survivor {
    pub(super) fn fingerprint(&self) -> Option<Hash> {
        match &self.me.kind {
            Kind::App { fingerprint, .. } => Some(*fingerprint),
            Kind::Guest => None,
        }
    }

    /// A member as listed, ourselves as we are now.
    pub(super) fn updated(&self, member: &Member) -> Member {
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

    /// Lists everybody who has a seat, so that the next host gives it back. When the record is full, those go who neither have
    /// one nor answer.
    pub(super) fn seat(&mut self, seats: &[(PublicKey, String)], now: Duration) {
        if !self.speaks() {
            return;
        }
        let mut members = self.listed();
        let is_new = |(key, client): &&(PublicKey, String)| {
            let same = |member: &Member| member.key == *key || member.client == *client;
            !members.iter().any(same) && !self.rulings.is_banned(key)
        };
        let new: Vec<_> = seats.iter().filter(is_new).collect();
        if new.is_empty() {
            return;
        }
        let answering = self.answering(now);
        let excess = (members.len() + new.len()).saturating_sub(MEMBERS);
        for _ in 0..excess {
            let lost = members.iter().position(|member| {
                let has_seat = seats.iter().any(|(key, _)| *key == member.key);
                member.key != self.me.key && !has_seat && !answering.contains(&member.key)
            });
            let Some(lost) = lost else { break };
            members.remove(lost);
        }
        let last = members
            .iter()
            .map(|member| member.joined)
            .max()
            .unwrap_or(0);
        for ((key, client), joined) in new.into_iter().zip(last.saturating_add(1)..) {
            if members.len() < MEMBERS {
                members.push(Member {
                    key: *key,
                    client: client.clone(),
                    kind: Kind::Guest,
                    joined,
                });
            }
        }
        self.rewrite(members, now);
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
        let ticket = self.ticket.clone();
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
