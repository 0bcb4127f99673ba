//! The way from the app's page to the engine: two sockets on 127.0.0.1 a session ([`landline_protocol::engine_api`]).
//!
//! - [`door`]: listens until both have come. [`guard`] and [`tokens`] decide who may
//! - [`control`], [`media`]: what goes over them
//!
//! A session is `Waiting → Running → Ended`: it waits [`ARRIVE_WITHIN`] for its sockets, serves each from when it comes, and
//! ends when either is closed, does not come, breaks the rules, or when its page goes. Nothing listens in between.

mod control;
mod door;
mod guard;
mod media;
mod tokens;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landline_engine::Engine;
use landline_protocol::node_api::{EngineDoor, NodeError, NodeErrorCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use crate::error::node_error;
use door::{Door, Socket};

/// How long the sockets may take. A page that is loaded on a busy machine needs seconds for its worker.
const ARRIVE_WITHIN: Duration = Duration::from_secs(30);
/// Sessions at once: one page has one, and one more while it is loaded again.
const SESSIONS: usize = 4;
/// A page that takes nothing for so long has stopped.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The page closed a socket, or is gone.
    Page,
    /// A socket did not come.
    Late,
    /// The engine has stopped, or dropped a page that does not read.
    Engine,
    /// The page, or whoever took its place, sent what no page of ours sends.
    Broken(&'static str),
}

impl End {
    fn of(error: &tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Capacity(_) => Self::Broken("a message is too large"),
            tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ) => Self::Page,
            tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) => {
                Self::Broken("this is no WebSocket any more")
            }
            _ => Self::Page,
        }
    }
}

/// The engine sessions of this node's pages.
pub(crate) struct EngineSockets {
    /// Of the pages that may have a session; none if empty.
    origins: Arc<[String]>,
    free: Arc<Semaphore>,
    arrive_within: Duration,
}

impl EngineSockets {
    pub(crate) fn new(origins: Vec<String>) -> Self {
        Self {
            origins: origins.into(),
            free: Arc::new(Semaphore::new(SESSIONS)),
            arrive_within: ARRIVE_WITHIN,
        }
    }

    /// Whether there are pages that may have one.
    pub(crate) fn are_given(&self) -> bool {
        !self.origins.is_empty()
    }

    /// Opens a session whose engine comes from `start`. The second value is the session itself, to be run until it ends;
    /// cancelling `page` ends it.
    ///
    /// # Errors
    /// `NotSupported`, `Congested`, `PortUnavailable`, and those of `start`.
    pub(crate) async fn open(
        &self,
        start: &(dyn Fn() -> Result<Engine, NodeError> + Sync),
        page: CancellationToken,
    ) -> Result<(EngineDoor, impl Future<Output = ()> + Send + use<>), NodeError> {
        if self.origins.is_empty() {
            return Err(NodeErrorCode::NotSupported.into());
        }
        let place = Arc::clone(&self.free)
            .try_acquire_owned()
            .map_err(|error| node_error(NodeErrorCode::Congested, error))?;
        let expire = Instant::now() + self.arrive_within;
        let (door, way) = Door::open(Arc::clone(&self.origins), expire)
            .await
            .map_err(|error| node_error(NodeErrorCode::PortUnavailable, error))?;
        let session = Session {
            door,
            expire,
            engine: start()?,
            page,
            _place: place,
        };
        Ok((way, session.run()))
    }
}

struct Session {
    door: Door,
    expire: Instant,
    engine: Engine,
    page: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Session {
    async fn run(self) {
        let (client, output) = self.engine.connect();
        let (control_output, media_output) = output.split();
        let (control, control_came) = oneshot::channel();
        let (media, media_came) = oneshot::channel();
        let expire = self.expire;
        let admission = async {
            self.door.admit(control, media).await;
            // The sockets go on without it.
            std::future::pending().await
        };
        let end = tokio::select! {
            end = serve(control_came, expire, |socket| control::pump(socket, &client, control_output)) => end,
            end = serve(media_came, expire, |socket| media::pump(socket, &client, media_output)) => end,
            end = admission => end,
            () = self.page.cancelled() => End::Page,
        };
        match end {
            End::Page => tracing::info!("an engine session has ended"),
            // The page asks for a door at its start, to know whether there is one.
            End::Late => tracing::debug!("an engine session was not used"),
            End::Engine => tracing::error!("the engine ended its session"),
            End::Broken(what) => tracing::error!(what, "an engine session was broken off"),
        }
    }
}

/// Waits for a socket, and serves it.
async fn serve<F: Future<Output = End>>(
    came: oneshot::Receiver<Socket>,
    expire: Instant,
    pump: impl FnOnce(Socket) -> F,
) -> End {
    match tokio::time::timeout_at(expire.into(), came).await {
        Ok(Ok(socket)) => pump(socket).await,
        Ok(Err(_)) | Err(_) => End::Late,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use landline_engine::EngineConfig;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

    use super::*;

    fn engine() -> Result<Engine, NodeError> {
        Engine::start(EngineConfig {
            addresses: Arc::new(Vec::new),
            resolver: None,
        })
        .map_err(|error| node_error(NodeErrorCode::Internal, error))
    }

    #[tokio::test]
    async fn a_page_that_does_not_come_loses_its_tokens_and_leaves_no_open_port() {
        let sockets = EngineSockets {
            arrive_within: Duration::from_millis(50),
            ..EngineSockets::new(vec!["tauri://localhost".to_owned()])
        };
        let page = CancellationToken::new();
        let (way, session) = sockets.open(&engine, page).await.unwrap();
        session.await;
        let request = way.url.as_str().into_client_request().unwrap();
        let address = request.uri().authority().unwrap().to_string();
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
        assert_eq!(sockets.free.available_permits(), SESSIONS);
    }

    #[tokio::test]
    async fn a_page_whose_second_socket_does_not_come_loses_the_first() {
        let sockets = EngineSockets {
            arrive_within: Duration::from_millis(500),
            ..EngineSockets::new(vec!["tauri://localhost".to_owned()])
        };
        let page = CancellationToken::new();
        let (way, session) = sockets.open(&engine, page).await.unwrap();
        let session = tokio::spawn(session);
        let mut request = way.url.as_str().into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", "tauri://localhost".parse().unwrap());
        let offered = format!("landline.engine.1, token.{}", way.media);
        headers.insert("sec-websocket-protocol", offered.parse().unwrap());
        let (mut media, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        session.await.unwrap();
        let end = futures_util::StreamExt::next(&mut media).await;
        assert!(!matches!(end, Some(Ok(_))), "{end:?}");
    }
}
