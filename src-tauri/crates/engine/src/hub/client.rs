//! One client within the engine: its connections, tracks and what goes between them.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use landline_protocol::engine_api::{EncodeTarget, EngineEvent, Layer};

use super::allocate::Allocator;
use super::keys::KeyRequests;
use super::peer::Peer;
use super::timers::Timers;
use super::{Epoch, Network, Owner};
use crate::client::{Input, Pushed, Shared};
use crate::frame::{FrameIn, FrameOut};
use crate::jsep::ReceiverIds;
use crate::session::{Certificate, Outgoing, SessionOutput};

pub(super) struct ClientState {
    id: u64,
    pub(super) shared: Arc<Shared>,
    pub(super) certificate: Certificate,
    pub(super) epoch: Epoch,
    pub(super) receivers: ReceiverIds,
    pub(super) peers: BTreeMap<u32, Peer>,
    pub(super) tracks: BTreeMap<u32, Vec<Layer>>,
    /// Connections by their receivers' ids.
    pub(super) owners: HashMap<u32, u32>,
    pub(super) keys: KeyRequests,
    pub(super) allocator: Allocator,
    pub(super) told: BTreeMap<(u32, u8), Option<EncodeTarget>>,
    pub(super) decide_at: Option<Instant>,
    closed: bool,
}

impl ClientState {
    pub(super) fn new(
        id: u64,
        shared: Arc<Shared>,
        certificate: Certificate,
        epoch: Epoch,
    ) -> Self {
        Self {
            id,
            shared,
            certificate,
            epoch,
            receivers: ReceiverIds::default(),
            peers: BTreeMap::new(),
            tracks: BTreeMap::new(),
            owners: HashMap::new(),
            keys: KeyRequests::default(),
            allocator: Allocator::default(),
            told: BTreeMap::new(),
            decide_at: None,
            closed: false,
        }
    }

    fn owner(&self, connection: u32) -> Owner {
        Owner {
            client: self.id,
            connection,
        }
    }

    pub(super) fn timers(&self, timers: &mut Timers) {
        let next = self
            .peers
            .values()
            .filter_map(|peer| peer.session.next_timeout())
            .chain(self.decide_at)
            .chain(self.keys.next())
            .min();
        timers.set(self.id, next);
    }

