//! What happens when an answer makes the state stable: transceivers take what was agreed, and the transport is told.

use landline_protocol::engine_api::{EngineError, TrackKind};

use super::sections::{told_transport, transport_index};
use super::state::{Agreed, Local, Owner, Phase, Remote, State};
use super::terms::{FixedTransport, Payload, Terms};
use super::{direction, error};
use crate::negotiated::{Negotiated, NegotiatedMedia};
use crate::sdp::{Section, Session, Setup};

/// RFC 8841 §6: what holds when nothing is said.
const DEFAULT_MAX_MESSAGE: u32 = 65_536;

impl State {
    /// `terms`: of the other side's sections. `offered`: the offer was ours.
    pub(super) fn agree(
        &mut self,
        local: Local,
        remote: Remote,
        terms: &[Option<Terms>],
        offered: bool,
    ) -> Result<Option<Negotiated>, EngineError> {
        let answer = if offered {
            &remote.session
        } else {
            &local.session
        };
        let accepted: Vec<Option<&Terms>> = answer
            .sections
            .iter()
            .zip(terms)
            .map(|(section, terms)| terms.as_ref().filter(|_| !section.rejected()))
            .collect();
        self.fix_transport(&local, &remote.session, answer, offered)?;
        let mut max_message_size = None;
        let sections = local.session.sections.iter().zip(&remote.session.sections);
        for (index, (accepted, (ours, theirs))) in accepted.iter().zip(sections).enumerate() {
            match (self.owner_at(index), accepted) {
                (Some(Owner::Transceiver(id)), Some(terms)) => {
                    self.fixed.adopt(terms);
                    let asked = direction::reversed(theirs.direction);
                    if let Some(transceiver) = self.transceiver_mut(id) {
                        transceiver.current = Some(direction::intersection(ours.direction, asked));
                        transceiver.payload = Some(terms.payload);
                    }
                }
                // Refused by either side, or stopped: it has served.
                (Some(Owner::Transceiver(id)), None) => {
                    self.transceivers.retain(|each| each.id != id);
                }
                (Some(Owner::Data), Some(_)) => max_message_size = Some(message_limit(theirs)),
                (Some(Owner::Data), None) => {
                    self.data.now = None;
                    self.data.wanted = false;
                }
                (None, _) => {}
            }
        }
        if self.fixed.transport.is_some() {
            self.fixed.reserve();
        }
        for transceiver in &mut self.transceivers {
            transceiver.stable = Some(transceiver.now.clone());
        }
        self.data.stable.clone_from(&self.data.now);
        let media = self.agreed_media(&accepted, &remote.session, offered);

        if !self.ice_to_replace.contains(&local.ice) {
            self.ice_to_replace.clear();
        }
        self.phase = Phase::Stable;
        self.current = Some(Agreed {
            local,
            remote,
            max_message_size,
        });
        self.forget_drafts();
        self.drop_stopped_unassociated();
        let in_use = self.local_credentials();
        self.gathered
            .retain(|each| in_use.iter().any(|ice| ice.ufrag == each.ufrag));
        Ok(self.fixed.transport.as_ref().map(|transport| Negotiated {
            local_ice: transport.local_ice.clone(),
            remote_ice: transport.remote_ice.clone(),
            ice_controlling: transport.ice_controlling,
            remote_fingerprint: transport.remote_fingerprint,
            dtls_active: transport.dtls_active,
            codecs: self.fixed.codecs,
            extensions: self.fixed.extensions.clone(),
            media,
            data: max_message_size.is_some(),
            remote_max_message_size: max_message_size.unwrap_or(DEFAULT_MAX_MESSAGE),
        }))
    }

