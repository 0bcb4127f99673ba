//! `createAnswer()`: RFC 8829 §5.3.

use landline_protocol::engine_api::{Description, DescriptionType, Direction, EngineError};

use super::sections::{Transport, dead_section, told_transport, transport_index};
use super::state::{Draft, Owner, Phase, RemoteOffer, State};
use super::terms::Terms;
use super::{direction, error};
use crate::negotiated::IceCredentials;
use crate::sdp::{Section, Session, Setup};

impl State {
    pub(super) fn create_answer(&mut self) -> Result<Description, EngineError> {
        let draft = self.draft_answer()?;
        let sdp = self.with_candidates(&draft.session, &draft.ice).to_string();
        self.last_answer = Some(draft);
        Ok(Description {
            r#type: DescriptionType::Answer,
            sdp,
        })
    }

    pub(super) fn draft_answer(&self) -> Result<Draft, EngineError> {
        let Phase::RemoteOffer(offer) = &self.phase else {
            return Err(error::state("there is no offer to answer"));
        };
        let offered = &offer.remote.session;
        let transport = Transport {
            ice: self.answered_ice(offered),
            setup: self.answered_setup(offer),
        };
        let owners: Vec<Option<Owner>> = (0..offered.sections.len())
            .map(|index| self.owner_at(index))
            .collect();
        let sections: Vec<Section> = offered
            .sections
            .iter()
            .zip(&offer.terms)
            .zip(&owners)
            .map(|((section, terms), owner)| {
                self.answered_section(section, terms.as_ref(), *owner, &transport)
                    .unwrap_or_else(|| dead_section(section))
            })
            .collect();
        let accepted = |mid: &&String| {
            let mut live = sections.iter().filter(|section| !section.rejected());
            live.any(|section| section.mid.as_ref() == Some(mid))
        };
        Ok(Draft {
            session: Session {
                id: self.session_id,
                version: self.version + 1,
                // In the offer's order: its first accepted section tells the transport (RFC 8843 §7.3.1).
                bundle: offered.bundle.iter().filter(accepted).cloned().collect(),
                ice_lite: false,
                sections,
            },
            ice: transport.ice,
            owners,
            mids_after: self.next_mid,
        })
    }

    /// New ones only if the offer's are new, which is how it restarts ICE (RFC 8839 §4.4.1).
    fn answered_ice(&self, offered: &Session) -> IceCredentials {
        let Some(agreed) = &self.current else {
            return self.next_ice.clone();
        };
        let told = |session: &Session| {
            let (ice, _) = told_transport(session, transport_index(session)?)?;
            Some(ice)
        };
        if self.is_running() && told(offered) == told(&agreed.remote.session) {
            agreed.local.ice.clone()
        } else {
            self.next_ice.clone()
        }
    }

    fn answered_setup(&self, offer: &RemoteOffer) -> Setup {
        let sections = &offer.remote.session.sections;
        let told = sections
            .iter()
            .zip(&offer.terms)
            .find_map(|(section, terms)| terms.as_ref().and(section.setup));
        let active = match &self.fixed.transport {
            Some(transport) => transport.dtls_active,
            None => told != Some(Setup::Active),
        };
        if active {
            Setup::Active
        } else {
            Setup::Passive
        }
    }

    /// None: refused.
    fn answered_section(
        &self,
        offered: &Section,
        terms: Option<&Terms>,
        owner: Option<Owner>,
        transport: &Transport,
    ) -> Option<Section> {
        let mid = offered.mid.as_ref()?;
        let terms = terms?;
        match owner? {
            Owner::Transceiver(id) => {
                let transceiver = self.transceiver(id).filter(|each| !each.stopping)?;
                let asked: Direction = direction::reversed(offered.direction);
                let way = direction::intersection(transceiver.direction, asked);
                let mut section = self.media_section(transceiver, mid, way, terms, transport);
                section.protocol.clone_from(&offered.protocol);
                Some(section)
            }
            Owner::Data => Some(self.data_section(mid, Some(&offered.protocol), transport)),
        }
    }
}
