//! `/peer`: another node comes in, to speak about who hosts the meeting. Here frames are carried, bounded; who it is and what it
//! says is for [`Peers`].

use std::sync::{Arc, PoisonError};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State, ws::rejection::WebSocketUpgradeRejection};
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use landline_protocol::limits::MESSAGE_BYTES;
use landline_trust::pake::Exporter;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::Timing;
use crate::http::Peer;
use crate::http::READ_BUFFER;
use crate::pace::Flow;
use crate::pages;
use crate::site::Site;

/// The route.
pub const PATH: &str = "/peer";
/// The subprotocol that both ends have to name.
pub const SUBPROTOCOL: &str = "landline.peer.1";

/// Who speaks with other nodes.
pub trait Peers: Send + Sync + 'static {
    /// Another node comes in over the TLS connection with this exporter. None: not now, or no more of them.
    fn open(&self, exporter: Exporter) -> Option<PeerSession>;
}

/// One connection of another node: binary frames. It ends when either channel does.
pub struct PeerSession {
    pub to_node: mpsc::Sender<Bytes>,
    pub from_node: mpsc::Receiver<Bytes>,
}

/// `GET /peer`
pub(crate) async fn peer(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let spoken = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|name| name.trim() == SUBPROTOCOL);
    let upgrade = match upgrade {
        Ok(upgrade) if spoken => upgrade,
        Ok(_) => return (StatusCode::BAD_REQUEST, "Another subprotocol\n").into_response(),
        Err(rejection) => return rejection.into_response(),
    };
    let mut arrivals = site.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    let may_come = arrivals.admit(peer.address, Instant::now());
    drop(arrivals);
    if !may_come {
        return (StatusCode::TOO_MANY_REQUESTS, "Too many connections\n").into_response();
    }
    // Without TLS 1.3 nothing can be proven here.
    let session = match (&site.peers, peer.exporter) {
        (Some(peers), Some(exporter)) => peers.open(exporter),
        _ => None,
    };
    let Some(session) = session else {
        return pages::not_found();
    };
    let timing = site.timing;
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| async move {
            let kill = peer.kill.clone();
            tokio::select! {
                () = attend(socket, session, timing) => {}
                () = kill.cancelled() => {}
            }
            drop(peer);
        })
}

/// Carries frames both ways. A node that does not read is given up.
async fn attend(socket: WebSocket, session: PeerSession, timing: Timing) {
    let PeerSession {
        to_node,
        mut from_node,
    } = session;
    let (mut sink, mut stream) = socket.split();
    let take_in = async move {
        let mut flow = Flow::default();
        while let Some(Ok(message)) = stream.next().await {
            match message {
                Message::Binary(bytes) => {
                    let pause = flow.pause_after(bytes.len(), Instant::now());
                    if to_node.send(bytes).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Text(_) | Message::Close(_) => return,
            }
        }
    };
    let send_out = async move {
        while let Some(bytes) = from_node.recv().await {
            let sent = tokio::time::timeout(timing.write, sink.send(Message::Binary(bytes))).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
        // Closing in order is courtesy.
        let _ = tokio::time::timeout(timing.linger, sink.send(Message::Close(None))).await;
    };
    tokio::select! {
        () = take_in => {}
        () = send_out => {}
    }
}
