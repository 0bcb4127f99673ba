//! A line of chat as its author signs it: the same whichever host carries it, and whichever half of the meeting it came from.

use data_encoding::HEXLOWER;

use crate::{PublicKey, Statement};

/// What an author says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// The bytes of a meeting's id.
    pub meeting: &'a [u8; 16],
    pub author: &'a PublicKey,
    /// One more than the highest that the author had seen.
    pub clock: u64,
    /// Chance of the author's, for each time that its page began.
    pub run: u64,
    /// Of the author's lines in this run: 1, 2, 3, …
    pub sequence: u32,
    /// The author's time, in milliseconds since 1970.
    pub unix_ms: u64,
    pub text: &'a str,
}

impl Said<'_> {
    /// What is signed.
    #[must_use]
    pub fn statement(&self) -> Statement {
        Statement::new("chat")
            .field(self.meeting)
            .field(self.author.bytes())
            .field(&self.clock.to_be_bytes())
            .field(&self.run.to_be_bytes())
            .field(&self.sequence.to_be_bytes())
            .field(&self.unix_ms.to_be_bytes())
            .field(self.text.as_bytes())
    }
}

/// The id of a signed line on the wire: the first 16 bytes of the statement's hash in hexadecimal digits. So it is the same line
/// for everybody, and nobody else's line can have it.
#[must_use]
pub fn line_id(statement: &Statement) -> String {
    let hash = statement.hash();
    let (first, _) = hash.split_at(16);
    HEXLOWER.encode(first)
}
