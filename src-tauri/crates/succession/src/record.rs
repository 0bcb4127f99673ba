//! What a host signs at each change: who is in the meeting, and who follows it.
//!
//! A record is a [`Header`], which is signed, and the list of members, whose hash is in the header. A chain needs headers alone.
//! The order of successors is in the header as `stand`: short hashes of the keys of all members, the host first, the apps in
//! their order ([`crate::order`]), then the guests. So a chain proves with one list both who may follow and who was present; a
//! successor's certificate is in the header that it signs itself.

use std::ops::Deref;

use landline_trust::{PublicKey, Signature, Statement};

use crate::ids::{Hash, KeyId, MeetingId, TermId, first16};
use crate::limits::{ADDRESS_BYTES, ADDRESSES, CLIENT_BYTES, MEMBERS, TERMS};
use crate::order::in_order;
use crate::signer::Signer;
use crate::wire::{Malformed, Reader, Writer};

/// What a participant is, as far as succession goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Has a node, so it can host.
    App {
        /// SHA-256 of its certificate.
        fingerprint: Hash,
        /// `host:port`, at most [`ADDRESSES`].
        addresses: Vec<String>,
        /// Whether by cable, where known.
        wired: Option<bool>,
    },
    /// A browser: can neither host nor dial.
    Guest,
}

/// One participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub key: PublicKey,
    /// The wire's `clientId`, kept through all changes of host.
    pub client: String,
    pub kind: Kind,
    /// The host's count of those who joined.
    pub joined: u64,
}

impl Member {
    pub fn is_app(&self) -> bool {
        matches!(self.kind, Kind::App { .. })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.key(&self.key).text(&self.client).u64(self.joined);
        match &self.kind {
            Kind::Guest => {
                writer.u8(0);
            }
            Kind::App {
                fingerprint,
                addresses,
                wired,
            } => {
                let wired = match wired {
                    None => 1,
                    Some(false) => 2,
                    Some(true) => 3,
                };
                writer.u8(wired).raw(fingerprint);
                writer.list(addresses, |writer, address| {
                    writer.text(address);
                });
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let key = reader.key()?;
        let client = reader.text(CLIENT_BYTES)?;
        let joined = reader.u64()?;
        let wired = match reader.u8()? {
            0 => {
                return Ok(Self {
                    key,
                    client,
                    kind: Kind::Guest,
                    joined,
                });
            }
            1 => None,
            2 => Some(false),
            3 => Some(true),
            _ => return Err(Malformed::Value),
        };
        let kind = Kind::App {
            fingerprint: reader.array()?,
            addresses: reader.list(ADDRESSES, |reader| reader.text(ADDRESS_BYTES))?,
            wired,
        };
        Ok(Self {
            key,
            client,
            kind,
            joined,
        })
    }
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBody {
    pub meeting: MeetingId,
    /// Hosts before this one. Orders records within one chain only.
    pub epoch: u32,
    /// Counts the records of one term.
    pub version: u32,
    pub host: PublicKey,
    /// SHA-256 of the host's certificate.
    pub fingerprint: Hash,
    /// The host's own chance, so that no two terms are the same.
    pub opened: [u8; 16],
    /// Hash of the header from which this term began; zeros in epoch 0.
    pub base: Hash,
    /// Hash of the header before this one, in this term or the last.
    pub previous: Hash,
    /// The host, then the apps in order, then the guests.
    pub stand: Vec<KeyId>,
    /// How many of `stand` are apps, the host among them.
    pub apps: u32,
    /// Hash of the list of members.
    pub members: Hash,
    /// Hash of roles, bans, lock and lobby ([`crate::rulings`]).
    pub rulings: Hash,
}

impl HeaderBody {
    fn statement(&self) -> Statement {
        let stand: Vec<u8> = self.stand.iter().flat_map(|id| id.0).collect();
        Statement::new("record")
            .field(&self.meeting.0)
            .field(&self.epoch.to_be_bytes())
            .field(&self.version.to_be_bytes())
            .field(self.host.bytes())
            .field(&self.fingerprint)
            .field(&self.opened)
            .field(&self.base)
            .field(&self.previous)
            .field(&stand)
            .field(&self.apps.to_be_bytes())
            .field(&self.members)
            .field(&self.rulings)
    }

    fn term(&self) -> TermId {
        let statement = Statement::new("term")
            .field(&self.meeting.0)
            .field(&self.epoch.to_be_bytes())
            .field(self.host.bytes())
            .field(&self.opened)
            .field(&self.base);
        TermId(first16(&statement.hash()))
    }

    /// Place in the order: 0 is the host. `None`: not an app of this record.
    pub fn rank(&self, key: KeyId) -> Option<usize> {
        let apps = usize::try_from(self.apps).unwrap_or(usize::MAX);
        self.stand
            .iter()
            .take(apps)
            .position(|stands| *stands == key)
    }

    pub fn has(&self, key: KeyId) -> bool {
        self.stand.contains(&key)
    }
}

/// A header with its host's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    body: HeaderBody,
    signature: Signature,
    hash: Hash,
    term: TermId,
}

impl Deref for Header {
    type Target = HeaderBody;

    fn deref(&self) -> &HeaderBody {
        &self.body
    }
}

impl Header {
    pub(crate) fn sign(body: HeaderBody, signer: &dyn Signer) -> Option<Self> {
        let signature = signer.sign(&body.statement())?;
        Some(Self::new(body, signature))
    }

    fn new(body: HeaderBody, signature: Signature) -> Self {
        Self {
            hash: body.statement().hash(),
            term: body.term(),
            body,
            signature,
        }
    }

    /// SHA-256 of what is signed.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    pub fn term(&self) -> TermId {
        self.term
    }

    pub(crate) fn signature(&self) -> &Signature {
        &self.signature
    }

    pub(crate) fn verifies(&self, signer: &dyn Signer) -> bool {
        signer.verifies(&self.body.host, &self.body.statement(), &self.signature)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let body = &self.body;
        writer
            .raw(&body.meeting.0)
            .u32(body.epoch)
            .u32(body.version)
            .key(&body.host)
            .raw(&body.fingerprint)
            .raw(&body.opened)
            .raw(&body.base)
            .raw(&body.previous)
            .list(&body.stand, |writer, id| {
                writer.raw(&id.0);
            })
            .u32(body.apps)
            .raw(&body.members)
            .raw(&body.rulings)
            .signature(&self.signature);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let body = HeaderBody {
            meeting: MeetingId(reader.array()?),
            epoch: reader.u32()?,
            version: reader.u32()?,
            host: reader.key()?,
            fingerprint: reader.array()?,
            opened: reader.array()?,
            base: reader.array()?,
            previous: reader.array()?,
            stand: reader.list(MEMBERS, |reader| reader.array().map(KeyId))?,
            apps: reader.u32()?,
            members: reader.array()?,
            rulings: reader.array()?,
        };
        if usize::try_from(body.epoch).is_ok_and(|epoch| epoch >= TERMS) {
            return Err(Malformed::Bound);
        }
        if usize::try_from(body.apps).is_ok_and(|apps| apps > body.stand.len()) {
            return Err(Malformed::Value);
        }
        Ok(Self::new(body, reader.signature()?))
    }
}

/// A header and the members that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub(crate) header: std::sync::Arc<Header>,
    pub(crate) members: Vec<Member>,
}

