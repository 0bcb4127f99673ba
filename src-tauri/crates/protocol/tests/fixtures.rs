//! The golden messages in `fixtures/`, which the TypeScript tests read too: a change of the wire on one side alone fails here
//! or there.

#![allow(
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "one example of each message, and a test fails by panicking"
)]

use std::sync::Arc;

use landline_protocol::server::JoinedMore;
use landline_protocol::{
    ChatLine, ErrorCode, JoinOutcome, Joined, LeaveReason, MediaState, ParticipantKind, Peer,
    ServerMessage, SignalType, decode_client_message,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

const ROOM: &str = "3f2a9c0d5b7e41f68a1c2d3e4f506172";

/// What a client may send. `text` is the frame as it comes.
#[derive(Deserialize)]
struct ClientFixture {
    name: String,
    text: String,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expect {
    Refused { error: ErrorCode },
    Understood { message: Value, seq: Option<u32> },
}

/// What a server sends. `sequenced`: a client with `v` gets it with `seq` as its first member.
#[derive(Deserialize)]
struct ServerFixture {
    name: String,
    message: Value,
}

#[test]
fn client_messages_decode_to_what_the_fixtures_say() {
    let fixtures: Vec<ClientFixture> =
        serde_json::from_str(include_str!("../fixtures/client.json")).unwrap();
    for fixture in fixtures {
        let decoded = decode_client_message(&fixture.text);
        match fixture.expect {
            Expect::Refused { error } => {
                assert_eq!(decoded.err(), Some(error), "{}", fixture.name);
            }
            Expect::Understood { message, seq } => {
                let decoded = decoded.unwrap_or_else(|code| panic!("{}: {code}", fixture.name));
                assert_eq!(
                    serde_json::to_value(&decoded.message).unwrap(),
                    message,
                    "{}",
                    fixture.name
                );
                assert_eq!(decoded.seq, seq, "{}", fixture.name);
                // What is written out again is understood as the same.
                let text = serde_json::to_string(&decoded.message).unwrap();
                let again = decode_client_message(&text).unwrap();
                assert_eq!(serde_json::to_value(&again.message).unwrap(), message);
            }
        }
    }
}

#[test]
fn server_messages_are_written_as_the_fixtures_say() {
    let fixtures: Vec<ServerFixture> =
        serde_json::from_str(include_str!("../fixtures/server.json")).unwrap();
    let messages = server_messages();
    assert_eq!(
        fixtures.iter().map(|f| f.name.clone()).collect::<Vec<_>>(),
        messages
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    );
    for (fixture, (name, message)) in fixtures.iter().zip(messages) {
        assert_eq!(
            serde_json::to_value(&message).unwrap(),
            fixture.message,
            "{name}"
        );
        // The server writes `seq` in front of the first member, so there has to be one.
        assert!(
            serde_json::to_string(&message)
                .unwrap()
                .starts_with("{\"action\":\""),
            "{name}"
        );
    }
}

fn server_messages() -> Vec<(String, ServerMessage)> {
    let ada = Peer {
        client_id: "p0p0p0p0p0p0".into(),
        name: Some("Ada".into()),
        kind: None,
        addr: Vec::new(),
        state: None,
        away: false,
    };
    let bare = |id: &str| Peer {
        client_id: id.into(),
        name: None,
        ..ada.clone()
    };
    let line = ChatLine {
        id: "6b1e2f30-9c1d".into(),
        from: "p0p0p0p0p0p0".into(),
        name: Some("Ada".into()),
        text: "hello".into(),
        at: 1_767_225_600_500,
    };
    let sources = |microphone, camera, screen| MediaState {
        microphone,
        camera,
        screen,
    };
    let room_id = || ROOM.to_owned();
    let client_id = || "p0p0p0p0p0p0".to_owned();
    let mut all = vec![
        (
            "joined, to a minimal client",
            joined(vec![ada.clone(), bare("q1q1q1q1q1q1")], None),
        ),
        (
            "joined, a new seat",
            joined(
                vec![
                    Peer {
                        name: Some("王芳".into()),
                        kind: Some(ParticipantKind::App),
                        addr: vec!["192.0.2.7".into(), "2001:db8::7".into()],
                        state: Some(sources(true, false, false)),
                        ..ada.clone()
                    },
                    Peer {
                        kind: Some(ParticipantKind::Guest),
                        away: true,
                        ..bare("q1q1q1q1q1q1")
                    },
                ],
                Some(more(JoinOutcome::New, 0, 0, vec![line.clone()])),
            ),
        ),
        (
            "joined, the seat resumed",
            joined(vec![], Some(more(JoinOutcome::Resumed, 17, 0, vec![]))),
        ),
        (
            "joined, the seat restored",
            joined(vec![], Some(more(JoinOutcome::Restored, 0, 21_500, vec![]))),
        ),
        (
            "peer-joined",
            peer_joined(
                Peer {
                    kind: Some(ParticipantKind::App),
                    addr: vec!["192.0.2.7".into()],
                    state: Some(sources(true, true, false)),
                    ..ada.clone()
                },
                false,
            ),
        ),
        (
            "peer-joined, bare",
            peer_joined(bare("p0p0p0p0p0p0"), false),
        ),
        ("peer-joined, restored", peer_joined(ada, true)),
        ("peer-left", peer_left(None)),
        ("peer-left, by choice", peer_left(Some(LeaveReason::Left))),
        ("peer-left, lost", peer_left(Some(LeaveReason::Lost))),
        (
            "peer-away",
            ServerMessage::PeerAway {
                room_id: room_id(),
                client_id: client_id(),
            },
        ),
        ("peer-back", peer_back(false)),
        ("peer-back, fresh", peer_back(true)),
        (
            "signal, offer",
            signal(
                SignalType::Offer,
                r#"{"type":"offer","sdp":"v=0\r\n","id":"o1","sources":{"0":"microphone"}}"#,
            ),
        ),
        (
            "signal, answer",
            signal(
                SignalType::Answer,
                r#"{"type":"answer","sdp":"v=0\r\n","answers":"o1"}"#,
            ),
        ),
        (
            "signal, candidate",
            signal(
                SignalType::IceCandidate,
                r#"{"candidate":"candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host","sdpMid":"0"}"#,
            ),
        ),
        ("signal, hangup", signal(SignalType::Hangup, "null")),
        (
            "peer-state",
            ServerMessage::PeerState {
                room_id: room_id(),
                client_id: client_id(),
                state: sources(false, false, true),
            },
        ),
        (
            "chat",
            ServerMessage::Chat {
                room_id: room_id(),
                line: line.clone(),
            },
        ),
        (
            "chat of somebody nameless",
            ServerMessage::Chat {
                room_id: room_id(),
                line: ChatLine { name: None, ..line },
            },
        ),
        (
            "meeting-ended",
            ServerMessage::MeetingEnded { room_id: room_id() },
        ),
    ]
    .into_iter()
    .map(|(name, message)| (name.to_owned(), message))
    .collect::<Vec<_>>();
    all.extend(
        [
            ErrorCode::BadMessage,
            ErrorCode::UnknownAction,
            ErrorCode::RoomNotFound,
            ErrorCode::RoomFull,
            ErrorCode::NotJoined,
            ErrorCode::AlreadyJoined,
            ErrorCode::UnknownPeer,
            ErrorCode::TooLarge,
            ErrorCode::RateLimited,
            ErrorCode::UnsupportedVersion,
            ErrorCode::SeatTaken,
            ErrorCode::TooManyConnections,
        ]
        .into_iter()
        .map(|code| {
            let wire = serde_json::to_value(code).unwrap();
            (
                format!("error {}", wire.as_str().unwrap()),
                ServerMessage::Error {
                    code,
                    message: code.to_string(),
                },
            )
        }),
    );
    all.push(("ack".to_owned(), ServerMessage::Ack { seq: 16 }));
    all.push(("pong".to_owned(), ServerMessage::Pong));
    all
}

fn joined(peers: Vec<Peer>, more: Option<JoinedMore>) -> ServerMessage {
    ServerMessage::Joined(Joined {
        room_id: ROOM.to_owned(),
        client_id: "k3v9x0q2m7ab".to_owned(),
        peers,
        more,
    })
}

fn more(outcome: JoinOutcome, ack: u32, roster_grace_ms: u32, chat: Vec<ChatLine>) -> JoinedMore {
    JoinedMore {
        v: 1,
        outcome,
        resume_token: "c2VjcmV0".to_owned(),
        ack,
        roster_grace_ms,
        title: "Weekly".to_owned(),
        host: "Ada".to_owned(),
        started_at: 1_767_225_600_000,
        chat,
    }
}

fn peer_joined(peer: Peer, restored: bool) -> ServerMessage {
    ServerMessage::PeerJoined {
        room_id: ROOM.to_owned(),
        peer,
        restored,
    }
}

fn peer_left(reason: Option<LeaveReason>) -> ServerMessage {
    ServerMessage::PeerLeft {
        room_id: ROOM.to_owned(),
        client_id: "p0p0p0p0p0p0".to_owned(),
        reason,
    }
}

fn peer_back(fresh: bool) -> ServerMessage {
    ServerMessage::PeerBack {
        room_id: ROOM.to_owned(),
        client_id: "p0p0p0p0p0p0".to_owned(),
        fresh,
    }
}

fn signal(signal_type: SignalType, data: &str) -> ServerMessage {
    ServerMessage::Signal {
        room_id: ROOM.to_owned(),
        from: "p0p0p0p0p0p0".to_owned(),
        signal_type,
        data: Arc::from(RawValue::from_string(data.to_owned()).unwrap()),
    }
}
