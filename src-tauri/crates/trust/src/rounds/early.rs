//! Messages that came before their round: about a roster that we do not know yet, or of a later round.

use std::collections::VecDeque;

use super::message::Message;
use super::roster::{CLIENT_ID_BYTES, MAX_MEMBERS};

/// Most messages that wait: a commit and a reveal of each member. Whoever is pushed out sends again.
pub(crate) const MAX_EARLY: usize = MAX_MEMBERS * 2;

/// What waits, oldest first. Nothing of it was checked.
#[derive(Debug, Default)]
pub(crate) struct Early {
    kept: VecDeque<(String, Message)>,
}

impl Early {
    /// Keeps one. Of each sender one commit and one reveal are kept, the newest.
    pub(crate) fn put(&mut self, from: &str, message: Message) {
        if from.len() > CLIENT_ID_BYTES {
            return;
        }
        self.kept
            .retain(|(sender, kept)| sender != from || kept.is_commit() != message.is_commit());
        if self.kept.len() >= MAX_EARLY {
            self.kept.pop_front();
        }
        self.kept.push_back((from.to_owned(), message));
    }

    /// Those about this roster.
    pub(crate) fn about(&self, roster: &[u8; 32]) -> impl Iterator<Item = &(String, Message)> {
        self.kept
            .iter()
            .filter(move |(_, message)| message.roster == *roster)
    }

    /// Takes those out that belong to this roster and to no later round than `number`.
    pub(crate) fn take(&mut self, roster: &[u8; 32], number: u32) -> Vec<(String, Message)> {
        let (taken, kept) = std::mem::take(&mut self.kept)
            .into_iter()
            .partition(|(_, message)| message.roster == *roster && message.round <= number);
        self.kept = kept;
        Vec::from(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Signature;
    use crate::rounds::message::Body;

    fn commit(roster: u8, round: u32) -> Message {
        Message {
            roster: [roster; 32],
            round,
            body: Body::Commit {
                commitment: [0; 32],
            },
            signature: Signature::from_bytes([0; 64]),
        }
    }

    #[test]
    fn what_waits_is_bounded_and_the_newest_of_each_counts() {
        let mut early = Early::default();
        for n in 0..1_000 {
            early.put(&n.to_string(), commit(1, 0));
        }
        assert_eq!(early.kept.len(), MAX_EARLY);
        early.put("999", commit(2, 0));
        assert_eq!(early.kept.len(), MAX_EARLY);
        assert_eq!(early.about(&[2; 32]).count(), 1);
        early.put(&"x".repeat(CLIENT_ID_BYTES + 1), commit(2, 0));
        assert_eq!(early.about(&[2; 32]).count(), 1);
    }

    #[test]
    fn later_rounds_go_on_waiting() {
        let mut early = Early::default();
        early.put("a", commit(1, 3));
        early.put("b", commit(1, 4));
        early.put("c", commit(2, 3));
        assert_eq!(early.take(&[1; 32], 3), [("a".to_owned(), commit(1, 3))]);
        assert_eq!(early.about(&[1; 32]).count(), 1);
    }
}
