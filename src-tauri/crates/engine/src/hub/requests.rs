//! What pages ask for ([`EngineRequest`]), carried out in its order.

use std::time::Instant;

use landline_protocol::engine_api::{
    ENGINE_CONNECTIONS, EngineError, EngineErrorName, EngineReply, EngineRequest, Layer, REMOTE_IDS,
};
use ring::rand::{SecureRandom, SystemRandom};

use super::Network;
use super::client::ClientState;
use super::peer::{Peer, Sender};
use crate::client::Answer;
use crate::jsep::Random;
use crate::session::Session;

/// Camera, microphone, screen with sound, and replaced ones that are still in use; bots have three.
const TRACKS: usize = 64;
/// Sizes of one track.
const LAYERS: usize = 4;

fn error(name: EngineErrorName, message: &str) -> EngineError {
    EngineError {
        name,
        message: message.to_owned(),
    }
}

fn unknown(what: &str) -> EngineError {
    error(
        EngineErrorName::InvalidStateError,
        &format!("there is no such {what}"),
    )
}

/// ICE passwords are made of it: the system's generator, or none at all.
fn random() -> Random {
    let system = SystemRandom::new();
    Box::new(move || {
        let mut bytes = [0; 8];
        // Without randomness the process could not have made its certificate either.
        while system.fill(&mut bytes).is_err() {
            std::thread::yield_now();
        }
        u64::from_le_bytes(bytes)
    })
}

impl ClientState {
    pub(super) fn request(
        &mut self,
        now: Instant,
        request: EngineRequest,
        answer: Answer,
        network: &mut dyn Network,
    ) {
        let connection = connection_of(&request);
        let reply = self.carry_out(now, request, network);
        // Whoever asked may have stopped waiting.
        let _ = answer.send(reply);
        if let Some(connection) = connection {
            self.pump(now, connection, network);
        }
    }

    fn peer(&mut self, connection: u32) -> Result<&mut Peer, EngineError> {
        self.peers
            .get_mut(&connection)
            .ok_or_else(|| unknown("connection"))
    }

    fn state(&mut self, connection: u32) -> Result<EngineReply, EngineError> {
        let state = self.peer(connection)?.session.state();
        Ok(EngineReply::State { state })
    }

    fn carry_out(
        &mut self,
        now: Instant,
        request: EngineRequest,
        network: &mut dyn Network,
    ) -> Result<EngineReply, EngineError> {
        match request {
            EngineRequest::Open { connection } => self.open(connection),
            EngineRequest::Close { connection } => {
                self.close_peer(now, connection, network);
                Ok(EngineReply::Done)
            }
            EngineRequest::AddTransceiver {
                connection,
                transceiver,
                kind,
                direction,
                streams,
            } => {
                if transceiver >= REMOTE_IDS {
                    return Err(error(
                        EngineErrorName::InvalidAccessError,
                        "ids from there on are the other side's",
                    ));
                }
                self.peer(connection)?.session.jsep.add_transceiver(
                    transceiver,
                    kind,
                    direction,
                    streams,
                )?;
                self.state(connection)
            }
            EngineRequest::SetDirection {
                connection,
                transceiver,
                direction,
            } => {
                let peer = self.peer(connection)?;
                peer.session.jsep.set_direction(transceiver, direction)?;
                self.state(connection)
            }
            EngineRequest::SetStreams {
                connection,
                transceiver,
                streams,
            } => {
                let peer = self.peer(connection)?;
                peer.session.jsep.set_streams(transceiver, streams)?;
                self.state(connection)
            }
            EngineRequest::StopTransceiver {
                connection,
                transceiver,
            } => {
                let peer = self.peer(connection)?;
                peer.session.jsep.stop_transceiver(transceiver)?;
                peer.senders.remove(&transceiver);
                self.decide_at = Some(now);
                self.state(connection)
            }
            EngineRequest::SetTrack {
                connection,
                transceiver,
                track,
            } => {
                let sender = self.sender(connection, transceiver)?;
                if sender.track != track {
                    sender.track = track;
                    sender.layer = None;
                    sender.wanted = None;
                }
                self.decide_at = Some(now);
                Ok(EngineReply::Done)
            }
            EngineRequest::SetEncoding {
                connection,
                transceiver,
                encoding,
            } => {
                let sender = self.sender(connection, transceiver)?;
                sender.set_encoding(encoding);
                self.decide_at = Some(now);
                Ok(EngineReply::Done)
            }
            EngineRequest::SetLayers { track, layers } => self.set_layers(now, track, layers),
            EngineRequest::DropTrack { track } => {
                self.drop_track(now, track);
                Ok(EngineReply::Done)
            }
            other => self.negotiate(now, other),
        }
    }

