//! Sections of own descriptions.

use landline_protocol::engine_api::{Direction, TrackKind};

use super::direction;
use super::state::State;
use super::terms::{Payload, Terms, uri};
use super::transceiver::Transceiver;
use crate::negotiated::IceCredentials;
use crate::sdp::{
    ExtensionMap, Feedback, Msid, Parameters, RtpMap, Section, SectionKind, Session, Setup, Ssrc,
    SsrcGroup,
};

const RTP: &str = "UDP/TLS/RTP/SAVPF";
const SCTP: &str = "UDP/DTLS/SCTP";
/// The usual one (RFC 8841 §5.1); there is one association only.
const SCTP_PORT: u16 = 5_000;
/// What we take, bytes: what browsers take too.
const MAX_MESSAGE: u64 = 262_144;
/// Packets of at least 10 ms, and repair of lost ones from the next (RFC 7587 §6.1).
const OPUS_PARAMETERS: &str = "minptime=10;useinbandfec=1";

/// What all live sections of one description say.
pub(super) struct Transport {
    pub(super) ice: IceCredentials,
    pub(super) setup: Setup,
}

impl State {
    pub(super) fn media_section(
        &self,
        transceiver: &Transceiver,
        mid: &str,
        way: Direction,
        terms: &Terms,
        transport: &Transport,
    ) -> Section {
        let kind = section_kind(transceiver.kind);
        let mut section = self.live_section(kind, mid, transport);
        RTP.clone_into(&mut section.protocol);
        section.direction = way;
        section.rtcp_mux = true;
        let number = match terms.payload {
            Payload::Opus { number, red } => {
                // First, so that it is what the other side sends.
                if let Some(red) = red {
                    push_codec(&mut section, red, "red", 48_000, 2);
                    section
                        .parameters
                        .push(parameters(red, &format!("{number}/{number}")));
                }
                push_codec(&mut section, number, "opus", 48_000, 2);
                section.parameters.push(parameters(number, OPUS_PARAMETERS));
                number
            }
            Payload::Vp8 { number, rtx } => {
                push_codec(&mut section, number, "VP8", 90_000, 1);
                if let Some(rtx) = rtx {
                    push_codec(&mut section, rtx, "rtx", 90_000, 1);
                    section
                        .parameters
                        .push(parameters(rtx, &format!("apt={number}")));
                }
                number
            }
            Payload::Data => return section,
        };
        let feedback = terms.feedback.iter().map(|value| Feedback {
            payload_type: Some(number),
            value: (*value).to_owned(),
        });
        section.feedback = feedback.collect();
        let extensions = terms.extensions.iter().map(|(id, extension)| ExtensionMap {
            id: u16::from(*id),
            direction: Direction::SendRecv,
            uri: uri(*extension).to_owned(),
        });
        section.extensions = extensions.collect();
        if direction::sends(way) {
            self.sources(&mut section, transceiver, terms);
        }
        section
    }

    /// Our streams, track and SSRCs.
    fn sources(&self, section: &mut Section, transceiver: &Transceiver, terms: &Terms) {
        let msid = |stream: &str| Msid {
            stream: stream.to_owned(),
            track: Some(transceiver.track.clone()),
        };
        section.msids = match transceiver.streams.as_slice() {
            [] => vec![msid("-")],
            streams => streams.iter().map(|stream| msid(stream)).collect(),
        };
        let mut ssrcs = vec![transceiver.ssrc];
        if let (Payload::Vp8 { rtx: Some(_), .. }, Some(rtx)) = (terms.payload, transceiver.rtx) {
            ssrcs.push(rtx);
            section.ssrc_groups = vec![SsrcGroup {
                semantics: "FID".to_owned(),
                ssrcs: ssrcs.clone(),
            }];
        }
        let named = ssrcs.into_iter().map(|ssrc| Ssrc {
            ssrc,
            cname: Some(self.cname.clone()),
            msid: None,
        });
        section.ssrcs = named.collect();
    }

    pub(super) fn data_section(
        &self,
        mid: &str,
        protocol: Option<&str>,
        transport: &Transport,
    ) -> Section {
        let mut section = self.live_section(SectionKind::Application, mid, transport);
        protocol.unwrap_or(SCTP).clone_into(&mut section.protocol);
        section.formats = vec!["webrtc-datachannel".to_owned()];
        section.sctp_port = Some(SCTP_PORT);
        section.max_message_size = Some(MAX_MESSAGE);
        section
    }

    fn live_section(&self, kind: SectionKind, mid: &str, transport: &Transport) -> Section {
        Section {
            mid: Some(mid.to_owned()),
            ice: Some(transport.ice.clone()),
            fingerprint: Some(self.identity.fingerprint),
            setup: Some(transport.setup),
            ..Section::new(kind)
        }
    }
}

/// A section that is refused, or stopped, or was one of these before (RFC 8829 §5.2.2, §5.3.1).
pub(super) fn dead_section(of: &Section) -> Section {
    Section {
        port: 0,
        protocol: of.protocol.clone(),
        formats: of.formats.iter().take(1).cloned().collect(),
        mid: of.mid.clone(),
        direction: Direction::Inactive,
        ..Section::new(of.kind.clone())
    }
}

/// Where the transport of a description is told: its first bundled section.
pub(super) fn transport_index(session: &Session) -> Option<usize> {
    let live = |mid: &String| {
        let mut sections = session.sections.iter();
        sections.position(|each| each.mid.as_ref() == Some(mid) && !each.rejected())
    };
    session.bundle.iter().find_map(live)
}

/// How the writer of a description is reached: by this section, or, as bundled sections need not repeat it, by the first that
/// says so (RFC 8843 §7.1.3).
pub(super) fn told_transport(
    session: &Session,
    index: usize,
) -> Option<(IceCredentials, [u8; 32])> {
    let of = |section: &Section| section.ice.clone().zip(section.fingerprint);
    let bundled = |mid: &String| {
        session
            .sections
            .iter()
            .find(|each| each.mid.as_ref() == Some(mid))
    };
    let own = session.sections.get(index).and_then(of);
    own.or_else(|| session.bundle.iter().filter_map(bundled).find_map(of))
}

pub(super) fn section_kind(kind: TrackKind) -> SectionKind {
    match kind {
        TrackKind::Audio => SectionKind::Audio,
        TrackKind::Video => SectionKind::Video,
    }
}

pub(super) fn track_kind(kind: &SectionKind) -> Option<TrackKind> {
    match kind {
        SectionKind::Audio => Some(TrackKind::Audio),
        SectionKind::Video => Some(TrackKind::Video),
        SectionKind::Application | SectionKind::Other(_) => None,
    }
}

fn push_codec(section: &mut Section, payload_type: u8, name: &str, clock: u32, channels: u8) {
    section.formats.push(payload_type.to_string());
    section.codecs.push(RtpMap {
        payload_type,
        name: name.to_owned(),
        clock,
        channels,
    });
}

fn parameters(payload_type: u8, text: &str) -> Parameters {
    Parameters {
        payload_type,
        text: text.to_owned(),
    }
}
