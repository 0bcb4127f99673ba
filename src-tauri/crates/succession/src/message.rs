//! What neighbours say to one another. Every message may be lost, doubled, late or out of order.

use std::sync::Arc;

use crate::chain::Claim;
use crate::chat::Line;
use crate::handover::Handover;
use crate::ids::{Hash, TermId};
use crate::letter::Letter;
use crate::limits::{HANDOVERS, HOPS, LINES, MESSAGE_BYTES, PULSES, RULINGS};
use crate::pulse::Pulse;
use crate::rulings::Ruling;
use crate::wire::{Malformed, Reader, Writer};

/// One message between two who have a connection or a data channel. Who sends it is known from that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// At least every [`crate::limits::BEAT_EVERY`], over every path there is.
    Hello(Hello),
    /// Show me the way to your host, or to the host of that term.
    AskClaim(Option<TermId>),
    Claim {
        claim: Arc<Claim>,
        handovers: Vec<Arc<Handover>>,
    },
    /// These I have; send me what I lack of either kind that is named.
    Have {
        lines: Option<Vec<u64>>,
        rulings: Option<Vec<u64>>,
    },
    Lines(Vec<Arc<Line>>),
    Rulings(Vec<Arc<Ruling>>),
    Letter {
        hops: u8,
        letter: Arc<Letter>,
    },
}

/// What one participant says all the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The receiver was heard by the sender lately: the path works both ways.
    pub hears_you: bool,
    /// The newest pulse of the sender's own host that it knows; a host's own.
    pub host: Option<Arc<Pulse>>,
    /// Of candidates and of other hosts.
    pub others: Vec<Arc<Pulse>>,
    /// Hash of the sender's record.
    pub record: Hash,
    /// Sums over chat and rulings: where they differ, something is lacking.
    pub chat: u64,
    pub rulings: u64,
}

impl Message {
    /// At most [`MESSAGE_BYTES`]; below 64 KiB, but for claims of large meetings with many hosts.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::Hello(hello) => hello.write(writer.u8(0)),
            Self::AskClaim(None) => {
                writer.u8(1).u8(0);
            }
            Self::AskClaim(Some(term)) => {
                writer.u8(1).u8(1).raw(&term.0);
            }
            Self::Claim { claim, handovers } => {
                claim.write(writer.u8(2));
                writer.list(handovers, |writer, handover| handover.write(writer));
            }
            Self::Have { lines, rulings } => {
                writer.u8(3);
                for ids in [lines, rulings] {
                    writer.u8(u8::from(ids.is_some()));
                    if let Some(ids) = ids {
                        writer.list(ids, |writer, id| {
                            writer.u64(*id);
                        });
                    }
                }
            }
            Self::Lines(lines) => {
                writer.u8(4).list(lines, |writer, line| line.write(writer));
            }
            Self::Rulings(rulings) => {
                writer
                    .u8(5)
                    .list(rulings, |writer, ruling| ruling.write(writer));
            }
            Self::Letter { hops, letter } => letter.write(writer.u8(6).u8(*hops)),
        }
        writer.done()
    }

    /// # Errors
    /// [`Malformed`]. Signatures are not looked at here.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MESSAGE_BYTES {
            return Err(Malformed::Bound);
        }
        let mut reader = Reader::new(bytes);
        let message = Self::read(&mut reader)?;
        reader.end()?;
        Ok(message)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match reader.u8()? {
            0 => Self::Hello(Hello::read(reader)?),
            1 => Self::AskClaim(if reader.bool()? {
                Some(TermId(reader.array()?))
            } else {
                None
            }),
            2 => Self::Claim {
                claim: Claim::read(reader)?.into(),
                handovers: reader.list(HANDOVERS, |reader| Handover::read(reader).map(Arc::new))?,
            },
            3 => Self::Have {
                lines: ids(reader, LINES)?,
                rulings: ids(reader, RULINGS)?,
            },
            4 => Self::Lines(reader.list(LINES, |reader| Line::read(reader).map(Arc::new))?),
            5 => Self::Rulings(reader.list(RULINGS, |reader| Ruling::read(reader).map(Arc::new))?),
            6 => Self::Letter {
                hops: match reader.u8()? {
                    hops if hops <= HOPS => hops,
                    _ => return Err(Malformed::Bound),
                },
                letter: Letter::read(reader)?.into(),
            },
            _ => return Err(Malformed::Value),
        })
    }
}

fn ids(reader: &mut Reader<'_>, most: usize) -> Result<Option<Vec<u64>>, Malformed> {
    if reader.bool()? {
        reader.list(most, Reader::u64).map(Some)
    } else {
        Ok(None)
    }
}

impl Hello {
    fn write(&self, writer: &mut Writer) {
        writer.u8(u8::from(self.hears_you));
        match &self.host {
            None => {
                writer.u8(0);
            }
            Some(pulse) => pulse.write(writer.u8(1)),
        }
        writer
            .list(&self.others, |writer, pulse| pulse.write(writer))
            .raw(&self.record)
            .u64(self.chat)
            .u64(self.rulings);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            hears_you: reader.bool()?,
            host: if reader.bool()? {
                Some(Pulse::read(reader)?.into())
            } else {
                None
            },
            others: reader.list(PULSES, |reader| Pulse::read(reader).map(Arc::new))?,
            record: reader.array()?,
            chat: reader.u64()?,
            rulings: reader.u64()?,
        })
    }
}
