//! The list of meetings, as a value: resolved and removed service instances go in, meetings come out.
//!
//! Owns what strangers may put into the list. Invariants: at most [`INSTANCES`] instances; a meeting id appears once;
//! the order does not depend on the order of inputs. No clock, no socket.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::Duration;

use landline_protocol::decode::clean;
use landline_protocol::limits::{NAME_CHARS, ROOM_ID_CHARS, TITLE_CHARS};
use landline_protocol::node_api::Meeting;
use landline_protocol::{PROTOCOL_VERSION, TxtKey};

use crate::interfaces::{Kind, LocalAddress, kind};

/// Service instances in the list: more than a network has meetings, and little memory when somebody floods it.
pub const INSTANCES: usize = 256;
/// Addresses kept of one instance: a laptop has some six, and each is one dial.
const ADDRESSES: usize = 16;
/// Hosts of one meeting, one after the other: what a chain of hosts can have. Another number is not believed.
const EPOCHS: u32 = 64;
/// Largest TXT record: RFC 6763 §6.2 advises to stay within one Ethernet packet.
const TXT_BYTES: usize = 1_300;

/// A service instance as multicast DNS resolves it. Nothing in it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Full name, which is what a removal names.
    pub fullname: String,
    pub port: u16,
    /// Addresses with their scope (interface index), 0 if unknown.
    pub addresses: Vec<(IpAddr, u32)>,
    /// Keys and values of the TXT record.
    pub txt: Vec<(String, Vec<u8>)>,
}

/// A meeting seen on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub meeting_id: String,
    /// Empty in a private meeting.
    pub title: String,
    /// The host's name. Empty in a private meeting.
    pub host: String,
    pub participants: u32,
    pub locked: bool,
    /// Where it can be dialled, the best first. Link-local IPv6 addresses carry their scope.
    pub addresses: Vec<SocketAddr>,
    /// SHA-256 of the host's certificate, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    /// In milliseconds since 1970; 0 if not told.
    pub started_at: u64,
    /// How many hosts the meeting had before this one.
    pub epoch: u32,
    /// Where other instances of the meeting say that it is, which do not count: of a host that has gone, or of the right one, where
    /// somebody poses as its successor.
    pub elsewhere: Vec<SocketAddr>,
}

impl Found {
    /// As the page sees it.
    #[must_use]
    pub fn to_meeting(&self, own: bool) -> Meeting {
        Meeting {
            meeting_id: self.meeting_id.clone(),
            title: self.title.clone(),
            host: self.host.clone(),
            participants: self.participants,
            locked: self.locked,
            addresses: self.addresses.iter().map(|a| a.ip().to_string()).collect(),
            port: self.addresses.first().map_or(0, SocketAddr::port),
            fingerprint: self.fingerprint.clone(),
            started_at: self.started_at,
            own,
        }
    }
}

/// One instance that says it is a meeting.
#[derive(Debug, Clone)]
struct Entry {
    /// When it was first seen: of two instances of a meeting the later is the host that came back.
    first_seen: Duration,
    port: u16,
    addresses: Vec<(IpAddr, u32)>,
    /// `addresses` stays empty here; they are ordered for a snapshot.
    found: Found,
    /// Must be seen again, or is swept out.
    doubted: bool,
}

/// Those of one meeting that can be dialled, with what orders them.
type Instances<'a> = Vec<(Age<'a>, &'a Entry, Vec<SocketAddr>)>;

/// Epoch, start, when it was first seen, and a name so that there is always an order.
type Age<'a> = (u32, u64, Duration, &'a str);

impl Entry {
    fn age<'a>(&self, fullname: &'a str) -> Age<'a> {
        let found = &self.found;
        (found.epoch, found.started_at, self.first_seen, fullname)
    }
}

/// The list of meetings.
#[derive(Debug, Default)]
pub struct MeetingList {
    instances: BTreeMap<String, Entry>,
    local: Vec<LocalAddress>,
}

impl MeetingList {
    /// Own addresses, by which those of meetings are ordered.
    pub fn set_local(&mut self, local: Vec<LocalAddress>) {
        self.local = local;
    }

    /// An instance was seen at `at` (since any fixed moment). What is no meeting of ours is left out; an instance that
    /// has become unreadable disappears.
    pub fn resolved(&mut self, instance: &Instance, at: Duration) {
        let Some(found) = read(instance) else {
            self.instances.remove(&instance.fullname);
            return;
        };
        let known = self.instances.get(&instance.fullname);
        if known.is_none() && self.instances.len() >= INSTANCES {
            return;
        }
        let entry = Entry {
            first_seen: known.map_or(at, |entry| entry.first_seen.min(at)),
            port: instance.port,
            addresses: instance
                .addresses
                .iter()
                .copied()
                .filter(|&(ip, scope)| is_dialable(ip, scope))
                .take(ADDRESSES)
                .collect(),
            found,
            doubted: false,
        };
        self.instances.insert(instance.fullname.clone(), entry);
    }

    /// An instance is gone: it said goodbye, or its records expired.
    pub fn removed(&mut self, fullname: &str) {
        self.instances.remove(fullname);
    }

    /// Nothing is known any more.
    pub fn clear(&mut self) {
        self.instances.clear();
    }