    pub(super) fn handle_packet(
        &mut self,
        now: Instant,
        connection: u32,
        source: SocketAddr,
        local: SocketAddr,
        bytes: &[u8],
        network: &mut dyn Network,
    ) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.session.handle_packet(now, source, local, bytes);
            self.pump(now, connection, network);
            self.tell_keys(now);
        }
    }

    pub(super) fn resolved(
        &mut self,
        now: Instant,
        connection: u32,
        question: u64,
        addresses: &[IpAddr],
        network: &mut dyn Network,
    ) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.session.resolved(now, question, addresses);
            self.pump(now, connection, network);
        }
    }

    /// False: the client is gone.
    pub(super) fn take_inputs(&mut self, now: Instant, network: &mut dyn Network) -> bool {
        let taken = self.shared.take();
        for stream in taken.lost {
            self.keys.request(stream);
        }
        let idle = taken.items.is_empty();
        for input in taken.items {
            match input {
                Input::Request(request, answer) => self.request(now, request, answer, network),
                Input::Frame(frame) => self.frame(now, frame, network),
            }
        }
        if !idle {
            self.decide_if_due(now, network);
            self.tell_keys(now);
        }
        !(taken.closed || self.shared.ended())
    }

    fn frame(&mut self, now: Instant, frame: FrameIn, network: &mut dyn Network) {
        match frame {
            FrameIn::Video {
                track,
                layer,
                key,
                timestamp,
                width,
                height,
                payload,
            } => {
                let payload = Arc::from(&payload[..]);
                let frame = Outgoing {
                    track,
                    timestamp,
                    key,
                    size: (width, height),
                    payload: &payload,
                };
                self.fan_out_video(now, layer, &frame, network);
            }
            FrameIn::Audio {
                track,
                timestamp,
                payload,
            } => {
                let payload = Arc::from(&payload[..]);
                let packet = Outgoing {
                    track,
                    timestamp,
                    key: false,
                    size: (0, 0),
                    payload: &payload,
                };
                self.fan_out_audio(now, &packet, network);
            }
            FrameIn::KeyRequest { receiver } => {
                if let Some(connection) = self.owners.get(&receiver).copied()
                    && let Some(peer) = self.peers.get_mut(&connection)
                {
                    peer.session.request_key_frame(now, receiver);
                    self.pump(now, connection, network);
                }
            }
            FrameIn::Channel {
                connection,
                channel,
                binary,
                payload,
            } => {
                let Some(peer) = self.peers.get_mut(&connection) else {
                    return;
                };
                if let Err(error) = peer.session.send_message(now, channel, binary, payload) {
                    tracing::debug!(%error, "a message cannot be sent");
                    // A reliable channel must not lose one silently (as libwebrtc does when its buffer is full).
                    peer.session.close_channel(now, channel);
                }
                self.pump(now, connection, network);
            }
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, network: &mut dyn Network) {
        let due: Vec<u32> = self
            .peers
            .iter()
            .filter(|(_, peer)| peer.session.next_timeout().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for connection in due {
            if let Some(peer) = self.peers.get_mut(&connection) {
                peer.session.handle_timeout(now);
            }
            self.pump(now, connection, network);
        }
        self.decide_if_due(now, network);
        self.tell_keys(now);
    }

    fn tell_keys(&mut self, now: Instant) {
        for (track, layer) in self.keys.due(now) {
            self.shared.event(EngineEvent::KeyFrame { track, layer });
        }
    }

    /// Carries out what a session wants.
    pub(super) fn pump(&mut self, now: Instant, connection: u32, network: &mut dyn Network) {
        let owner = self.owner(connection);
        loop {
            let Some(peer) = self.peers.get_mut(&connection) else {
                return;
            };
            let Some(output) = peer.session.poll() else {
                return;
            };
            match output {
                SessionOutput::Transmit {
                    source,
                    destination,
                    bytes,
                } => network.send(source, destination, &bytes),
                SessionOutput::Gather => {
                    let sockets = network.open(owner, peer.session.sockets());
                    peer.session.gathered(now, sockets);
                }
                SessionOutput::Resolve { question, name } => {
                    network.resolve(owner, question, name);
                }
                SessionOutput::State => {
                    let state = peer.session.state();
                    self.decide_at = Some(now);
                    self.shared.event(EngineEvent::State { connection, state });
                }
                SessionOutput::Negotiated => {
                    self.decide_at = Some(now);
                    for receiver in peer.session.receivers() {
                        self.owners.insert(receiver, connection);
                    }
                }
                SessionOutput::KeyRequest { transceiver } => {
                    if let Some(sender) = peer.senders.get(&transceiver)
                        && let (Some(track), Some(layer)) = (sender.track, sender.layer)
                    {
                        self.keys.request((track, layer));
                    }
                }
                SessionOutput::Estimate => self.decide_soon(now),
                other => self.pass_on(now, connection, other),
            }
        }
    }

    /// What goes to the page as it is.
    fn pass_on(&mut self, now: Instant, connection: u32, output: SessionOutput) {
        let shared = &self.shared;
        match output {
            SessionOutput::Candidate(candidate) => shared.event(EngineEvent::Candidate {
                connection,
                candidate,
            }),
            SessionOutput::Video {
                receiver,
                key,
                gap,
                timestamp,
                arrival,
                payload,
            } => {
                let arrival_ms = self.epoch.milliseconds(arrival);
                let pushed = shared.frame(FrameOut::Video {
                    receiver,
                    key,
                    gap,
                    timestamp,
                    arrival_ms,
                    payload,
                });
                if let Pushed::KeyFrameNeeded(receiver) = pushed
                    && let Some(peer) = self.peers.get_mut(&connection)
                {
                    peer.session.request_key_frame(now, receiver);
                }
            }
            SessionOutput::Audio {
                receiver,
                timestamp,
                arrival,
                payload,
            } => {
                let arrival_ms = self.epoch.milliseconds(arrival);
                shared.frame(FrameOut::Audio {
                    receiver,
                    gap: false,
                    timestamp,
                    arrival_ms,
                    payload,
                });
            }
            SessionOutput::ChannelCreated {
                channel,
                label,
                options,
            } => shared.event(EngineEvent::ChannelCreated {
                connection,
                channel,
                label,
                options,
            }),
            SessionOutput::ChannelState { channel, state, id } => {
                shared.event(EngineEvent::ChannelState {
                    connection,
                    channel,
                    state,
                    id,
                });
            }
            SessionOutput::ChannelBuffered { channel, bytes } => {
                shared.event(EngineEvent::ChannelBuffered {
                    connection,
                    channel,
                    bytes,
                });
            }
            SessionOutput::ChannelMessage {
                channel,
                binary,
                payload,
            } => {
                shared.frame(FrameOut::Channel {
                    connection,
                    channel,
                    binary,
                    payload,
                });
            }
            SessionOutput::Transmit { .. }
            | SessionOutput::Gather
            | SessionOutput::Resolve { .. }
            | SessionOutput::State
            | SessionOutput::Negotiated
            | SessionOutput::KeyRequest { .. }
            | SessionOutput::Estimate => {}
        }
    }

    pub(super) fn close_peer(&mut self, now: Instant, connection: u32, network: &mut dyn Network) {
        let Some(peer) = self.peers.get_mut(&connection) else {
            return;
        };
        peer.session.close(now);
        self.pump(now, connection, network);
        if let Some(peer) = self.peers.remove(&connection) {
            for socket in peer.session.sockets() {
                network.close(*socket);
            }
        }
        let shared = &self.shared;
        self.owners.retain(|receiver, of| {
            if *of == connection {
                shared.forget(*receiver);
            }
            *of != connection
        });
        self.allocator.forget_link(connection);
        self.decide_at = Some(now);
    }

    pub(super) fn close(&mut self, now: Instant, network: &mut dyn Network) {
        if self.closed {
            return;
        }
        self.closed = true;
        for connection in self.peers.keys().copied().collect::<Vec<_>>() {
            self.close_peer(now, connection, network);
        }
        self.shared.end();
    }
}

impl Drop for ClientState {
    /// Also when the thread ends by a panic: nobody may wait for it.
    fn drop(&mut self) {
        self.shared.end();
    }
}
