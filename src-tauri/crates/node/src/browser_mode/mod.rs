//! Browser mode: the UI on 127.0.0.1 for a browser on this machine, which drives the node over a WebSocket with a token.
//!
//! - [`tokens`]: who may drive
//! - [`page`]: one page's messages to its session and back
//!
//! Nothing listens until the first URL is asked for; then it does until the node ends.

mod page;
mod tokens;

use std::net::Ipv4Addr;
use std::sync::{Arc, Weak};
use std::time::Instant;

use landline_protocol::node_api::{NodeError, NodeErrorCode, Target};
use landline_signaling::{Assets, Control, ControlSession, Loopback, MeetingHandle, TokenKind};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, watch};

use crate::error::node_error;
use crate::interfaces::ChosenInterfaces;
use crate::links::{Credential, local_url};
use crate::node::Inner;
use crate::random::NoRandomness;
use crate::session::{NodeSession, Origin};
use tokens::Tokens;

/// Pages open at once: more than anybody has windows, fewer than would hurt.
const PAGES: usize = 32;
/// Messages between server and session; more wait in the session's own queues.
const QUEUE: usize = 64;

/// The browser side of a node.
pub(crate) struct BrowserMode {
    tokens: Arc<Tokens>,
    assets: Arc<dyn Assets>,
    interfaces: ChosenInterfaces,
    meeting: watch::Receiver<Option<MeetingHandle>>,
    /// Set once it listens.
    port: Mutex<Option<u16>>,
}

impl BrowserMode {
    pub(crate) fn new(
        assets: Arc<dyn Assets>,
        interfaces: ChosenInterfaces,
        meeting: watch::Receiver<Option<MeetingHandle>>,
    ) -> Result<Self, NoRandomness> {
        Ok(Self {
            tokens: Arc::new(Tokens::new()?),
            assets,
            interfaces,
            meeting,
            port: Mutex::new(None),
        })
    }

    /// Good for the life of the process. Secret.
    pub(crate) fn token(&self) -> &str {
        self.tokens.token()
    }

    /// A URL that is good as long as the process.
    pub(crate) async fn token_url(
        &self,
        node: &Arc<Inner>,
        target: Option<&Target>,
    ) -> Result<String, NodeError> {
        let port = self.listening(node).await?;
        Ok(local_url(port, Credential::Token(self.token()), target))
    }

    /// A URL that is good once and soon: what goes through a command line is public.
    pub(crate) async fn ticket_url(
        &self,
        node: &Arc<Inner>,
        target: Option<&Target>,
    ) -> Result<String, NodeError> {
        let port = self.listening(node).await?;
        let ticket = self
            .tokens
            .issue_ticket(Instant::now())
            .map_err(|error| node_error(NodeErrorCode::Internal, error))?;
        Ok(local_url(port, Credential::Ticket(&ticket), target))
    }

    async fn listening(&self, node: &Arc<Inner>) -> Result<u16, NodeError> {
        let mut port = self.port.lock().await;
        if let Some(port) = *port {
            return Ok(port);
        }
        let unavailable = |error| node_error(NodeErrorCode::PortUnavailable, error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(unavailable)?;
        let bound = listener.local_addr().map_err(unavailable)?.port();
        let server = Loopback {
            listener,
            meeting: self.meeting.clone(),
            control: Arc::new(Pages {
                node: Arc::downgrade(node),
                tokens: Arc::clone(&self.tokens),
            }),
            assets: Arc::clone(&self.assets),
            addresses: Arc::new(self.interfaces.clone()),
        };
        let rooms = node.hosting.rooms.handle();
        node.tasks.spawn_on(server.serve(node.stop.clone()), rooms);
        *port = Some(bound);
        Ok(bound)
    }
}

/// Opens a session for each page that may drive the node.
struct Pages {
    node: Weak<Inner>,
    tokens: Arc<Tokens>,
}

impl Control for Pages {
    fn open(&self, kind: TokenKind, value: &str) -> Option<ControlSession> {
        let node = self.node.upgrade()?;
        let good = match kind {
            TokenKind::Token => self.tokens.accepts_token(value),
            TokenKind::Ticket => self.tokens.redeem_ticket(value, Instant::now()),
        };
        if !good {
            tracing::info!("a page without a good token was refused");
            return None;
        }
        if node.sessions() >= PAGES {
            tracing::warn!("too many pages are open");
            return None;
        }
        let (session, events) =
            NodeSession::open(Arc::clone(&node), node.next_session(), Origin::Browser);
        let (to_node, calls) = mpsc::channel(QUEUE);
        let (frames, from_node) = mpsc::channel(QUEUE);
        let stop = node.stop.clone();
        let page = async move {
            tokio::select! {
                () = page::drive(session, events, calls, frames) => {}
                () = stop.cancelled() => {}
            }
        };
        // We are asked on the thread of the rooms, and what a page wants may take long.
        node.tasks.spawn_on(page, &node.runtime);
        Some(ControlSession { to_node, from_node })
    }
}
