//! The chat of one room: for those who come late, and so that a line sent twice shows once.

use std::collections::{HashSet, VecDeque};

use landline_protocol::ChatLine;
use landline_protocol::limits::{CHAT_BYTES, CHAT_LINES};

/// Lines in the order of their time; the oldest go when there are too many.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    lines: VecDeque<Kept>,
    ids: HashSet<String>,
    bytes: usize,
    /// The highest of all signed lines.
    clock: u64,
}

#[derive(Debug)]
struct Kept {
    line: ChatLine,
    /// As JSON, with the comma after it.
    bytes: usize,
}

impl Chat {
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub(crate) fn clock(&self) -> u64 {
        self.clock
    }

    /// Keeps a line that was said now. False if its id is known.
    pub(crate) fn say(&mut self, line: ChatLine) -> bool {
        if self.ids.contains(&line.id) {
            return false;
        }
        self.insert(self.lines.len(), line);
        self.trim();
        true
    }

    /// Takes in lines that were said before the host was restarted. Returns those that were not known and are kept.
    pub(crate) fn merge(&mut self, lines: Vec<ChatLine>) -> Vec<ChatLine> {
        let mut added = Vec::new();
        for line in lines {
            if self.ids.contains(&line.id) {
                continue;
            }
            let place = self.lines.partition_point(|kept| kept.line.at <= line.at);
            added.push(line.clone());
            self.insert(place, line);
        }
        self.trim();
        added.retain(|line| self.ids.contains(&line.id));
        added.sort_by_key(|line| line.at);
        added
    }

    pub(crate) fn lines(&self) -> Vec<ChatLine> {
        self.lines.iter().map(|kept| kept.line.clone()).collect()
    }

    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.lines.len(), self.bytes)
    }

    fn insert(&mut self, place: usize, line: ChatLine) {
        let bytes = serde_json::to_string(&line).map_or(0, |json| json.len() + 1);
        self.bytes += bytes;
        if let Some(signed) = &line.signed {
            self.clock = self.clock.max(signed.clock);
        }
        self.ids.insert(line.id.clone());
        self.lines.insert(place, Kept { line, bytes });
    }

    fn trim(&mut self) {
        while (self.lines.len() > CHAT_LINES || self.bytes > CHAT_BYTES)
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= oldest.bytes;
            self.ids.remove(&oldest.line.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: usize, at: u64, text: &str) -> ChatLine {
        ChatLine {
            id: format!("line-{id:06}"),
            from: "aaaaaaaaaaaa".into(),
            name: None,
            text: text.into(),
            at,
            author: None,
            signed: None,
            after: None,
        }
    }

    fn times(chat: &Chat) -> Vec<u64> {
        chat.lines().iter().map(|line| line.at).collect()
    }

    #[test]
    fn a_line_sent_twice_is_kept_once() {
        let mut chat = Chat::default();
        assert!(chat.say(line(1, 1, "a")));
        assert!(!chat.say(line(1, 2, "b")));
        assert_eq!(chat.lines().len(), 1);
    }

    #[test]
    fn lines_and_bytes_are_bounded_and_the_oldest_go() {
        let mut chat = Chat::default();
        for id in 0..=CHAT_LINES {
            assert!(chat.say(line(id, id as u64, "x")));
        }
        assert_eq!(chat.held().0, CHAT_LINES);
        assert_eq!(times(&chat).first(), Some(&1));

        // Control characters take six bytes each in JSON.
        for id in 0..60 {
            chat.say(line(10_000 + id, 1_000, &"\u{1}".repeat(4_000)));
        }
        assert!(chat.held().1 <= CHAT_BYTES);
        assert!(serde_json::to_string(&chat.lines()).unwrap().len() <= CHAT_BYTES + 2);
    }

    #[test]
    fn given_back_lines_go_to_their_time_and_only_unknown_ones_are_told() {
        let mut chat = Chat::default();
        chat.say(line(5, 50, "now"));
        let added = chat.merge(vec![line(3, 30, ""), line(5, 50, ""), line(1, 10, "")]);
        assert_eq!(
            added.iter().map(|line| line.at).collect::<Vec<_>>(),
            [10, 30]
        );
        assert_eq!(times(&chat), [10, 30, 50]);
        assert!(chat.merge(vec![line(3, 30, "")]).is_empty());
    }

    #[test]
    fn given_back_lines_that_are_too_old_to_keep_are_not_told() {
        let mut chat = Chat::default();
        for id in 0..CHAT_LINES {
            chat.say(line(id, 100, "x"));
        }
        assert!(chat.merge(vec![line(9_999, 1, "old")]).is_empty());
    }
}
