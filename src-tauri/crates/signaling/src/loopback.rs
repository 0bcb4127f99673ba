//! HTTP and WS on 127.0.0.1, for the own browser.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::accept::{Door, HANDSHAKES, accept};
use crate::gate::{Gate, Waiting};
use crate::guard::{HostRule, Scheme};
use crate::room_stream::Streams;
use crate::site::Site;
use crate::{
    Assets, LocalAddresses, MeetingHandle, Timing, http, node_socket, pages, public, room_socket,
};

/// What a page may present to drive the node. It travels as a WebSocket subprotocol: the page offers `landline.node.v1`
/// and `token.<value>` (or `ticket.<value>`), the server answers with `landline.node.v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Good for the life of the process.
    Token,
    /// Good once, and for 30 s.
    Ticket,
}

/// One page that drives the node: text frames of `landline_protocol::node_api` both ways. Dropping the sender ends it.
pub struct ControlSession {
    pub to_node: mpsc::Sender<String>,
    pub from_node: mpsc::Receiver<String>,
}

/// The node, as seen by the server that lets pages drive it.
pub trait Control: Send + Sync + 'static {
    /// Opens a session if `value` is good. Compares in constant time; a ticket is used up.
    fn open(&self, kind: TokenKind, value: &str) -> Option<ControlSession>;
}

/// The server for the own machine.
pub struct Loopback {
    /// Bound by the caller to 127.0.0.1.
    pub listener: TcpListener,
    /// The meeting that `/ws` leads to, if one is hosted.
    pub meeting: watch::Receiver<Option<MeetingHandle>>,
    pub control: Arc<dyn Control>,
    pub assets: Arc<dyn Assets>,
    /// Told to others as the addresses of participants on this machine.
    pub addresses: Arc<dyn LocalAddresses>,
}

impl Loopback {
    /// Serves until `stop` is cancelled.
    pub async fn serve(self, stop: CancellationToken) {
        self.serve_with(Timing::default(), stop).await;
    }

    /// The same with other times.
    pub async fn serve_with(self, timing: Timing, stop: CancellationToken) {
        let site = Arc::new(Site {
            scheme: Scheme::Http,
            hosts: HostRule::Loopback,
            meeting: self.meeting,
            peers: None,
            assets: self.assets,
            addresses: self.addresses,
            timing,
            streams: Arc::new(Streams::default()),
            arrivals: Mutex::default(),
        });
        let limits = site.limits();
        // All of them are this machine's, so one address may have them all.
        let door = Door {
            router: routes(&site, self.control),
            gate: Gate::new(limits.connections, limits.connections),
            waiting: Waiting::new(HANDSHAKES),
            timing,
            stop: stop.clone(),
        };
        accept(self.listener, stop, move |stream, from| {
            meet(door.clone(), stream, from)
        })
        .await;
    }
}

async fn meet(door: Door, stream: TcpStream, from: IpAddr) {
    // The listener is on 127.0.0.1; this holds if a caller gets that wrong.
    if !from.is_loopback() {
        return;
    }
    let _ = stream.set_nodelay(true);
    let slot = door.waiting.enter();
    door.serve(stream, from, None, slot).await;
}

fn routes(site: &Arc<Site>, control: Arc<dyn Control>) -> Router {
    let node = Router::new()
        .route("/node", get(node_socket::node))
        .with_state((Arc::clone(site), control));
    Router::new()
        .route("/ws", get(room_socket::room))
        .route("/api/meeting", get(public::meeting))
        .fallback(pages::page)
        .with_state(Arc::clone(site))
        .merge(node)
        .method_not_allowed_fallback(async || pages::not_found())
        .layer(from_fn_with_state(Arc::clone(site), http::guarded))
}
