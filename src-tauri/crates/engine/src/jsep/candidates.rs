//! Candidates of both sides: W3C webrtc §4.4.1.7 (`addIceCandidate()`) and §4.8.1, RFC 8840.

use landline_protocol::engine_api::{Description, EngineError, IceCandidate};

use super::sections::transport_index;
use super::state::{Local, Phase, Remote, State};
use super::{MAX_CANDIDATES, RemoteCandidate, error};
use crate::negotiated::IceCredentials;
use crate::sdp::{CandidateLine, Section, Session};

impl State {
    pub(super) fn add_candidate(
        &mut self,
        candidate: &IceCandidate,
    ) -> Result<Option<RemoteCandidate>, EngineError> {
        self.open()?;
        let ended = candidate.candidate.is_empty();
        let line = CandidateLine::read(&candidate.candidate);
        let told = candidate.username_fragment.as_deref();
        let ufrag = told
            .or_else(|| line.as_ref().and_then(|line| line.ufrag))
            .filter(|ufrag| !ufrag.is_empty());
        let (remote, index) = self.addressed_section(candidate, ended)?;
        if line.is_none() && !ended {
            return Err(error::operation("the candidate cannot be read"));
        }
        let remote = match ufrag {
            Some(ufrag) => self.generation(ufrag, index).ok_or_else(|| {
                error::operation("the user name fragment is in no remote description")
            })?,
            None => remote,
        };
        let remote = self
            .remote_mut(remote)
            .ok_or_else(|| error::state("no remote description"))?;
        let Some(section) = remote.session.sections.get(index) else {
            return Err(error::operation("no such section"));
        };
        let Some(ice) = section.ice.clone().filter(|_| !section.rejected()) else {
            return Ok(None);
        };
        let candidate = match line {
            Some(line) if !line.udp || line.component != 1 => return Ok(None),
            Some(line) => Some(line.text.to_owned()),
            None => None,
        };
        let text = candidate.as_deref().map_or_else(
            || "a=end-of-candidates".to_owned(),
            |line| format!("a={line}"),
        );
        if remote.trickled.len() < MAX_CANDIDATES {
            remote.trickled.push((index, text));
        }
        Ok(Some(RemoteCandidate {
            ufrag: ice.ufrag,
            candidate,
        }))
    }

    /// The section that a candidate names, in `remoteDescription`.
    fn addressed_section(
        &self,
        candidate: &IceCandidate,
        ended: bool,
    ) -> Result<(Which, usize), EngineError> {
        let (which, session) = match (&self.phase, &self.current) {
            (Phase::RemoteOffer(offer), _) => (Which::Pending, &offer.remote.session),
            (_, Some(agreed)) => (Which::Current, &agreed.remote.session),
            (_, None) => return Err(error::state("there is no remote description")),
        };
        let index = match (&candidate.sdp_mid, candidate.sdp_m_line_index) {
            (Some(mid), _) => session
                .sections
                .iter()
                .position(|each| each.mid.as_ref() == Some(mid)),
            (None, Some(index)) => {
                Some(usize::from(index)).filter(|index| *index < session.sections.len())
            }
            (None, None) if ended => transport_index(session).or(Some(0)),
            (None, None) => None,
        };
        let index = index.ok_or_else(|| error::operation("no such section"))?;
        Ok((which, index))
    }

    /// The remote description in which a section has this user name fragment, the pending one first.
    fn generation(&self, ufrag: &str, index: usize) -> Option<Which> {
        let has = |session: &Session| {
            let ice = session
                .sections
                .get(index)
                .and_then(|section| section.ice.as_ref());
            ice.is_some_and(|ice| ice.ufrag == ufrag)
        };
        match (&self.phase, &self.current) {
            (Phase::RemoteOffer(offer), _) if has(&offer.remote.session) => Some(Which::Pending),
            (_, Some(agreed)) if has(&agreed.remote.session) => Some(Which::Current),
            _ => None,
        }
    }

