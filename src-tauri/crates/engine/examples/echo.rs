//! A participant that sends back what it receives: picture, sound and messages. Descriptions and candidates go over standard
//! input and output, one JSON object a line: `{"description":…}`, `{"candidate":…}`, `{"do":"offer"|"restart"|"stats"|"close"}`.
//!
//! `cargo run -p landline-engine --example echo -- 127.0.0.1`

use std::net::IpAddr;
use std::sync::Arc;

use landline_engine::frame::{FrameIn, FrameOut};
use landline_engine::{Client, Engine, EngineConfig, Output};
use landline_protocol::engine_api::{
    ChannelOptions, ConnectionState, Description, Direction, EngineEvent, EngineReply,
    EngineRequest, IceCandidate, Layer, SignalingState, TrackKind,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

const CONNECTION: u32 = 1;
const VIDEO: u32 = 10;
const AUDIO: u32 = 11;

async fn ask(client: &Client, request: EngineRequest) -> EngineReply {
    match client.request(request).await {
        Ok(reply) => reply,
        Err(error) => {
            println!("{}", json!({ "error": error }));
            EngineReply::Done
        }
    }
}

fn state_of(reply: EngineReply) -> Option<ConnectionState> {
    match reply {
        EngineReply::State { state } => Some(state),
        _ => None,
    }
}

async fn describe(client: &Client) {
    let reply = ask(
        client,
        EngineRequest::SetLocalDescription {
            connection: CONNECTION,
            description: None,
        },
    )
    .await;
    let description = state_of(reply).and_then(|s| match s.signaling {
        SignalingState::HaveLocalOffer => s.pending_local,
        _ => s.current_local,
    });
    println!("{}", json!({ "description": description }));
}

/// Each receiver is sent back by its own transceiver.
async fn attach(client: &Client, state: &ConnectionState) {
    for transceiver in &state.transceivers {
        let track = match transceiver.kind {
            TrackKind::Video => VIDEO,
            TrackKind::Audio => AUDIO,
        };
        ask(
            client,
            EngineRequest::SetTrack {
                connection: CONNECTION,
                transceiver: transceiver.transceiver,
                track: Some(track),
            },
        )
        .await;
    }
}

async fn offer(client: &Client) {
    for (transceiver, kind) in [(1, TrackKind::Audio), (2, TrackKind::Video)] {
        let reply = ask(
            client,
            EngineRequest::AddTransceiver {
                connection: CONNECTION,
                transceiver,
                kind,
                direction: Direction::SendRecv,
                streams: vec!["echo".to_owned()],
            },
        )
        .await;
        if let Some(state) = state_of(reply) {
            attach(client, &state).await;
        }
    }
    ask(
        client,
        EngineRequest::CreateDataChannel {
            connection: CONNECTION,
            channel: 5,
            label: "echo".to_owned(),
            options: ChannelOptions {
                ordered: true,
                ..ChannelOptions::default()
            },
        },
    )
    .await;
    describe(client).await;
}

async fn command(client: &Client, line: &Value) {
    if let Ok(description) = serde_json::from_value::<Description>(line["description"].clone()) {
        let offer = description.r#type == landline_protocol::engine_api::DescriptionType::Offer;
        let reply = ask(
            client,
            EngineRequest::SetRemoteDescription {
                connection: CONNECTION,
                description,
            },
        )
        .await;
        let Some(state) = state_of(reply) else { return };
        if offer {
            for transceiver in &state.transceivers {
                ask(
                    client,
                    EngineRequest::SetDirection {
                        connection: CONNECTION,
                        transceiver: transceiver.transceiver,
                        direction: Direction::SendRecv,
                    },
                )
                .await;
            }
            attach(client, &state).await;
            describe(client).await;
        }
    }
    if let Ok(candidate) = serde_json::from_value::<IceCandidate>(line["candidate"].clone()) {
        ask(
            client,
            EngineRequest::AddIceCandidate {
                connection: CONNECTION,
                candidate,
            },
        )
        .await;
    }
    match line["do"].as_str() {
        Some("offer") => offer(client).await,
        Some("restart") => {
            ask(
                client,
                EngineRequest::RestartIce {
                    connection: CONNECTION,
                },
            )
            .await;
            describe(client).await;
        }
        Some("stats") => {
            let reply = ask(
                client,
                EngineRequest::GetStats {
                    connection: CONNECTION,
                },
            )
            .await;
            if let EngineReply::Stats { entries } = reply {
                println!("{}", json!({ "stats": entries }));
            }
        }
        Some("close") => {
            ask(
                client,
                EngineRequest::Close {
                    connection: CONNECTION,
                },
            )
            .await;
        }
        _ => {}
    }
}

/// What came, as it goes back.
fn back(frame: FrameOut) -> FrameIn {
    match frame {
        FrameOut::Video {
            key,
            timestamp,
            payload,
            ..
        } => FrameIn::Video {
            track: VIDEO,
            layer: 0,
            key,
            timestamp,
            width: 640,
            height: 480,
            payload,
        },
        FrameOut::Audio {
            timestamp, payload, ..
        } => FrameIn::Audio {
            track: AUDIO,
            timestamp,
            payload,
        },
        FrameOut::Channel {
            connection,
            channel,
            binary,
            payload,
        } => FrameIn::Channel {
            connection,
            channel,
            binary,
            payload,
        },
    }
}

fn layer(width: u16, height: u16, max_bitrate: u32) -> Layer {
    Layer {
        width,
        height,
        min_bitrate: 50_000,
        max_bitrate,
        fixed: false,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), landline_engine::StartError> {
    let addresses: Vec<IpAddr> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let engine = Engine::start(EngineConfig {
        addresses: Arc::new(move || addresses.clone()),
        resolver: None,
    })?;
    let (client, mut output) = engine.connect();
    let open = EngineRequest::Open {
        connection: CONNECTION,
    };
    ask(&client, open).await;
    for (track, layers) in [
        (VIDEO, vec![layer(640, 480, 1_500_000)]),
        (AUDIO, vec![layer(0, 0, 32_000)]),
    ] {
        ask(&client, EngineRequest::SetLayers { track, layers }).await;
    }
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut receiver = None;
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Ok(Some(line)) = line else { break };
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                command(&client, &line).await;
            }
            next = output.recv() => match next {
                None => break,
                Some(Output::Event(EngineEvent::KeyFrame { track: VIDEO, .. })) => {
                    if let Some(receiver) = receiver {
                        client.send(FrameIn::KeyRequest { receiver }).ok();
                    }
                }
                Some(Output::Event(EngineEvent::Candidate { candidate, .. })) => {
                    println!("{}", json!({ "candidate": candidate }));
                }
                Some(Output::Event(EngineEvent::State { state, .. })) => {
                    println!("{}", json!({ "ice": state.ice, "connection": state.connection }));
                }
                Some(Output::Event(event)) => println!("{}", json!({ "event": event })),
                Some(Output::Frame(frame)) => {
                    if let FrameOut::Video { receiver: id, .. } = &frame {
                        receiver = Some(*id);
                    }
                    if let Err(error) = client.send(back(frame)) {
                        println!("{}", json!({ "error": error }));
                    }
                }
            }
        }
    }
    Ok(())
}
