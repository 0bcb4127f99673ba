//! A host for a host: taking over, handing over, leaving.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::handover::Handover;
use crate::letter::Body;
use crate::limits::{BEAT_EVERY, HANDS_OVER_FOR};
use crate::record::{HeaderBody, Member, Record};

use super::{Output, Standing, Survivor};

impl Survivor {
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
        let founder = claim.founding().founder;
        self.rulings
            .set_hosts(founder, hosts.into_iter().chain([self.me.key]));
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
}
