//! What was sent to one seat and not acknowledged, kept to be sent again after a lost connection.
//!
//! Invariant: the messages are those with the counts `first..=last`, without a gap. What does not fit any more is
//! dropped from the old end; a client that still lacks it cannot be resumed, only restored.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::output::Frame;

#[derive(Debug)]
pub(crate) struct Outbox {
    waiting: VecDeque<Arc<str>>,
    /// The count of the last message; the first of a seat is 1.
    last: u32,
    bytes: usize,
    most_messages: usize,
    most_bytes: usize,
}

impl Outbox {
    pub(crate) fn new(most_messages: usize, most_bytes: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            last: 0,
            bytes: 0,
            most_messages,
            most_bytes,
        }
    }

    /// Counts a message and keeps it. The frame is what a connection gets now, if there is one.
    pub(crate) fn push(&mut self, body: &Arc<str>) -> Frame {
        self.last = self.last.saturating_add(1);
        self.bytes += body.len();
        self.waiting.push_back(Arc::clone(body));
        while self.waiting.len() > self.most_messages || self.bytes > self.most_bytes {
            self.drop_first();
        }
        Frame {
            seq: Some(self.last),
            body: Arc::clone(body),
        }
    }

    /// The client has everything up to `seq`. False if it was never sent that much.
    pub(crate) fn acknowledge(&mut self, seq: u32) -> bool {
        if seq > self.last {
            return false;
        }
        while !self.waiting.is_empty() && self.before_first() < seq {
            self.drop_first();
        }
        true
    }

    /// Whether a client that has everything up to `seq` can be given all of the rest.
    pub(crate) fn can_replay(&self, seq: u32) -> bool {
        (self.before_first()..=self.last).contains(&seq)
    }

    /// Everything that is waiting.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame> {
        let first = self.before_first();
        self.waiting
            .iter()
            .zip(first.saturating_add(1)..)
            .map(|(body, seq)| Frame {
                seq: Some(seq),
                body: Arc::clone(body),
            })
    }

    /// The seat starts anew: nothing waits, and the next message is 1.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.most_messages, self.most_bytes);
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.waiting.len(), self.bytes)
    }

    /// The count before the first message that is waiting.
    fn before_first(&self) -> u32 {
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        self.last.saturating_sub(waiting)
    }

    fn drop_first(&mut self) {
        if let Some(body) = self.waiting.pop_front() {
            self.bytes -= body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(count: usize) -> Outbox {
        let mut outbox = Outbox::new(4, 100);
        for message in 0..count {
            outbox.push(&Arc::from(format!("{{{message}}}")));
        }
        outbox
    }

    fn counts(outbox: &Outbox) -> Vec<u32> {
        outbox.frames().filter_map(|frame| frame.seq).collect()
    }

    #[test]
    fn what_is_acknowledged_is_not_kept() {
        let mut outbox = filled(4);
        assert!(outbox.acknowledge(3));
        assert_eq!(counts(&outbox), [4]);
        assert!(outbox.acknowledge(1), "an old one changes nothing");
        assert_eq!(counts(&outbox), [4]);
        assert!(!outbox.acknowledge(5));
        assert!(outbox.acknowledge(4));
        assert_eq!(outbox.held(), (0, 0));
        assert!(outbox.can_replay(4) && !outbox.can_replay(3) && !outbox.can_replay(5));
    }

    #[test]
    fn too_many_push_out_the_oldest_and_only_those_who_lack_it_cannot_resume() {
        let outbox = filled(6);
        assert_eq!(counts(&outbox), [3, 4, 5, 6]);
        assert!(!outbox.can_replay(1));
        assert!(outbox.can_replay(2));
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut outbox = filled(2);
        outbox.push(&Arc::from("x".repeat(98)));
        assert_eq!(counts(&outbox), [3]);
        outbox.push(&Arc::from("x".repeat(101)));
        assert_eq!(outbox.held(), (0, 0));
        assert!(!outbox.can_replay(3) && outbox.can_replay(4));
    }

    #[test]
    fn a_new_start_counts_from_one() {
        let mut outbox = filled(3);
        outbox.reset();
        assert_eq!(outbox.push(&Arc::from("{}")).seq, Some(1));
    }
}
