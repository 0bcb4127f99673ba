//! `setLocalDescription()`: W3C webrtc §4.4.2, RFC 8829 §5.9.

use landline_protocol::engine_api::{Description, DescriptionType, EngineError};

use super::state::{Draft, Gathered, Local, Owner, Phase, State, credentials};
use super::transceiver::Association;
use super::{Applied, Random, error};
use crate::sdp::Session;

impl State {
    pub(super) fn set_local(
        &mut self,
        description: Option<Description>,
        random: &mut Random,
    ) -> Result<Applied, EngineError> {
        self.open()?;
        let asked = match self.phase {
            Phase::RemoteOffer(_) => DescriptionType::Answer,
            _ => DescriptionType::Offer,
        };
        let (kind, sdp) =
            description.map_or((asked, String::new()), |each| (each.r#type, each.sdp));
        if kind == DescriptionType::Rollback {
            return self.rollback();
        }
        if kind != asked {
            return Err(error::state("not the description that the state asks for"));
        }
        if let Phase::LocalOffer(local) = &self.phase
            && !sdp.is_empty()
            && is_same(&sdp, &local.session)
        {
            return Ok(Applied::default());
        }
        let drafted = match kind {
            DescriptionType::Answer => self.last_answer.take(),
            _ => self.last_offer.take(),
        };
        let draft = match drafted {
            // Made anew: things may have changed since.
            _ if sdp.is_empty() && kind == DescriptionType::Answer => self.draft_answer()?,
            drafted if sdp.is_empty() => {
                let restart = drafted.is_some_and(|draft| draft.ice == self.next_ice);
                self.draft_offer(restart)?
            }
            Some(draft) if is_same(&sdp, &draft.session) => draft,
            _ => return Err(error::modification("not what was created last")),
        };
        match kind {
            DescriptionType::Answer => self.apply_local_answer(draft, random),
            _ => Ok(self.apply_local_offer(draft, random)),
        }
    }

    fn apply_local_offer(&mut self, draft: Draft, random: &mut Random) -> Applied {
        let replaced = match &self.phase {
            Phase::LocalOffer(local) => Some((local.ice.clone(), local.mids_before)),
            _ => None,
        };
        let mids_before = replaced.as_ref().map_or(self.next_mid, |(_, mids)| *mids);
        for (index, (owner, section)) in
            draft.owners.iter().zip(&draft.session.sections).enumerate()
        {
            let association = section.mid.clone().map(|mid| Association { mid, index });
            match owner {
                Some(Owner::Transceiver(id)) => {
                    if let Some(transceiver) = self.transceiver_mut(*id) {
                        transceiver.now.association = association;
                    }
                }
                Some(Owner::Data) => self.data.now = association,
                None => {}
            }
        }
        self.next_mid = draft.mids_after;
        let local = self.take_up(draft, DescriptionType::Offer, mids_before, random);
        let mut applied = Applied {
            gather: self.start_gathering(&local),
            ..Applied::default()
        };
        self.phase = Phase::LocalOffer(local);
        applied.abandon = replaced.map(|(ice, _)| ice).filter(|ice| self.forget(ice));
        self.forget_drafts();
        applied
    }

    fn apply_local_answer(
        &mut self,
        draft: Draft,
        random: &mut Random,
    ) -> Result<Applied, EngineError> {
        let Phase::RemoteOffer(offer) = std::mem::replace(&mut self.phase, Phase::Stable) else {
            return Err(error::state("there is no offer to answer"));
        };
        let mids = self.next_mid;
        let local = self.take_up(draft, DescriptionType::Answer, mids, random);
        let gather = self.start_gathering(&local);
        let negotiated = self.agree(local, offer.remote, &offer.terms, false)?;
        Ok(Applied {
            gather,
            negotiated,
            ..Applied::default()
        })
    }

    fn take_up(
        &mut self,
        draft: Draft,
        kind: DescriptionType,
        mids_before: u32,
        random: &mut Random,
    ) -> Local {
        if draft.ice == self.next_ice {
            self.next_ice = credentials(random);
        }
        self.version = draft.session.version;
        Local {
            kind,
            session: draft.session,
            ice: draft.ice,
            mids_before,
        }
    }

    /// The credentials, if they are new. Descriptions without a live section have no transport to gather for.
    fn start_gathering(&mut self, local: &Local) -> Option<crate::negotiated::IceCredentials> {
        let known = self
            .gathered
            .iter()
            .any(|each| each.ufrag == local.ice.ufrag);
        if known || local.session.bundle.is_empty() {
            return None;
        }
        self.gathered.push(Gathered {
            ufrag: local.ice.ufrag.clone(),
            candidates: Vec::new(),
            ended: false,
        });
        Some(local.ice.clone())
    }

    pub(super) fn forget_drafts(&mut self) {
        self.last_offer = None;
        self.last_answer = None;
    }
}

/// Candidates may differ: more can have been gathered since.
fn is_same(text: &str, session: &Session) -> bool {
    let candidate =
        |line: &&str| line.starts_with("a=candidate:") || *line == "a=end-of-candidates";
    let made = session.to_string();
    let told = text.lines().filter(|line| !candidate(line));
    told.eq(made.lines())
}
