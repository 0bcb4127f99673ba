//! What a person typed or pasted into the address field, as a value.
//!
//! Accepted: `host`, `host:port`, IPv4, IPv6 with or without brackets and scope, all with or without `https://`, and
//! guest links `https://ADDRESS:PORT/#m=<meeting id>&fp=<fingerprint>` in any order. Chinese input methods write full
//! stops, colons and digits in full width; people paste quotes and spaces along. Both are forgiven. Pure.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use landline_protocol::limits::ROOM_ID_CHARS;

use crate::fingerprint::Fingerprint;

/// Where a host listens unless told otherwise. IANA has assigned it to nobody, and it lies below the ephemeral ports of
/// every platform, so that it is rarely taken.
pub const DEFAULT_PORT: u16 = 4717;

/// Longest text looked at. A guest link with the longest host name has some 460 characters.
pub const ADDRESS_CHARS: usize = 1_024;

/// Longest host name (RFC 1035 §2.3.4), and longest label of one.
const NAME_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// Where a meeting is, and how to recognise it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub host: Host,
    pub port: u16,
    /// From a guest link.
    pub meeting_id: Option<String>,
    /// From a guest link.
    pub fingerprint: Option<Fingerprint>,
}

/// The computer part of an [`Address`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    V4(Ipv4Addr),
    /// The scope, an interface's name or index, belongs to link-local addresses (RFC 4007 §11).
    V6 {
        address: Ipv6Addr,
        scope: Option<String>,
    },
    /// In lower case, without a final dot.
    Name(String),
}

/// Why a text is no [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("the address is empty")]
    Empty,
    #[error("the address is too long")]
    TooLong,
    #[error("an address starts with https:// or with the computer's name or number")]
    Scheme,
    #[error("this is neither a computer's name nor its IP address")]
    Host,
    #[error("a port is a number from 1 to 65535")]
    Port,
    #[error("this link leads to a page, not to a meeting")]
    Path,
    #[error("the meeting's id in this link is damaged")]
    MeetingId,
    #[error("the fingerprint in this link is damaged")]
    Fingerprint,
}

impl Address {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`AddressError`], with a sentence for people.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > ADDRESS_CHARS * 4 || text.chars().count() > ADDRESS_CHARS {
            return Err(AddressError::TooLong);
        }
        let plain: String = text.chars().filter_map(plain).collect();
        let plain = plain.trim_matches(|c: char| c.is_whitespace() || "<>\"'".contains(c));
        let rest = without_scheme(plain)?;
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !path.is_empty() {
            return Err(AddressError::Path);
        }
        if authority.is_empty() {
            return Err(AddressError::Empty);
        }
        let (host, port) = host_and_port(authority)?;
        let (meeting_id, fingerprint) = parse_fragment(fragment)?;
        Ok(Self {
            host,
            port: port.unwrap_or(DEFAULT_PORT),
            meeting_id,
            fingerprint,
        })
    }

    /// `host:port`, the key under which a host's certificate is remembered.
    #[must_use]
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// As in a URL, IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6 {
                address,
                scope: None,
            } => write!(f, "[{address}]"),
            Self::V6 {
                address,
                scope: Some(scope),
            } => write!(f, "[{address}%{scope}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A meeting id as this program makes and accepts it: what needs no escaping in a link.
#[must_use]
pub fn is_meeting_id(id: &str) -> bool {
    (1..=ROOM_ID_CHARS).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The ASCII character that was meant; none for marks that cannot be seen.
const fn plain(c: char) -> Option<char> {
    match c {
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => None,
        '\u{3002}' | '\u{ff61}' => Some('.'),
        '\u{3010}' => Some('['),
        '\u{3011}' => Some(']'),
        // The full-width forms lie in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        _ => Some(c),
    }
}

fn without_scheme(text: &str) -> Result<&str, AddressError> {
    match text.split_once("://") {
        None => Ok(text),
        Some((scheme, rest))
            if ["https", "http", "wss"].contains(&scheme.to_ascii_lowercase().as_str()) =>
        {
            Ok(rest)
        }
        Some(_) => Err(AddressError::Scheme),
    }
}

fn host_and_port(authority: &str) -> Result<(Host, Option<u16>), AddressError> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (inside, after) = rest.split_once(']').ok_or(AddressError::Host)?;
        let host = parse_v6(inside).ok_or(AddressError::Host)?;
        return match after.strip_prefix(':') {
            None if after.is_empty() => Ok((host, None)),
            None => Err(AddressError::Port),
            Some(port) => Ok((host, Some(parse_port(port)?))),
        };
    }
    if authority.matches(':').count() > 1 {
        return Ok((parse_v6(authority).ok_or(AddressError::Host)?, None));
    }
    let (host, port) = match authority.split_once(':') {
        None => (authority, None),
        Some((host, port)) => (host, Some(port)),
    };
    let host = match host.parse() {
        Ok(address) => Host::V4(address),
        Err(_) => Host::Name(parse_name(host).ok_or(AddressError::Host)?),
    };
    Ok((host, port.map(parse_port).transpose()?))
}

fn parse_v6(text: &str) -> Option<Host> {
    let (address, scope) = match text.split_once('%') {
        None => (text, None),
        // RFC 6874: in a URL the percent sign is itself escaped.
        Some((address, scope)) => (address, Some(scope.strip_prefix("25").unwrap_or(scope))),
    };
    if scope.is_some_and(|scope| !is_scope(scope)) {
        return None;
    }
    Some(Host::V6 {
        address: address.parse().ok()?,
        scope: scope.map(str::to_owned),
    })
}

fn is_scope(scope: &str) -> bool {
    (1..=32).contains(&scope.len())
        && scope
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Ports are digits only: `u16::from_str` would take `+1`.
fn parse_port(text: &str) -> Result<u16, AddressError> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AddressError::Port);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(AddressError::Port),
        Ok(port) => Ok(port),
    }
}

/// Names in multicast DNS may hold any letters (RFC 6762 §16). A last label of digits would be an IPv4 address gone wrong.
fn parse_name(text: &str) -> Option<String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_lowercase();
    let is_label = |label: &str| {
        (1..=LABEL_BYTES).contains(&label.len())
            && !label.starts_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let last = name.rsplit('.').next()?;
    let good = name.len() <= NAME_BYTES
        && name.split('.').all(is_label)
        && !last.bytes().all(|b| b.is_ascii_digit());
    good.then_some(name)
}

fn parse_fragment(fragment: &str) -> Result<(Option<String>, Option<Fingerprint>), AddressError> {
    let (mut meeting_id, mut fingerprint) = (None, None);
    for pair in fragment.split('&') {
        match pair.split_once('=') {
            Some(("m", id)) if is_meeting_id(id) => meeting_id = Some(id.to_owned()),
            Some(("m", _)) => return Err(AddressError::MeetingId),
            Some(("fp", hex)) => {
                fingerprint = Some(hex.parse().map_err(|_| AddressError::Fingerprint)?);
            }
            // Keys of a newer version.
            _ => {}
        }
    }
    Ok((meeting_id, fingerprint))
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
