//! Becoming one with another half: the host's side of [`crate::merge`].

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::handover::Handover;
use crate::letter::{Body, Presence};
use crate::limits::{BEAT_EVERY, LOST_AFTER, MERGE_EVERY};
use crate::merge::{Agreed, Merge, Stage, Verdict, merge_id};
use crate::pulse::MergeId;
use crate::record::Member;
use crate::takeover::is_vouched;

use super::{Output, Standing, Survivor, Yielded};

impl Survivor {
    /// Begins a merge, shows what was signed, decides.
    pub(super) fn merge_on(&mut self, now: Duration) {
        if self.standing != Standing::Host {
            self.merge = None;
            return;
        }
        if self.merge.as_ref().is_some_and(|merge| merge.is_over(now)) {
            self.merge = None;
            self.next_merge = now + MERGE_EVERY;
        }
        if self.merge.is_none() && now >= self.next_merge {
            self.propose(now);
        }
        let Some(merge) = &mut self.merge else { return };
        let rival = merge.rival;
        let Some(agreed) = merge.agreed() else { return };
        let id = agreed.id;
        if let Some(present) = agreed.show(now)
            && agreed.is_told_again(BEAT_EVERY, now)
        {
            self.write_to(rival, Body::Tally { merge: id, present }, now);
        }
        let verdict = self
            .merge
            .as_mut()
            .and_then(Merge::agreed)
            .and_then(|agreed| agreed.verdict());
        #[cfg(test)]
        let verdict = verdict.filter(|_| !self.mutated(crate::simulation::Mutation::NobodyYields));
        if verdict == Some(Verdict::Lose) {
            self.give_way(now);
        }
    }

    /// Of two hosts the one with the smaller key speaks first. Whether we would follow the other does not matter, nor whether
    /// it was removed here, which its half may not know or not accept: the members of the last common record decide, and whose
    /// rulings count follows from whose chain goes on.
    fn propose(&mut self, now: Duration) {
        let Some(ours) = self.claim.clone() else {
            return;
        };
        let rival = self.rivals.values().find(|rival| {
            let heard = rival.heard.as_ref();
            *rival.claim.host() > self.me.key
                && heard.is_some_and(|heard| heard.is_fresh(LOST_AFTER, now))
                && !self.is_ended(rival.claim.term())
        });
        let Some(rival) = rival.map(|rival| *rival.claim.host()) else {
            return;
        };
        let nonce = self.draw();
        self.merge = Some(Merge {
            rival,
            nonce,
            began: now,
            stage: Stage::Proposed,
        });
        self.write_to(rival, Body::Propose { nonce, claim: ours }, now);
    }

    pub(super) fn proposed(
        &mut self,
        from: &PublicKey,
        theirs: [u8; 16],
        claim: &Arc<Claim>,
        now: Duration,
    ) {
        let is_free = self.merge.as_ref().is_none_or(|merge| merge.rival == *from);
        if self.standing != Standing::Host || !is_free || claim.host() != from {
            return;
        }
        let Some(ours) = self.claim.clone() else {
            return;
        };
        if ours.term() == claim.term() || !self.learn(claim, now) || self.is_ended(claim.term()) {
            return;
        }
        let nonce = self.draw();
        self.merge = Some(Merge {
            rival: *from,
            nonce,
            began: now,
            stage: Stage::Proposed,
        });
        let accept = Body::Accept {
            theirs,
            nonce,
            claim: ours,
        };
        self.agree(merge_id(&theirs, &nonce), claim, now);
        self.write_to(*from, accept, now);
    }

    pub(super) fn accepted(
        &mut self,
        from: &PublicKey,
        ours: &[u8; 16],
        theirs: &[u8; 16],
        claim: &Arc<Claim>,
        now: Duration,
    ) {
        let is_asked = self.merge.as_ref().is_some_and(|merge| {
            merge.rival == *from && merge.nonce == *ours && matches!(merge.stage, Stage::Proposed)
        });
        if self.standing == Standing::Host
            && is_asked
            && claim.host() == from
            && self.learn(claim, now)
        {
            self.agree(merge_id(ours, theirs), claim, now);
        }
    }

