//! A line of chat as its author signs it: the same whichever host carries it, and whichever half of the meeting it came from.

use data_encoding::HEXLOWER;

use crate::{PublicKey, Statement};

/// What an author says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// [`meeting_field`] of the meeting's id.
    pub meeting: &'a [u8],
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

/// What a statement says of the meeting: the 16 bytes that an id of 32 hexadecimal digits stands for. An id that somebody chose is
/// its text after 17 bytes that say so, so that none is the same as one of the other form.
#[must_use]
pub fn meeting_field(id: &str) -> Vec<u8> {
    match HEXLOWER.decode(id.as_bytes()) {
        Ok(bytes) if bytes.len() == 16 => bytes,
        _ => format!("landline meeting {id}").into_bytes(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_somebody_chose_is_no_other_ones_bytes() {
        assert_eq!(meeting_field(&"ab".repeat(16)), [0xab; 16]);
        assert_eq!(meeting_field("stand-up"), b"landline meeting stand-up");
        assert_eq!(meeting_field("ABCD"), b"landline meeting ABCD");
    }
}
