//! Claims of hosts: which is followed, and when this participant takes over.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::handover::Handover;
use crate::ids::{KeyId, TermId};
use crate::limits::{CANDIDATE_FRESH, HANDOVERS, LOST_AFTER, RIVALS, TERMS};
use crate::message::Message;
use crate::suspicion::Heard;
use crate::takeover::{candidacy, is_vouched};

use super::{Output, Rival, Standing, Survivor};

impl Survivor {
    pub(super) fn show_claim(&mut self, to: PublicKey, term: Option<TermId>) {
        let own = self.claim.as_ref();
        let claim = match term {
            None => own,
            Some(term) => own
                .filter(|claim| claim.term() == term)
                .or_else(|| self.rivals.get(&term).map(|rival| &rival.claim)),
        };
        let Some(claim) = claim.cloned() else { return };
        let handovers = self.handovers.iter().cloned().collect();
        self.send(to, Message::Claim { claim, handovers });
    }

    /// Somebody shows a host. A false one is dropped here.
    pub(super) fn claim(&mut self, claim: &Arc<Claim>, handovers: &[Arc<Handover>], now: Duration) {
        self.learn(claim, now);
        for handover in handovers {
            self.keep_handover(handover);
        }
    }

    /// Whether it is the claim of a true host, and known now.
    pub(super) fn learn(&mut self, claim: &Arc<Claim>, now: Duration) -> bool {
        let term = claim.term();
        let known = match self.claim.as_ref().filter(|own| own.term() == term) {
            Some(own) => Some(own.header().version),
            None => self
                .rivals
                .get(&term)
                .map(|rival| rival.claim.header().version),
        };
        if known.is_some_and(|version| version >= claim.header().version) {
            return true;
        }
        let verdict = claim.verify(self.meeting, self.signer.as_ref(), &mut self.verified);
        if verdict.is_err() {
            return false;
        }
        if self.term() == Some(term) {
            if !self.is_own_term() {
                self.set_claim(claim.clone());
            }
            return true;
        }
        if let Some(rival) = self.rivals.get_mut(&term) {
            rival.claim = claim.clone();
            return true;
        }
        if self.rivals.len() >= RIVALS {
            let quiet = |rival: &Rival| rival.heard.as_ref().map(|heard| heard.at);
            let stalest = self
                .rivals
                .iter()
                .min_by_key(|(_, rival)| quiet(rival))
                .map(|(term, rival)| (*term, quiet(rival)));
            match stalest {
                Some((term, heard)) if heard.is_none_or(|at| at + LOST_AFTER < now) => {
                    self.rivals.remove(&term);
                }
                _ => return false,
            }
        }
        self.rivals.insert(
            term,
            Rival {
                claim: claim.clone(),
                heard: None,
            },
        );
        true
    }

    pub(super) fn keep_handover(&mut self, handover: &Arc<Handover>) {
        if handover.meeting != self.meeting || self.handovers.contains(handover) {
            return;
        }
        let claims = self
            .claim
            .iter()
            .chain(self.rivals.values().map(|rival| &rival.claim));
        let host = claims
            .filter_map(|claim| claim.through(handover.from))
            .map(|header| header.host)
            .next();
        if host.is_some_and(|host| handover.verifies(&host, self.signer.as_ref())) {
            if self.handovers.len() >= HANDOVERS {
                self.handovers.pop_front();
            }
            self.handovers.push_back(handover.clone());
        }
    }

    /// Its host has said that it is over.
    pub(super) fn is_ended(&self, term: TermId) -> bool {
        self.handovers.iter().any(|handover| handover.from == term)
    }

    pub(super) fn set_claim(&mut self, claim: Arc<Claim>) {
        let founder = claim.founding().founder;
        let hosts: Vec<PublicKey> = claim.headers().map(|header| header.host).collect();
        self.rulings.set_hosts(founder, hosts.into_iter());
        if claim.record().member(&self.me.key).is_some() {
            self.ticket = Some(claim.clone());
        }
        self.claim = Some(claim.clone());
        self.outputs.push_back(Output::Roster(claim));
        self.urgent = true;
    }

    /// Whether others may have to reach us: as the host, the first after it, or one who stands for its place.
    pub(super) fn stand_ready(&mut self) {
        let ready = matches!(self.standing, Standing::Candidate { .. })
            || self.rank(&self.me.key).is_some_and(|rank| rank <= 1);
        if ready != self.ready {
            self.ready = ready;
            self.outputs.push_back(Output::Ready(ready));
        }
    }

    /// Whether to follow another host, or to become one.
    pub(super) fn consider(&mut self, now: Duration) {
        if let Some(term) = self.handed_over(now) {
            if matches!(self.standing, Standing::Leaving { .. }) {
                self.go();
            } else {
                self.follow(term, now);
            }
        } else if let Some(term) = self.best_rival(now) {
            self.follow(term, now);
        } else {
            self.stand(now);
        }
    }

    /// The own host has said who has the meeting now, and that one has shown its claim.
    fn handed_over(&self, _now: Duration) -> Option<TermId> {
        let own = self.term()?;
        if !matches!(
            self.standing,
            Standing::Member | Standing::Candidate { .. } | Standing::Leaving { .. }
        ) {
            return None;
        }
        self.successor(own)
    }

