//! One signed ruling.

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::MeetingId;
use crate::wire::{Malformed, Reader, Writer};

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Participant,
    /// May rule, but for roles, and may not remove a host.
    Moderator,
    Host,
}

/// What is ruled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    Role(PublicKey, Role),
    /// Removed, and may not come back while `true`.
    Ban(PublicKey, bool),
    /// Nobody new comes in.
    Lock(bool),
    /// Whoever is new waits to be let in.
    Lobby(bool),
}

/// What a rule is about: of several the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Role(PublicKey),
    Ban(PublicKey),
    Lock,
    Lobby,
}

impl Rule {
    pub(super) fn subject(&self) -> Subject {
        match self {
            Self::Role(key, _) => Subject::Role(*key),
            Self::Ban(key, _) => Subject::Ban(*key),
            Self::Lock(_) => Subject::Lock,
            Self::Lobby(_) => Subject::Lobby,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Role(key, Role::Participant) => writer.u8(0).key(key),
            Self::Role(key, Role::Moderator) => writer.u8(1).key(key),
            Self::Ban(key, false) => writer.u8(2).key(key),
            Self::Ban(key, true) => writer.u8(3).key(key),
            Self::Lock(on) => writer.u8(4 + u8::from(*on)),
            Self::Lobby(on) => writer.u8(6 + u8::from(*on)),
            Self::Role(key, Role::Host) => writer.u8(8).key(key),
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.u8()? {
            0 => Self::Role(reader.key()?, Role::Participant),
            1 => Self::Role(reader.key()?, Role::Moderator),
            2 => Self::Ban(reader.key()?, false),
            3 => Self::Ban(reader.key()?, true),
            4 => Self::Lock(false),
            5 => Self::Lock(true),
            6 => Self::Lobby(false),
            7 => Self::Lobby(true),
            8 => Self::Role(reader.key()?, Role::Host),
            _ => return Err(Malformed::Value),
        })
    }
}

/// A rule with its author's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    pub author: PublicKey,
    /// One more than the highest that the author had seen.
    pub clock: u64,
    pub rule: Rule,
    pub(super) signature: Signature,
    pub(super) id: u64,
}

impl Ruling {
    pub(super) fn statement(&self, meeting: MeetingId) -> Statement {
        let mut writer = Writer::default();
        self.rule.write(&mut writer);
        Statement::new("ruling")
            .field(&meeting.0)
            .field(self.author.bytes())
            .field(&self.clock.to_be_bytes())
            .field(&writer.done())
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.key(&self.author).u64(self.clock);
        self.rule.write(writer);
        writer.signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            author: reader.key()?,
            clock: reader.u64()?,
            rule: Rule::read(reader)?,
            signature: reader.signature()?,
            id: 0,
        })
    }
}
