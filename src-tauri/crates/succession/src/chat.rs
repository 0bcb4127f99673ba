//! The chat as a set of signed lines that every participant has: whoever lacks some gets them from whoever has them, so none is
//! lost with a host, and two halves have the same chat as soon as they speak.
//!
//! Order: a line's clock is above that of every line that its author had seen, so an answer stands below what it answers in
//! every log; lines written at the same time in two halves are ordered by author. What is kept is the end of that order, as far
//! as [`LINES`] and [`CHAT_BYTES`] go: the same end whatever way the lines came.

use std::collections::BTreeMap;
use std::sync::Arc;

use landline_trust::chat::Said;
use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{MeetingId, short};
use crate::limits::{CHAT_BYTES, CLOCK_LEAP, LINE_BYTES, LINES};
use crate::signer::Signer;
use crate::wire::{Malformed, Reader, Writer};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub author: PublicKey,
    /// One more than the highest that the author had seen.
    pub clock: u64,
    /// Chance of the author's, for each time that its app or page began: counts begin anew after a restart.
    pub run: u64,
    /// Of the author's lines in this run: 1, 2, 3, …
    pub sequence: u32,
    /// The author's time, in milliseconds since 1970, for people to read.
    pub unix_ms: u64,
    pub text: String,
    pub signature: Signature,
    id: u64,
}

/// How an author counts its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub clock: u64,
    pub run: u64,
    pub sequence: u32,
}

/// Where a line stands. The id is in it for an author who signs two lines with the same numbers: then both are lines, and all
/// logs agree.
type Place = (u64, PublicKey, u64, u32, u64);

impl Line {
    /// A line that came over the wire. Whether its author signed it is seen when a log takes it.
    pub fn new(
        author: PublicKey,
        Count {
            clock,
            run,
            sequence,
        }: Count,
        unix_ms: u64,
        text: String,
        signature: Signature,
    ) -> Self {
        Self {
            author,
            clock,
            run,
            sequence,
            unix_ms,
            text,
            signature,
            id: 0,
        }
    }

    /// What its author signs.
    pub fn statement(&self, meeting: MeetingId) -> Statement {
        let said = Said {
            meeting: &meeting.0,
            author: &self.author,
            clock: self.clock,
            run: self.run,
            sequence: self.sequence,
            unix_ms: self.unix_ms,
            text: &self.text,
        };
        said.statement()
    }

    fn place(&self) -> Place {
        (self.clock, self.author, self.run, self.sequence, self.id)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .key(&self.author)
            .u64(self.clock)
            .u64(self.run)
            .u32(self.sequence)
            .u64(self.unix_ms)
            .text(&self.text)
            .signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            author: reader.key()?,
            clock: reader.u64()?,
            run: reader.u64()?,
            sequence: reader.u32()?,
            unix_ms: reader.u64()?,
            text: reader.text(LINE_BYTES)?,
            signature: reader.signature()?,
            id: 0,
        })
    }
}

/// All lines that one participant has.
#[derive(Debug, Default)]
pub struct Log {
    lines: BTreeMap<Place, Arc<Line>>,
    bytes: usize,
    /// Exclusive or of the lines' ids.
    digest: u64,
    clock: u64,
    run: u64,
    sequence: u32,
}

impl Log {
    pub(crate) fn new(run: u64) -> Self {
        Self {
            run,
            ..Self::default()
        }
    }

    /// Lines in order.
    pub fn lines(&self) -> impl Iterator<Item = &Arc<Line>> {
        self.lines.values()
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.lines.values().map(|line| line.id).collect()
    }

    /// Lines whose ids are not among `have`, oldest first.
    pub(crate) fn lacking(&self, have: &[u64]) -> Vec<Arc<Line>> {
        let have: std::collections::HashSet<u64> = have.iter().copied().collect();
        self.lines()
            .filter(|line| !have.contains(&line.id))
            .cloned()
            .collect()
    }

    /// A new line of this participant. Nothing if it is too long.
    pub(crate) fn write(
        &mut self,
        meeting: MeetingId,
        text: String,
        unix_ms: u64,
        signer: &dyn Signer,
    ) -> Option<Arc<Line>> {
        if text.len() > LINE_BYTES {
            return None;
        }
        let mut line = Line {
            author: signer.public(),
            clock: self.clock + 1,
            run: self.run,
            sequence: self.sequence + 1,
            unix_ms,
            text,
            signature: Signature::from_bytes([0; 64]),
            id: 0,
        };
        let statement = line.statement(meeting);
        line.signature = signer.sign(&statement)?;
        line.id = short(&statement);
        self.sequence += 1;
        let line = Arc::new(line);
        self.insert(line.clone());
        Some(line)
    }

