//! The listening side of one engine session: open until both of its sockets have come, and no longer.
#![expect(
    clippy::result_large_err,
    reason = "the library's callback has this type"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use landline_protocol::engine_api::{ENGINE_SUBPROTOCOL, FRAME_HEADER, FRAME_PAYLOAD};
use landline_protocol::node_api::EngineDoor;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::guard::{self, PATH, Refusal};
use super::tokens::{Issued, Role, Tokens};
use crate::random::NoRandomness;

/// An upgraded connection.
pub(super) type Socket = WebSocketStream<TcpStream>;

/// Connections that have not shown a token yet. The page makes two; more wait until one of these is through.
const HANDSHAKES: usize = 8;
/// How long a connection may take to show its token: on this machine that is a matter of milliseconds.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(2);
/// Rest after a failed accept: the process is out of file descriptors, which the next try does not change.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Bytes on their way to the page that the kernel keeps: less than a tenth of a second of eight videos, so that what a slow
/// page misses is dropped where the oldest can be found, in the engine's queue.
const SEND_BUFFER: usize = 64 * 1024;
/// A few frames at once; larger ones make it grow for a moment.
const READ_BUFFER: usize = 32 * 1024;

/// Why there is no door.
#[derive(Debug, thiserror::Error)]
pub(super) enum DoorError {
    #[error("127.0.0.1 cannot be listened on: {0}")]
    Listen(#[from] std::io::Error),
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// A door that is open.
pub(super) struct Door {
    listener: TcpListener,
    admission: Arc<Admission>,
}

/// What a handshake is checked against.
struct Admission {
    host: String,
    origins: Arc<[String]>,
    tokens: Mutex<Tokens>,
}

impl Door {
    /// What comes beside the door is for the page.
    pub(super) async fn open(
        origins: Arc<[String]>,
        expire: Instant,
    ) -> Result<(Self, EngineDoor), DoorError> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let host = listener.local_addr()?.to_string();
        let (tokens, Issued { control, media }) = Tokens::issue(expire)?;
        let url = format!("ws://{host}{PATH}");
        let admission = Admission {
            host,
            origins,
            tokens: Mutex::new(tokens),
        };
        let door = Self {
            listener,
            admission: Arc::new(admission),
        };
        Ok((
            door,
            EngineDoor {
                url,
                control,
                media,
            },
        ))
    }

    /// Lets both sockets in, then closes.
    pub(super) async fn admit(
        self,
        control: oneshot::Sender<Socket>,
        media: oneshot::Sender<Socket>,
    ) {
        let (mut control, mut media) = (Some(control), Some(media));
        let mut handshakes = JoinSet::new();
        while control.is_some() || media.is_some() {
            tokio::select! {
                accepted = self.listener.accept(), if handshakes.len() < HANDSHAKES => match accepted {
                    Ok((stream, _)) => {
                        handshakes.spawn(handshake(stream, Arc::clone(&self.admission)));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a page cannot be let in");
                        tokio::time::sleep(ACCEPT_AGAIN).await;
                    }
                },
                Some(done) = handshakes.join_next() => if let Ok(Some((role, socket))) = done {
                    let waiting = match role {
                        Role::Control => control.take(),
                        Role::Media => media.take(),
                    };
                    if let Some(waiting) = waiting {
                        // If nobody waits any more, the session has ended.
                        let _ = waiting.send(socket);
                    }
                },
            }
        }
    }
}

async fn handshake(stream: TcpStream, admission: Arc<Admission>) -> Option<(Role, Socket)> {
    let prepared = stream
        .set_nodelay(true)
        .and_then(|()| SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER));
    if let Err(error) = prepared {
        tracing::debug!(%error, "the socket keeps its defaults");
    }
    let mut role = None;
    let check = |request: &Request, response| admission.check(request, response, &mut role);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_HEADER + FRAME_PAYLOAD))
        .max_frame_size(Some(FRAME_HEADER + FRAME_PAYLOAD));
    let upgraded = tokio_tungstenite::accept_hdr_async_with_config(stream, check, Some(config));
    match tokio::time::timeout(HANDSHAKE_WITHIN, upgraded).await {
        Ok(Ok(socket)) => Some((role?, socket)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no engine socket");
            None
        }
        Err(_) => None,
    }
}

impl Admission {
    fn check(
        &self,
        request: &Request,
        mut response: Response,
        role: &mut Option<Role>,
    ) -> Result<Response, ErrorResponse> {
        let found = guard::token(request, &self.host, &self.origins).and_then(|token| {
            let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.redeem(token, Instant::now()).ok_or(Refusal::Token)
        });
        match found {
            Ok(found) => {
                *role = Some(found);
                response.headers_mut().insert(
                    SEC_WEBSOCKET_PROTOCOL,
                    HeaderValue::from_static(ENGINE_SUBPROTOCOL),
                );
                Ok(response)
            }
            Err(refusal) => {
                tracing::warn!(?refusal, "somebody asked for the engine and was refused");
                Err(refusal.response())
            }
        }
    }
}
