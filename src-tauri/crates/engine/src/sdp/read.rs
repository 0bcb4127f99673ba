//! Text to [`Session`].

use landline_protocol::engine_api::Direction;

use super::attribute::Fingerprint;
use super::{
    MAX_BYTES, MAX_LINES, MAX_SECTIONS, Msid, Section, SectionKind, Session, Setup, Ssrc, attribute,
};
use crate::negotiated::IceCredentials;

/// Why a description cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("longer than {MAX_BYTES} bytes or {MAX_LINES} lines")]
    TooLong,
    #[error("more than {MAX_SECTIONS} sections")]
    TooManySections,
    #[error("line {0}")]
    Line(usize),
    #[error("no v= or o= line")]
    Incomplete,
    #[error("two sections with one mid")]
    DuplicateMid,
}

/// Least characters of a user name fragment and a password (RFC 8839 §5.4).
const LEAST_UFRAG: usize = 4;
const LEAST_PWD: usize = 22;

/// Reads a description. Lines end with CRLF or LF.
///
/// # Errors
/// See [`ReadError`].
pub fn read(text: &str) -> Result<Session, ReadError> {
    if text.len() > MAX_BYTES {
        return Err(ReadError::TooLong);
    }
    let mut reader = Reader::default();
    for (index, line) in text.split('\n').enumerate() {
        if index >= MAX_LINES {
            return Err(ReadError::TooLong);
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        reader.line(index + 1, line)?;
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    seen_version: bool,
    seen_origin: bool,
    session: Session,
    /// Attributes at session level, which hold for all sections that do not say otherwise.
    defaults: Level,
    levels: Vec<Level>,
}

/// What can stand at both levels.
#[derive(Default)]
struct Level {
    ufrag: Option<String>,
    pwd: Option<String>,
    fingerprint: Option<[u8; 32]>,
    setup: Option<Setup>,
    direction: Option<Direction>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), ReadError> {
        let broken = ReadError::Line(number);
        let (letter, value) = line.split_once('=').ok_or(broken.clone())?;
        match letter {
            "v" => {
                self.seen_version = true;
                (value.trim() == "0").then_some(()).ok_or(broken)
            }
            _ if !self.seen_version => Err(ReadError::Incomplete),
            "o" => self.origin(value).ok_or(broken),
            "m" => {
                if self.session.sections.len() >= MAX_SECTIONS {
                    return Err(ReadError::TooManySections);
                }
                self.session.sections.push(media(value).ok_or(broken)?);
                self.levels.push(Level::default());
                Ok(())
            }
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                self.attribute(name, value.trim()).ok_or(broken)
            }
            _ if letter.len() == 1 => Ok(()),
            _ => Err(broken),
        }
    }

    fn origin(&mut self, value: &str) -> Option<()> {
        let mut words = value.split_ascii_whitespace();
        let _user = words.next()?;
        // Numbers of any length are allowed; only our own are ever looked at again.
        self.session.id = words.next()?.parse().unwrap_or(0);
        self.session.version = words.next()?.parse().unwrap_or(0);
        self.seen_origin = true;
        Some(())
    }

    /// None: broken in a way that matters.
    fn attribute(&mut self, name: &str, value: &str) -> Option<()> {
        let level = self.levels.last_mut().unwrap_or(&mut self.defaults);
        match name {
            "ice-ufrag" => level.ufrag = Some(attribute::ice_chars(value, LEAST_UFRAG)?),
            "ice-pwd" => level.pwd = Some(attribute::ice_chars(value, LEAST_PWD)?),
            "fingerprint" => {
                if let Fingerprint::Sha256(hash) = attribute::fingerprint(value)? {
                    level.fingerprint = Some(hash);
                }
            }
            "setup" => level.setup = Some(attribute::setup(value)?),
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                level.direction = attribute::direction(name);
            }
            _ => match self.session.sections.last_mut() {
                Some(section) => section_attribute(section, name, value)?,
                None => self.session_attribute(name, value),
            },
        }
        Some(())
    }

    fn session_attribute(&mut self, name: &str, value: &str) {
        match name {
            "group" if self.session.bundle.is_empty() => {
                let mut words = value.split_ascii_whitespace();
                if words.next() == Some("BUNDLE") {
                    self.session.bundle = words.take(MAX_SECTIONS).map(str::to_owned).collect();
                }
            }
            "ice-lite" => self.session.ice_lite = true,
            _ => {}
        }
    }

    fn finish(mut self) -> Result<Session, ReadError> {
        if !self.seen_version || !self.seen_origin {
            return Err(ReadError::Incomplete);
        }
        let defaults = &self.defaults;
        for (section, level) in self.session.sections.iter_mut().zip(self.levels) {
            let ufrag = level.ufrag.or_else(|| defaults.ufrag.clone());
            let pwd = level.pwd.or_else(|| defaults.pwd.clone());
            section.ice = ufrag
                .zip(pwd)
                .map(|(ufrag, pwd)| IceCredentials { ufrag, pwd });
            section.fingerprint = level.fingerprint.or(defaults.fingerprint);
            section.setup = level.setup.or(defaults.setup);
            section.direction = level
                .direction
                .or(defaults.direction)
                .unwrap_or(Direction::SendRecv);
        }
        let sections = &self.session.sections;
        let repeated = sections.iter().enumerate().any(|(index, section)| {
            section.mid.is_some()
                && sections
                    .iter()
                    .skip(index + 1)
                    .any(|other| other.mid == section.mid)
        });
        if repeated {
            return Err(ReadError::DuplicateMid);
        }
        Ok(self.session)
    }
}

