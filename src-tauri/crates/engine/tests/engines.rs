//! Engines over real sockets on the loopback interface: two of them, and one that talks to itself.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may end here"
)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use landline_engine::frame::{FrameIn, FrameOut};
use landline_engine::{Client, ClientOutput, Engine, EngineConfig, Output};
use landline_protocol::engine_api::{
    ChannelOptions, ChannelState, ConnectionState, Description, Direction, EngineEvent,
    EngineReply, EngineRequest, Layer, PeerConnectionState, SignalingState, TrackKind,
};
use tokio::time::timeout;

/// Far more than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);
const TRACK: u32 = 5;

fn engine() -> Engine {
    Engine::start(EngineConfig {
        addresses: Arc::new(|| vec!["127.0.0.1".parse().unwrap()]),
        resolver: None,
    })
    .unwrap()
}

async fn ask(client: &Client, request: EngineRequest) -> EngineReply {
    timeout(LIMIT, client.request(request))
        .await
        .unwrap()
        .unwrap()
}

async fn state(client: &Client, request: EngineRequest) -> ConnectionState {
    match ask(client, request).await {
        EngineReply::State { state } => state,
        other => panic!("no state: {other:?}"),
    }
}

/// Reads until something is found.
async fn until<T>(output: &mut ClientOutput, mut find: impl FnMut(Output) -> Option<T>) -> T {
    timeout(LIMIT, async {
        loop {
            if let Some(found) = find(output.recv().await.expect("the client lives")) {
                return found;
            }
        }
    })
    .await
    .expect("it does not come")
}

async fn local(client: &Client, connection: u32) -> Description {
    let request = EngineRequest::SetLocalDescription {
        connection,
        description: None,
    };
    let state = state(client, request).await;
    match state.signaling {
        SignalingState::HaveLocalOffer => state.pending_local,
        _ => state.current_local,
    }
    .unwrap()
}

async fn remote(client: &Client, connection: u32, description: Description) -> ConnectionState {
    let request = EngineRequest::SetRemoteDescription {
        connection,
        description,
    };
    state(client, request).await
}

/// All candidates of one side to the other.
async fn connect(from: (&mut ClientOutput, u32), to: (&Client, u32)) {
    loop {
        let connection = from.1;
        let candidate = until(from.0, |output| match output {
            Output::Event(EngineEvent::Candidate {
                connection: of,
                candidate,
            }) if of == connection => Some(candidate),
            _ => None,
        })
        .await;
        let Some(candidate) = candidate else { return };
        let request = EngineRequest::AddIceCandidate {
            connection: to.1,
            candidate,
        };
        ask(to.0, request).await;
    }
}

fn connected(connection: u32) -> impl FnMut(Output) -> Option<()> {
    move |output| match output {
        Output::Event(EngineEvent::State {
            connection: of,
            state,
        }) if of == connection && state.connection == PeerConnectionState::Connected => Some(()),
        _ => None,
    }
}

fn picture(key: bool, number: u32) -> FrameIn {
    let mut payload = vec![if key { 0x10 } else { 0x11 }, 0, 0];
    payload.extend(number.to_be_bytes());
    payload.resize(2_500, 1);
    FrameIn::Video {
        track: TRACK,
        layer: 0,
        key,
        timestamp: number * 3_000,
        width: 640,
        height: 480,
        payload: Bytes::from(payload),
    }
}

/// Offer and answer; the caller has a video track and a channel.
async fn call(caller: (&Client, u32), other: (&Client, u32)) {
    let (client, connection) = caller;
    ask(client, EngineRequest::Open { connection }).await;
    let open = EngineRequest::Open {
        connection: other.1,
    };
    ask(other.0, open).await;
    let add = EngineRequest::AddTransceiver {
        connection,
        transceiver: 1,
        kind: TrackKind::Video,
        direction: Direction::SendRecv,
        streams: vec!["a".to_owned()],
    };
    state(client, add).await;
    let layers = vec![Layer {
        width: 640,
        height: 480,
        min_bitrate: 100_000,
        max_bitrate: 1_000_000,
        fixed: false,
    }];
    let track = TRACK;
    ask(client, EngineRequest::SetLayers { track, layers }).await;
    let set = EngineRequest::SetTrack {
        connection,
        transceiver: 1,
        track: Some(track),
    };
    ask(client, set).await;
    let channel = EngineRequest::CreateDataChannel {
        connection,
        channel: 3,
        label: "x".to_owned(),
        options: ChannelOptions {
            ordered: true,
            ..ChannelOptions::default()
        },
    };
    state(client, channel).await;
    let offer = local(client, connection).await;
    remote(other.0, other.1, offer).await;
    let answer = local(other.0, other.1).await;
    remote(client, connection, answer).await;
}

