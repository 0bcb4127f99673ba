//! Everything that a connection's signaling knows, and the calls that need no description.

use landline_protocol::engine_api::{
    Description, DescriptionType, Direction, EngineError, REMOTE_IDS, SignalingState, TrackKind,
    TransceiverState,
};

use super::sections::transport_index;
use super::terms::{Fixed, Terms};
use super::transceiver::{Association, Data, Transceiver, check_streams, identifier};
use super::{Identity, Random, ReceiverIds, error};
use crate::negotiated::IceCredentials;
use crate::sdp::{MAX_SECTIONS, Session};

const UFRAG_LENGTH: usize = 8;
/// 6 bits each: 144 bits; RFC 8445 §5.3 asks for 128.
const PWD_LENGTH: usize = 24;
/// `ice-char` of RFC 8839 §5.4.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[derive(Clone)]
pub(super) struct State {
    pub(super) identity: Identity,
    /// RTCP CNAME (RFC 7022: nothing that tells who we are).
    pub(super) cname: String,
    pub(super) session_id: u64,
    /// Of the last local description that was set.
    pub(super) version: u64,
    /// Credentials of the next generation, so that two offers in a row are the same.
    pub(super) next_ice: IceCredentials,
    /// From here on mids for own sections are looked for.
    pub(super) next_mid: u32,
    pub(super) next_remote_id: u32,
    pub(super) transceivers: Vec<Transceiver>,
    pub(super) data: Data,
    pub(super) phase: Phase,
    pub(super) current: Option<Agreed>,
    pub(super) fixed: Fixed,
    /// W3C's `[[LocalIceCredentialsToReplace]]`.
    pub(super) ice_to_replace: Vec<IceCredentials>,
    pub(super) last_offer: Option<Draft>,
    pub(super) last_answer: Option<Draft>,
    /// Own candidates of the generations in the local descriptions.
    pub(super) gathered: Vec<Gathered>,
}

#[derive(Clone)]
pub(super) enum Phase {
    Stable,
    LocalOffer(Local),
    RemoteOffer(RemoteOffer),
    Closed,
}

/// A local description that is set.
#[derive(Clone)]
pub(super) struct Local {
    pub(super) kind: DescriptionType,
    pub(super) session: Session,
    pub(super) ice: IceCredentials,
    /// `next_mid` before it was set.
    pub(super) mids_before: u32,
}

/// A remote description that is set.
#[derive(Clone)]
pub(super) struct Remote {
    pub(super) kind: DescriptionType,
    pub(super) session: Session,
    /// As it came.
    pub(super) text: String,
    /// Trickled since: section, line.
    pub(super) trickled: Vec<(usize, String)>,
}

#[derive(Clone)]
pub(super) struct RemoteOffer {
    pub(super) remote: Remote,
    /// For each section what can be agreed on, None: refused.
    pub(super) terms: Vec<Option<Terms>>,
}

/// The descriptions in force.
#[derive(Clone)]
pub(super) struct Agreed {
    pub(super) local: Local,
    pub(super) remote: Remote,
    pub(super) max_message_size: Option<u32>,
}

/// A description that was made and not yet set.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) session: Session,
    pub(super) ice: IceCredentials,
    /// Whose section each is; None: dead.
    pub(super) owners: Vec<Option<Owner>>,
    /// `next_mid` after it.
    pub(super) mids_after: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Transceiver(u32),
    Data,
}

#[derive(Clone)]
pub(super) struct Gathered {
    pub(super) ufrag: String,
    pub(super) candidates: Vec<String>,
    pub(super) ended: bool,
}

impl State {
    pub(super) fn new(identity: Identity, random: &mut Random) -> Self {
        Self {
            identity,
            cname: identifier(random),
            // Bit 63 stays clear (RFC 8829 §5.2.1).
            session_id: random() >> 1,
            version: 0,
            next_ice: credentials(random),
            next_mid: 0,
            next_remote_id: REMOTE_IDS,
            transceivers: Vec::new(),
            data: Data::default(),
            phase: Phase::Stable,
            current: None,
            fixed: Fixed::default(),
            ice_to_replace: Vec::new(),
            last_offer: None,
            last_answer: None,
            gathered: Vec::new(),
        }
    }

    pub(super) fn signaling(&self) -> SignalingState {
        match self.phase {
            Phase::Stable => SignalingState::Stable,
            Phase::LocalOffer(_) => SignalingState::HaveLocalOffer,
            Phase::RemoteOffer(_) => SignalingState::HaveRemoteOffer,
            Phase::Closed => SignalingState::Closed,
        }
    }

    pub(super) fn open(&self) -> Result<(), EngineError> {
        match self.phase {
            Phase::Closed => Err(error::state("the connection is closed")),
            _ => Ok(()),
        }
    }

    pub(super) fn close(&mut self) {
        self.phase = Phase::Closed;
        for transceiver in &mut self.transceivers {
            transceiver.stopping = true;
        }
    }

    pub(super) fn add_transceiver(
        &mut self,
        id: u32,
        kind: TrackKind,
        direction: Direction,
        streams: Vec<String>,
        receiver: u32,
        random: &mut Random,
    ) -> Result<(), EngineError> {
        self.open()?;
        check_streams(&streams)?;
        if id >= REMOTE_IDS || self.transceivers.iter().any(|each| each.id == id) {
            return Err(error::access("the id of the transceiver is taken"));
        }
        self.check_room()?;
        let mut transceiver = Transceiver::new(id, kind, direction, receiver, random);
        transceiver.streams = streams;
        self.transceivers.push(transceiver);
        Ok(())
    }

