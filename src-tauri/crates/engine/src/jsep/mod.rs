//! The signaling side of one `RTCPeerConnection`: transceivers, descriptions, signaling state, rollback (W3C webrtc §4.4,
//! RFC 8829). Pure: no clock, no socket, randomness passed in; each call either succeeds or leaves everything as it was.
//!
//! Transitions: stable → (local offer | remote offer) → stable; a remote offer over a local one rolls that back. Whenever an
//! answer makes the state stable, [`Applied::negotiated`] says what the transport has to look like.
//!
//! One transport for everything: BUNDLE and `rtcp-mux` always, else a section is refused. Opus and VP8 (with RTX) only.

mod agree;
mod answer;
mod candidates;
mod direction;
mod error;
mod fuzz;
mod local;
mod needed;
mod offer;
mod remote;
mod rollback;
mod sections;
mod state;
mod terms;
mod transceiver;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landline_protocol::engine_api::{
    Description, Direction, EngineError, IceCandidate, SignalingState, TrackKind, TransceiverState,
};

pub use self::fuzz::fuzz_descriptions;
use self::state::State;
use crate::negotiated::{IceCredentials, Negotiated};

/// Most streams that one track belongs to (`a=msid` lines of a section). Landline uses one.
pub const MAX_STREAMS: usize = 8;
/// Most own or trickled remote candidates kept for the text of one description. A machine has some 20.
pub const MAX_CANDIDATES: usize = 64;

/// Uniformly random and not to be guessed: ICE passwords are made of it.
pub type Random = Box<dyn FnMut() -> u64 + Send>;

/// Who we are in every description of this connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// SHA-256 of our certificate (RFC 8122).
    pub fingerprint: [u8; 32],
}

/// Gives ids of receivers, unique among all clones.
#[derive(Debug, Clone, Default)]
pub struct ReceiverIds(Arc<AtomicU32>);

impl ReceiverIds {
    /// Counts from 1.
    pub fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }
}

/// A candidate of the other side, or the end of its candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCandidate {
    /// Whose generation it belongs to. It may be that of a remote offer which is not answered yet: hold it back until
    /// [`Negotiated::remote_ice`] has this fragment.
    pub ufrag: String,
    /// `candidate:…`, checked against RFC 8839 §5.1; None: there will be no more of this generation.
    pub candidate: Option<String>,
}

/// What a description that was set asks of the transport.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Gather candidates under these own credentials from now on: the first local description, or one that restarts ICE.
    /// Hand each to [`Jsep::add_local_candidate`].
    pub gather: Option<IceCredentials>,
    /// These own credentials were rolled back: nothing gathered under them counts. Comes before `gather`.
    pub abandon: Option<IceCredentials>,
    /// The state became stable through an answer.
    pub negotiated: Option<Negotiated>,
    /// Candidates that stood in a remote description.
    pub candidates: Vec<RemoteCandidate>,
}

/// See the module.
pub struct Jsep {
    state: State,
    random: Random,
    receivers: ReceiverIds,
}

impl Jsep {
    /// A new connection, stable, with nothing in it.
    pub fn new(identity: Identity, mut random: Random, receivers: ReceiverIds) -> Self {
        let state = State::new(identity, &mut random);
        Self {
            state,
            random,
            receivers,
        }
    }

    /// Runs `change` on a copy, and keeps the copy only if it worked.
    fn atomically<T>(
        &mut self,
        change: impl FnOnce(&mut State, &mut Random, &ReceiverIds) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut next = self.state.clone();
        let value = change(&mut next, &mut self.random, &self.receivers)?;
        self.state = next;
        Ok(value)
    }

    /// `addTransceiver()`. Never taken for a remote offer's sections: those make transceivers of their own (RFC 8829 §5.10
    /// takes only ones made by `addTrack()`).
    ///
    /// # Errors
    /// `InvalidStateError` when closed, `InvalidAccessError` for an id that is taken or a stream id that is no token,
    /// `QuotaExceededError` for more than [`crate::sdp::MAX_SECTIONS`] sections or [`MAX_STREAMS`] streams.
    pub fn add_transceiver(
        &mut self,
        id: u32,
        kind: TrackKind,
        direction: Direction,
        streams: Vec<String>,
    ) -> Result<(), EngineError> {
        self.atomically(|state, random, receivers| {
            state.add_transceiver(id, kind, direction, streams, receivers.next(), random)
        })
    }

    /// `RTCRtpTransceiver.direction`.
    ///
    /// # Errors
    /// `InvalidStateError` when closed or stopped, `InvalidAccessError` for an unknown id.
    pub fn set_direction(&mut self, id: u32, direction: Direction) -> Result<(), EngineError> {
        self.state.alive_transceiver(id)?.direction = direction;
        Ok(())
    }

    /// `RTCRtpSender.setStreams()`.
    ///
    /// # Errors
    /// As [`Jsep::add_transceiver`] and [`Jsep::set_direction`].
    pub fn set_streams(&mut self, id: u32, streams: Vec<String>) -> Result<(), EngineError> {
        transceiver::check_streams(&streams)?;
        self.state.alive_transceiver(id)?.streams = streams;
        Ok(())
    }