/// `audio 9 UDP/TLS/RTP/SAVPF 111 63`
fn media(value: &str) -> Option<Section> {
    let mut words = value.split_ascii_whitespace();
    let kind = match words.next()? {
        "audio" => SectionKind::Audio,
        "video" => SectionKind::Video,
        "application" => SectionKind::Application,
        other => SectionKind::Other(attribute::token(other)?),
    };
    // A number of ports may follow.
    let port = words.next()?.split('/').next()?.parse().ok()?;
    let protocol = words.next()?.to_owned();
    let formats: Vec<String> = words.map(str::to_owned).collect();
    if formats.is_empty() {
        return None;
    }
    Some(Section {
        port,
        protocol,
        formats,
        ..Section::new(kind)
    })
}

fn section_attribute(section: &mut Section, name: &str, value: &str) -> Option<()> {
    match name {
        "mid" => section.mid = Some(attribute::token(value)?),
        "bundle-only" => section.bundle_only = true,
        "rtcp-mux" => section.rtcp_mux = true,
        "rtpmap" => section.codecs.extend(attribute::rtpmap(value)),
        "fmtp" => section.parameters.extend(attribute::parameters(value)),
        "rtcp-fb" => section.feedback.extend(attribute::feedback(value)),
        "extmap" => section.extensions.extend(attribute::extension(value)),
        "msid" => section.msids.extend(attribute::msid(value)),
        "ssrc" => ssrc(section, value),
        "ssrc-group" => section.ssrc_groups.extend(attribute::ssrc_group(value)),
        "candidate" => section.candidates.push(format!("candidate:{value}")),
        "end-of-candidates" => section.end_of_candidates = true,
        "sctp-port" => section.sctp_port = Some(value.parse().ok()?),
        // Larger than any number is as good as none.
        "max-message-size" => section.max_message_size = Some(value.parse().unwrap_or(0)),
        _ => {}
    }
    Some(())
}

/// `1 cname:x`, `1 msid:stream track`
fn ssrc(section: &mut Section, value: &str) {
    let (number, rest) = value.split_once(' ').unwrap_or((value, ""));
    let Ok(number) = number.parse::<u32>() else {
        return;
    };
    let (name, value) = rest.split_once(':').unwrap_or((rest, ""));
    let (cname, msid): (Option<&str>, Option<Msid>) = match name {
        "cname" => (Some(value), None),
        "msid" => (None, attribute::msid(value)),
        _ => (None, None),
    };
    let cname = cname.map(str::to_owned);
    match section.ssrcs.iter_mut().find(|each| each.ssrc == number) {
        Some(known) => {
            known.cname = known.cname.take().or(cname);
            known.msid = known.msid.take().or(msid);
        }
        None => section.ssrcs.push(Ssrc {
            ssrc: number,
            cname,
            msid,
        }),
    }
}
