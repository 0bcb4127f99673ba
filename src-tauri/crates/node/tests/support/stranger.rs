//! Somebody without a node: any source address, any key, any message, and no question about certificates.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use futures_util::{SinkExt as _, StreamExt as _};
use landline_signaling::exporter_of;
use landline_trust::pake::{Binding, Joiner};
use landline_trust::{Code, PublicKey, SigningKey, Statement};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::soon;

pub(crate) type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// A WebSocket to the room of a host on this machine.
pub(crate) async fn dial(from: Ipv4Addr, port: u16) -> Socket {
    dial_over(&TLS13, from, port).await
}

/// The same over this version of TLS.
pub(crate) async fn dial_over(
    version: &'static SupportedProtocolVersion,
    from: Ipv4Addr,
    port: u16,
) -> Socket {
    let tls = dial_tls(version, from, port).await;
    let url = format!("wss://127.0.0.1:{port}/ws");
    // Boxed: its buffers make a future of 18 kB.
    soon(Box::pin(client_async(url, tls))).await.unwrap().0
}

/// A WebSocket on which nodes speak with each other, to a node on this machine.
pub(crate) async fn dial_peer(port: u16) -> Result<Socket, WsError> {
    let tls = dial_tls(&TLS13, Ipv4Addr::LOCALHOST, port).await;
    let request = format!("wss://127.0.0.1:{port}/peer");
    let mut request = request.into_client_request().unwrap();
    let protocol = HeaderValue::from_static("landline.peer.1");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (socket, _) = soon(Box::pin(client_async(request, tls))).await?;
    Ok(socket)
}

/// Without anything over it.
pub(crate) async fn dial_tls(
    version: &'static SupportedProtocolVersion,
    from: Ipv4Addr,
    port: u16,
) -> TlsStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let tcp = soon(socket.connect(to)).await.unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let name = ServerName::from(to.ip());
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, tcp);
    soon(connecting).await.unwrap()
}

/// A TLS server with a certificate of its own, as anybody can make one.
pub(crate) fn impostor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    acceptor(
        made.cert.der().clone(),
        made.signing_key.serialize_der().into(),
    )
}

/// A TLS server with this certificate.
pub(crate) fn acceptor(
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

pub(crate) struct Stranger {
    pub(crate) socket: Socket,
    pub(crate) key: SigningKey,
    meeting_id: String,
}

impl Stranger {
    pub(crate) async fn at(from: Ipv4Addr, port: u16, meeting_id: &str) -> Self {
        Self {
            socket: dial(from, port).await,
            key: SigningKey::generate().unwrap(),
            meeting_id: meeting_id.to_owned(),
        }
    }

    /// Says something, and gives what the host says next.
    pub(crate) async fn ask(&mut self, message: &Value) -> Value {
        let text = Message::Text(message.to_string().into());
        soon(self.socket.send(text)).await.unwrap();
        self.hear().await
    }

    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            if let Message::Text(text) = soon(self.socket.next()).await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Tries a code; the host's last word.
    pub(crate) async fn prove(&mut self, code: &str) -> Value {
        let binding = Binding {
            meeting_id: self.meeting_id.clone(),
            joiner_key: self.key.public(),
            exporter: exporter_of(self.socket.get_ref().get_ref().1).unwrap(),
        };
        let (joiner, message) = Joiner::start(&Code::parse(code).unwrap(), &binding);
        let reply = self
            .ask(&json!({
                "action": "pake-start",
                "roomId": self.meeting_id,
                "key": self.key.public(),
                "message": BASE64URL_NOPAD.encode(&message),
            }))
            .await;
        if reply["action"] != "pake-reply" {
            return reply;
        }
        let host_key = PublicKey::from_text(reply["key"].as_str().unwrap()).unwrap();
        let message = bytes(&reply["message"]);
        let (joiner, tag) = joiner.finish(&host_key, &message).unwrap();
        let last = self
            .ask(&json!({
                "action": "pake-confirm",
                "roomId": self.meeting_id,
                "tag": BASE64URL_NOPAD.encode(&tag),
            }))
            .await;
        if last["action"] == "pake-confirm" {
            joiner.check(&bytes(&last["tag"])).unwrap();
        }
        last
    }

    /// Joins with its key and these further members.
    pub(crate) async fn join(&mut self, further: &Value) -> Value {
        let challenge = self.ask(&json!({"action": "challenge"})).await;
        let host = HEXLOWER
            .decode(challenge["fingerprint"].as_str().unwrap().as_bytes())
            .unwrap();
        let dtls = [7; 32];
        let vouched = Statement::new("dtls")
            .field(self.meeting_id.as_bytes())
            .field(&dtls);
        let proof = Statement::new("join")
            .field(self.meeting_id.as_bytes())
            .field(&host)
            .field(&bytes(&challenge["nonce"]))
            .field(&dtls);
        let mut join = json!({
            "action": "join",
            "roomId": self.meeting_id,
            "name": "Eve",
            "v": 1,
            "identity": {
                "key": self.key.public(),
                "fingerprint": HEXLOWER.encode(&dtls),
                "signature": self.key.sign(&vouched).unwrap(),
            },
            "proof": self.key.sign(&proof).unwrap(),
        });
        for (name, value) in further.as_object().unwrap() {
            join[name] = value.clone();
        }
        self.ask(&join).await
    }
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD
        .decode(value.as_str().unwrap().as_bytes())
        .unwrap()
}

/// Believes every certificate.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