    /// From now on each instance has to be seen again, or [`MeetingList::sweep`] takes it out.
    pub fn doubt_all(&mut self) {
        for entry in self.instances.values_mut() {
            entry.doubted = true;
        }
    }

    /// Takes out what was doubted and not seen since.
    pub fn sweep(&mut self) {
        self.instances.retain(|_, entry| !entry.doubted);
    }

    /// Full names of the instances of a meeting.
    pub fn instances_of<'a>(&'a self, meeting_id: &'a str) -> impl Iterator<Item = &'a str> {
        self.instances
            .iter()
            .filter(move |(_, entry)| entry.found.meeting_id == meeting_id)
            .map(|(fullname, _)| fullname.as_str())
    }

    /// The meetings, by start and then by id. Of several instances of one meeting the one of the latest host counts, then the one
    /// with the latest start, then the one that appeared last.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Found> {
        let mut meetings: BTreeMap<&str, Instances<'_>> = BTreeMap::new();
        for (fullname, entry) in &self.instances {
            let addresses = order(entry, &self.local);
            if addresses.is_empty() {
                continue;
            }
            meetings
                .entry(entry.found.meeting_id.as_str())
                .or_default()
                .push((entry.age(fullname), entry, addresses));
        }
        let mut list: Vec<Found> = meetings
            .into_values()
            .filter_map(|mut instances| {
                instances.sort_by(|(a, ..), (b, ..)| b.cmp(a));
                let mut instances = instances.into_iter();
                let (_, newest, addresses) = instances.next()?;
                let others = instances.flat_map(|(.., addresses)| addresses);
                Some(Found {
                    elsewhere: others.take(ADDRESSES).collect(),
                    addresses,
                    ..newest.found.clone()
                })
            })
            .collect();
        list.sort_by(|a, b| (a.started_at, &a.meeting_id).cmp(&(b.started_at, &b.meeting_id)));
        list
    }
}

/// The TXT record as a meeting, or nothing if it is none that this version could join.
fn read(instance: &Instance) -> Option<Found> {
    let bytes: usize = instance
        .txt
        .iter()
        .map(|(key, value)| key.len() + value.len() + 2)
        .sum();
    if instance.port == 0 || bytes > TXT_BYTES {
        return None;
    }
    // RFC 6763 §6.4: keys are compared without regard to case, and the first of several counts.
    let text = |key: TxtKey| {
        instance
            .txt
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key.as_str()))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    };
    if text(TxtKey::Version)?.parse::<u32>().ok()? != PROTOCOL_VERSION {
        return None;
    }
    let meeting_id = text(TxtKey::Id)?;
    if clean(meeting_id, ROOM_ID_CHARS).as_deref() != Some(meeting_id) {
        return None;
    }
    let fingerprint = text(TxtKey::Fingerprint)?;
    if !is_fingerprint(fingerprint) {
        return None;
    }
    let line = |key, chars| {
        text(key)
            .and_then(|text| clean(text, chars))
            .unwrap_or_default()
    };
    let number = |key| text(key).and_then(|text| text.parse::<u64>().ok());
    Some(Found {
        meeting_id: meeting_id.to_owned(),
        title: line(TxtKey::Title, TITLE_CHARS),
        host: line(TxtKey::Host, NAME_CHARS),
        participants: number(TxtKey::Participants)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0),
        locked: text(TxtKey::Lock) == Some("1"),
        addresses: Vec::new(),
        fingerprint: fingerprint.to_owned(),
        started_at: number(TxtKey::Start).unwrap_or(0).saturating_mul(1_000),
        epoch: number(TxtKey::Epoch)
            .and_then(|epoch| u32::try_from(epoch).ok())
            .filter(|epoch| *epoch < EPOCHS)
            .unwrap_or(0),
        elsewhere: Vec::new(),
    })
}

/// 64 lower-case hexadecimal digits.
pub(crate) fn is_fingerprint(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The addresses of an instance: those in an own subnet first, then by [`Kind`].
fn order(entry: &Entry, local: &[LocalAddress]) -> Vec<SocketAddr> {
    let mut ranked: Vec<(bool, Kind, IpAddr, u32)> = entry
        .addresses
        .iter()
        .map(|&(ip, scope)| {
            let near = local.iter().any(|own| own.same_subnet(ip, scope));
            let kind = kind(ip);
            // The scope of other addresses says only where they were heard.
            let scope = if kind == Kind::LinkLocalV6 { scope } else { 0 };
            (!near, kind, ip, scope)
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked
        .into_iter()
        .map(|(_, _, ip, scope)| match ip {
            IpAddr::V4(v4) => SocketAddrV4::new(v4, entry.port).into(),
            IpAddr::V6(v6) => SocketAddrV6::new(v6, entry.port, 0, scope).into(),
        })
        .collect()
}

/// Strangers must not send us to our own machine, and a link-local IPv6 address says nothing without its scope.
fn is_dialable(ip: IpAddr, scope: u32) -> bool {
    !ip.is_unspecified()
        && !ip.is_multicast()
        && !ip.is_loopback()
        && (kind(ip) != Kind::LinkLocalV6 || scope != 0)
}
