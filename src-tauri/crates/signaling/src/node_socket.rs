//! `/node`: a page of this machine drives the node. Only with its token, which is looked at before anything is opened.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, ws::rejection::WebSocketUpgradeRejection};
use axum::http::header::SEC_WEBSOCKET_PROTOCOL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use landline_protocol::limits::{MESSAGE_BYTES, PING_MISSES};

use crate::http::Peer;
use crate::http::READ_BUFFER;
use crate::site::Site;
use crate::{Control, ControlSession, Timing, TokenKind};

/// The subprotocol that is agreed on. The token travels beside it and is never sent back.
const SUBPROTOCOL: &str = "landline.node.v1";
/// A frame of the room, quoted in a JSON string, can be twice as long.
const FRAME_BYTES: usize = MESSAGE_BYTES * 2;

/// `GET /node`
pub(crate) async fn node(
    State((site, control)): State<(Arc<Site>, Arc<dyn Control>)>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Some((kind, value)) = token_of(&headers) else {
        return unauthorized();
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    // A ticket is used up here, so nothing may fail between this and the upgrade.
    let Some(session) = control.open(kind, &value) else {
        return unauthorized();
    };
    let timing = site.timing;
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(FRAME_BYTES)
        .max_frame_size(FRAME_BYTES)
        .on_upgrade(move |socket| async move {
            let kill = peer.kill.clone();
            tokio::select! {
                () = attend(socket, session, timing) => {}
                () = kill.cancelled() => {}
            }
            drop(peer);
        })
}

/// Carries frames both ways. A page that does not read makes the node's queue fill, and the node then ends the session.
async fn attend(socket: WebSocket, session: ControlSession, timing: Timing) {
    let ControlSession {
        to_node,
        mut from_node,
    } = session;
    let (mut sink, mut stream) = socket.split();
    let (pinged, mut ping) = tokio::sync::mpsc::channel::<()>(1);
    let take_in = async move {
        let mut misses = 0;
        loop {
            let received = tokio::time::timeout(timing.ping_every, stream.next()).await;
            match received {
                Ok(Some(Ok(message))) => {
                    misses = 0;
                    match message {
                        Message::Text(text) => {
                            if to_node.send(text.to_string()).await.is_err() {
                                return;
                            }
                        }
                        Message::Binary(_) | Message::Close(_) => return,
                        Message::Ping(_) | Message::Pong(_) => {}
                    }
                }
                Ok(Some(Err(_)) | None) => return,
                Err(_) if misses >= PING_MISSES => return,
                Err(_) => {
                    misses += 1;
                    // Full: the last ping has not gone out yet.
                    let _ = pinged.try_send(());
                }
            }
        }
    };
    let send_out = async move {
        loop {
            let message = tokio::select! {
                frame = from_node.recv() => match frame {
                    Some(frame) => Message::Text(frame.into()),
                    None => Message::Close(None),
                },
                Some(()) = ping.recv() => Message::Ping(bytes::Bytes::new()),
            };
            let last = matches!(message, Message::Close(_));
            if sink.send(message).await.is_err() || last {
                return;
            }
        }
    };
    tokio::select! {
        () = take_in => {}
        () = send_out => {}
    }
}

/// The token among the offered subprotocols; only beside [`SUBPROTOCOL`], and only one.
fn token_of(headers: &HeaderMap) -> Option<(TokenKind, String)> {
    let mut spoken = false;
    let mut token = None;
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    for name in offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
    {
        let name = name.trim();
        let found = if let Some(value) = name.strip_prefix("token.") {
            (TokenKind::Token, value.to_owned())
        } else if let Some(value) = name.strip_prefix("ticket.") {
            (TokenKind::Ticket, value.to_owned())
        } else {
            spoken |= name == SUBPROTOCOL;
            continue;
        };
        if token.replace(found).is_some() {
            return None;
        }
    }
    token.filter(|_| spoken)
}

fn unauthorized() -> Response {
    (StatusCode::UNAUTHORIZED, "A token is needed\n").into_response()
}