    pub(super) fn add_data_section(&mut self) -> Result<(), EngineError> {
        self.open()?;
        if !self.data.wanted {
            self.check_room()?;
            self.data.wanted = true;
        }
        Ok(())
    }

    fn check_room(&self) -> Result<(), EngineError> {
        if self.transceivers.len() + usize::from(self.data.wanted) >= MAX_SECTIONS {
            return Err(error::quota("too many sections"));
        }
        Ok(())
    }

    pub(super) fn alive_transceiver(&mut self, id: u32) -> Result<&mut Transceiver, EngineError> {
        self.open()?;
        let found = self.transceivers.iter_mut().find(|each| each.id == id);
        match found {
            Some(transceiver) if transceiver.stopping => {
                Err(error::state("the transceiver is stopped"))
            }
            Some(transceiver) => Ok(transceiver),
            None => Err(error::access("no such transceiver")),
        }
    }

    pub(super) fn stop_transceiver(&mut self, id: u32) -> Result<(), EngineError> {
        self.open()?;
        if let Some(transceiver) = self.transceivers.iter_mut().find(|each| each.id == id) {
            transceiver.stopping = true;
        }
        let drafted = self.last_offer.is_some();
        if matches!(self.phase, Phase::Stable) && !drafted {
            self.drop_stopped_unassociated();
        }
        Ok(())
    }

    /// No section tells of these, so there is nothing to negotiate.
    pub(super) fn drop_stopped_unassociated(&mut self) {
        self.transceivers
            .retain(|each| !each.stopping || each.now.association.is_some());
    }

    pub(super) fn restart_ice(&mut self) {
        self.ice_to_replace = self.local_credentials();
    }

    /// Credentials that stand in local descriptions.
    pub(super) fn local_credentials(&self) -> Vec<IceCredentials> {
        let current = self.current.as_ref().map(|agreed| agreed.local.ice.clone());
        let pending = match &self.phase {
            Phase::LocalOffer(local) => Some(local.ice.clone()),
            _ => None,
        };
        current.into_iter().chain(pending).collect()
    }

    /// There is a transport: the last answer left something alive.
    pub(super) fn is_running(&self) -> bool {
        self.current.as_ref().is_some_and(|agreed| {
            let answer = match agreed.local.kind {
                DescriptionType::Offer => &agreed.remote.session,
                _ => &agreed.local.session,
            };
            transport_index(answer).is_some()
        })
    }

    pub(super) fn owner_at(&self, index: usize) -> Option<Owner> {
        let transceiver = self
            .transceivers
            .iter()
            .find(|each| each.index() == Some(index))
            .map(|each| Owner::Transceiver(each.id));
        let is_data = |data: &Association| data.index == index;
        transceiver.or_else(|| {
            self.data
                .now
                .as_ref()
                .is_some_and(is_data)
                .then_some(Owner::Data)
        })
    }

    pub(super) fn transceiver(&self, id: u32) -> Option<&Transceiver> {
        self.transceivers.iter().find(|each| each.id == id)
    }

    pub(super) fn transceiver_mut(&mut self, id: u32) -> Option<&mut Transceiver> {
        self.transceivers.iter_mut().find(|each| each.id == id)
    }

    pub(super) fn remote_transceiver(
        &mut self,
        kind: TrackKind,
        receivers: &ReceiverIds,
        random: &mut Random,
    ) -> Transceiver {
        let id = self.next_remote_id;
        self.next_remote_id = id.checked_add(1).unwrap_or(REMOTE_IDS);
        let receiver = receivers.next();
        let mut made = Transceiver::new(id, kind, Direction::RecvOnly, receiver, random);
        made.stable = None;
        made
    }

    pub(super) fn transceivers(&self) -> Vec<TransceiverState> {
        self.transceivers.iter().map(Transceiver::view).collect()
    }

    pub(super) fn max_message_size(&self) -> Option<u32> {
        self.current.as_ref()?.max_message_size
    }

    pub(super) fn current_local(&self) -> Option<Description> {
        Some(self.local_view(&self.current.as_ref()?.local))
    }

    pub(super) fn pending_local(&self) -> Option<Description> {
        match &self.phase {
            Phase::LocalOffer(local) => Some(self.local_view(local)),
            _ => None,
        }
    }

    pub(super) fn current_remote(&self) -> Option<Description> {
        Some(self.current.as_ref()?.remote.view())
    }

    pub(super) fn pending_remote(&self) -> Option<Description> {
        match &self.phase {
            Phase::RemoteOffer(offer) => Some(offer.remote.view()),
            _ => None,
        }
    }

    fn local_view(&self, local: &Local) -> Description {
        Description {
            r#type: local.kind,
            sdp: self.with_candidates(&local.session, &local.ice).to_string(),
        }
    }
}

/// New ICE credentials.
pub(super) fn credentials(random: &mut Random) -> IceCredentials {
    IceCredentials {
        ufrag: ice_string(random, UFRAG_LENGTH),
        pwd: ice_string(random, PWD_LENGTH),
    }
}

fn ice_string(random: &mut Random, length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bits = random();
        // Eight characters use 48 of the 64 bits.
        for _ in 0..8.min(length - text.len()) {
            let index = usize::try_from(bits & 63).unwrap_or(0);
            text.push(ICE_CHARS.get(index).map_or('A', |byte| char::from(*byte)));
            bits >>= 6;
        }
    }
    text
}
