//! A hub whose clients call each other, without sockets and in virtual time.

mod allocation;
mod fanout;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use landline_protocol::engine_api::{
    Direction, EncodeTarget, EngineEvent, EngineReply, EngineRequest, Layer, SignalingState,
    TrackKind,
};

use super::{Hub, Network, Owner};
use crate::client::{Output, Shared};
use crate::frame::{FrameIn, FrameOut};
use crate::session::Certificate;

/// Sends everything on at once.
#[derive(Default)]
struct Wire {
    sockets: BTreeMap<SocketAddr, Owner>,
    ports: u16,
    under_way: VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>,
}

impl Network for Wire {
    fn open(&mut self, owner: Owner, have: &[SocketAddr]) -> Vec<SocketAddr> {
        if !have.is_empty() {
            return have.to_vec();
        }
        self.ports += 1;
        let address = SocketAddr::from(([10, 0, 0, 1], self.ports));
        self.sockets.insert(address, owner);
        vec![address]
    }

    fn close(&mut self, local: SocketAddr) {
        self.sockets.remove(&local);
    }

    fn send(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        self.under_way
            .push_back((source, destination, bytes.to_vec()));
    }

    fn resolve(&mut self, _: Owner, _: u64, _: String) {}
}

struct Lab {
    hub: Hub,
    wire: Wire,
    now: Instant,
    clients: Vec<Arc<Shared>>,
}

/// Of the client that sends.
const TRACK: u32 = 9;
/// Its transceiver in each of its connections.
const SENDER: u32 = 1;

impl Lab {
    /// The first client calls each of `others` others, over a connection numbered as they are from 1 on, and sends a track of
    /// two layers.
    fn new(others: u32) -> Self {
        let now = Instant::now();
        let certificate = Certificate::generate().unwrap();
        let mut lab = Self {
            hub: Hub::new(certificate, now, SystemTime::now()),
            wire: Wire::default(),
            now,
            clients: Vec::new(),
        };
        for _ in 0..=others {
            let shared = Arc::new(Shared::new());
            lab.hub.connect(Arc::clone(&shared));
            lab.clients.push(shared);
        }
        let layers =
            [(640, 500_000, 1_500_000), (320, 100_000, 400_000)].map(|(w, min, max)| Layer {
                width: w,
                height: w / 4 * 3,
                min_bitrate: min,
                max_bitrate: max,
                fixed: false,
            });
        lab.ask(
            0,
            EngineRequest::SetLayers {
                track: TRACK,
                layers: layers.to_vec(),
            },
        );
        for connection in 1..=others {
            lab.call(connection);
        }
        lab.run_for(Duration::from_secs(1));
        lab
    }

    fn ask(&mut self, client: usize, request: EngineRequest) -> EngineReply {
        let mut answer = self.clients[client].push(request).unwrap();
        self.hub.take_inputs(self.now, &mut self.wire);
        answer.try_recv().unwrap().unwrap()
    }

    fn describe(&mut self, client: usize, connection: u32) -> EngineRequest {
        let local = EngineRequest::SetLocalDescription {
            connection,
            description: None,
        };
        self.ask(client, local);
        // Sockets are there now, and so are candidates in the description.
        let again = EngineRequest::RestartIce { connection };
        let EngineReply::State { state } = self.ask(client, again) else {
            panic!("no state");
        };
        let description = match state.signaling {
            SignalingState::HaveLocalOffer => state.pending_local,
            _ => state.current_local,
        };
        EngineRequest::SetRemoteDescription {
            connection,
            description: description.unwrap(),
        }
    }

    fn call(&mut self, connection: u32) {
        let other = connection as usize;
        self.ask(0, EngineRequest::Open { connection });
        self.ask(other, EngineRequest::Open { connection });
        self.ask(
            0,
            EngineRequest::AddTransceiver {
                connection,
                transceiver: SENDER,
                kind: TrackKind::Video,
                direction: Direction::SendRecv,
                streams: vec![],
            },
        );
        self.ask(
            0,
            EngineRequest::SetTrack {
                connection,
                transceiver: SENDER,
                track: Some(TRACK),
            },
        );
        let offer = self.describe(0, connection);
        self.ask(other, offer);
        let answer = self.describe(other, connection);
        self.ask(0, answer);
    }

    fn run_for(&mut self, duration: Duration) {
        let until = self.now + duration;
        loop {
            while let Some((source, destination, bytes)) = self.wire.under_way.pop_front() {
                if let Some(owner) = self.wire.sockets.get(&destination).copied() {
                    self.hub.handle_packet(
                        self.now,
                        owner,
                        source,
                        destination,
                        &bytes,
                        &mut self.wire,
                    );
                }
            }
            let Some(next) = self.hub.next_timeout().filter(|next| *next <= until) else {
                break;
            };
            self.now = self.now.max(next);
            self.hub.handle_timeout(self.now, &mut self.wire);
        }
        self.now = until;
    }

    fn picture(&mut self, layer: u8, key: bool, number: u32) {
        let mut payload = vec![if key { 0x10 } else { 0x11 }, 0, layer];
        payload.extend(number.to_be_bytes());
        payload.resize(500, 0);
        let frame = FrameIn::Video {
            track: TRACK,
            layer,
            key,
            timestamp: number * 3_000,
            width: 640 >> layer,
            height: 480 >> layer,
            payload: Bytes::from(payload),
        };
        self.clients[0].push_frame(frame).unwrap();
        self.hub.take_inputs(self.now, &mut self.wire);
        self.run_for(Duration::from_millis(33));
    }

    /// Layer and number of the pictures that a client got since it was last asked.
    fn pictures(&self, client: usize) -> Vec<(u8, u32)> {
        let mut pictures = Vec::new();
        while let Ok(frame) = self.clients[client].next_media() {
            if let FrameOut::Video { payload, .. } = frame {
                let number = u32::from_be_bytes(payload[3..7].try_into().unwrap());
                pictures.push((payload[2], number));
            }
        }
        pictures
    }

    fn events(&self) -> Vec<EngineEvent> {
        let mut events = Vec::new();
        while let Ok(output) = self.clients[0].next_control() {
            if let Output::Event(event) = output {
                events.push(event);
            }
        }
        events
    }
}

/// The last thing told of a layer.
#[expect(
    clippy::option_option,
    reason = "nothing told is not the same as told that nobody needs it"
)]
fn told(events: &[EngineEvent], of: u8) -> Option<Option<EncodeTarget>> {
    events.iter().rev().find_map(|event| match event {
        EngineEvent::Encode { layer, target, .. } if *layer == of => Some(*target),
        _ => None,
    })
}

fn key_requests(events: &[EngineEvent]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, EngineEvent::KeyFrame { .. }))
        .count()
}
