//! Names that certify themselves: of a meeting, of a term of a host, of a key.

use std::fmt;

use landline_trust::{PublicKey, Statement};
use ring::digest::{Context, SHA256};

/// SHA-256 of a signed statement.
pub type Hash = [u8; 32];

/// A meeting: the first 16 bytes of SHA-256(founder's public key ‖ nonce ‖ start). Nobody else can show the founding that it is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeetingId(pub [u8; 16]);

/// What a meeting's id is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founding {
    /// Host of epoch 0.
    pub founder: PublicKey,
    pub nonce: [u8; 16],
    /// Milliseconds since 1970.
    pub start: u64,
}

impl Founding {
    #[must_use]
    pub fn id(&self) -> MeetingId {
        let mut context = Context::new(&SHA256);
        context.update(self.founder.bytes());
        context.update(&self.nonce);
        context.update(&self.start.to_be_bytes());
        MeetingId(first16(context.finish().as_ref()))
    }
}

/// One term of one host: from when it opened the room until another has it. A host that is restarted and opens the room again
/// begins another term.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub [u8; 16]);

/// A key in short: what a chain needs to know of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(key.bytes());
        Self(first16(context.finish().as_ref()))
    }
}

pub(crate) fn first16(hash: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(hash) {
        *to = *from;
    }
    first
}

/// The first 8 bytes of a statement's hash, for sums over sets.
pub(crate) fn short(statement: &Statement) -> u64 {
    statement
        .hash()
        .iter()
        .take(8)
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().take(4).try_for_each(|b| write!(f, "{b:02x}"))
}

impl fmt::Debug for MeetingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}

impl fmt::Debug for TermId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}
