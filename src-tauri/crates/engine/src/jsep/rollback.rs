//! Rollback: W3C webrtc §4.4.1.5, RFC 8829 §4.1.10.2. What the application set (directions, streams, stops) stays.

use landline_protocol::engine_api::EngineError;

use super::state::{Phase, State};
use super::{Applied, error};
use crate::negotiated::IceCredentials;

impl State {
    /// Back to the last stable state.
    pub(super) fn rollback(&mut self) -> Result<Applied, EngineError> {
        let abandoned = match std::mem::replace(&mut self.phase, Phase::Stable) {
            Phase::LocalOffer(local) => {
                self.next_mid = local.mids_before;
                Some(local.ice)
            }
            Phase::RemoteOffer(_) => None,
            phase @ (Phase::Stable | Phase::Closed) => {
                self.phase = phase;
                return Err(error::state("there is nothing to roll back"));
            }
        };
        // Those that the rolled-back offer of the other side made go with it.
        self.transceivers.retain(|each| each.stable.is_some());
        for transceiver in &mut self.transceivers {
            transceiver.now = transceiver.stable.clone().unwrap_or_default();
        }
        self.data.now.clone_from(&self.data.stable);
        self.drop_stopped_unassociated();
        self.forget_drafts();
        Ok(Applied {
            abandon: abandoned.filter(|ice| self.forget(ice)),
            ..Applied::default()
        })
    }

    /// Forgets what was gathered under credentials that no description has any more. True if they had been in use.
    pub(super) fn forget(&mut self, ice: &IceCredentials) -> bool {
        if self.local_credentials().contains(ice) {
            return false;
        }
        let before = self.gathered.len();
        self.gathered.retain(|each| each.ufrag != ice.ufrag);
        self.gathered.len() < before
    }
}