    /// A line of somebody else's. Gives it if it is new, well signed and not older than what is kept.
    pub(crate) fn take(
        &mut self,
        meeting: MeetingId,
        line: &Line,
        signer: &dyn Signer,
    ) -> Option<Arc<Line>> {
        if line.text.len() > LINE_BYTES || line.clock > self.clock.saturating_add(CLOCK_LEAP) {
            return None;
        }
        let statement = line.statement(meeting);
        let line = Arc::new(Line {
            id: short(&statement),
            ..line.clone()
        });
        if self.lines.contains_key(&line.place()) || self.is_too_old(&line) {
            return None;
        }
        if !signer.verifies(&line.author, &statement, &line.signature) {
            return None;
        }
        self.insert(line.clone()).then_some(line)
    }

    fn is_too_old(&self, line: &Line) -> bool {
        self.lines.len() >= LINES
            && self
                .lines
                .first_key_value()
                .is_some_and(|(oldest, _)| line.place() < *oldest)
    }

    /// Whether it is still there after the log was cut to its bounds.
    fn insert(&mut self, line: Arc<Line>) -> bool {
        let place = line.place();
        self.clock = self.clock.max(line.clock);
        self.bytes += line.text.len();
        self.digest ^= line.id;
        self.lines.insert(place, line);
        while self.lines.len() > LINES || self.bytes > CHAT_BYTES {
            let Some((_, oldest)) = self.lines.pop_first() else {
                break;
            };
            self.bytes -= oldest.text.len();
            self.digest ^= oldest.id;
        }
        self.lines.contains_key(&place)
    }
}

#[cfg(test)]
mod tests {
    use landline_trust::SigningKey;

    use super::*;

    const MEETING: MeetingId = MeetingId([1; 16]);

    fn texts(log: &Log) -> Vec<&str> {
        log.lines().map(|line| line.text.as_str()).collect()
    }

    fn give(from: &Log, to: &mut Log, signer: &SigningKey) -> usize {
        let lines = from.lacking(&to.ids());
        let mut taken = |line: &Arc<Line>| to.take(MEETING, line, signer).is_some();
        lines.iter().filter(|line| taken(line)).count()
    }

    #[test]
    fn two_halves_have_the_same_chat_in_the_same_order_and_nothing_twice() {
        let (ada, ben) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let (mut left, mut right) = (Log::new(1), Log::new(2));
        left.write(MEETING, "before".into(), 0, &ada).unwrap();
        assert_eq!(give(&left, &mut right, &ben), 1);
        for text in ["a", "b"] {
            left.write(MEETING, text.into(), 0, &ada).unwrap();
            right.write(MEETING, text.to_uppercase(), 0, &ben).unwrap();
        }
        assert_eq!(give(&left, &mut right, &ben), 2);
        assert_eq!(give(&right, &mut left, &ada), 2);
        assert_eq!(give(&right, &mut left, &ada), 0);
        assert_eq!(texts(&left), texts(&right));
        assert_eq!(left.digest(), right.digest());
        let place = |text| texts(&left).iter().position(|line| *line == text).unwrap();
        assert!(place("a") < place("b") && place("A") < place("B") && place("before") == 0);
        assert!(
            place("a") < place("B"),
            "what was written later stands later"
        );
    }

    #[test]
    fn a_line_that_its_author_did_not_sign_is_refused() {
        let (ada, eve) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let mut log = Log::new(1);
        let line = Log::new(2).write(MEETING, "x".into(), 0, &eve).unwrap();
        let forged = Arc::new(Line {
            author: ada.public(),
            ..Line::clone(&line)
        });
        assert_eq!(log.take(MEETING, &forged, &ada), None);
        assert_eq!(log.take(MeetingId([2; 16]), &line, &ada), None);
        assert!(log.take(MEETING, &line, &ada).is_some());
    }

    #[test]
    fn a_line_cannot_stand_last_for_ever() {
        let eve = SigningKey::generate().unwrap();
        let mut far = Log {
            clock: u64::MAX - 1,
            ..Log::new(2)
        };
        let line = far.write(MEETING, "x".into(), 0, &eve).unwrap();
        assert_eq!(Log::new(1).take(MEETING, &line, &eve), None);
    }

    #[test]
    fn what_is_kept_does_not_depend_on_the_way_it_came() {
        let ada = SigningKey::generate().unwrap();
        let mut author = Log::new(1);
        let mut lines = Vec::new();
        for number in 0..LINES + 20 {
            lines.push(author.write(MEETING, number.to_string(), 0, &ada).unwrap());
        }
        let mut backwards = Log::new(2);
        for line in lines.iter().rev() {
            backwards.take(MEETING, line, &ada);
        }
        assert_eq!(author.lines.len(), LINES);
        assert_eq!(texts(&author), texts(&backwards));
        assert_eq!(author.digest(), backwards.digest());
        assert!(
            author
                .write(MEETING, "x".repeat(LINE_BYTES + 1), 0, &ada)
                .is_none()
        );
    }
}