    /// `RTCRtpTransceiver.stop()`. Sending and receiving end at once, which the caller sees to; the other side learns of it
    /// by the next negotiation, which also takes the transceiver off the list. A second call does nothing.
    ///
    /// # Errors
    /// `InvalidStateError` when closed. An unknown id is one that was stopped: no error.
    pub fn stop_transceiver(&mut self, id: u32) -> Result<(), EngineError> {
        self.state.stop_transceiver(id)
    }

    /// The first data channel was made: offers have a data section from now on. Can be repeated.
    ///
    /// # Errors
    /// `InvalidStateError` when closed, `QuotaExceededError` for more than [`crate::sdp::MAX_SECTIONS`] sections.
    pub fn add_data_section(&mut self) -> Result<(), EngineError> {
        self.state.add_data_section()
    }

    /// `restartIce()`: the next offer has new credentials, also when one is rolled back in between. Nothing when closed.
    pub fn restart_ice(&mut self) {
        self.state.restart_ice();
    }

    /// `createOffer()`. Changes nothing that can be seen.
    ///
    /// # Errors
    /// `InvalidStateError` unless stable or with a local offer, `QuotaExceededError` for too many sections.
    pub fn create_offer(&mut self, ice_restart: bool) -> Result<Description, EngineError> {
        self.atomically(|state, _, _| state.create_offer(ice_restart))
    }

    /// `createAnswer()`. Changes nothing that can be seen.
    ///
    /// # Errors
    /// `InvalidStateError` without a remote offer.
    pub fn create_answer(&mut self) -> Result<Description, EngineError> {
        self.atomically(|state, _, _| state.create_answer())
    }

    /// `setLocalDescription()`. None, or a description with empty `sdp`: makes what the state asks for. Otherwise it has to be
    /// what [`Jsep::create_offer`] or [`Jsep::create_answer`] last gave, but for candidates.
    ///
    /// # Errors
    /// `InvalidStateError` in the wrong state, `InvalidModificationError` for a changed description, and those of making one.
    pub fn set_local(&mut self, description: Option<Description>) -> Result<Applied, EngineError> {
        self.atomically(|state, random, _| state.set_local(description, random))
    }

    /// `setRemoteDescription()`. An offer over an own offer rolls that back first.
    ///
    /// # Errors
    /// `InvalidStateError` in the wrong state, `SyntaxError` for what cannot be read, `InvalidAccessError` for what does not
    /// fit what was negotiated before (sections, fingerprint, DTLS role) or leaves out what we need (ICE, BUNDLE, our codecs in
    /// an answer).
    pub fn set_remote(&mut self, description: Description) -> Result<Applied, EngineError> {
        self.atomically(|state, random, receivers| state.set_remote(description, random, receivers))
    }

    /// `addIceCandidate()`. None: valid, but of no use to us (TCP, or a component other than RTP).
    ///
    /// # Errors
    /// `InvalidStateError` when closed or without a remote description; `OperationError` if it cannot be read or its section
    /// or user name fragment is in no remote description.
    pub fn add_candidate(
        &mut self,
        candidate: &IceCandidate,
    ) -> Result<Option<RemoteCandidate>, EngineError> {
        self.state.add_candidate(candidate)
    }

    /// An own candidate (`candidate:…`) gathered under the credentials with this fragment, or the end of them (None): from now
    /// on it stands in the local descriptions. Gives what to tell the other side (`icecandidate` event; the end has an empty
    /// `candidate`); None if no local description has these credentials any more or there are [`MAX_CANDIDATES`].
    pub fn add_local_candidate(
        &mut self,
        ufrag: &str,
        candidate: Option<&str>,
    ) -> Option<IceCandidate> {
        self.state.add_local_candidate(ufrag, candidate)
    }

    /// `close()`. Final.
    pub fn close(&mut self) {
        self.state.close();
    }

    /// `signalingState`.
    pub fn signaling(&self) -> SignalingState {
        self.state.signaling()
    }

    /// W3C webrtc §4.7.3. False unless stable, so that each change to true is one `negotiationneeded` event.
    pub fn negotiation_needed(&self) -> bool {
        self.state.negotiation_needed()
    }

    /// In the order in which they were made.
    pub fn transceivers(&self) -> Vec<TransceiverState> {
        self.state.transceivers()
    }

    /// `currentLocalDescription`, with the candidates gathered so far.
    pub fn current_local(&self) -> Option<Description> {
        self.state.current_local()
    }

    /// `pendingLocalDescription`, with the candidates gathered so far.
    pub fn pending_local(&self) -> Option<Description> {
        self.state.pending_local()
    }

    /// `currentRemoteDescription`, with trickled candidates.
    pub fn current_remote(&self) -> Option<Description> {
        self.state.current_remote()
    }

    /// `pendingRemoteDescription`, with trickled candidates.
    pub fn pending_remote(&self) -> Option<Description> {
        self.state.pending_remote()
    }

    /// Largest message that the other side takes, bytes; None without a negotiated data section.
    pub fn max_message_size(&self) -> Option<u32> {
        self.state.max_message_size()
    }
}
