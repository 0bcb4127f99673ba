//! What is hashed and what is signed in a round. The bytes are the contract with the page's half (`ui/src/trust/rounds`).

use crate::statement::Statement;

use super::roster::Member;

/// A round: which meeting, which roster R, which number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) meeting_id: &'a str,
    pub(crate) roster: &'a [u8; 32],
    pub(crate) number: u32,
}

/// c: binds a member to `nonce` for this round, and shows nothing of it.
pub(crate) fn commitment(of: Of<'_>, member: &Member, nonce: &[u8; 32]) -> [u8; 32] {
    Statement::new("commitment")
        .field(of.meeting_id.as_bytes())
        .field(of.roster)
        .field(&of.number.to_be_bytes())
        .field(member.key.bytes())
        .field(nonce)
        .hash()
}

/// One hash over the commitments of all members in the roster's order: who signs it has seen the same ones.
pub(crate) fn commitments<'a>(of: Of<'_>, all: impl Iterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    all.fold(
        Statement::new("commitments")
            .field(of.roster)
            .field(&of.number.to_be_bytes()),
        |statement, commitment| statement.field(commitment),
    )
    .hash()
}

/// Five numbers below 64: the first 30 bits of the hash over all commitments and nonces in the roster's order.
pub(crate) fn code<'a>(
    of: Of<'_>,
    all: impl Iterator<Item = (&'a [u8; 32], &'a [u8; 32])>,
) -> [u8; 5] {
    let hash = all
        .fold(
            Statement::new("code")
                .field(of.roster)
                .field(&of.number.to_be_bytes()),
            |statement, (commitment, nonce)| statement.field(commitment).field(nonce),
        )
        .hash();
    let [a, b, c, d, ..] = hash;
    [
        a >> 2,
        (a & 0b11) << 4 | b >> 4,
        (b & 0b1111) << 2 | c >> 6,
        c & 0b11_1111,
        d >> 2,
    ]
}

/// "In this round this is my commitment." The client id is in it, so that two windows of one key are not taken for each other.
pub(crate) fn commit_statement(of: Of<'_>, client_id: &str, commitment: &[u8; 32]) -> Statement {
    signed("commit", of, client_id).field(commitment)
}

/// "In this round this is my nonce, and I have seen these commitments."
pub(crate) fn reveal_statement(
    of: Of<'_>,
    client_id: &str,
    nonce: &[u8; 32],
    commitments: &[u8; 32],
) -> Statement {
    signed("reveal", of, client_id)
        .field(nonce)
        .field(commitments)
}

/// The app's node signs for its page, and for this only the label `verify`; the first field tells the kinds apart.
fn signed(kind: &str, of: Of<'_>, client_id: &str) -> Statement {
    Statement::new("verify")
        .field(kind.as_bytes())
        .field(of.meeting_id.as_bytes())
        .field(of.roster)
        .field(&of.number.to_be_bytes())
        .field(client_id.as_bytes())
}
