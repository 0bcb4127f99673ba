//! The heartbeat of a host, signed and counted, so that whoever has heard it can pass it on and nobody can make it up. A candidate
//! for its place has the same.

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{MeetingId, TermId};
use crate::signer::Signer;
use crate::wire::{Malformed, Reader, Writer};

/// Names one attempt of two hosts to become one.
pub type MergeId = [u8; 16];

/// Whose pulse it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The host of the term. `merge`: members shall say that they are present.
    Host { merge: Option<MergeId> },
    /// Somebody who has lost the host of the term and asks whether others have.
    Candidate,
}

/// One beat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    pub meeting: MeetingId,
    pub term: TermId,
    /// Who says it.
    pub key: PublicKey,
    pub beat: Beat,
    /// The version of the record of the term that it has.
    pub version: u32,
    /// Larger than in the pulse before.
    pub count: u64,
    signature: Signature,
}

impl Pulse {
    pub(crate) fn sign(
        meeting: MeetingId,
        term: TermId,
        beat: Beat,
        version: u32,
        count: u64,
        signer: &dyn Signer,
    ) -> Option<Self> {
        let mut pulse = Self {
            meeting,
            term,
            key: signer.public(),
            beat,
            version,
            count,
            signature: Signature::from_bytes([0; 64]),
        };
        pulse.signature = signer.sign(&pulse.statement())?;
        Some(pulse)
    }

    fn statement(&self) -> Statement {
        let (kind, merge): (u8, &[u8]) = match &self.beat {
            Beat::Host { merge: None } => (0, &[]),
            Beat::Host { merge: Some(merge) } => (1, merge),
            Beat::Candidate => (2, &[]),
        };
        Statement::new("pulse")
            .field(&self.meeting.0)
            .field(&self.term.0)
            .field(self.key.bytes())
            .field(&[kind])
            .field(merge)
            .field(&self.version.to_be_bytes())
            .field(&self.count.to_be_bytes())
    }

    pub(crate) fn verifies(&self, signer: &dyn Signer) -> bool {
        signer.verifies(&self.key, &self.statement(), &self.signature)
    }

    pub fn is_host(&self) -> bool {
        matches!(self.beat, Beat::Host { .. })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.raw(&self.meeting.0).raw(&self.term.0).key(&self.key);
        match &self.beat {
            Beat::Host { merge: None } => writer.u8(0),
            Beat::Host { merge: Some(merge) } => writer.u8(1).raw(merge),
            Beat::Candidate => writer.u8(2),
        };
        writer
            .u32(self.version)
            .u64(self.count)
            .signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            meeting: MeetingId(reader.array()?),
            term: TermId(reader.array()?),
            key: reader.key()?,
            beat: match reader.u8()? {
                0 => Beat::Host { merge: None },
                1 => Beat::Host {
                    merge: Some(reader.array()?),
                },
                2 => Beat::Candidate,
                _ => return Err(Malformed::Value),
            },
            version: reader.u32()?,
            count: reader.u64()?,
            signature: reader.signature()?,
        })
    }
}