impl Record {
    /// Makes and signs the record of `body`, whose `stand`, `apps` and `members` are set here. Nothing if the host is not among
    /// the members, or there are too many.
    pub(crate) fn sign(
        mut body: HeaderBody,
        mut members: Vec<Member>,
        signer: &dyn Signer,
    ) -> Option<Self> {
        if members.len() > MEMBERS {
            return None;
        }
        in_order(&mut members, &body.host);
        members.first().filter(|first| first.key == body.host)?;
        body.stand = stand(&members);
        body.apps = u32::try_from(members.iter().filter(|member| member.is_app()).count()).ok()?;
        body.members = members_hash(&members);
        let header = Header::sign(body, signer)?;
        Some(Self {
            header: header.into(),
            members,
        })
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The host, then the apps in the order in which they follow it, then the guests.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn member(&self, key: &PublicKey) -> Option<&Member> {
        self.members.iter().find(|member| member.key == *key)
    }

    /// The members are those of the header, in its order.
    pub(crate) fn is_whole(&self) -> bool {
        let apps = self.members.iter().take_while(|member| member.is_app());
        members_hash(&self.members) == self.header.members
            && stand(&self.members) == self.header.stand
            && u32::try_from(apps.count()) == Ok(self.header.apps)
            && self
                .members
                .first()
                .is_some_and(|host| host.key == self.header.host)
    }
}

fn stand(members: &[Member]) -> Vec<KeyId> {
    members
        .iter()
        .map(|member| KeyId::of(&member.key))
        .collect()
}

fn members_hash(members: &[Member]) -> Hash {
    let mut writer = Writer::default();
    writer.list(members, |writer, member| member.write(writer));
    Statement::new("members").field(&writer.done()).hash()
}
