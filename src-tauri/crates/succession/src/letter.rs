//! What is said to one participant, wherever in the part it is: signed by who says it, passed on by those between.

use std::sync::Arc;

use landline_trust::{PublicKey, Signature, Statement};

use crate::chain::Claim;
use crate::handover::Handover;
use crate::ids::{MeetingId, TermId};
use crate::limits::MEMBERS;
use crate::pulse::MergeId;
use crate::record::Member;
use crate::signer::Signer;
use crate::wire::{Malformed, Reader, Writer};

/// Why somebody is not in the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Banned,
    Locked,
    Full,
    /// The host, or who decides for it, said no.
    Declined,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// To the host: list me. `ticket`: the last record that did, of whatever half.
    Enter {
        term: TermId,
        member: Member,
        ticket: Option<Arc<Claim>>,
    },
    /// From the host: no.
    Refused(Refused),
    /// To the host: I leave.
    Leave,
    /// From a host that leaves to its successor: the meeting is yours.
    Take {
        handover: Arc<Handover>,
        claim: Arc<Claim>,
    },
    /// From one host to another of the same meeting: let us become one. `nonce` is its part of the merge's name.
    Propose { nonce: [u8; 16], claim: Arc<Claim> },
    /// Yes; with both nonces.
    Accept {
        theirs: [u8; 16],
        nonce: [u8; 16],
        claim: Arc<Claim>,
    },
    /// To the own host: I am here.
    Present(Presence),
    /// From one host to the other: these are here.
    Tally {
        merge: MergeId,
        present: Vec<Presence>,
    },
    /// From the host of the smaller half: my people come to you.
    Yield {
        handover: Arc<Handover>,
        claim: Arc<Claim>,
    },
}

/// One member's signature that it is present in one term, for one merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    pub key: PublicKey,
    pub merge: MergeId,
    signature: Signature,
}

impl Presence {
    fn statement(meeting: MeetingId, term: TermId, merge: &MergeId) -> Statement {
        Statement::new("present")
            .field(&meeting.0)
            .field(&term.0)
            .field(merge)
    }

    pub(crate) fn sign(
        meeting: MeetingId,
        term: TermId,
        merge: MergeId,
        signer: &dyn Signer,
    ) -> Option<Self> {
        Some(Self {
            key: signer.public(),
            merge,
            signature: signer.sign(&Self::statement(meeting, term, &merge))?,
        })
    }

    pub(crate) fn verifies(&self, meeting: MeetingId, term: TermId, signer: &dyn Signer) -> bool {
        signer.verifies(
            &self.key,
            &Self::statement(meeting, term, &self.merge),
            &self.signature,
        )
    }

    fn write(&self, writer: &mut Writer) {
        writer
            .key(&self.key)
            .raw(&self.merge)
            .signature(&self.signature);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            key: reader.key()?,
            merge: reader.array()?,
            signature: reader.signature()?,
        })
    }
}

/// A body with its sender's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub from: PublicKey,
    pub to: PublicKey,
    /// Chance of the sender's, by which a letter is known again.
    pub serial: u64,
    pub body: Body,
    signature: Signature,
}

impl Letter {
    pub(crate) fn sign(
        meeting: MeetingId,
        to: PublicKey,
        serial: u64,
        body: Body,
        signer: &dyn Signer,
    ) -> Option<Self> {
        let mut letter = Self {
            from: signer.public(),
            to,
            serial,
            body,
            signature: Signature::from_bytes([0; 64]),
        };
        letter.signature = signer.sign(&letter.statement(meeting))?;
        Some(letter)
    }

    fn statement(&self, meeting: MeetingId) -> Statement {
        let mut body = Writer::default();
        self.body.write(&mut body);
        Statement::new("letter")
            .field(&meeting.0)
            .field(self.from.bytes())
            .field(self.to.bytes())
            .field(&self.serial.to_be_bytes())
            .field(&body.done())
    }

    pub(crate) fn verifies(&self, meeting: MeetingId, signer: &dyn Signer) -> bool {
        signer.verifies(&self.from, &self.statement(meeting), &self.signature)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.key(&self.from).key(&self.to).u64(self.serial);
        self.body.write(writer);
        writer.signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            from: reader.key()?,
            to: reader.key()?,
            serial: reader.u64()?,
            body: Body::read(reader)?,
            signature: reader.signature()?,
        })
    }
}

impl Body {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Enter {
                term,
                member,
                ticket,
            } => {
                writer.u8(0).raw(&term.0);
                member.write(writer);
                match ticket {
                    None => {
                        writer.u8(0);
                    }
                    Some(claim) => claim.write(writer.u8(1)),
                }
            }
            Self::Refused(why) => {
                let why = match why {
                    Refused::Banned => 0,
                    Refused::Locked => 1,
                    Refused::Full => 2,
                    Refused::Declined => 3,
                };
                writer.u8(1).u8(why);
            }
            Self::Leave => {
                writer.u8(2);
            }
            Self::Take { handover, claim } => {
                handover.write(writer.u8(3));
                claim.write(writer);
            }
            Self::Propose { nonce, claim } => claim.write(writer.u8(4).raw(nonce)),
            Self::Accept {
                theirs,
                nonce,
                claim,
            } => claim.write(writer.u8(5).raw(theirs).raw(nonce)),
            Self::Present(presence) => presence.write(writer.u8(6)),
            Self::Tally { merge, present } => {
                writer
                    .u8(7)
                    .raw(merge)
                    .list(present, |writer, presence| presence.write(writer));
            }
            Self::Yield { handover, claim } => {
                handover.write(writer.u8(8));
                claim.write(writer);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.u8()? {
            0 => Self::Enter {
                term: TermId(reader.array()?),
                member: Member::read(reader)?,
                ticket: if reader.bool()? {
                    Some(Claim::read(reader)?.into())
                } else {
                    None
                },
            },
            1 => Self::Refused(match reader.u8()? {
                0 => Refused::Banned,
                1 => Refused::Locked,
                2 => Refused::Full,
                3 => Refused::Declined,
                _ => return Err(Malformed::Value),
            }),
            2 => Self::Leave,
            3 => Self::Take {
                handover: Handover::read(reader)?.into(),
                claim: Claim::read(reader)?.into(),
            },
            4 => Self::Propose {
                nonce: reader.array()?,
                claim: Claim::read(reader)?.into(),
            },
            5 => Self::Accept {
                theirs: reader.array()?,
                nonce: reader.array()?,
                claim: Claim::read(reader)?.into(),
            },
            6 => Self::Present(Presence::read(reader)?),
            7 => Self::Tally {
                merge: reader.array()?,
                present: reader.list(MEMBERS, Presence::read)?,
            },
            8 => Self::Yield {
                handover: Handover::read(reader)?.into(),
                claim: Claim::read(reader)?.into(),
            },
            _ => return Err(Malformed::Value),
        })
    }
}
