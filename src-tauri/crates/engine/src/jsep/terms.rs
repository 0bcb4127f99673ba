//! Which codecs, feedback and header extensions a section can have. All sections share one transport (BUNDLE), so a payload
//! type or an extension id, once agreed, means the same in every section for the life of the connection. A codec can have
//! two payload types: browsers give sections that they add their own, whatever is in use.

use landline_protocol::engine_api::TrackKind;

use crate::negotiated::{Codecs, Extension, IceCredentials, RED, USUAL};
use crate::sdp::{ExtensionMap, MAX_MID, Section, SectionKind};

/// Our offers number like Firefox, whose sections would otherwise have second numbers from its first offer on.
const OWN: Numbers = Numbers::of(USUAL[0]);
/// For what may be agreed on later with somebody who numbers like it.
const CHROMIUM: Numbers = Numbers::of(USUAL[1]);
/// Dynamic payload types that no RTCP packet can be taken for (RFC 5761 §4).
const DYNAMIC: std::ops::RangeInclusive<u8> = 96..=127;
/// One-byte header extensions (RFC 8285 §4.2).
const EXTENSION_IDS: std::ops::RangeInclusive<u8> = 1..=14;
/// RTCP feedback that we give and heed. NACK for sound as well: a LAN repairs in a few milliseconds.
const AUDIO_FEEDBACK: [&str; 2] = ["transport-cc", "nack"];
const VIDEO_FEEDBACK: [&str; 4] = ["transport-cc", "ccm fir", "nack", "nack pli"];
const AUDIO_EXTENSIONS: [Extension; 4] = [
    Extension::AudioLevel,
    Extension::AbsoluteSendTime,
    Extension::TransportSequenceNumber,
    Extension::Mid,
];
const VIDEO_EXTENSIONS: [Extension; 3] = [
    Extension::AbsoluteSendTime,
    Extension::TransportSequenceNumber,
    Extension::Mid,
];

/// What later negotiations cannot change.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixed {
    pub(super) codecs: Codecs,
    pub(super) extensions: Vec<(u8, Extension)>,
    pub(super) transport: Option<FixedTransport>,
}

#[derive(Debug, Clone)]
pub(super) struct FixedTransport {
    pub(super) remote_fingerprint: [u8; 32],
    pub(super) dtls_active: bool,
    pub(super) ice_controlling: bool,
    /// Those of the last negotiation, which alone can change.
    pub(super) local_ice: IceCredentials,
    pub(super) remote_ice: IceCredentials,
}

#[derive(Clone, Copy)]
struct Numbers {
    opus: u8,
    vp8: u8,
    rtx: u8,
}

impl Numbers {
    const fn of([opus, vp8, rtx]: [u8; 3]) -> Self {
        Self { opus, vp8, rtx }
    }
}

/// What one section can be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) payload: Payload,
    pub(super) feedback: Vec<&'static str>,
    pub(super) extensions: Vec<(u8, Extension)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// `red`: sound that carries the packet before it along (RFC 2198).
    Opus {
        number: u8,
        red: Option<u8>,
    },
    Vp8 {
        number: u8,
        rtx: Option<u8>,
    },
    Data,
}

impl Terms {
    pub(super) fn data() -> Self {
        Self {
            payload: Payload::Data,
            feedback: Vec::new(),
            extensions: Vec::new(),
        }
    }

    pub(super) fn nack(&self) -> bool {
        self.feedback.contains(&"nack")
    }
}

impl Fixed {
    /// What we offer in a section of this kind.
    pub(super) fn offer(&self, kind: TrackKind) -> Terms {
        let Numbers { opus, vp8, rtx } = self.numbers();
        match kind {
            TrackKind::Audio => Terms {
                payload: Payload::Opus {
                    number: opus,
                    red: Some(RED),
                },
                feedback: AUDIO_FEEDBACK.to_vec(),
                extensions: self.offered_extensions(&AUDIO_EXTENSIONS),
            },
            TrackKind::Video => Terms {
                payload: Payload::Vp8 {
                    number: vp8,
                    rtx: Some(rtx),
                },
                feedback: VIDEO_FEEDBACK.to_vec(),
                extensions: self.offered_extensions(&VIDEO_EXTENSIONS),
            },
        }
    }

