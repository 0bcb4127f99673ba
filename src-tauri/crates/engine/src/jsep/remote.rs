//! `setRemoteDescription()`: W3C webrtc §4.4.2, RFC 8829 §5.10, §5.11.

use landline_protocol::engine_api::{Description, DescriptionType, EngineError};

use super::sections::{section_kind, told_transport, track_kind};
use super::state::{Local, Owner, Phase, Remote, RemoteOffer, State};
use super::terms::{Fixed, Payload, Terms, is_eligible};
use super::transceiver::Association;
use super::{Applied, Random, ReceiverIds, RemoteCandidate, error};
use crate::sdp::{self, Section, SectionKind, Session, Setup};

impl State {
    pub(super) fn set_remote(
        &mut self,
        description: Description,
        random: &mut Random,
        receivers: &ReceiverIds,
    ) -> Result<Applied, EngineError> {
        self.open()?;
        let kind = description.r#type;
        if kind == DescriptionType::Rollback {
            return self.rollback();
        }
        let session =
            sdp::read(&description.sdp).map_err(|fault| error::syntax(&fault.to_string()))?;
        let remote = Remote {
            kind,
            session,
            text: description.sdp,
            trickled: Vec::new(),
        };
        match kind {
            DescriptionType::Answer => self.take_answer(remote),
            _ => self.take_offer(remote, random, receivers),
        }
    }

    fn take_offer(
        &mut self,
        remote: Remote,
        random: &mut Random,
        receivers: &ReceiverIds,
    ) -> Result<Applied, EngineError> {
        let abandon = match &self.phase {
            Phase::LocalOffer(_) => self.rollback()?.abandon,
            _ => None,
        };
        self.drop_replaced(&remote.session);
        self.check_sections(&remote.session)?;
        let mut fixed = self.fixed.clone();
        let mut terms = Vec::with_capacity(remote.session.sections.len());
        for (index, section) in remote.session.sections.iter().enumerate() {
            let possible = self.possible_terms(&fixed, index, section, &remote.session.bundle);
            if let Some(possible) = &possible {
                fixed.adopt(possible);
            }
            self.take_offered_section(index, section, possible.is_some(), random, receivers);
            terms.push(possible);
        }
        self.check_offered_transport(&remote.session, &terms)?;
        check_one_certificate(&remote.session)?;
        let candidates = told_candidates(&remote.session);
        self.forget_drafts();
        self.phase = Phase::RemoteOffer(RemoteOffer { remote, terms });
        Ok(Applied {
            abandon,
            candidates,
            ..Applied::default()
        })
    }

    /// An offer instead of one that is not answered: what only that one had goes.
    fn drop_replaced(&mut self, session: &Session) {
        let stays = |association: Option<&Association>, kind: &SectionKind| {
            association.is_some_and(|Association { mid, index }| {
                let section = session.sections.get(*index);
                section.is_some_and(|each| each.mid.as_ref() == Some(mid) && each.kind == *kind)
            })
        };
        self.transceivers.retain(|each| {
            each.stable.is_some() || stays(each.now.association.as_ref(), &section_kind(each.kind))
        });
        if self.data.stable.is_none() && !stays(self.data.now.as_ref(), &SectionKind::Application) {
            self.data.now = None;
        }
    }

    /// Sections never become fewer, and one in use keeps its mid and kind (RFC 8829 §5.2.2).
    fn check_sections(&self, session: &Session) -> Result<(), EngineError> {
        let before = self
            .current
            .as_ref()
            .map_or(0, |agreed| agreed.local.session.sections.len());
        if session.sections.len() < before {
            return Err(error::access("fewer sections than before"));
        }
        let media = self.transceivers.iter().filter_map(|each| {
            let association = each.now.association.as_ref()?;
            Some((association, section_kind(each.kind)))
        });
        let data = self
            .data
            .now
            .iter()
            .map(|association| (association, SectionKind::Application));
        for (Association { mid, index }, kind) in media.chain(data) {
            for (place, section) in session.sections.iter().enumerate() {
                let here = place == *index;
                let named = section.mid.as_ref() == Some(mid);
                if here != named || (here && section.kind != kind) {
                    return Err(error::access("a section is not what it was before"));
                }
            }
        }
        Ok(())
    }

    fn possible_terms(
        &self,
        fixed: &Fixed,
        index: usize,
        section: &Section,
        bundle: &[String],
    ) -> Option<Terms> {
        let terms = is_eligible(section, bundle).then(|| fixed.terms(section))??;
        // One data section is all that there can be.
        let second = terms.payload == Payload::Data
            && self
                .data
                .now
                .as_ref()
                .is_some_and(|data| data.index != index);
        (!second).then_some(terms)
    }

