//! HTTPS and WSS on the network.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{Request, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::accept::{Door, HANDSHAKES, accept};
use crate::exporter::exporter_of;
use crate::gate::{Gate, Waiting};
use crate::guard::{self, HostRule, Scheme};
use crate::http;
use crate::room_stream::{self, Streams};
use crate::site::Site;
use crate::{Assets, MeetingHandle, Peers, Timing, headers, pages, peer_socket, room_socket};

/// First byte of a TLS connection: a record of the handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Which addresses this machine has on the chosen interfaces, asked at each connection because they come and go.
pub trait LocalAddresses: Send + Sync + 'static {
    /// Addresses on chosen interfaces, loopback excluded.
    fn addresses(&self) -> Vec<IpAddr>;
}

/// The server for the network.
pub struct Public {
    /// Bound by the caller, all on one port. A connection whose own end is neither loopback nor one of `addresses` is dropped.
    pub listeners: Vec<TcpListener>,
    pub tls: Arc<rustls::ServerConfig>,
    /// The meeting of the time. Without one nothing but `/peer` is there.
    pub meeting: watch::Receiver<Option<MeetingHandle>>,
    /// Who speaks with other nodes over `/peer`. None: nobody.
    pub peers: Option<Arc<dyn Peers>>,
    pub assets: Arc<dyn Assets>,
    pub addresses: Arc<dyn LocalAddresses>,
    /// The node's own `.local` name without the final dot, accepted as Host besides IP literals and localhost.
    pub local_name: Option<String>,
}

impl Public {
    /// Serves until `stop` is cancelled.
    pub async fn serve(self, stop: CancellationToken) {
        self.serve_with(Timing::default(), stop).await;
    }

    /// The same with other times.
    pub async fn serve_with(self, timing: Timing, stop: CancellationToken) {
        let site = Arc::new(Site {
            scheme: Scheme::Https,
            hosts: HostRule::Network {
                local_name: self.local_name,
            },
            meeting: self.meeting,
            peers: self.peers,
            assets: self.assets,
            addresses: self.addresses,
            timing,
            streams: Arc::new(Streams::default()),
            arrivals: Mutex::default(),
        });
        let limits = site.limits();
        let tls = Door {
            router: routes(&site),
            gate: Gate::new(limits.connections, limits.connections_per_address),
            waiting: Waiting::new(HANDSHAKES),
            timing,
            stop: stop.clone(),
        };
        let plain = Door {
            router: redirect(&site),
            ..tls.clone()
        };
        let host = Arc::new(Hall {
            site,
            acceptor: TlsAcceptor::from(self.tls),
            tls,
            plain,
        });
        let accepting = self.listeners.into_iter().map(|listener| {
            let hall = Arc::clone(&host);
            accept(listener, stop.clone(), move |stream, from| {
                Arc::clone(&hall).meet(stream, from)
            })
        });
        futures_util::future::join_all(accepting).await;
    }
}

/// Where connections of the network come in.
struct Hall {
    site: Arc<Site>,
    acceptor: TlsAcceptor,
    tls: Door,
    plain: Door,
}

impl Hall {
    async fn meet(self: Arc<Self>, stream: TcpStream, from: IpAddr) {
        if !self.is_ours(&stream) {
            return;
        }
        // Small messages go at once. Without it they go later, not wrong.
        let _ = stream.set_nodelay(true);
        let slot = self.tls.waiting.enter();
        let evicted = slot.evicted.clone();
        let handshake = tokio::time::timeout(self.tls.timing.handshake, self.hello(stream));
        let hello = tokio::select! {
            hello = handshake => hello,
            () = evicted.cancelled() => return,
        };
        match hello {
            Ok(Some(Hello::Tls(stream))) => {
                let exporter = exporter_of(stream.get_ref().1);
                self.tls.serve(*stream, from, exporter, slot).await;
            }
            Ok(Some(Hello::Plain(stream))) => self.plain.serve(stream, from, None, slot).await,
            Ok(None) | Err(_) => {}
        }
    }

    /// Whether the connection came to an address that we serve on.
    fn is_ours(&self, stream: &TcpStream) -> bool {
        stream.local_addr().is_ok_and(|local| {
            let local = local.ip().to_canonical();
            local.is_loopback() || self.site.addresses.addresses().contains(&local)
        })
    }

    async fn hello(&self, stream: TcpStream) -> Option<Hello> {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1) if first == [TLS_HANDSHAKE] => {
                let stream = self.acceptor.accept(stream).await.ok()?;
                Some(Hello::Tls(Box::new(stream)))
            }
            Ok(1) if first.iter().all(u8::is_ascii_uppercase) => Some(Hello::Plain(stream)),
            _ => None,
        }
    }
}

enum Hello {
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    Plain(TcpStream),
}

fn routes(site: &Arc<Site>) -> Router {
    Router::new()
        .route("/ws", get(room_socket::room))
        .route(peer_socket::PATH, get(peer_socket::peer))
        .route("/api/meeting", get(meeting))
        .route("/api/claim", get(claim))
        .route("/api/stream", post(room_stream::open))
        .route("/api/stream/send", post(room_stream::send))
        .fallback(pages::page)
        .method_not_allowed_fallback(async || pages::not_found())
        .layer(from_fn_with_state(Arc::clone(site), unless_idle))
        .layer(from_fn_with_state(Arc::clone(site), http::guarded))
        .with_state(Arc::clone(site))
}

/// Without a meeting there is nothing here for anybody but other nodes.
async fn unless_idle(
    State(site): State<Arc<Site>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    if request.uri().path() != peer_socket::PATH && site.meeting.borrow().is_none() {
        return pages::not_found();
    }
    next.run(request).await
}

/// `GET /api/meeting`
pub(crate) async fn meeting(State(site): State<Arc<Site>>) -> Response {
    match site.meeting() {
        Some(meeting) => Json(meeting.summary().borrow().clone()).into_response(),
        None => pages::not_found(),
    }
}

/// `GET /api/claim`: for those who know the meeting's id and not its host of now.
async fn claim(State(site): State<Arc<Site>>) -> Response {
    let claim = match site.meeting() {
        Some(meeting) => meeting.claim(site.timing.handshake).await,
        None => None,
    };
    match claim {
        Some(claim) => ([(CONTENT_TYPE, "application/octet-stream")], claim).into_response(),
        None => pages::not_found(),
    }
}

/// Plain HTTP on the port of HTTPS: what somebody gets who left out the `s`.
fn redirect(site: &Arc<Site>) -> Router {
    Router::new()
        .fallback(any(to_https))
        .with_state(Arc::clone(site))
}

async fn to_https(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    let checked = guard::check(
        &site.hosts,
        Scheme::Http,
        request.method(),
        request.uri(),
        request.headers(),
    );
    match checked {
        Ok(host) => {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            let location = format!("https://{host}{path}");
            let mut response =
                (StatusCode::PERMANENT_REDIRECT, [(LOCATION, location)]).into_response();
            headers::add(response.headers_mut(), Scheme::Http, &host);
            response
        }
        Err(refusal) => http::refuse(refusal),
    }
}