#[tokio::test]
async fn two_engines_send_pictures_and_messages_and_hear_the_end() {
    let (one, two) = (engine(), engine());
    let (a, mut a_out) = one.connect();
    let (b, mut b_out) = two.connect();
    call((&a, 1), (&b, 1)).await;
    connect((&mut a_out, 1), (&b, 1)).await;
    connect((&mut b_out, 1), (&a, 1)).await;
    until(&mut b_out, connected(1)).await;

    // In whatever order they come.
    let (mut wanted, mut key, mut open) = (None, false, false);
    let target = until(&mut a_out, |output| {
        match output {
            Output::Event(EngineEvent::Encode {
                track: TRACK,
                layer: 0,
                target: Some(target),
            }) => wanted = Some(target),
            Output::Event(EngineEvent::KeyFrame {
                track: TRACK,
                layer: 0,
            }) => key = true,
            Output::Event(EngineEvent::ChannelState {
                channel: 3,
                state: ChannelState::Open,
                ..
            }) => open = true,
            _ => {}
        }
        wanted.take_if(|_| key && open)
    })
    .await;
    assert!(target.bitrate > 100_000);
    for number in 0..10 {
        a.send(picture(number == 0, number)).unwrap();
    }
    for expected in 0..10_u32 {
        let (key, payload) = until(&mut b_out, |output| match output {
            Output::Frame(FrameOut::Video { key, payload, .. }) => Some((key, payload)),
            _ => None,
        })
        .await;
        assert_eq!(key, expected == 0);
        assert_eq!(payload[3..7], expected.to_be_bytes());
    }

    a.send(FrameIn::Channel {
        connection: 1,
        channel: 3,
        binary: true,
        payload: Bytes::from_static(b"hello"),
    })
    .unwrap();
    let message = until(&mut b_out, |output| match output {
        Output::Frame(FrameOut::Channel { payload, .. }) => Some(payload),
        _ => None,
    })
    .await;
    assert_eq!(message, Bytes::from_static(b"hello"));

    drop(a);
    until(&mut b_out, |output| match output {
        Output::Event(EngineEvent::State { state, .. })
            if state.connection == PeerConnectionState::Disconnected =>
        {
            Some(())
        }
        _ => None,
    })
    .await;
    timeout(LIMIT, async { while a_out.recv().await.is_some() {} })
        .await
        .expect("what a page hears ends with it");
}

#[tokio::test]
async fn two_connections_of_one_client_can_talk_to_each_other() {
    let engine = engine();
    let (client, mut output) = engine.connect();
    call((&client, 1), (&client, 2)).await;
    let mut ends = [false, false];
    let mut connected_ends = [false, false];
    timeout(LIMIT, async {
        while connected_ends != [true, true] {
            match output.recv().await.unwrap() {
                Output::Event(EngineEvent::Candidate {
                    connection,
                    candidate: Some(candidate),
                }) => {
                    let request = EngineRequest::AddIceCandidate {
                        connection: 3 - connection,
                        candidate,
                    };
                    ask(&client, request).await;
                    ends[connection as usize - 1] = true;
                }
                Output::Event(EngineEvent::State { connection, state })
                    if state.connection == PeerConnectionState::Connected =>
                {
                    connected_ends[connection as usize - 1] = true;
                }
                _ => {}
            }
        }
    })
    .await
    .expect("both ends connect");
    assert_eq!(ends, [true, true]);
}