    /// The term to which the host of this one gave the meeting, and whose host has shown its claim.
    fn successor(&self, own: TermId) -> Option<TermId> {
        let handover = self
            .handovers
            .iter()
            .find(|handover| handover.from == own)?;
        self.rivals
            .iter()
            .find(|(term, rival)| {
                *rival.claim.host() == handover.to
                    && match handover.term {
                        Some(to) => to == **term,
                        None => rival.claim.through(own).is_some(),
                    }
            })
            .map(|(term, _)| *term)
    }

    /// This host has given the meeting to another one, which has shown its claim.
    pub fn has_handed_over(&self) -> bool {
        self.term().is_some_and(|own| self.successor(own).is_some())
    }

    /// A living host that one without a host may follow. A host whose clock jumped follows one of its own successors alone.
    fn best_rival(&self, now: Duration) -> Option<TermId> {
        let asking = matches!(self.standing, Standing::Asking { .. });
        let may = asking || self.has_lost(now);
        #[cfg(test)]
        let may = may
            || (self.mutated(crate::simulation::Mutation::FollowsWithoutLoss)
                && self.standing == Standing::Member);
        if !may {
            return None;
        }
        let living = self.rivals.iter().filter(|(term, rival)| {
            let heard = rival.heard.as_ref();
            heard.is_some_and(|heard| heard.is_fresh(LOST_AFTER, now))
                && !self.is_ended(**term)
                && !self.rulings.is_banned(rival.claim.host())
        });
        let Some(own) = &self.claim else {
            return living.map(|(term, _)| *term).min();
        };
        let earliest = self.earliest_candidate(now);
        living
            .filter(|(_, rival)| is_vouched(own, &rival.claim, &self.rulings))
            .map(|(term, rival)| {
                let follows = rival.claim.through(own.term()).is_some();
                let rank = self.rank(rival.claim.host()).unwrap_or(usize::MAX);
                (!follows, rank, *term)
            })
            .filter(|(is_strange, rank, _)| {
                if asking {
                    return !is_strange;
                }
                // Nobody before it answers; a candidate itself follows whoever has the meeting.
                matches!(self.standing, Standing::Candidate { .. })
                    || *is_strange
                    || earliest.is_none_or(|earliest| earliest >= *rank)
            })
            .min()
            .map(|(.., term)| term)
    }

    /// The lowest place of those who ask for the host's place.
    fn earliest_candidate(&self, now: Duration) -> Option<usize> {
        let fresh = |heard: &Heard| heard.is_fresh(CANDIDATE_FRESH, now);
        self.candidates
            .iter()
            .filter(|(key, heard)| **key != self.me.key && fresh(heard))
            .filter_map(|(key, _)| self.rank(key))
            .min()
    }

    /// Stands for the host's place, or leaves it to somebody before.
    fn stand(&mut self, now: Duration) {
        if !self.has_lost(now) || self.rulings.is_banned(&self.me.key) {
            return;
        }
        if self.ticket.is_none() && self.standing == Standing::Member {
            // A newcomer whose host died before it was let in looks for another one.
            self.standing = Standing::Outside;
            self.claim = None;
            self.heard = None;
            return;
        }
        if self.rank(&self.me.key).is_none() {
            self.fall_back(now);
            return;
        }
        let Some(claim) = &self.claim else { return };
        let (Some(rank), true) = (self.rank(&self.me.key), self.me.is_app()) else {
            return;
        };
        if usize::try_from(claim.header().epoch).is_ok_and(|epoch| epoch + 1 >= TERMS) {
            return;
        }
        if self
            .earliest_candidate(now)
            .is_some_and(|earliest| earliest < rank)
        {
            self.standing = Standing::Member;
            return;
        }
        let Standing::Candidate { since } = self.standing else {
            self.standing = Standing::Candidate { since: now };
            self.urgent = true;
            return;
        };
        let members = claim.record().members();
        let answers = members.iter().take(rank).any(|member| {
            !self.rulings.is_banned(&member.key)
                && self
                    .neighbours
                    .get(&member.key)
                    .is_some_and(|neighbour| neighbour.answers(now))
        });
        if now.saturating_sub(since) >= candidacy(answers) {
            self.take_over(None, now);
        }
    }

    /// Followed a host that died before it listed us: back to the record that does, if nobody else has come by now.
    fn fall_back(&mut self, now: Duration) {
        let term = self.term();
        let ticket = self.ticket.clone().filter(|ticket| {
            Some(ticket.term()) != term && ticket.header().rank(KeyId::of(&self.me.key)).is_some()
        });
        if let Some(ticket) = ticket
            && self.heard_at + LOST_AFTER * 2 <= now
        {
            self.standing = Standing::Member;
            self.heard = None;
            self.heard_at = now;
            self.candidates.clear();
            self.set_claim(ticket);
        }
    }

    /// Goes over to another host.
    pub(super) fn follow(&mut self, term: TermId, now: Duration) {
        if let Some(claim) = self.go_over(term, now) {
            self.outputs.push_back(Output::Follow(claim));
        }
    }

    /// The same, without the word that it is so.
    pub(super) fn go_over(&mut self, term: TermId, now: Duration) -> Option<Arc<Claim>> {
        let rival = self.rivals.remove(&term)?;
        self.standing = Standing::Member;
        self.heard_at = rival.heard.as_ref().map_or(now, |heard| heard.at);
        self.heard = rival.heard;
        self.candidates.clear();
        self.knocking.clear();
        self.merge = None;
        self.next_enter = now;
        self.set_claim(rival.claim.clone());
        Some(rival.claim)
    }
}
