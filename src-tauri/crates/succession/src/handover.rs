//! A host's signed word that another has its meeting from now on: when it leaves, and when its half joins the other.

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{MeetingId, TermId};
use crate::signer::Signer;
use crate::wire::{Malformed, Reader, Writer};

/// The word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    pub meeting: MeetingId,
    /// The term that ends.
    pub from: TermId,
    pub to: PublicKey,
    /// The term that its members go to; `None`: the one that `to` begins from the last record of `from`.
    pub term: Option<TermId>,
    signature: Signature,
}

impl Handover {
    pub(crate) fn sign(
        meeting: MeetingId,
        from: TermId,
        to: PublicKey,
        term: Option<TermId>,
        signer: &dyn Signer,
    ) -> Option<Self> {
        let mut handover = Self {
            meeting,
            from,
            to,
            term,
            signature: Signature::from_bytes([0; 64]),
        };
        handover.signature = signer.sign(&handover.statement())?;
        Some(handover)
    }

    fn statement(&self) -> Statement {
        Statement::new("handover")
            .field(&self.meeting.0)
            .field(&self.from.0)
            .field(self.to.bytes())
            .field(self.term.as_ref().map_or(&[], |term| &term.0))
    }

    /// `host`: of the term that ends.
    pub(crate) fn verifies(&self, host: &PublicKey, signer: &dyn Signer) -> bool {
        signer.verifies(host, &self.statement(), &self.signature)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.raw(&self.meeting.0).raw(&self.from.0).key(&self.to);
        match &self.term {
            None => writer.u8(0),
            Some(term) => writer.u8(1).raw(&term.0),
        };
        writer.signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            meeting: MeetingId(reader.array()?),
            from: TermId(reader.array()?),
            to: reader.key()?,
            term: if reader.bool()? {
                Some(TermId(reader.array()?))
            } else {
                None
            },
            signature: reader.signature()?,
        })
    }
}
