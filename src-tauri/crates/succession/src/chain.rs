//! From a meeting's id to the host of now: for each host the last record from which another took over, and nothing else.
//!
//! A chain shows that every host was named by the one before it. It does not show that the one before was really gone: members
//! judge that by what they hear ([`crate::takeover`]), and two chains that part are brought together by [`crate::merge`].

use std::sync::Arc;

use landline_trust::PublicKey;

use crate::ids::{Founding, KeyId, MeetingId, TermId};
use crate::limits::{MEMBERS, TERMS};
use crate::record::{Header, Member, Record};
use crate::signer::{Signer, Verified};
use crate::wire::{Malformed, Reader, Writer};

/// Why a claim is that of a false host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FalseHost {
    #[error("it is of another meeting")]
    OtherMeeting,
    #[error("its beginning is not that of the meeting's id")]
    Beginning,
    #[error("an epoch does not follow the one before")]
    Epoch,
    #[error("a host does not stand in the record before")]
    NotNamed,
    #[error("a record does not begin from the one before")]
    NotFollowing,
    #[error("a signature is wrong")]
    Signature,
    #[error("the members are not those of the record")]
    Members,
}

/// What somebody shows who says to be the host: the way from the id, and the record of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    founding: Founding,
    /// Of each earlier term the header from which the next began.
    pub(crate) links: Vec<Arc<Header>>,
    pub(crate) record: Record,
}

impl Claim {
    pub(crate) fn new(founding: Founding, links: Vec<Arc<Header>>, record: Record) -> Self {
        Self {
            founding,
            links,
            record,
        }
    }

    pub fn founding(&self) -> &Founding {
        &self.founding
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn header(&self) -> &Header {
        self.record.header()
    }

    pub fn host(&self) -> &PublicKey {
        &self.record.header.host
    }

    pub fn term(&self) -> TermId {
        self.record.header.term()
    }

    /// Headers of all terms, the founder's first, the present one's last.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = &Arc<Header>> {
        self.links.iter().chain([&self.record.header])
    }

    /// The same claim with another record of the same term.
    pub(crate) fn with(&self, record: Record) -> Self {
        Self {
            founding: self.founding,
            links: self.links.clone(),
            record,
        }
    }

    /// The claim of one who takes over from this one.
    pub(crate) fn followed_by(&self, record: Record) -> Self {
        let mut links = self.links.clone();
        links.push(self.record.header.clone());
        Self {
            founding: self.founding,
            links,
            record,
        }
    }

    /// Whether this is the way from `meeting` to the host that signed the record.
    ///
    /// # Errors
    /// [`FalseHost`] says where the way breaks.
    pub fn verify(
        &self,
        meeting: MeetingId,
        signer: &dyn Signer,
        verified: &mut Verified,
    ) -> Result<(), FalseHost> {
        if self.founding.id() != meeting {
            return Err(FalseHost::Beginning);
        }
        let mut before: Option<&Header> = None;
        for (epoch, header) in self.headers().enumerate() {
            if header.meeting != meeting {
                return Err(FalseHost::OtherMeeting);
            }
            if u32::try_from(epoch) != Ok(header.epoch) {
                return Err(FalseHost::Epoch);
            }
            match before {
                None if header.host == self.founding.founder && header.base == [0; 32] => {}
                None => return Err(FalseHost::Beginning),
                Some(before) if before.rank(KeyId::of(&header.host)).is_none() => {
                    return Err(FalseHost::NotNamed);
                }
                Some(before) if header.base != before.hash() => {
                    return Err(FalseHost::NotFollowing);
                }
                Some(_) => {}
            }
            if !verified.check(header.hash(), header.signature(), || {
                header.verifies(signer)
            }) {
                return Err(FalseHost::Signature);
            }
            before = Some(header);
        }
        if self.record.is_whole() {
            Ok(())
        } else {
            Err(FalseHost::Members)
        }
    }

    /// The header of `term`, if this chain goes through it.
    pub fn through(&self, term: TermId) -> Option<&Header> {
        self.headers()
            .find(|header| header.term() == term)
            .map(AsRef::as_ref)
    }

    /// The last record that both chains have: where they part, the older of the two headers of the last term that is in both.
    pub fn last_common<'a>(&'a self, other: &'a Self) -> Option<&'a Header> {
        self.headers()
            .zip(other.headers())
            .take_while(|(ours, theirs)| ours.term() == theirs.term())
            .last()
            .map(|(ours, theirs)| {
                // The hash, so that both sides choose the same one even of a host that signed two.
                let older = |header: &Header| (header.version, header.hash());
                if older(ours) <= older(theirs) {
                    ours
                } else {
                    theirs
                }
            })
            .map(AsRef::as_ref)
    }

    /// Where `other` parts from this chain: this chain's header of the last common term, the other's, and the other's next one.
    pub(crate) fn parting<'a>(
        &'a self,
        other: &'a Self,
    ) -> Option<(&'a Header, &'a Header, Option<&'a Header>)> {
        let common = self
            .headers()
            .zip(other.headers())
            .take_while(|(ours, theirs)| ours.term() == theirs.term())
            .count();
        let ours = self.headers().nth(common.checked_sub(1)?)?;
        let mut theirs = other.headers().skip(common - 1);
        Some((
            ours.as_ref(),
            theirs.next()?.as_ref(),
            theirs.next().map(AsRef::as_ref),
        ))
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .key(&self.founding.founder)
            .raw(&self.founding.nonce)
            .u64(self.founding.start)
            .list(&self.links, |writer, link| link.write(writer));
        self.record.header.write(writer);
        writer.list(&self.record.members, |writer, member| member.write(writer));
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            founding: Founding {
                founder: reader.key()?,
                nonce: reader.array()?,
                start: reader.u64()?,
            },
            links: reader.list(TERMS - 1, |reader| Header::read(reader).map(Arc::new))?,
            record: Record {
                header: Header::read(reader)?.into(),
                members: reader.list(MEMBERS, Member::read)?,
            },
        })
    }

    /// For keeping, and for showing to newcomers.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.done()
    }

    /// # Errors
    /// [`Malformed`]. What is read is not verified yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let claim = Self::read(&mut reader)?;
        reader.end()?;
        Ok(claim)
    }
}