    /// The transport is told by the answer's first bundled section. Nothing changes if all were refused.
    fn fix_transport(
        &mut self,
        local: &Local,
        remote: &Session,
        answer: &Session,
        offered: bool,
    ) -> Result<(), EngineError> {
        let Some(index) = transport_index(answer) else {
            return Ok(());
        };
        let ours = local.session.sections.get(index);
        let (Some(ours), Some(theirs)) = (ours, remote.sections.get(index)) else {
            return Err(error::access(
                "the answer has other sections than the offer",
            ));
        };
        let Some((remote_ice, remote_fingerprint)) = told_transport(remote, index) else {
            return Err(error::access(
                "no ICE credentials or no SHA-256 fingerprint",
            ));
        };
        if offered && matches!(theirs.setup, Some(Setup::ActPass | Setup::HoldConn)) {
            return Err(error::access("no DTLS role in the answer"));
        }
        // An answer without the attribute starts the handshake (RFC 4145 §4).
        let before = self.fixed.transport.as_ref();
        let dtls_active = match before {
            // Firefox calls itself active whenever we restart ICE, and goes on with the association that there is.
            Some(before) => before.dtls_active,
            None if offered => theirs.setup == Some(Setup::Passive),
            None => ours.setup == Some(Setup::Active),
        };
        if before.is_some_and(|before| before.remote_fingerprint != remote_fingerprint) {
            return Err(error::access("another fingerprint than before"));
        }
        if let Some(before) = before
            && offered
            && before.local_ice == local.ice
            && before.remote_ice != remote_ice
        {
            return Err(error::access("an answer cannot restart ICE"));
        }
        let ice_controlling =
            before.map_or(offered || remote.ice_lite, |each| each.ice_controlling);
        self.fixed.transport = Some(FixedTransport {
            remote_fingerprint,
            dtls_active,
            ice_controlling,
            local_ice: local.ice.clone(),
            remote_ice,
        });
        Ok(())
    }

    fn agreed_media(
        &self,
        accepted: &[Option<&Terms>],
        remote: &Session,
        offered: bool,
    ) -> Vec<NegotiatedMedia> {
        let mut used: Vec<u32> = self
            .transceivers
            .iter()
            .flat_map(|each| [Some(each.ssrc), each.rtx])
            .flatten()
            .collect();
        let mut media = Vec::new();
        for (index, (terms, section)) in accepted.iter().zip(&remote.sections).enumerate() {
            let (Some(terms), Some(Owner::Transceiver(id))) = (terms, self.owner_at(index)) else {
                continue;
            };
            let (Some(transceiver), Some(mid)) = (self.transceiver(id), section.mid.clone()) else {
                continue;
            };
            let (Payload::Opus {
                number: payload_type,
                ..
            }
            | Payload::Vp8 {
                number: payload_type,
                ..
            }) = terms.payload
            else {
                continue;
            };
            let rtx_agreed = matches!(terms.payload, Payload::Vp8 { rtx: Some(_), .. });
            let (ssrc, rtx) = told_sources(section);
            let remote_ssrc = ssrc.filter(|ssrc| claim(&mut used, *ssrc));
            let remote_rtx =
                rtx.filter(|ssrc| rtx_agreed && remote_ssrc.is_some() && claim(&mut used, *ssrc));
            let way = transceiver.current.filter(|_| !transceiver.stopping);
            media.push(NegotiatedMedia {
                transceiver: id,
                receiver: transceiver.receiver,
                mid,
                kind: transceiver.kind,
                payload_type,
                red: match terms.payload {
                    Payload::Opus { red, .. } => red,
                    _ => None,
                },
                send: way.is_some_and(direction::sends),
                receive: way.is_some_and(direction::receives),
                local_ssrc: transceiver.ssrc,
                local_rtx: transceiver.rtx.filter(|_| rtx_agreed),
                remote_ssrc,
                remote_rtx,
                // libwebrtc repairs sound when an offer asks for it, but its answers never say so.
                nack: terms.nack() || (offered && transceiver.kind == TrackKind::Audio),
            });
        }
        media
    }
}

/// An SSRC means one thing in a connection (RFC 3550 §8): one that is told twice is recognised by `mid` instead.
fn claim(used: &mut Vec<u32>, ssrc: u32) -> bool {
    let free = !used.contains(&ssrc);
    if free {
        used.push(ssrc);
    }
    free
}

/// The SSRC that carries media, and that of its repair. Of simulcast the first.
fn told_sources(section: &Section) -> (Option<u32>, Option<u32>) {
    let first_of = |semantics: &str| {
        let group = section
            .ssrc_groups
            .iter()
            .find(|group| group.semantics == semantics);
        group.and_then(|group| group.ssrcs.first().copied())
    };
    let single = section.ssrcs.first().map(|each| each.ssrc);
    let media = first_of("SIM").or_else(|| first_of("FID")).or(single);
    let repair = section
        .ssrc_groups
        .iter()
        .find_map(|group| match group.ssrcs.as_slice() {
            [of, repair, ..] if group.semantics == "FID" && Some(*of) == media => Some(*repair),
            _ => None,
        });
    (media, repair)
}

fn message_limit(section: &Section) -> u32 {
    match section.max_message_size {
        None => DEFAULT_MAX_MESSAGE,
        Some(0) => u32::MAX,
        Some(size) => u32::try_from(size).unwrap_or(u32::MAX),
    }
}