    fn take_offered_section(
        &mut self,
        index: usize,
        section: &Section,
        possible: bool,
        random: &mut Random,
        receivers: &ReceiverIds,
    ) {
        let owner = self.owner_at(index);
        let association = section.mid.clone().map(|mid| Association { mid, index });
        match (owner, track_kind(&section.kind)) {
            (Some(Owner::Transceiver(id)), _) => {
                if let Some(transceiver) = self.transceiver_mut(id) {
                    transceiver.hear(section);
                    transceiver.now.receiving &= possible;
                }
            }
            (None, Some(kind)) if possible => {
                let mut transceiver = self.remote_transceiver(kind, receivers, random);
                transceiver.now.association = association;
                transceiver.hear(section);
                self.transceivers.push(transceiver);
            }
            (None, None) if possible => self.data.now = association,
            _ => {}
        }
    }

    /// That of the first section which we could accept, as RFC 8843 §7.3.1 has it.
    fn check_offered_transport(
        &self,
        session: &Session,
        terms: &[Option<Terms>],
    ) -> Result<(), EngineError> {
        let possible = |mid: &String| {
            let mut sections = session.sections.iter().zip(terms);
            sections.position(|(each, terms)| each.mid.as_ref() == Some(mid) && terms.is_some())
        };
        let Some(index) = session.bundle.iter().find_map(possible) else {
            return Ok(());
        };
        let Some((_, fingerprint)) = told_transport(session, index) else {
            return Err(error::access(
                "no ICE credentials or no SHA-256 fingerprint",
            ));
        };
        let before = self.fixed.transport.as_ref();
        if before.is_some_and(|before| before.remote_fingerprint != fingerprint) {
            return Err(error::access("another fingerprint than before"));
        }
        let setup = session
            .sections
            .get(index)
            .and_then(|section| section.setup);
        match (setup, before.map(|before| before.dtls_active)) {
            (Some(Setup::HoldConn), _) => Err(error::access("a=setup:holdconn")),
            (Some(Setup::Active), Some(true)) | (Some(Setup::Passive), Some(false)) => {
                Err(error::access("the DTLS role cannot change"))
            }
            _ => Ok(()),
        }
    }

    fn take_answer(&mut self, remote: Remote) -> Result<Applied, EngineError> {
        let Phase::LocalOffer(local) = std::mem::replace(&mut self.phase, Phase::Stable) else {
            return Err(error::state("there is no offer of ours"));
        };
        let terms = self.answered_terms(&local, &remote.session)?;
        for (index, (section, terms)) in remote.session.sections.iter().zip(&terms).enumerate() {
            if let (Some(Owner::Transceiver(id)), Some(_)) = (self.owner_at(index), terms)
                && let Some(transceiver) = self.transceiver_mut(id)
            {
                transceiver.hear(section);
            }
        }
        check_one_certificate(&remote.session)?;
        let candidates = told_candidates(&remote.session);
        let negotiated = self.agree(local, remote, &terms, true)?;
        Ok(Applied {
            negotiated,
            candidates,
            ..Applied::default()
        })
    }

    /// Terms of each section of an answer to our offer; None: refused.
    fn answered_terms(
        &self,
        local: &Local,
        answer: &Session,
    ) -> Result<Vec<Option<Terms>>, EngineError> {
        let offered = &local.session.sections;
        if answer.sections.len() != offered.len() {
            return Err(error::access(
                "the answer has other sections than the offer",
            ));
        }
        let mut fixed = self.fixed.clone();
        for section in offered {
            if let Some(kind) = track_kind(&section.kind) {
                fixed.adopt(&self.fixed.offer(kind));
            }
        }
        let mut terms = Vec::with_capacity(offered.len());
        for (ours, theirs) in offered.iter().zip(&answer.sections) {
            let named = theirs.mid == ours.mid || (theirs.mid.is_none() && theirs.rejected());
            if theirs.kind != ours.kind || !named || (ours.rejected() && !theirs.rejected()) {
                return Err(error::access(
                    "the answer has other sections than the offer",
                ));
            }
            if theirs.rejected() {
                terms.push(None);
                continue;
            }
            let possible = is_eligible(theirs, &answer.bundle)
                .then(|| fixed.terms(theirs))
                .flatten();
            if possible.is_none() {
                return Err(error::access(
                    "a section of the answer has nothing of what was offered",
                ));
            }
            terms.push(possible);
        }
        Ok(terms)
    }
}

/// Bundled sections share one DTLS association, so they cannot name different certificates.
fn check_one_certificate(session: &Session) -> Result<(), EngineError> {
    let mut told = bundled(session).filter_map(|section| section.fingerprint);
    let first = told.next();
    if told.any(|each| Some(each) != first) {
        return Err(error::access("fingerprints differ among bundled sections"));
    }
    Ok(())
}

fn told_candidates(session: &Session) -> Vec<RemoteCandidate> {
    let with_ice = bundled(session).filter_map(|section| Some((section, section.ice.as_ref()?)));
    with_ice
        .flat_map(|(section, ice)| super::candidates::of_section(section, &ice.ufrag))
        .collect()
}

fn bundled(session: &Session) -> impl Iterator<Item = &Section> {
    let named = |section: &&Section| {
        section
            .mid
            .as_ref()
            .is_some_and(|mid| session.bundle.contains(mid))
    };
    session.sections.iter().filter(named)
}
