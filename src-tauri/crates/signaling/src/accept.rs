//! From a listener to connections that are ready for requests. Accepting never waits for anybody: what takes time happens
//! in a task of its own, with a limit on how long and on how many.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use landline_trust::pake::Exporter;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::Timing;
use crate::gate::{Gate, Slot, Waiting};
use crate::http::{self, Peer};

/// Handshakes at a time.
pub(crate) const HANDSHAKES: usize = 128;
/// Pause after a failed accept: it fails while the process has too many files open, and at once again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What all connections of one server share.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) router: Router,
    pub(crate) gate: Arc<Gate>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) timing: Timing,
    pub(crate) stop: CancellationToken,
}

/// Accepts until the door's `stop`; `meet` makes of each connection what it will be.
pub(crate) async fn accept<F, M>(listener: TcpListener, stop: CancellationToken, meet: M)
where
    M: Fn(TcpStream, IpAddr) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    tasks.spawn(meet(stream, from.ip().to_canonical()));
                }
                Err(error) => {
                    warn_of(&error);
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = tasks.join_next() => {}
        }
    }
    drop(listener);
    tasks.shutdown().await;
}

impl Door {
    /// Serves requests on a connection that is past its handshake, and lets go of its place among those that are not.
    pub(crate) async fn serve<I>(
        &self,
        io: I,
        address: IpAddr,
        exporter: Option<Exporter>,
        slot: Slot,
    ) where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let permit = self.gate.enter(address).map(Arc::new);
        let peer = Peer {
            address,
            kill: self.stop.child_token(),
            permit,
            exporter,
        };
        if peer.permit.is_some() {
            drop(slot);
            http::serve(io, self.router.clone(), peer, self.timing).await;
        } else {
            debug!("too many connections");
            let told = http::serve(io, self.router.clone(), peer, self.timing);
            tokio::select! {
                _ = tokio::time::timeout(self.timing.handshake, told) => {}
                () = slot.evicted.cancelled() => {}
            }
        }
    }
}

fn warn_of(error: &io::Error) {
    warn!(%error, "a connection could not be accepted");
}
