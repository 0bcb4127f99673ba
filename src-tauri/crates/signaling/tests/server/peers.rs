//! Other nodes come in over `/peer`: not too many at once, and none says more than can be heard.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use landline_protocol::Limits;
use landline_signaling::{PeerSession, Peers, Timing};
use landline_trust::pake::Exporter;
use tokio::sync::mpsc;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::support::{config, serve, server};

/// Says the last of what it was told, once it was told enough.
struct Listens;

/// Messages, and their size: each counts as 63.
const ENOUGH: usize = 32;
const BYTES: usize = 250 * 1_024;

impl Peers for Listens {
    fn open(&self, _exporter: Exporter) -> Option<PeerSession> {
        let (to_node, mut heard) = mpsc::channel::<Bytes>(4);
        let (said, from_node) = mpsc::channel(4);
        tokio::spawn(async move {
            for _ in 1..ENOUGH {
                heard.recv().await?;
            }
            said.send(heard.recv().await?).await.ok()
        });
        Some(PeerSession { to_node, from_node })
    }
}

#[tokio::test]
async fn who_dials_too_often_is_told_to_wait() {
    let server = server().await;
    let request = format!(
        "GET /peer HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: landline.peer.1\r\n\r\n",
        server.at.port()
    );
    let mut answers = Vec::new();
    let began = Instant::now();
    for _ in 0..80 {
        answers.push(server.ask(&request).await.status);
    }
    let taken = answers.iter().filter(|status| **status == 404).count();
    let refused = answers.iter().filter(|status| **status == 429).count();
    assert_eq!(taken + refused, 80);
    // 32, and four for each second that this took.
    let while_asking = usize::try_from(began.elapsed().as_secs() + 1).unwrap() * 4;
    assert!((32..=32 + while_asking).contains(&taken), "{taken}");
    assert_eq!(answers.first(), Some(&404), "nobody speaks with nodes here");
}

#[tokio::test]
async fn who_says_too_much_is_heard_later_and_in_full() {
    let peers = Some(Arc::new(Listens) as Arc<dyn Peers>);
    let server = serve(config(Limits::default()), Timing::default(), peers).await;
    let url = format!("wss://127.0.0.1:{}/peer", server.at.port());
    let mut request = url.into_client_request().unwrap();
    let protocol = HeaderValue::from_static("landline.peer.1");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (socket, _) = client_async(request, server.tls().await).await.unwrap();
    let (mut sink, mut stream) = socket.split();
    let began = Instant::now();
    tokio::spawn(async move {
        for number in 0..ENOUGH {
            let mut message = vec![0; BYTES];
            message[0] = u8::try_from(number).unwrap();
            let message = Message::Binary(message.into());
            if sink.send(message).await.is_err() {
                return;
            }
        }
        std::future::pending::<()>().await;
    });
    let last = stream.next().await.unwrap().unwrap();
    assert_eq!(usize::from(last.into_data()[0]), ENOUGH - 1);
    // The last is heard when 31 * 63 - 1,024 above the first 1,024 were let through, at 256 a second.
    let took = began.elapsed();
    assert!(took > Duration::from_millis(3_500), "{took:?}");
}
