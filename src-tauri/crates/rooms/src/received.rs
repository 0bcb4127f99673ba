//! What has come from one seat: the count of its messages, and the acknowledgements owed for them.

use std::time::Duration;

use landline_protocol::limits::{ACK_EVERY, PING_EVERY};

#[derive(Debug, Default)]
pub(crate) struct Received {
    /// The last message done.
    done: u32,
    /// The last message acknowledged.
    acked: u32,
    /// Since when something is owed.
    owed_since: Option<Duration>,
}

impl Received {
    /// Counts one message in. False for one that was done before, which is to be dropped.
    ///
    /// A gap is taken as it comes: a connection keeps the order, so what is missing is a message that could not be
    /// understood, and was answered with an error.
    pub(crate) fn is_new(&mut self, seq: u32, now: Duration) -> bool {
        // One done before is owed an acknowledgement as well: its sender does not know.
        self.owed_since.get_or_insert(now);
        if seq <= self.done {
            return false;
        }
        self.done = seq;
        true
    }

    /// What to acknowledge now, if anything.
    pub(crate) fn take_due(&mut self, now: Duration) -> Option<u32> {
        let many = self.done - self.acked >= ACK_EVERY;
        let late = self.due_at().is_some_and(|at| at <= now);
        (many || late).then(|| self.acknowledge())
    }

    /// The count that the client is being told.
    pub(crate) fn acknowledge(&mut self) -> u32 {
        self.acked = self.done;
        self.owed_since = None;
        self.done
    }

    pub(crate) fn due_at(&self) -> Option<Duration> {
        self.owed_since.map(|since| since + PING_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_messages_are_acknowledged_at_once_and_few_after_a_while() {
        let start = Duration::ZERO;
        let mut received = Received::default();
        for seq in 1..ACK_EVERY {
            assert!(received.is_new(seq, start));
            assert_eq!(received.take_due(start), None);
        }
        assert!(received.is_new(ACK_EVERY, start));
        assert_eq!(received.take_due(start), Some(ACK_EVERY));
        assert_eq!(received.due_at(), None);

        assert!(received.is_new(ACK_EVERY + 1, start));
        assert_eq!(received.take_due(start), None);
        assert_eq!(received.take_due(PING_EVERY), Some(ACK_EVERY + 1));
    }

    #[test]
    fn a_message_done_before_is_dropped_and_acknowledged_again() {
        let mut received = Received::default();
        assert!(received.is_new(1, Duration::ZERO));
        received.acknowledge();
        assert!(!received.is_new(1, Duration::ZERO));
        assert_eq!(received.take_due(PING_EVERY), Some(1));
    }
}