    fn negotiate(
        &mut self,
        now: Instant,
        request: EngineRequest,
    ) -> Result<EngineReply, EngineError> {
        match request {
            EngineRequest::CreateDataChannel {
                connection,
                channel,
                label,
                options,
            } => {
                let session = &mut self.peer(connection)?.session;
                session.create_channel(now, channel, label, options)?;
                self.state(connection)
            }
            EngineRequest::CloseDataChannel {
                connection,
                channel,
            } => {
                self.peer(connection)?.session.close_channel(now, channel);
                Ok(EngineReply::Done)
            }
            EngineRequest::CreateOffer {
                connection,
                ice_restart,
            } => {
                let jsep = &mut self.peer(connection)?.session.jsep;
                let description = jsep.create_offer(ice_restart)?;
                Ok(EngineReply::Description { description })
            }
            EngineRequest::CreateAnswer { connection } => {
                let description = self.peer(connection)?.session.jsep.create_answer()?;
                Ok(EngineReply::Description { description })
            }
            EngineRequest::SetLocalDescription {
                connection,
                description,
            } => {
                let session = &mut self.peer(connection)?.session;
                session.set_local(now, description)?;
                self.state(connection)
            }
            EngineRequest::SetRemoteDescription {
                connection,
                description,
            } => {
                let session = &mut self.peer(connection)?.session;
                session.set_remote(now, description)?;
                self.state(connection)
            }
            EngineRequest::AddIceCandidate {
                connection,
                candidate,
            } => {
                let session = &mut self.peer(connection)?.session;
                session.add_candidate(now, &candidate)?;
                Ok(EngineReply::Done)
            }
            EngineRequest::RestartIce { connection } => {
                self.peer(connection)?.session.jsep.restart_ice();
                self.state(connection)
            }
            EngineRequest::GetStats { connection } => {
                let wall = self.epoch.wall(now);
                let entries = self.peer(connection)?.stats(now, wall);
                Ok(EngineReply::Stats { entries })
            }
            _ => Err(unknown("request")),
        }
    }

    fn open(&mut self, connection: u32) -> Result<EngineReply, EngineError> {
        if self.peers.contains_key(&connection) {
            return Err(error(
                EngineErrorName::InvalidAccessError,
                "the connection's id is taken",
            ));
        }
        if self.peers.len() >= ENGINE_CONNECTIONS {
            return Err(error(
                EngineErrorName::QuotaExceededError,
                "too many connections",
            ));
        }
        let session = Session::new(self.certificate.clone(), random(), self.receivers.clone());
        self.peers.insert(
            connection,
            Peer {
                session,
                senders: std::collections::BTreeMap::new(),
                told: (0, 0),
            },
        );
        Ok(EngineReply::Done)
    }

    fn sender(&mut self, connection: u32, transceiver: u32) -> Result<&mut Sender, EngineError> {
        let peer = self.peer(connection)?;
        let exists = peer
            .session
            .jsep
            .transceivers()
            .iter()
            .any(|t| t.transceiver == transceiver && !t.stopped);
        if !exists {
            return Err(unknown("transceiver"));
        }
        Ok(peer.senders.entry(transceiver).or_default())
    }

    fn set_layers(
        &mut self,
        now: Instant,
        track: u32,
        layers: Vec<Layer>,
    ) -> Result<EngineReply, EngineError> {
        if layers.is_empty() || layers.len() > LAYERS {
            return Err(error(
                EngineErrorName::InvalidAccessError,
                "a track has one to four layers",
            ));
        }
        if !self.tracks.contains_key(&track) && self.tracks.len() >= TRACKS {
            return Err(error(
                EngineErrorName::QuotaExceededError,
                "too many tracks",
            ));
        }
        self.tracks.insert(track, layers);
        self.decide_at = Some(now);
        Ok(EngineReply::Done)
    }

    fn drop_track(&mut self, now: Instant, track: u32) {
        self.tracks.remove(&track);
        self.keys.forget(track);
        for peer in self.peers.values_mut() {
            for sender in peer.senders.values_mut() {
                if sender.track == Some(track) {
                    *sender = Sender {
                        encoding: sender.encoding,
                        ..Sender::default()
                    };
                }
            }
        }
        self.decide_at = Some(now);
    }
}

fn connection_of(request: &EngineRequest) -> Option<u32> {
    match request {
        EngineRequest::Open { connection }
        | EngineRequest::Close { connection }
        | EngineRequest::AddTransceiver { connection, .. }
        | EngineRequest::SetDirection { connection, .. }
        | EngineRequest::SetStreams { connection, .. }
        | EngineRequest::StopTransceiver { connection, .. }
        | EngineRequest::SetTrack { connection, .. }
        | EngineRequest::SetEncoding { connection, .. }
        | EngineRequest::CreateDataChannel { connection, .. }
        | EngineRequest::CloseDataChannel { connection, .. }
        | EngineRequest::CreateOffer { connection, .. }
        | EngineRequest::CreateAnswer { connection }
        | EngineRequest::SetLocalDescription { connection, .. }
        | EngineRequest::SetRemoteDescription { connection, .. }
        | EngineRequest::AddIceCandidate { connection, .. }
        | EngineRequest::RestartIce { connection }
        | EngineRequest::GetStats { connection } => Some(*connection),
        EngineRequest::SetLayers { .. } | EngineRequest::DropTrack { .. } => None,
    }
}
