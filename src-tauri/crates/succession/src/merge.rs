//! How two halves of one meeting become one again.
//!
//! Both hosts ask their members to sign that they are present, for this one merge, and show each other what was signed. The
//! half with more members of the last common record goes on; on a tie the host that stands earlier in that record. Only the
//! loser acts: it hands its term over to the winner and follows it, and its members follow because their own host said so.
//!
//! A merge has a name made of a nonce of each. A host is in one merge at a time and shows one tally in each, so both decide over
//! the same two tallies, and never both give way. That also holds against circles of three halves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use landline_trust::{PublicKey, Statement};

use crate::chain::Claim;
use crate::ids::{KeyId, MeetingId, TermId, first16};
use crate::letter::Presence;
use crate::limits::{MERGE_FOR, MUSTER_FOR, PROPOSED_FOR};
use crate::pulse::MergeId;
use crate::record::HeaderBody;
use crate::signer::Signer;

/// One attempt.
#[derive(Debug)]
pub(crate) struct Merge {
    pub(crate) rival: PublicKey,
    pub(crate) nonce: [u8; 16],
    pub(crate) began: Duration,
    pub(crate) stage: Stage,
}

#[derive(Debug)]
pub(crate) enum Stage {
    /// We asked.
    Proposed,
    Agreed(Agreed),
}

/// Both know of it.
#[derive(Debug)]
pub(crate) struct Agreed {
    pub(crate) id: MergeId,
    pub(crate) since: Duration,
    pub(crate) ours: Arc<Claim>,
    pub(crate) theirs: Arc<Claim>,
    pub(crate) present: BTreeMap<PublicKey, Presence>,
    /// What we have shown. Nothing is added to it.
    pub(crate) shown: Option<Vec<Presence>>,
    pub(crate) seen: Option<Vec<Presence>>,
    /// When it was shown last: letters may be lost.
    told: Option<Duration>,
}

/// Who goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Win,
    Lose,
}

/// The name of a merge.
pub(crate) fn merge_id(proposer: &[u8; 16], accepter: &[u8; 16]) -> MergeId {
    let statement = Statement::new("merge").field(proposer).field(accepter);
    first16(&statement.hash())
}

impl Merge {
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        let most = match self.stage {
            Stage::Proposed => PROPOSED_FOR,
            Stage::Agreed(_) => MERGE_FOR,
        };
        now.saturating_sub(self.began) >= most
    }

    pub(crate) fn agreed(&mut self) -> Option<&mut Agreed> {
        match &mut self.stage {
            Stage::Agreed(agreed) => Some(agreed),
            Stage::Proposed => None,
        }
    }

    /// The merge that members shall sign for.
    pub(crate) fn muster(&self) -> Option<MergeId> {
        match &self.stage {
            Stage::Agreed(agreed) if agreed.shown.is_none() => Some(agreed.id),
            _ => None,
        }
    }
}

impl Agreed {
    pub(crate) fn new(id: MergeId, ours: Arc<Claim>, theirs: Arc<Claim>, now: Duration) -> Self {
        Self {
            id,
            since: now,
            ours,
            theirs,
            present: BTreeMap::new(),
            shown: None,
            seen: None,
            told: None,
        }
    }

    /// Whether it is time to show the tally again.
    pub(crate) fn is_told_again(&mut self, every: Duration, now: Duration) -> bool {
        let due = self
            .told
            .is_none_or(|told| now.saturating_sub(told) >= every);
        if due {
            self.told = Some(now);
        }
        due
    }

    /// Whether `presence` counts for the half of `term`.
    fn counts(
        &self,
        presence: &Presence,
        meeting: MeetingId,
        term: TermId,
        signer: &dyn Signer,
    ) -> bool {
        presence.merge == self.id
            && self
                .ours
                .last_common(&self.theirs)
                .is_some_and(|common| common.has(KeyId::of(&presence.key)))
            && presence.verifies(meeting, term, signer)
    }

    /// One of our own members is here.
    pub(crate) fn take(&mut self, presence: Presence, meeting: MeetingId, signer: &dyn Signer) {
        if self.shown.is_none() && self.counts(&presence, meeting, self.ours.term(), signer) {
            self.present.insert(presence.key, presence);
        }
    }

    /// What we show, once all had the time to sign.
    pub(crate) fn show(&mut self, now: Duration) -> Option<Vec<Presence>> {
        if now.saturating_sub(self.since) < MUSTER_FOR {
            return None;
        }
        let present = &self.present;
        let shown = self
            .shown
            .get_or_insert_with(|| present.values().cloned().collect());
        Some(shown.clone())
    }

    /// What the other host shows. The first tally counts.
    pub(crate) fn see(&mut self, tally: Vec<Presence>, meeting: MeetingId, signer: &dyn Signer) {
        if self.seen.is_some() {
            return;
        }
        let mut by_key = BTreeMap::new();
        for presence in tally {
            if self.counts(&presence, meeting, self.theirs.term(), signer) {
                by_key.insert(presence.key, presence);
            }
        }
        self.seen = Some(by_key.into_values().collect());
    }

    /// Once both tallies are there.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        let (shown, seen) = (self.shown.as_ref()?, self.seen.as_ref()?);
        let common = self.ours.last_common(&self.theirs)?;
        Some(decide(
            common,
            (&self.ours, shown.len()),
            (&self.theirs, seen.len()),
        ))
    }
}

fn decide(common: &HeaderBody, ours: (&Claim, usize), theirs: (&Claim, usize)) -> Verdict {
    decide_by(
        (ours.1, place(common, ours.0.host()), ours.0.term()),
        (theirs.1, place(common, theirs.0.host()), theirs.0.term()),
    )
}

/// Of each half: members present, the host's place in the common record, the term.
fn decide_by(ours: (usize, usize, TermId), theirs: (usize, usize, TermId)) -> Verdict {
    let rank = |half: (usize, usize, TermId)| (std::cmp::Reverse(half.0), half.1, half.2);
    if rank(ours) < rank(theirs) {
        Verdict::Win
    } else {
        Verdict::Lose
    }
}

/// Where a host stands in the common record: behind all if it came later.
fn place(common: &HeaderBody, host: &PublicKey) -> usize {
    common.rank(KeyId::of(host)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_members_win_then_the_earlier_host_and_never_both() {
        let half = |present, place, term| (present, place, TermId([term; 16]));
        for (one, other) in [
            (half(3, 5, 2), half(2, 0, 1)),
            (half(2, 0, 2), half(2, 1, 1)),
            (half(1, usize::MAX, 1), half(1, usize::MAX, 2)),
        ] {
            assert_eq!(decide_by(one, other), Verdict::Win);
            assert_eq!(decide_by(other, one), Verdict::Lose);
        }
    }
}
