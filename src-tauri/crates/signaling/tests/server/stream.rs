//! The room without a WebSocket: a streamed answer and POSTs.

use std::time::Duration;

use landline_protocol::Limits;
use landline_signaling::Timing;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::support::{Answer, ROOM, SOON, Server, server, server_with};

/// A streamed answer (RFC 9112 §7.1, chunked).
struct Stream {
    io: TlsStream<TcpStream>,
    bytes: Vec<u8>,
    text: String,
    key: String,
}

impl Stream {
    async fn open(server: &Server) -> Self {
        let mut io = server.tls().await;
        let request = format!(
            "POST /api/stream HTTP/1.1\r\nhost: {at}\r\norigin: https://{at}\r\ncontent-length: 0\r\n\r\n",
            at = server.at
        );
        io.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self {
            io,
            bytes: Vec::new(),
            text: String::new(),
            key: String::new(),
        };
        while stream.until(b"\r\n\r\n").is_none() {
            stream.read().await;
        }
        let head = stream.until(b"\r\n\r\n").unwrap();
        let head: Vec<u8> = stream.bytes.drain(..head).collect();
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("content-type: application/x-ndjson"));
        let first = stream.next().await.unwrap();
        assert_eq!(first["action"], "stream");
        first["key"].as_str().unwrap().clone_into(&mut stream.key);
        stream
    }

    fn until(&self, end: &[u8]) -> Option<usize> {
        let found = self
            .bytes
            .windows(end.len())
            .position(|window| window == end)?;
        Some(found + end.len())
    }

    async fn read(&mut self) -> bool {
        let read = tokio::time::timeout(SOON, self.io.read_buf(&mut self.bytes)).await;
        read.expect("nothing came").is_ok_and(|count| count > 0)
    }

    /// The next line that says something; None at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                if !line.is_empty() {
                    return Some(serde_json::from_str(&line).unwrap());
                }
                continue;
            }
            let chunk = self.until(b"\r\n").and_then(|head| {
                let size = std::str::from_utf8(&self.bytes[..head - 2]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                (self.bytes.len() >= head + size + 2).then_some((head, size))
            });
            match chunk {
                Some((_, 0)) => return None,
                Some((head, size)) => {
                    self.text += std::str::from_utf8(&self.bytes[head..head + size]).unwrap();
                    self.bytes.drain(..head + size + 2);
                }
                None => {
                    if !self.read().await {
                        return None;
                    }
                }
            }
        }
    }

    async fn expect(&mut self, action: &str) -> Value {
        let message = self.next().await.expect("the stream has ended");
        assert_eq!(message["action"], action, "{message}");
        message
    }

    async fn send(&self, server: &Server, lines: &str) -> Answer {
        send(server, &self.key, lines).await
    }
}

async fn send(server: &Server, key: &str, lines: &str) -> Answer {
    let request = format!(
        "POST /api/stream/send HTTP/1.1\r\nhost: {at}\r\norigin: https://{at}\r\nx-landline-stream: {key}\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n{lines}",
        at = server.at,
        length = lines.len()
    );
    server.ask(&request).await
}

#[tokio::test]
async fn a_guest_without_websockets_joins_signals_and_leaves() {
    let server = server().await;
    let (mut member, member_joined) = server.full("Ada").await;
    let mut guest = Stream::open(&server).await;
    let join = json!({"action": "join", "roomId": ROOM, "name": "Eve", "v": 1, "kind": "guest"});
    let signal =
        json!({"action": "signal", "roomId": ROOM, "seq": 1, "type": "answer", "data": "x"});
    // Several messages in one body are done in order, with or without a last line end.
    let answer = guest.send(&server, &format!("{join}\n\n{signal}")).await;
    assert_eq!(answer.status, 204);
    let joined = guest.expect("joined").await;
    assert_eq!(joined["peers"][0]["clientId"], member_joined["clientId"]);
    assert_eq!(member.expect("peer-joined").await["peer"]["name"], "Eve");
    assert_eq!(member.expect("signal").await["from"], joined["clientId"]);
    member
        .send(json!({"action": "signal", "roomId": ROOM, "seq": 1, "type": "offer", "to": joined["clientId"], "data": "y"}))
        .await;
    let offer = guest.expect("signal").await;
    assert_eq!((&offer["data"], &offer["seq"]), (&json!("y"), &json!(1)));
    let leave = json!({"action": "leave", "roomId": ROOM, "seq": 2});
    assert_eq!(guest.send(&server, &leave.to_string()).await.status, 204);
    assert_eq!(member.expect("peer-left").await["reason"], "left");
}

#[tokio::test]
async fn a_stream_that_is_dropped_is_a_lost_connection() {
    let server = server().await;
    let (mut member, _) = server.full("Ada").await;
    let mut guest = Stream::open(&server).await;
    let join = json!({"action": "join", "roomId": ROOM, "v": 1});
    guest.send(&server, &join.to_string()).await;
    let joined = guest.expect("joined").await;
    member.expect("peer-joined").await;
    let key = guest.key.clone();
    drop(guest);
    assert_eq!(
        member.expect("peer-away").await["clientId"],
        joined["clientId"]
    );
    assert_eq!(
        send(&server, &key, "{\"action\":\"ping\"}").await.status,
        404
    );
}

#[tokio::test]
async fn a_stream_whose_client_says_nothing_is_closed() {
    let timing = Timing {
        ping_every: Duration::from_millis(50),
        ..Timing::default()
    };
    let server = server_with(Limits::default(), timing).await;
    let mut guest = Stream::open(&server).await;
    assert_eq!(guest.next().await, None);
}

#[tokio::test]
async fn keys_of_others_open_nothing() {
    let server = server().await;
    let guest = Stream::open(&server).await;
    for wrong in ["", "AAAA", &guest.key[1..]] {
        assert_eq!(
            send(&server, wrong, "{\"action\":\"ping\"}").await.status,
            404,
            "{wrong}"
        );
    }
    assert!(guest.key.len() >= 43);
}

#[tokio::test]
async fn bodies_are_bounded_and_the_end_is_told() {
    let server = server().await;
    let mut guest = Stream::open(&server).await;
    let answer = guest.send(&server, &"x".repeat(300 * 1024)).await;
    assert_eq!(answer.status, 413);
    assert_eq!(guest.expect("error").await["code"], "too-large");
    assert_eq!(
        guest.next().await,
        Some(json!({"action": "closed", "code": 1009}))
    );
    assert_eq!(guest.next().await, None);

    let mut guest = Stream::open(&server).await;
    let (closed, ()) = tokio::join!(guest.next(), server.meeting.close());
    assert_eq!(closed, Some(json!({"action": "closed", "code": 1001})));
}