    fn agree(&mut self, id: MergeId, theirs: &Arc<Claim>, now: Duration) {
        let (Some(ours), Some(merge)) = (self.claim.clone(), &mut self.merge) else {
            return;
        };
        let term = ours.term();
        let mut agreed = Agreed::new(id, ours, theirs.clone(), now);
        if let Some(own) = Presence::sign(self.meeting, term, id, self.signer.as_ref()) {
            agreed.take(own, self.meeting, self.signer.as_ref());
        }
        merge.stage = Stage::Agreed(agreed);
        self.next_beat = now;
    }

    pub(super) fn is_present(&mut self, presence: Presence) {
        let (meeting, signer) = (self.meeting, self.signer.as_ref());
        if let Some(agreed) = self.merge.as_mut().and_then(Merge::agreed) {
            agreed.take(presence, meeting, signer);
        }
    }

    pub(super) fn tallied(&mut self, from: &PublicKey, id: &MergeId, present: Vec<Presence>) {
        let (meeting, signer) = (self.meeting, self.signer.as_ref());
        if let Some(merge) = self.merge.as_mut().filter(|merge| merge.rival == *from)
            && let Some(agreed) = merge.agreed().filter(|agreed| agreed.id == *id)
        {
            agreed.see(present, meeting, signer);
        }
    }

    /// The other half is larger: everybody goes there.
    fn give_way(&mut self, now: Duration) {
        let Some(claim) = self.claim.clone() else {
            return;
        };
        let Some(theirs) = self
            .merge
            .as_mut()
            .and_then(Merge::agreed)
            .map(|agreed| agreed.theirs.clone())
        else {
            return;
        };
        let (to, term) = (*theirs.host(), theirs.term());
        let handover = Handover::sign(
            self.meeting,
            claim.term(),
            to,
            Some(term),
            self.signer.as_ref(),
        );
        let Some(handover) = handover.map(Arc::new) else {
            return;
        };
        self.merge = None;
        self.keep_handover(&handover);
        self.learn(&theirs, now);
        let Some(followed) = self.go_over(term, now) else {
            return;
        };
        self.yielded = Some(Yielded {
            to,
            handover,
            claim,
        });
        self.yield_again(now);
        self.show_all(now);
        // Last: people come to the winner as soon as the room here is closed, and the winner has to know them by then.
        self.outputs.push_back(Output::Follow(followed));
    }

    pub(super) fn yield_again(&mut self, now: Duration) {
        if let Some(Yielded {
            to,
            handover,
            claim,
        }) = &self.yielded
        {
            let (to, handover, claim) = (*to, handover.clone(), claim.clone());
            self.write_to(to, Body::Yield { handover, claim }, now);
        }
    }

    /// The other half comes to us.
    pub(super) fn receive_half(
        &mut self,
        from: &PublicKey,
        handover: &Arc<Handover>,
        claim: &Arc<Claim>,
        now: Duration,
    ) {
        if !self.speaks()
            || claim.host() != from
            || handover.to != self.me.key
            || handover.from != claim.term()
            || handover.term != self.term()
            || !handover.verifies(from, self.signer.as_ref())
            || !self.learn(claim, now)
        {
            return;
        }
        self.keep_handover(handover);
        if self
            .merge
            .as_ref()
            .is_some_and(|merge| merge.rival == *from)
        {
            self.merge = None;
            self.next_merge = now + MERGE_EVERY;
        }
        // Of a half that somebody removed has led, strangers knock as all others.
        let vouched = self
            .claim
            .as_ref()
            .is_some_and(|ours| is_vouched(ours, claim, &self.rulings));
        let ours = self.listed();
        let is_taken = |client: &str| ours.iter().any(|known| known.client == client);
        let theirs: Vec<Member> = claim
            .record()
            .members()
            .iter()
            .filter(|member| !self.rulings.is_banned(&member.key))
            .filter_map(|member| match self.fellow(&member.key) {
                Some(known) => Some(known.clone()),
                None => Some(member.clone()).filter(|it| vouched && !is_taken(&it.client)),
            })
            .collect();
        self.outputs.push_back(Output::Merged(theirs.clone()));
        self.list(theirs.into_iter(), now);
    }
}
