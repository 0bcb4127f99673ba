//! Values of single attributes. None: cannot be read.

use landline_protocol::engine_api::Direction;

use super::{ExtensionMap, Feedback, Msid, Parameters, RtpMap, Setup, SsrcGroup};

/// Longest token that is kept (mid, stream id): ids of streams are UUIDs of 36 characters.
const MAX_TOKEN: usize = 256;
/// Payload types are 7 bits (RFC 3550 §5.1).
const MAX_PAYLOAD_TYPE: u8 = 127;
/// SSRCs of one group: RTX pairs have two, simulcast three.
const MAX_GROUP: usize = 8;

/// `token` of RFC 8866 §9.
pub(crate) fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&byte);
    !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(allowed)
}

pub(super) fn token(text: &str) -> Option<String> {
    is_token(text).then(|| text.to_owned())
}

/// `ice-char` (RFC 8839 §5.4), between two lengths.
pub(super) fn ice_chars(text: &str, least: usize) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    // Firefox and old versions of others use `-` and `_`, too.
    let tolerated = |byte: u8| allowed(byte) || byte == b'-' || byte == b'_' || byte == b'=';
    let fits = (least..=MAX_TOKEN).contains(&text.len());
    (fits && text.bytes().all(tolerated)).then(|| text.to_owned())
}

/// RFC 8122 §5.
pub(super) enum Fingerprint {
    Sha256([u8; 32]),
    Other,
}

pub(super) fn fingerprint(value: &str) -> Option<Fingerprint> {
    let (function, hex) = value.split_once(' ')?;
    if !function.eq_ignore_ascii_case("sha-256") {
        return Some(Fingerprint::Other);
    }
    let mut hash = [0; 32];
    let mut pairs = hex.trim().split(':');
    for byte in &mut hash {
        let pair = pairs.next().filter(|pair| pair.len() == 2)?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    pairs.next().is_none().then_some(Fingerprint::Sha256(hash))
}

pub(super) fn setup(value: &str) -> Option<Setup> {
    Some(match value {
        "active" => Setup::Active,
        "passive" => Setup::Passive,
        "actpass" => Setup::ActPass,
        "holdconn" => Setup::HoldConn,
        _ => return None,
    })
}

pub(super) fn direction(name: &str) -> Option<Direction> {
    Some(match name {
        "sendrecv" => Direction::SendRecv,
        "sendonly" => Direction::SendOnly,
        "recvonly" => Direction::RecvOnly,
        "inactive" => Direction::Inactive,
        _ => return None,
    })
}

fn payload_type(text: &str) -> Option<u8> {
    text.parse()
        .ok()
        .filter(|number| *number <= MAX_PAYLOAD_TYPE)
}

/// `111 opus/48000/2`
pub(super) fn rtpmap(value: &str) -> Option<RtpMap> {
    let (number, encoding) = value.split_once(' ')?;
    let mut parts = encoding.trim().split('/');
    Some(RtpMap {
        payload_type: payload_type(number)?,
        name: token(parts.next()?)?,
        clock: parts.next()?.parse().ok()?,
        channels: parts.next().map_or(Some(1), |text| text.parse().ok())?,
    })
}

/// `97 apt=96`
pub(super) fn parameters(value: &str) -> Option<Parameters> {
    let (number, text) = value.split_once(' ')?;
    Some(Parameters {
        payload_type: payload_type(number)?,
        text: text.trim().to_owned(),
    })
}

/// `96 nack pli`, `* nack`
pub(super) fn feedback(value: &str) -> Option<Feedback> {
    let (number, kind) = value.split_once(' ')?;
    Some(Feedback {
        payload_type: match number {
            "*" => None,
            number => Some(payload_type(number)?),
        },
        value: kind.trim().to_owned(),
    })
}

/// `3/sendonly urn:…`
pub(super) fn extension(value: &str) -> Option<ExtensionMap> {
    let mut words = value.split_ascii_whitespace();
    let number = words.next()?;
    let (id, way) = match number.split_once('/') {
        Some((id, way)) => (id, direction(way)?),
        None => (number, Direction::SendRecv),
    };
    Some(ExtensionMap {
        id: id.parse().ok()?,
        direction: way,
        uri: words.next()?.to_owned(),
    })
}

/// `stream track`, `- track`, `stream`
pub(super) fn msid(value: &str) -> Option<Msid> {
    let mut words = value.split_ascii_whitespace();
    let stream = token(words.next()?)?;
    let track = match words.next() {
        Some(word) => Some(token(word)?),
        None => None,
    };
    Some(Msid { stream, track })
}

/// `FID 1 2`
pub(super) fn ssrc_group(value: &str) -> Option<SsrcGroup> {
    let mut words = value.split_ascii_whitespace();
    let semantics = token(words.next()?)?;
    let ssrcs: Vec<u32> = words
        .take(MAX_GROUP)
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    (!ssrcs.is_empty()).then_some(SsrcGroup { semantics, ssrcs })
}
