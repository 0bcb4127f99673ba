//! From a byte stream to requests, and from a request to its route: the guard before it, the headers after it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use landline_trust::pake::Exporter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::Timing;
use crate::gate::Permit;
use crate::guard::{self, Refusal};
use crate::headers;
use crate::site::Site;
use crate::write_limit::WriteLimit;

/// Most bytes of a request's head, and of what is read ahead. hyper's least is 8 KiB.
const HEAD_BYTES: usize = 16 * 1024;
/// Read at once by each `WebSocket` that is not a room's. axum's default costs 135 kB a connection; this costs 8 kB.
pub(crate) const READ_BUFFER: usize = 4 * 1024;
/// Most headers of a request; browsers send some 20.
const HEADERS: usize = 64;

/// The TCP connection of a request. Lives as long as anything that came of it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    /// Ends the connection, whatever it is doing.
    pub(crate) kill: CancellationToken,
    /// None: there are too many connections, and this one is only told so.
    pub(crate) permit: Option<Arc<Permit>>,
    /// None: not over TLS 1.3.
    pub(crate) exporter: Option<Exporter>,
}

/// Serves one connection until it ends, is upgraded, or is killed.
pub(crate) async fn serve<I>(io: I, router: Router, peer: Peer, timing: Timing)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let kill = peer.kill.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        async move { Ok::<_, Infallible>(answer(router, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timing.handshake)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(WriteLimit::new(io, timing.write)), service)
        .with_upgrades();
    tokio::select! {
        // An error is the other side's: it broke off, or does not speak HTTP.
        _ = connection => {}
        () = kill.cancelled() => {}
    }
}

async fn answer(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Stands before every route.
pub(crate) async fn guarded(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let checked = guard::check(
        &site.hosts,
        site.scheme,
        request.method(),
        request.uri(),
        request.headers(),
    );
    let (host, mut response) = match checked {
        Ok(host) => {
            let refused = request
                .extensions()
                .get::<Peer>()
                .is_none_or(|peer| peer.permit.is_none());
            // A WebSocket is told in its own words.
            let response = if refused && request.uri().path() != "/ws" {
                (StatusCode::SERVICE_UNAVAILABLE, "Too many connections\n").into_response()
            } else {
                next.run(request).await
            };
            if refused {
                (host, closing(response))
            } else {
                (host, response)
            }
        }
        Err(refusal) => (String::new(), closing(refuse(refusal))),
    };
    headers::add(response.headers_mut(), site.scheme, &host);
    response
}

pub(crate) fn refuse(refusal: Refusal) -> Response {
    match refusal {
        Refusal::Host => (StatusCode::MISDIRECTED_REQUEST, "Unknown host\n").into_response(),
        Refusal::Origin => (StatusCode::FORBIDDEN, "Foreign origin\n").into_response(),
    }
}

/// Nothing more is taken from this connection.
fn closing(mut response: Response) -> Response {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
