//! One connection to one address: TCP, then TLS with the expected certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dial::DialError;
use crate::fingerprint::Fingerprint;

/// How long one address may take for TCP and TLS together. On a local network an answer takes milliseconds.
const ATTEMPT: Duration = Duration::from_secs(5);

/// A connection to a host that owns the certificate with `fingerprint`.
#[derive(Debug)]
pub(crate) struct Secure {
    pub(crate) stream: TlsStream<TcpStream>,
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: Fingerprint,
}

impl Secure {
    /// Connects within [`ATTEMPT`].
    pub(crate) async fn connect(
        address: SocketAddr,
        config: Arc<ClientConfig>,
    ) -> Result<Self, DialError> {
        tokio::time::timeout(ATTEMPT, connect(address, config))
            .await
            .unwrap_or_else(|_| Err(DialError::Unreachable("no answer in time".into())))
    }

    /// The address for the `Host` header: hosts answer to their number and not to names that others gave them.
    pub(crate) fn authority(&self) -> String {
        // A scope means something on this machine only.
        SocketAddr::new(self.address.ip(), self.address.port()).to_string()
    }
}

async fn connect(address: SocketAddr, config: Arc<ClientConfig>) -> Result<Secure, DialError> {
    let tcp = TcpStream::connect(address).await.map_err(of_tcp)?;
    // Signals are small and wait for nobody.
    if let Err(error) = tcp.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let name = ServerName::from(address.ip());
    let stream = TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .map_err(|error| of_tls(&error))?;
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first)
        .ok_or(DialError::Fingerprint)?;
    Ok(Secure {
        address,
        fingerprint: Fingerprint::of(certificate),
        stream,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn of_tcp(error: io::Error) -> DialError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => DialError::Refused,
        _ => DialError::Unreachable(error.to_string()),
    }
}

fn of_tls(error: &io::Error) -> DialError {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(rustls::Error::InvalidCertificate(_)) => DialError::Fingerprint,
        Some(inner) => DialError::NotLandline(inner.to_string()),
        // It hung up in the middle of the handshake: another service does so, and a host that is just ending.
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            DialError::NotLandline("no TLS".into())
        }
        None => DialError::Unreachable(error.to_string()),
    }
}
