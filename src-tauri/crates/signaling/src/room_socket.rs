//! `/ws`: one WebSocket, one connection to the room.
//!
//! Several things run side by side and the first to end ends all: taking frames in, sending what waits, listening for
//! silence, and giving up who does not read. Then the room is told that the connection is lost, unless it has ended it itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::Upgraded;
use landline_protocol::limits::PING_MISSES;
use landline_protocol::{ErrorCode, decode_client_message};
use tokio::sync::Notify;

use crate::Timing;
use crate::frames::{Bad, Frames, Heard, put_close, put_ping, put_pong, put_text};
use crate::http::Peer;
use crate::meeting::{RoomConnection, error_frame};
use crate::queue::{CloseCode, End, Next};
use crate::site::Site;
use crate::spare;
use crate::upgrade::upgrade;
use crate::wire::Wire;

/// A message up to this many times the limit is taken in and refused in words; a larger one is not read at all.
const OVERSIZE: usize = 2;
/// Written together.
const BATCH: usize = 32 * 1024;

/// `GET /ws`
pub(crate) async fn room(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    mut request: Request,
) -> Response {
    let (response, connection) = match upgrade(&mut request) {
        Ok(upgraded) => upgraded,
        Err(refused) => return refused.into_response(),
    };
    let most = site.limits().message_bytes;
    tokio::spawn(async move {
        let Ok(upgraded) = connection.await else {
            return;
        };
        let kill = peer.kill.clone();
        tokio::select! {
            () = attend(upgraded, &site, &peer, most) => {}
            () = kill.cancelled() => {}
        }
    });
    response
}

/// What there is to say besides the room's messages.
#[derive(Default)]
struct Beside {
    ping: AtomicBool,
    /// The last ping of the client: earlier ones need no answer (RFC 6455 §5.5.3).
    pong: std::sync::Mutex<Option<Vec<u8>>>,
    /// The client has closed, which is answered with the same.
    closed: AtomicBool,
    changed: Notify,
}

impl Beside {
    fn ping(&self) {
        self.ping.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }

    fn pong(&self, payload: &[u8]) {
        let mut pong = self
            .pong
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *pong = Some(payload.to_vec());
        self.changed.notify_one();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// Puts what there is to say. Whether it was a farewell.
    fn put(&self, out: &mut Vec<u8>) -> bool {
        if self.ping.swap(false, Ordering::Relaxed) {
            put_ping(out);
        }
        let mut pong = self
            .pong
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(payload) = pong.take() {
            put_pong(out, &payload);
        }
        let closed = self.closed.load(Ordering::Relaxed);
        if closed {
            put_close(out, CloseCode::Normal as u16);
        }
        closed
    }
}

async fn attend(upgraded: Upgraded, site: &Site, peer: &Peer, most: usize) {
    let wire = Wire::new(upgraded);
    if peer.permit.is_none() {
        return turn_away(&wire, ErrorCode::TooManyConnections, site.timing).await;
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
        return turn_away(&wire, ErrorCode::RoomNotFound, site.timing).await;
    };
    let (heard, beside) = (AtomicBool::new(true), Beside::default());
    let closed_by_us = tokio::select! {
        biased;
        () = take_in(&wire, &connection, &heard, &beside, most, site.timing) => false,
        closed = send_out(&wire, &connection, &beside) => closed,
        () = silence(&heard, &beside, site.timing) => false,
        () = connection.queue.hopeless(site.timing.linger) => false,
    };
    drop(connection);
    if closed_by_us {
        let _ = tokio::time::timeout(site.timing.linger, run_out(&wire)).await;
    }
}

/// Frames of the client, until it is gone.
async fn take_in(
    wire: &Wire,
    connection: &RoomConnection,
    heard: &AtomicBool,
    beside: &Beside,
    most: usize,
    timing: Timing,
) {
    let mut frames = Frames::new(most.saturating_mul(OVERSIZE));
    'reading: loop {
        match wire.read(&mut frames).await {
            Ok(0) | Err(_) => return,
            Ok(_) => heard.store(true, Ordering::Relaxed),
        }
        loop {
            let said = match frames.next() {
                Ok(None) => break,
                Ok(Some(Heard::Text(text))) if text.len() <= most => Ok(text),
                Ok(Some(Heard::Binary(bytes))) if bytes <= most => Err(bytes),
                Ok(Some(Heard::Text(_) | Heard::Binary(_))) | Err(Bad::TooLarge) => {
                    connection.refuse_size();
                    break 'reading;
                }
                Ok(Some(Heard::Ping(payload))) => {
                    beside.pong(payload);
                    continue;
                }
                Ok(Some(Heard::Pong)) => continue,
                Ok(Some(Heard::Close)) => {
                    beside.close();
                    break 'reading;
                }
                Err(Bad::Protocol) => return,
            };
            let bytes = said.map_or_else(|bytes| bytes, str::len);
            let Some(place) = connection.place(bytes).await else {
                break 'reading;
            };
            place.put(said.map_or(Err(ErrorCode::BadMessage), decode_client_message));
        }
    }
    // The other half says what there is left to say, and ends both.
    tokio::time::sleep(timing.linger).await;
}

/// What waits for the client, until the connection is to be closed (true) or is broken (false).
async fn send_out(wire: &Wire, connection: &RoomConnection, beside: &Beside) -> bool {
    let queue = &connection.queue;
    loop {
        let mut next = tokio::select! {
            biased;
            next = queue.next() => Some(next),
            () = beside.changed.notified() => None,
        };
        let mut out = spare::take();
        while let Some(Next::Frame(frame)) = next {
            let (first, second) = frame.parts();
            put_text(&mut out, &first, second);
            next = if out.len() < BATCH {
                queue.try_next()
            } else {
                None
            };
        }
        let (closes, fails) = match next {
            Some(Next::End(End::Close(code))) => {
                put_close(&mut out, code as u16);
                (true, false)
            }
            Some(Next::End(End::Overflow)) => (false, true),
            Some(Next::Frame(_)) | None => (false, beside.put(&mut out)),
        };
        let written = wire.write(&out).await.is_ok();
        spare::give(out);
        if closes || fails || !written {
            return closes && written;
        }
    }
}

/// Ends when nothing has been heard for [`PING_MISSES`] pings.
async fn silence(heard: &AtomicBool, beside: &Beside, timing: Timing) {
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
        beside.ping();
    }
}

/// Takes what is still coming, so that our last words are not lost to a reset.
async fn run_out(wire: &Wire) {
    let mut frames = Frames::new(0);
    while wire.read(&mut frames).await.is_ok_and(|read| read > 0) {
        frames = Frames::new(0);
    }
}

/// Says why, and closes.
async fn turn_away(wire: &Wire, code: ErrorCode, timing: Timing) {
    let said = async {
        let mut out = Vec::new();
        put_text(&mut out, "", &error_frame(code).body);
        put_close(&mut out, CloseCode::Policy as u16);
        if wire.write(&out).await.is_ok() {
            run_out(wire).await;
        }
    };
    let _ = tokio::time::timeout(timing.linger, said).await;
}