    fn remote_mut(&mut self, which: Which) -> Option<&mut Remote> {
        match (which, &mut self.phase, &mut self.current) {
            (Which::Pending, Phase::RemoteOffer(offer), _) => Some(&mut offer.remote),
            (Which::Current, _, Some(agreed)) => Some(&mut agreed.remote),
            _ => None,
        }
    }

    pub(super) fn add_local_candidate(
        &mut self,
        ufrag: &str,
        candidate: Option<&str>,
    ) -> Option<IceCandidate> {
        let local = self.local_with(ufrag)?;
        let index = transport_index(&local.session)?;
        let mid = local.session.sections.get(index)?.mid.clone();
        let gathered = self.gathered.iter_mut().find(|each| each.ufrag == ufrag)?;
        match candidate {
            Some(_) if gathered.candidates.len() >= MAX_CANDIDATES => return None,
            Some(line) => gathered
                .candidates
                .push(CandidateLine::read(line)?.text.to_owned()),
            None => gathered.ended = true,
        }
        Some(IceCandidate {
            candidate: candidate.unwrap_or_default().to_owned(),
            sdp_mid: mid,
            sdp_m_line_index: u16::try_from(index).ok(),
            username_fragment: Some(ufrag.to_owned()),
        })
    }

    fn local_with(&self, ufrag: &str) -> Option<&Local> {
        let pending = match &self.phase {
            Phase::LocalOffer(local) => Some(local),
            _ => None,
        };
        let current = self.current.as_ref().map(|agreed| &agreed.local);
        pending
            .into_iter()
            .chain(current)
            .find(|local| local.ice.ufrag == ufrag)
    }

    /// With what was gathered so far under its credentials.
    pub(super) fn with_candidates(&self, session: &Session, ice: &IceCredentials) -> Session {
        let mut session = session.clone();
        let gathered = self.gathered.iter().find(|each| each.ufrag == ice.ufrag);
        let index = transport_index(&session);
        let section = index.and_then(|index| session.sections.get_mut(index));
        if let (Some(gathered), Some(section)) = (gathered, section) {
            section.candidates.clone_from(&gathered.candidates);
            section.end_of_candidates = gathered.ended;
        }
        session
    }
}

/// One of the two remote descriptions that there can be.
#[derive(Clone, Copy)]
enum Which {
    Pending,
    Current,
}

impl Remote {
    pub(super) fn view(&self) -> Description {
        let mut sdp = String::with_capacity(self.text.len());
        let mut sections = 0;
        let add = |sdp: &mut String, index: usize| {
            for (_, line) in self.trickled.iter().filter(|(each, _)| *each == index) {
                if !sdp.ends_with('\n') {
                    sdp.push_str("\r\n");
                }
                sdp.push_str(line);
                sdp.push_str("\r\n");
            }
        };
        for line in self.text.split_inclusive('\n') {
            if line.starts_with("m=") {
                if let Some(last) = usize::checked_sub(sections, 1) {
                    add(&mut sdp, last);
                }
                sections += 1;
            }
            sdp.push_str(line);
        }
        if let Some(last) = usize::checked_sub(sections, 1) {
            add(&mut sdp, last);
        }
        Description {
            r#type: self.kind,
            sdp,
        }
    }
}

/// The candidates that stand in a section; ones that are broken or of no use are left out.
pub(super) fn of_section(section: &Section, ufrag: &str) -> Vec<RemoteCandidate> {
    let usable = |text: &String| {
        let line = CandidateLine::read(text)?;
        (line.udp && line.component == 1).then(|| line.text.to_owned())
    };
    let lines = section
        .candidates
        .iter()
        .filter_map(usable)
        .take(MAX_CANDIDATES)
        .map(Some);
    let end = section.end_of_candidates.then_some(None);
    let told = |candidate| RemoteCandidate {
        ufrag: ufrag.to_owned(),
        candidate,
    };
    lines.chain(end).map(told).collect()
}
