//! A host is who owns the private key: shown on real sockets, against servers that only pretend.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rcgen::{CertifiedKey as Generated, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::DialError;
use super::pin::{Pin, client_config};
use super::secure::Secure;
use crate::fingerprint::Fingerprint;

/// Shows what it was given, whether or not the two belong together.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn generate() -> Generated<rcgen::KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// A server with the certificate of `face` and the private key of `hands`; it greets whoever completes the handshake.
async fn serve(
    face: &Generated<rcgen::KeyPair>,
    hands: &Generated<rcgen::KeyPair>,
    versions: &[&'static SupportedProtocolVersion],
) -> SocketAddr {
    let key = PrivateKeyDer::try_from(hands.signing_key.serialize_der()).unwrap();
    let signing_key = rustls::crypto::ring::sign::any_ecdsa_type(&key).unwrap();
    let shown = CertifiedKey::new(vec![face.cert.der().clone()], signing_key);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Shows(Arc::new(shown))));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            if let Ok(mut tls) = acceptor.accept(tcp).await {
                let _ = tls.write_all(b"hello").await;
                let _ = tls.shutdown().await;
            }
        }
    });
    address
}

async fn dial(address: SocketAddr, pin: Pin) -> Result<Secure, DialError> {
    Secure::connect(address, client_config(pin).unwrap()).await
}

const VERSIONS: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS12, &rustls::version::TLS13];

#[tokio::test]
async fn the_owner_of_the_pinned_certificate_is_believed() {
    for version in VERSIONS {
        let host = generate();
        let address = serve(&host, &host, &[version]).await;
        let fingerprint = Fingerprint::of(host.cert.der());
        for pin in [Pin::Exactly(fingerprint), Pin::FirstUse] {
            let mut connection = dial(address, pin).await.unwrap();
            assert_eq!(connection.fingerprint, fingerprint);
            let mut greeting = String::new();
            connection
                .stream
                .read_to_string(&mut greeting)
                .await
                .unwrap();
            assert_eq!(greeting, "hello");
        }
    }
}

#[tokio::test]
async fn a_copied_certificate_without_its_key_is_refused() {
    for version in VERSIONS {
        let (host, thief) = (generate(), generate());
        let address = serve(&host, &thief, &[version]).await;
        let pin = Pin::Exactly(Fingerprint::of(host.cert.der()));
        assert_eq!(
            dial(address, pin).await.unwrap_err(),
            DialError::Fingerprint
        );
        // Not even a first visit believes it: what would be remembered is not the thief's.
        assert_eq!(
            dial(address, Pin::FirstUse).await.unwrap_err(),
            DialError::Fingerprint
        );
    }
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let (host, other) = (generate(), generate());
    let address = serve(&other, &other, &VERSIONS).await;
    let pin = Pin::Exactly(Fingerprint::of(host.cert.der()));
    assert_eq!(
        dial(address, pin).await.unwrap_err(),
        DialError::Fingerprint
    );
}

#[tokio::test]
async fn something_that_speaks_no_tls_is_not_landline_and_a_closed_port_refuses() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        // Read what the client says, so that closing does not reset the connection under our greeting.
        let _ = tcp.read(&mut [0; 1024]).await;
    });
    let error = dial(address, Pin::FirstUse).await.unwrap_err();
    assert!(matches!(error, DialError::NotLandline(_)), "{error:?}");
    served.await.unwrap();
    // The listener went with its task: nobody listens there now.
    assert_eq!(
        dial(address, Pin::FirstUse).await.unwrap_err(),
        DialError::Refused
    );
}
