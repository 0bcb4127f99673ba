//! `/api/stream`: the room for browsers that take the page but refuse its WebSocket (iOS with a self-signed certificate).
//!
//! `POST /api/stream` is answered with lines of JSON that go on: first `{"action":"stream","key":…}`, then what a WebSocket
//! would carry, with an empty line where it would ping, and at the end `{"action":"closed","code":…}` with its close code.
//! `POST /api/stream/send` with that key brings the client's messages, one a line. Giving up the answer is closing the connection.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use futures_util::{StreamExt, stream};
use landline_protocol::limits::PING_MISSES;
use landline_protocol::{ErrorCode, decode_client_message};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Timing;
use crate::http::Peer;
use crate::meeting::RoomConnection;
use crate::pages::not_found;
use crate::queue::{End, Next};
use crate::site::Site;

const KEY_HEADER: &str = "x-landline-stream";
const KEY_BYTES: usize = 32;
/// Bytes of one `send`, as a multiple of one message: what a client has saved up goes in a few.
const SEND_MESSAGES: usize = 4;
/// How long one `send` may take to come in.
const SEND_TIME: Duration = Duration::from_secs(15);

/// Open streams by the SHA-256 of their key, so that looking one up tells nothing about the keys of others.
#[derive(Default)]
pub(crate) struct Streams {
    open: Mutex<HashMap<Vec<u8>, Arc<Inlet>>>,
}

/// The client's way in. One `send` at a time.
struct Inlet {
    connection: tokio::sync::Mutex<Arc<RoomConnection>>,
    heard: Notify,
}

/// The client's way out; dropped with the answer.
struct Outlet {
    connection: Arc<RoomConnection>,
    streams: Arc<Streams>,
    name: Vec<u8>,
    first: Option<String>,
    ended: bool,
    timing: Timing,
    _watchdog: DropGuard,
    _peer: Peer,
}

/// `POST /api/stream`
pub(crate) async fn open(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
) -> Response {
    let mut key = [0; KEY_BYTES];
    if SystemRandom::new().fill(&mut key).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let connection = match site.meeting() {
        // Messages come on other connections than this one, so its exporter says nothing about who sends them.
        Some(meeting) => meeting.connect(site.addr_of(peer.address), None).await,
        None => None,
    };
    let Some(connection) = connection.map(Arc::new) else {
        return not_found();
    };
    let key = BASE64URL_NOPAD.encode(&key);
    let name = name_of(&key);
    let inlet = Arc::new(Inlet {
        connection: tokio::sync::Mutex::new(Arc::clone(&connection)),
        heard: Notify::new(),
    });
    site.streams.lock().insert(name.clone(), Arc::clone(&inlet));
    let done = CancellationToken::new();
    tokio::spawn(watch(
        inlet,
        Arc::clone(&connection),
        peer.kill.clone(),
        done.clone(),
        site.timing,
    ));
    let outlet = Outlet {
        connection,
        streams: Arc::clone(&site.streams),
        name,
        first: Some(format!("{{\"action\":\"stream\",\"key\":\"{key}\"}}\n")),
        ended: false,
        timing: site.timing,
        _watchdog: done.drop_guard(),
        _peer: peer,
    };
    let lines = stream::unfold(outlet, |mut outlet| async move {
        let line = outlet.next_line().await?;
        Some((Ok::<_, Infallible>(Bytes::from(line)), outlet))
    });
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

impl Outlet {
    async fn next_line(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        if self.ended {
            return None;
        }
        let next = tokio::time::timeout(self.timing.ping_every, self.connection.queue.next()).await;
        match next {
            Err(_) => Some("\n".to_owned()),
            Ok(Next::Frame(frame)) => Some(frame.text() + "\n"),
            Ok(Next::End(End::Overflow)) => None,
            Ok(Next::End(End::Close(code))) => {
                self.ended = true;
                Some(format!(
                    "{{\"action\":\"closed\",\"code\":{}}}\n",
                    code as u16
                ))
            }
        }
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.streams.lock().remove(&self.name);
    }
}

/// Ends the connection of a client that is silent, or that does not read: then nobody asks for the next line any more.
async fn watch(
    inlet: Arc<Inlet>,
    connection: Arc<RoomConnection>,
    kill: CancellationToken,
    done: CancellationToken,
    timing: Timing,
) {
    let most = timing.ping_every * PING_MISSES * 2;
    let mut silent_at = tokio::time::Instant::now() + most;
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            () = inlet.heard.notified() => silent_at = tokio::time::Instant::now() + most,
            () = tokio::time::sleep_until(silent_at) => break,
            () = connection.queue.hopeless(timing.linger) => break,
        }
    }
    kill.cancel();
}

/// `POST /api/stream/send`
pub(crate) async fn send(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let inlet = headers
        .get(KEY_HEADER)
        .and_then(|key| key.to_str().ok())
        .and_then(|key| site.streams.lock().get(&name_of(key)).cloned());
    let Some(inlet) = inlet else {
        return not_found();
    };
    inlet.heard.notify_one();
    let connection = inlet.connection.lock().await;
    let most = site.limits().message_bytes;
    match tokio::time::timeout(SEND_TIME, take_in(body, &connection, most)).await {
        Ok(status) => status.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Hands over the lines of one body as they come.
async fn take_in(body: Body, connection: &RoomConnection, most: usize) -> StatusCode {
    let mut chunks = body.into_data_stream();
    let mut line = Vec::new();
    let mut total = 0;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else {
            return StatusCode::BAD_REQUEST;
        };
        total += chunk.len();
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(part);
            if line.len() > most || total > most.saturating_mul(SEND_MESSAGES) {
                connection.refuse_size();
                return StatusCode::PAYLOAD_TOO_LARGE;
            }
            if part.ends_with(b"\n") && !deliver(&mut line, connection).await {
                return StatusCode::NOT_FOUND;
            }
        }
    }
    if deliver(&mut line, connection).await {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

/// False if the meeting is over. Empty lines are nothing.
async fn deliver(line: &mut Vec<u8>, connection: &RoomConnection) -> bool {
    let bytes = std::mem::take(line);
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return true;
    }
    let frame = std::str::from_utf8(bytes)
        .map_err(|_| ErrorCode::BadMessage)
        .and_then(decode_client_message);
    connection.deliver(frame, bytes.len()).await
}

fn name_of(key: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.as_bytes())
        .as_ref()
        .to_vec()
}

impl Streams {
    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Inlet>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
