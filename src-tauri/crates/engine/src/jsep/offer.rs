//! `createOffer()`: RFC 8829 §5.2.

use landline_protocol::engine_api::{Description, DescriptionType, EngineError};

use super::error;
use super::sections::{Transport, dead_section};
use super::state::{Draft, Local, Owner, Phase, State};
use crate::negotiated::IceCredentials;
use crate::sdp::{MAX_SECTIONS, Section, Session, Setup};

impl State {
    pub(super) fn create_offer(&mut self, ice_restart: bool) -> Result<Description, EngineError> {
        let draft = self.draft_offer(ice_restart)?;
        let sdp = self.with_candidates(&draft.session, &draft.ice).to_string();
        self.last_offer = Some(draft);
        Ok(Description {
            r#type: DescriptionType::Offer,
            sdp,
        })
    }

    /// The local description that a next one is built upon.
    fn base(&self) -> Result<Option<&Local>, EngineError> {
        match &self.phase {
            Phase::Stable => Ok(self.current.as_ref().map(|agreed| &agreed.local)),
            Phase::LocalOffer(local) => Ok(Some(local)),
            Phase::RemoteOffer(_) => Err(error::state("the other side's offer is not answered")),
            Phase::Closed => Err(error::state("the connection is closed")),
        }
    }

    fn offered_ice(&self, base: Option<&Local>, ice_restart: bool) -> IceCredentials {
        // Without a live section there is nothing to continue.
        let pending = matches!(self.phase, Phase::LocalOffer(_));
        match base {
            Some(local)
                if !ice_restart
                    && !self.ice_to_replace.contains(&local.ice)
                    && (pending || self.is_running()) =>
            {
                local.ice.clone()
            }
            _ => self.next_ice.clone(),
        }
    }

    pub(super) fn draft_offer(&self, ice_restart: bool) -> Result<Draft, EngineError> {
        let base = self.base()?;
        let transport = Transport {
            ice: self.offered_ice(base, ice_restart),
            setup: Setup::ActPass,
        };
        let before: &[Section] = base.map_or(&[], |local| &local.session.sections);
        let mut owners: Vec<Option<Owner>> = (0..before.len())
            .map(|index| self.owner_at(index))
            .collect();
        for owner in self.without_section() {
            // A dead section is used again before a new one is made.
            match owners.iter_mut().find(|slot| slot.is_none()) {
                Some(slot) => *slot = Some(owner),
                None => owners.push(Some(owner)),
            }
        }
        if owners.len() > MAX_SECTIONS {
            return Err(error::quota("too many sections"));
        }

        let mut mids_after = self.next_mid;
        let mut sections: Vec<Section> = Vec::with_capacity(owners.len());
        for (index, owner) in owners.iter().enumerate() {
            let section = match self.offered_section(*owner, before, &mut mids_after, &transport) {
                Some(section) => section,
                None => match before.get(index) {
                    Some(old) => dead_section(old),
                    None => return Err(error::operation("a section without an owner")),
                },
            };
            sections.push(section);
        }
        let live = sections.iter().filter(|section| !section.rejected());
        let bundle = live.filter_map(|section| section.mid.clone()).collect();
        Ok(Draft {
            session: Session {
                id: self.session_id,
                version: self.version + 1,
                bundle,
                ice_lite: false,
                sections,
            },
            ice: transport.ice,
            owners,
            mids_after,
        })
    }

    /// In the order in which they get sections.
    fn without_section(&self) -> Vec<Owner> {
        let fresh = self
            .transceivers
            .iter()
            .filter(|each| !each.stopping && each.now.association.is_none());
        let data = (self.data.wanted && self.data.now.is_none()).then_some(Owner::Data);
        fresh
            .map(|each| Owner::Transceiver(each.id))
            .chain(data)
            .collect()
    }

    /// None: dead.
    fn offered_section(
        &self,
        owner: Option<Owner>,
        before: &[Section],
        next_mid: &mut u32,
        transport: &Transport,
    ) -> Option<Section> {
        match owner? {
            Owner::Transceiver(id) => {
                let transceiver = self.transceiver(id).filter(|each| !each.stopping)?;
                let mid = match &transceiver.now.association {
                    Some(association) => association.mid.clone(),
                    None => self.fresh_mid(before, next_mid),
                };
                let mut terms = self.fixed.offer(transceiver.kind);
                if let Some(payload) = transceiver.payload {
                    terms.payload = payload;
                }
                Some(self.media_section(
                    transceiver,
                    &mid,
                    transceiver.direction,
                    &terms,
                    transport,
                ))
            }
            Owner::Data => {
                let mid = match &self.data.now {
                    Some(association) => association.mid.clone(),
                    None => self.fresh_mid(before, next_mid),
                };
                Some(self.data_section(&mid, None, transport))
            }
        }
    }

    /// A mid that neither side uses, dead sections included.
    fn fresh_mid(&self, before: &[Section], next: &mut u32) -> String {
        let remote = self
            .current
            .as_ref()
            .map(|agreed| &agreed.remote.session.sections);
        loop {
            let mid = next.to_string();
            *next = next.wrapping_add(1);
            let told = remote.into_iter().flatten().chain(before);
            if told
                .into_iter()
                .all(|section| section.mid.as_ref() != Some(&mid))
            {
                return mid;
            }
        }
    }
}