    /// Payload types: agreed ones, and for others what we would offer.
    fn numbers(&self) -> Numbers {
        let Codecs { opus, vp8, vp8_rtx } = self.codecs;
        let chromium = opus == Some(CHROMIUM.opus) || vp8 == Some(CHROMIUM.vp8);
        let usual = if chromium { CHROMIUM } else { OWN };
        let mut used: Vec<u8> = [opus, vp8, vp8_rtx].into_iter().flatten().collect();
        let mut choose = |fixed: Option<u8>, usual: u8| {
            let free = |number: &u8| !used.contains(number);
            let number = fixed
                .or_else(|| std::iter::once(usual).chain(DYNAMIC).find(free))
                .unwrap_or(usual);
            used.push(number);
            number
        };
        Numbers {
            opus: choose(opus, usual.opus),
            vp8: choose(vp8, usual.vp8),
            rtx: choose(vp8_rtx, usual.rtx),
        }
    }

    /// Fixes what was not agreed yet as well: the transport is set up once.
    pub(super) fn reserve(&mut self) {
        let Numbers { opus, vp8, rtx } = self.numbers();
        self.codecs = Codecs {
            opus: Some(opus),
            vp8: Some(vp8),
            vp8_rtx: Some(rtx),
        };
    }

    /// Ids are given out for all four at once, so that sections agree among themselves.
    fn offered_extensions(&self, wanted: &[Extension]) -> Vec<(u8, Extension)> {
        let mut ids = self.extensions.clone();
        for extension in AUDIO_EXTENSIONS {
            let known = ids.iter().any(|(_, each)| *each == extension);
            let free = std::iter::once(usual_id(extension))
                .chain(EXTENSION_IDS)
                .find(|id| ids.iter().all(|(each, _)| each != id));
            if let (false, Some(id)) = (known, free) {
                ids.push((id, extension));
            }
        }
        let numbered = |extension: &Extension| {
            let found = ids.iter().find(|(_, each)| each == extension);
            found.map(|(id, _)| (*id, *extension))
        };
        wanted.iter().filter_map(numbered).collect()
    }

    /// Holds everything to what these terms say, from now on.
    pub(super) fn adopt(&mut self, terms: &Terms) {
        let codecs = &mut self.codecs;
        match terms.payload {
            Payload::Opus { number, .. } => codecs.opus = codecs.opus.or(Some(number)),
            Payload::Vp8 { number, rtx } => {
                codecs.vp8 = codecs.vp8.or(Some(number));
                codecs.vp8_rtx = codecs.vp8_rtx.or(rtx);
            }
            Payload::Data => {}
        }
        for (id, extension) in &terms.extensions {
            if self.extensions.iter().all(|(_, each)| each != extension) {
                self.extensions.push((*id, *extension));
            }
        }
    }

    /// What we can agree on with the other side's section; None: nothing, it has to be refused.
    pub(super) fn terms(&self, section: &Section) -> Option<Terms> {
        match section.kind {
            SectionKind::Audio => {
                let usable = |number| self.usable_opus(number);
                let number = find(section, usable, "opus", 48_000, 2)?;
                Some(Terms {
                    payload: Payload::Opus {
                        number,
                        red: find(section, |number| number == RED, "red", 48_000, 2),
                    },
                    feedback: common_feedback(section, number, &AUDIO_FEEDBACK),
                    extensions: self.common_extensions(section, &AUDIO_EXTENSIONS),
                })
            }
            SectionKind::Video => {
                let usable = |number| self.usable_vp8(number);
                let number = find(section, usable, "VP8", 90_000, 1)?;
                Some(Terms {
                    payload: Payload::Vp8 {
                        number,
                        rtx: self.find_rtx(section, number),
                    },
                    feedback: common_feedback(section, number, &VIDEO_FEEDBACK),
                    extensions: self.common_extensions(section, &VIDEO_EXTENSIONS),
                })
            }
            SectionKind::Application => is_data(section).then(Terms::data),
            SectionKind::Other(_) => None,
        }
    }

    fn find_rtx(&self, section: &Section, vp8: u8) -> Option<u8> {
        let numbers = section
            .formats
            .iter()
            .filter_map(|format| format.parse::<u8>().ok());
        numbers.into_iter().find(|number| {
            let mut maps = section
                .codecs
                .iter()
                .filter(|map| map.payload_type == *number);
            let rtx = maps
                .next()
                .is_some_and(|map| map.name.eq_ignore_ascii_case("rtx"));
            let repairs = section.parameters.iter().any(|parameters| {
                let mut pairs = parameters
                    .text
                    .split(';')
                    .filter_map(|pair| pair.trim().split_once('='));
                parameters.payload_type == *number
                    && pairs.any(|(key, value)| key == "apt" && value.parse() == Ok(vp8))
            });
            rtx && repairs && *number != vp8 && self.usable_rtx(*number, vp8)
        })
    }

