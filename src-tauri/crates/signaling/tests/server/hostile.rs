//! What one client does to the server costs that client its connection and nobody else anything.

use futures_util::{SinkExt, StreamExt};
use landline_protocol::Limits;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, ROOM, Received, Server, patient, server_with};

/// So many that no rate limit is met.
const UNLIMITED: u32 = 10_000_000;

fn unlimited() -> Limits {
    Limits {
        burst_messages: UNLIMITED,
        messages_per_second: UNLIMITED,
        ..Limits::default()
    }
}

/// A pair that relays, and notices if a single signal is late, lost, doubled or out of order.
async fn relay(server: &Server, rounds: u64) {
    let (mut one, one_id) = server.minimal().await;
    let (mut other, other_id) = server.minimal().await;
    for round in 0..rounds {
        pass((&mut one, &one_id), (&mut other, &other_id), round).await;
        pass((&mut other, &other_id), (&mut one, &one_id), round).await;
    }
}

async fn pass<S, T>(
    (from, from_id): (&mut Client<S>, &str),
    (to, to_id): (&mut Client<T>, &str),
    round: u64,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    from.send(json!({"action": "signal", "roomId": ROOM, "type": "ice-candidate", "to": to_id, "data": round}))
        .await;
    loop {
        match to.next().await {
            Received::Message(message) if message["from"] == from_id => {
                assert_eq!(message["data"], round);
                return;
            }
            // Others come and go, and broadcast, meanwhile.
            Received::Message(message) if message["action"] != "error" => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Frames as nobody should send them.
fn malformed() -> impl Strategy<Value = Message> {
    let text = |text: String| Message::Text(text.into());
    let good = prop_oneof![
        Just(json!({"action": "join", "roomId": ROOM, "name": "Eve", "v": 1})),
        Just(json!({"action": "signal", "roomId": ROOM, "type": "offer", "data": {"sdp": "v=0"}})),
        Just(json!({"action": "chat", "roomId": ROOM, "id": "line-0001", "text": "hi"})),
        Just(json!({"action": "state", "roomId": ROOM, "state": {"camera": true}})),
        Just(json!({"action": "chat-history", "roomId": ROOM, "lines": [{"id": "line-0001"}]})),
        Just(json!({"action": "ack", "seq": 4})),
    ];
    let value = prop_oneof![
        Just(Value::Null),
        Just(json!(-1)),
        Just(json!(1e300)),
        Just(json!([[], {}])),
        Just(json!({"a": {"b": 1}})),
        ".{0,40}".prop_map(Value::String),
    ];
    prop_oneof![
        "\\PC{0,200}".prop_map(text),
        // Broken off.
        (good.clone(), 0..60_usize).prop_map(move |(good, at)| {
            let whole = good.to_string();
            text(whole.chars().take(at).collect())
        }),
        // One member of another kind.
        (good, 0..6_usize, value).prop_map(move |(mut good, at, value)| {
            if let Some((_, member)) = good.as_object_mut().unwrap().iter_mut().nth(at) {
                *member = value;
            } else {
                good["unknown"] = value;
            }
            text(good.to_string())
        }),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| Message::Binary(bytes.into())),
        (1..2_000_usize, prop::bool::ANY).prop_map(move |(depth, objects)| {
            let (open, close) = if objects {
                ("{\"a\":", "}")
            } else {
                ("[", "]")
            };
            text(format!(
                "{{\"action\":\"signal\",\"roomId\":{}1{}}}",
                open.repeat(depth),
                close.repeat(depth)
            ))
        }),
        (0..50_usize).prop_map(|count| Message::Ping(vec![0; count].into())),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_malformed_messages_disturb_nobody() {
    let server = server_with(unlimited(), patient()).await;
    let mut runner = TestRunner::deterministic();
    let strategy = malformed();
    let messages: Vec<Message> = (0..10_000)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect();
    let server = &server;
    let flood = messages.chunks(2_500).map(|messages| async move {
        let (mut mallory, _) = server.minimal().await;
        for message in messages {
            // Half read, half do not until the end.
            mallory.socket.feed(message.clone()).await.unwrap();
        }
        mallory.socket.flush().await.unwrap();
        // It has been answered with errors and is still there.
        mallory.send(json!({"action": "ping"})).await;
        let mut errors = 0;
        loop {
            match mallory.next().await {
                Received::Message(message) if message["action"] == "pong" => break,
                Received::Message(message) => errors += usize::from(message["action"] == "error"),
                Received::Closed(code) => panic!("closed: {code:?}"),
            }
        }
        assert!(errors > 1_000, "{errors}");
    });
    let ((), _) = tokio::join!(relay(server, 200), futures_util::future::join_all(flood));
    relay(server, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_too_much_is_told_and_closed_and_others_notice_nothing() {
    let server = server_with(Limits::default(), patient()).await;
    let flood = async {
        let (mallory, _) = server.minimal().await;
        let (mut sink, stream) = mallory.socket.split();
        let send = async move {
            for _ in 0..100_000 {
                let nonsense = Message::Text("{\"action\":\"nonsense\"}".into());
                if sink.send(nonsense).await.is_err() {
                    return;
                }
            }
            panic!("nobody has stopped it");
        };
        let hear = stream.fold(
            (false, None),
            async |(warned, code), received| match received {
                Ok(Message::Text(text)) => (warned || text.contains("rate-limited"), code),
                Ok(Message::Close(frame)) => (warned, frame.map(|frame| u16::from(frame.code))),
                _ => (warned, code),
            },
        );
        tokio::join!(hear, send).0
    };
    let ((), (warned, code)) = tokio::join!(relay(&server, 100), flood);
    assert!(warned);
    // The reason may be lost when the flood goes on after it.
    assert!(code.is_none_or(|code| code == 1008), "{code:?}");
}

/// Memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kilobytes: usize = line.trim().split(' ').next().unwrap().parse().unwrap();
    kilobytes * 1024
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_never_read_cost_little_memory_and_only_their_connections() {
    const READERS: usize = 4;
    const SIGNALS: usize = 200;
    const BYTES: usize = 200 * 1024;
    /// Far less than the 160 MB that are pushed at them, and room for the tests beside this one.
    const MOST: usize = 64 * 1024 * 1024;

    let server = server_with(unlimited(), patient()).await;
    let mut idle = Vec::new();
    for _ in 0..READERS {
        idle.push(server.full("Idle").await);
    }
    let (mut sender, _) = server.minimal().await;
    let before = resident();
    let flood = async {
        let data = "x".repeat(BYTES);
        let mut most = 0;
        for (_, joined) in &idle {
            for _ in 0..SIGNALS {
                let signal = json!({"action": "signal", "roomId": ROOM, "type": "offer", "to": joined["clientId"], "data": data});
                sender.send(signal).await;
            }
            sender.send(json!({"action": "ping"})).await;
            while sender.next().await != Received::Message(json!({"action": "pong"})) {}
            most = most.max(resident());
        }
        most
    };
    let (most, ()) = tokio::join!(flood, relay(&server, 200));
    let grown = most.saturating_sub(before);
    assert!(grown < MOST, "{grown} bytes for readers that do not read");
    println!("grown by {} kB", grown / 1024);
    // Each has lost its connection, and its seat waits for it.
    let mut summary = server.meeting.summary();
    summary
        .wait_for(|summary| summary.participants == 1)
        .await
        .unwrap();
    drop(idle);
}
