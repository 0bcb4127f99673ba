//! The door between the app's page and the engine: the page with the tokens comes in, once, and nobody else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use landline_node::{Node, NodeConfig};
use landline_protocol::engine_api::{FRAME_HEADER, FRAME_PAYLOAD};
use landline_protocol::node_api::{EngineDoor, NodeErrorCode, NodeReply, NodeRequest};
use serde_json::{Value, json};
use support::{Page, folder, node_in, soon};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const ORIGIN: &str = "tauri://localhost";

/// A node whose own page has [`ORIGIN`].
async fn node() -> (tempfile::TempDir, Node) {
    let here = folder();
    let node = Node::start(NodeConfig {
        config_dir: Some(here.path().to_owned()),
        port: 0,
        engine_origins: vec![ORIGIN.to_owned()],
        ..NodeConfig::default()
    });
    let node = node.await.unwrap();
    (here, node)
}

async fn door(page: &Page) -> EngineDoor {
    match page.ask(NodeRequest::OpenEngine).await {
        Ok(NodeReply::Engine(door)) => door,
        other => panic!("no door: {other:?}"),
    }
}

/// As the own page asks.
fn request(door: &EngineDoor, token: &str) -> Request<()> {
    let mut request = door.url.as_str().into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", ORIGIN.parse().unwrap());
    let offered = format!("landline.engine.1, token.{token}");
    headers.insert("sec-websocket-protocol", offered.parse().unwrap());
    request
}

/// The status of a refusal; None if the connection just ended.
async fn refusal(request: Request<()>) -> Option<u16> {
    match soon(connect_async(request)).await {
        Ok(_) => panic!("let in"),
        Err(tungstenite::Error::Http(response)) => Some(response.status().as_u16()),
        Err(_) => None,
    }
}

async fn open(door: &EngineDoor, token: &str) -> Socket {
    let (socket, response) = soon(connect_async(request(door, token))).await.unwrap();
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "landline.engine.1"
    );
    socket
}

async fn both(door: &EngineDoor) -> (Socket, Socket) {
    (
        open(door, &door.control).await,
        open(door, &door.media).await,
    )
}

async fn say(socket: &mut Socket, call: &Value) {
    socket.send(Message::text(call.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Value {
    let message = soon(socket.next()).await.unwrap().unwrap();
    serde_json::from_str(message.to_text().unwrap()).unwrap()
}

/// The other side has closed, in whatever way.
async fn ended(socket: &mut Socket) {
    soon(async { while let Some(Ok(_)) = socket.next().await {} }).await;
}

/// Nothing listens behind the door any more.
async fn is_closed(door: &EngineDoor) {
    let address = address(door);
    soon(async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

fn address(door: &EngineDoor) -> String {
    let rest = door.url.strip_prefix("ws://").unwrap();
    rest.strip_suffix("/engine").unwrap().to_owned()
}

#[tokio::test]
async fn the_page_reaches_its_engine_and_the_door_is_shut_behind_it() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let door = door(&page).await;
    assert!(door.url.starts_with("ws://127.0.0.1:"));
    // The page need not have its worker yet.
    let mut control = open(&door, &door.control).await;
    say(
        &mut control,
        &json!({"id": 1, "request": {"do": "open", "connection": 7}}),
    )
    .await;
    let reply = json!({"frame": "reply", "id": 1, "reply": {"is": "done"}});
    assert_eq!(hear(&mut control).await, reply);
    let mut media = open(&door, &door.media).await;
    is_closed(&door).await;
    say(
        &mut control,
        &json!({"id": 2, "request": {"do": "create-offer", "connection": 7, "iceRestart": false}}),
    )
    .await;
    let offer = hear(&mut control).await;
    assert_eq!(offer["reply"]["description"]["type"], "offer", "{offer}");

    media.close(None).await.unwrap();
    ended(&mut control).await;
    soon(node.shutdown()).await;
}

#[tokio::test]
async fn a_node_without_a_page_of_its_own_opens_no_door() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let error = Page::of(&node)
        .ask(NodeRequest::OpenEngine)
        .await
        .unwrap_err();
    assert_eq!(error.code, NodeErrorCode::NotSupported);
}

#[tokio::test]
async fn pages_of_others_are_refused_and_cost_the_own_page_nothing() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let door = door(&page).await;
    for origin in [
        "https://evil.example",
        "http://127.0.0.1:4717",
        "http://localhost",
        "tauri://localhost.evil.example",
        "null",
    ] {
        let mut foreign = request(&door, &door.control);
        foreign
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        assert_eq!(refusal(foreign).await, Some(403), "{origin}");
    }
    let mut without = request(&door, &door.control);
    without.headers_mut().remove("origin");
    assert_eq!(refusal(without).await, Some(403));
    for host in ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1"] {
        let mut rebound = request(&door, &door.control);
        rebound.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(refusal(rebound).await, Some(421), "{host}");
    }
    let mut elsewhere = request(&door, &door.control);
    *elsewhere.uri_mut() = door.url.replace("/engine", "/node").parse().unwrap();
    assert_eq!(refusal(elsewhere).await, Some(404));
    both(&door).await;
}

#[tokio::test]
async fn only_the_tokens_of_this_door_are_good_and_only_once() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let (own, other) = (door(&page).await, door(&page).await);
    let (control, media) = (&own.control, &own.media);
    for wrong in [
        "",
        &control[..63],
        &"0".repeat(64),
        &other.control,
        &other.media,
    ] {
        assert_eq!(refusal(request(&own, wrong)).await, Some(403), "{wrong}");
    }
    for offered in ["landline.engine.1", &format!("token.{control}")] {
        let mut bare = request(&own, control);
        bare.headers_mut()
            .insert("sec-websocket-protocol", offered.parse().unwrap());
        assert_eq!(refusal(bare).await, Some(400), "{offered}");
    }
    let mut first = open(&own, control).await;
    assert_eq!(refusal(request(&own, control)).await, Some(403));
    open(&own, media).await;
    // Used up as well, and with it the door: what is left is a refused connection.
    assert_eq!(refusal(request(&own, media)).await, None);
    drop(page);
    ended(&mut first).await;
}