    fn usable_opus(&self, number: u8) -> bool {
        match self.codecs.opus {
            Some(fixed) if number != fixed => self.codecs.more_opus().any(|each| each == number),
            Some(_) => true,
            None => self.is_free(number),
        }
    }

    fn usable_vp8(&self, number: u8) -> bool {
        match self.codecs.vp8 {
            Some(fixed) if number != fixed => {
                self.codecs.more_vp8().any(|(each, _)| each == number)
            }
            Some(_) => true,
            None => self.is_free(number),
        }
    }

    fn usable_rtx(&self, number: u8, vp8: u8) -> bool {
        match (self.codecs.vp8, self.codecs.vp8_rtx) {
            (Some(fixed), _) if vp8 != fixed => {
                self.codecs.more_vp8().any(|each| each == (vp8, number))
            }
            (_, Some(fixed)) => number == fixed,
            (_, None) => self.is_free(number),
        }
    }

    /// A number that nothing else has and that RTCP leaves free.
    fn is_free(&self, number: u8) -> bool {
        let Codecs { opus, vp8, vp8_rtx } = self.codecs;
        ![opus, vp8, vp8_rtx, Some(RED)].contains(&Some(number)) && !(64..=95).contains(&number)
    }

    fn common_extensions(&self, section: &Section, ours: &[Extension]) -> Vec<(u8, Extension)> {
        let mut common: Vec<(u8, Extension)> = Vec::new();
        for map in &section.extensions {
            let Some((id, extension)) = known_extension(map) else {
                continue;
            };
            let said = self.extensions.iter().chain(&common);
            let mut clashes =
                said.filter(|(each_id, each)| (*each_id == id) != (*each == extension));
            let wanted = ours.contains(&extension) && !common.contains(&(id, extension));
            if wanted && clashes.next().is_none() {
                common.push((id, extension));
            }
        }
        common
    }
}

/// The number of a codec, in the order of preference of the section.
fn find(
    section: &Section,
    usable: impl Fn(u8) -> bool,
    name: &str,
    clock: u32,
    channels: u8,
) -> Option<u8> {
    let numbers = section
        .formats
        .iter()
        .filter_map(|format| format.parse::<u8>().ok());
    numbers.into_iter().find(|number| {
        let mut maps = section
            .codecs
            .iter()
            .filter(|map| map.payload_type == *number);
        maps.next().is_some_and(|map| {
            map.name.eq_ignore_ascii_case(name) && map.clock == clock && map.channels == channels
        }) && usable(*number)
    })
}

fn known_extension(map: &ExtensionMap) -> Option<(u8, Extension)> {
    let id = u8::try_from(map.id)
        .ok()
        .filter(|id| EXTENSION_IDS.contains(id))?;
    let both_ways = map.direction == landline_protocol::engine_api::Direction::SendRecv;
    let extension = AUDIO_EXTENSIONS
        .into_iter()
        .find(|each| uri(*each) == map.uri)?;
    both_ways.then_some((id, extension))
}

/// What the other side gives and heeds, too.
fn common_feedback(section: &Section, number: u8, ours: &[&'static str]) -> Vec<&'static str> {
    let told = |value: &&&str| {
        section.feedback.iter().any(|each| {
            each.payload_type.is_none_or(|each| each == number) && each.value == **value
        })
    };
    ours.iter().filter(told).copied().collect()
}

/// A section that could be used if its codecs suit: bundled, `rtcp-mux`, a mid that fits, a protocol that we speak.
pub(super) fn is_eligible(section: &Section, bundle: &[String]) -> bool {
    let named = section
        .mid
        .as_ref()
        .is_some_and(|mid| mid.len() <= MAX_MID && bundle.contains(mid));
    let muxed = match section.kind {
        SectionKind::Application => true,
        // RFC 8829 §5.1.2: what counts is DTLS, which the fingerprint shows.
        _ => section.rtcp_mux && section.protocol.contains("RTP/"),
    };
    !section.rejected() && named && muxed
}

/// RFC 8841 §4.
fn is_data(section: &Section) -> bool {
    section.protocol.ends_with("DTLS/SCTP")
        && section
            .formats
            .iter()
            .any(|each| each == "webrtc-datachannel")
}

pub(super) fn uri(extension: Extension) -> &'static str {
    match extension {
        Extension::AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        Extension::AbsoluteSendTime => "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        Extension::TransportSequenceNumber => {
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        }
        Extension::Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
    }
}

/// As Firefox numbers them, for the same reason.
fn usual_id(extension: Extension) -> u8 {
    match extension {
        Extension::AudioLevel => 1,
        Extension::Mid => 3,
        Extension::AbsoluteSendTime => 4,
        Extension::TransportSequenceNumber => 7,
    }
}
