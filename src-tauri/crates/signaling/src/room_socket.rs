//! `/ws`: one WebSocket, one connection to the room.
//!
//! Several things run side by side and the first to end ends all: taking frames in, sending what waits, listening for
//! silence, and giving up who does not read. Then the room is told that the connection is lost, unless it has ended it itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use landline_protocol::limits::PING_MISSES;
use landline_protocol::{ErrorCode, decode_client_message};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::error::CapacityError;

use crate::Timing;
use crate::http::Peer;
use crate::meeting::{RoomConnection, error_frame};
use crate::queue::{CloseCode, End, Next};
use crate::site::Site;

/// axum's default costs 135 kB a connection; this costs 8 kB. Larger messages are read in several steps.
pub(crate) const READ_BUFFER: usize = 4 * 1024;
/// A message up to this many times the limit is taken in and refused in words; a larger one is not read at all.
const OVERSIZE: usize = 2;
/// Sent together before they are flushed.
const BATCH: usize = 32 * 1024;

/// `GET /ws`
pub(crate) async fn room(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let most = site.limits().message_bytes;
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(most.saturating_mul(OVERSIZE))
        .max_frame_size(most.saturating_mul(OVERSIZE))
        .on_upgrade(move |socket| async move {
            let kill = peer.kill.clone();
            tokio::select! {
                () = attend(socket, &site, &peer, most) => {}
                () = kill.cancelled() => {}
            }
        })
}

async fn attend(socket: WebSocket, site: &Site, peer: &Peer, most: usize) {
    if peer.permit.is_none() {
        return turn_away(socket, ErrorCode::TooManyConnections, site.timing).await;
    }
    let connection = match site.meeting() {
        Some(meeting) => {
            meeting
                .connect(site.addr_of(peer.address), peer.exporter)
                .await
        }
        None => None,
    };
    let Some(connection) = connection else {
        return turn_away(socket, ErrorCode::RoomNotFound, site.timing).await;
    };
    let (mut sink, mut stream) = socket.split();
    let heard = AtomicBool::new(true);
    let ping = Notify::new();
    let closed_by_us = tokio::select! {
        () = take_in(&mut stream, &connection, &heard, most, site.timing) => false,
        closed = send_out(&mut sink, &connection, &ping) => closed,
        () = silence(&heard, &ping, site.timing) => false,
        () = connection.queue.hopeless(site.timing.linger) => false,
    };
    drop(connection);
    if closed_by_us {
        let _ = tokio::time::timeout(site.timing.linger, run_out(&mut stream)).await;
    }
}

/// Frames of the client, until it is gone.
async fn take_in(
    stream: &mut SplitStream<WebSocket>,
    connection: &RoomConnection,
    heard: &AtomicBool,
    most: usize,
    timing: Timing,
) {
    loop {
        let Some(received) = stream.next().await else {
            return;
        };
        heard.store(true, Ordering::Relaxed);
        let message = match received {
            Ok(message) => message,
            Err(error) => {
                if !is_oversize(error) {
                    return;
                }
                break connection.refuse_size();
            }
        };
        let (frame, bytes) = match &message {
            Message::Text(text) => (decode_client_message(text), text.len()),
            Message::Binary(bytes) => (Err(ErrorCode::BadMessage), bytes.len()),
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return,
        };
        if bytes > most {
            break connection.refuse_size();
        }
        if !connection.deliver(frame, bytes).await {
            break;
        }
    }
    // The other half says what there is left to say, and ends both.
    tokio::time::sleep(timing.linger).await;
}

fn is_oversize(error: axum::Error) -> bool {
    error
        .into_inner()
        .downcast::<tungstenite::Error>()
        .is_ok_and(|error| {
            matches!(
                *error,
                tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })
            )
        })
}

/// What waits for the client, until the connection is to be closed (true) or is broken (false).
async fn send_out(
    sink: &mut SplitSink<WebSocket, Message>,
    connection: &RoomConnection,
    ping: &Notify,
) -> bool {
    let queue = &connection.queue;
    loop {
        let mut next = tokio::select! {
            next = queue.next() => Some(next),
            () = ping.notified() => None,
        };
        if next.is_none() && sink.send(Message::Ping(bytes::Bytes::new())).await.is_err() {
            return false;
        }
        let mut batch = 0;
        while let Some(Next::Frame(frame)) = next {
            batch += frame.size();
            if sink.feed(Message::Text(frame.text().into())).await.is_err() {
                return false;
            }
            next = if batch < BATCH {
                queue.try_next()
            } else {
                None
            };
        }
        if sink.flush().await.is_err() {
            return false;
        }
        match next {
            Some(Next::End(End::Close(code))) => return sink.send(close(code)).await.is_ok(),
            Some(Next::End(End::Overflow)) => return false,
            Some(Next::Frame(_)) | None => {}
        }
    }
}

/// Ends when nothing has been heard for [`PING_MISSES`] pings.
async fn silence(heard: &AtomicBool, ping: &Notify, timing: Timing) {
    let mut misses = 0;
    loop {
        tokio::time::sleep(timing.ping_every).await;
        misses = if heard.swap(false, Ordering::Relaxed) {
            0
        } else {
            misses + 1
        };
        if misses >= PING_MISSES {
            return;
        }
        ping.notify_one();
    }
}

/// Takes what is still coming, so that our last words are not lost to a reset.
async fn run_out(stream: &mut SplitStream<WebSocket>) {
    while let Some(Ok(_)) = stream.next().await {}
}

/// Says why, and closes.
async fn turn_away(mut socket: WebSocket, code: ErrorCode, timing: Timing) {
    let said = async {
        let text = error_frame(code).text();
        if socket.send(Message::Text(text.into())).await.is_ok()
            && socket.send(close(CloseCode::Policy)).await.is_ok()
        {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(timing.linger, said).await;
}

fn close(code: CloseCode) -> Message {
    Message::Close(Some(CloseFrame {
        code: code as u16,
        reason: "".into(),
    }))
}