#[tokio::test]
async fn plain_http_and_noise_get_nothing() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let door = door(&page).await;
    let get = format!("GET /engine HTTP/1.1\r\nHost: {}\r\n\r\n", address(&door));
    for sent in [
        get.as_str(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address(&door)).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // An end or a reset, both will do.
        let _ = soon(stream.read_to_end(&mut answer)).await;
        assert_eq!(String::from_utf8_lossy(&answer), "");
    }
    both(&door).await;
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_the_page_out() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let door = door(&page).await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(TcpStream::connect(address(&door)).await.unwrap());
    }
    // Some wait in the listener's queue until the first ones have run out of time.
    drop(silent.split_off(8));
    both(&door).await;
}

#[tokio::test]
async fn a_session_ends_with_either_socket_and_with_its_page() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let first = door(&page).await;
    let (control, mut media) = both(&first).await;
    drop(control);
    ended(&mut media).await;

    let second = door(&page).await;
    let mut control = open(&second, &second.control).await;
    drop(page);
    ended(&mut control).await;
    // Its media socket is not waited for.
    is_closed(&second).await;
}

#[tokio::test]
async fn the_number_of_sessions_is_bounded_and_a_place_is_free_again_after_one() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(both(&door(&page).await).await);
    }
    let error = page.ask(NodeRequest::OpenEngine).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::Congested);
    drop(sockets.pop());
    soon(async {
        while page.ask(NodeRequest::OpenEngine).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_no_page_of_ours_sends_ends_the_session() {
    let too_large = FRAME_HEADER + FRAME_PAYLOAD + 1;
    let channel = |bytes: usize| {
        let mut frame = vec![0; bytes];
        frame[0] = 4;
        frame
    };
    let audio = |bytes: usize| {
        let mut frame = vec![0; bytes];
        frame[0] = 2;
        frame
    };
    let (_here, node) = node().await;
    let page = Page::of(&node);
    for (on_control, what, message) in [
        (true, "a call of 2 MiB", Message::text("x".repeat(2 << 20))),
        (true, "media", Message::binary(audio(40))),
        (
            true,
            "a large channel message",
            Message::binary(channel(2 << 20)),
        ),
        (true, "a torn frame", Message::binary(vec![4; 15])),
        (false, "text", Message::text("{}")),
        (false, "a channel message", Message::binary(channel(40))),
        (false, "a torn frame", Message::binary(vec![1; 15])),
        (false, "an unknown kind", Message::binary(vec![9; 40])),
        (false, "a huge frame", Message::binary(audio(too_large))),
    ] {
        let (mut control, mut media) = both(&door(&page).await).await;
        let (broken, other) = if on_control {
            (&mut control, &mut media)
        } else {
            (&mut media, &mut control)
        };
        // The other side may have closed before it took all of it.
        let _ = soon(broken.send(message)).await;
        soon(async { tokio::join!(ended(broken), ended(other)) }).await;
        println!("ended after {what}");
    }
}

#[tokio::test]
async fn calls_that_cannot_be_read_are_refused_one_by_one() {
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let (mut control, _media) = both(&door(&page).await).await;
    for (call, id) in [
        ("{", 0),
        ("[]", 0),
        (r#"{"id":5,"request":{"do":"dance"}}"#, 5),
        (
            r#"{"id":6,"request":{"do":"open","connection":"secret"}}"#,
            6,
        ),
    ] {
        control.send(Message::text(call)).await.unwrap();
        let failed = hear(&mut control).await;
        assert_eq!(failed["frame"], "failed", "{failed}");
        assert_eq!(failed["id"], id);
        assert!(!failed.to_string().contains("secret"), "{failed}");
    }
}

#[tokio::test]
async fn a_flood_of_calls_and_frames_is_answered_in_order() {
    /// More than any queue on the way holds.
    const CALLS: u32 = 5_000;
    let (_here, node) = node().await;
    let page = Page::of(&node);
    let (control, mut media) = both(&door(&page).await).await;
    let (mut calls, mut answers) = control.split();
    let asking = async {
        for id in 0..CALLS {
            let call = json!({"id": id, "request": {"do": "get-stats", "connection": 1}});
            calls.send(Message::text(call.to_string())).await.unwrap();
        }
    };
    let flooding = async {
        let mut frame = vec![7; 100_000];
        frame[..FRAME_HEADER].fill(0);
        frame[0] = 1;
        for _ in 0..500 {
            media.send(Message::binary(frame.clone())).await.unwrap();
        }
    };
    let answered = async {
        for id in 0..CALLS {
            let message = answers.next().await.unwrap().unwrap();
            let answer: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            assert_eq!(answer["id"], id);
        }
    };
    soon(async { tokio::join!(asking, flooding, answered) }).await;
}
