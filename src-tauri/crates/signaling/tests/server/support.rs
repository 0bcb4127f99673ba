//! A server to talk to, and clients that know nothing of its types: plain JSON over a WebSocket, and bytes over TLS.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use landline_protocol::Limits;
use landline_signaling::{
    Asset, Assets, Control, ControlSession, LocalAddresses, Loopback, MeetingConfig, MeetingHandle,
    Peers, Public, Timing, TokenKind,
};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Response};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) const ROOM: &str = "3f2a9c0d5b7e41f68a1c2d3e4f506172";
pub(crate) const TOKEN: &str = "the-right-token";
pub(crate) const TICKET: &str = "the-right-ticket";
/// How long anything may take that should happen at once, on a machine that is busy with other tests.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Times for tests that keep the machine busy and are not about time.
pub(crate) fn patient() -> Timing {
    Timing {
        handshake: SOON * 3,
        ping_every: SOON,
        ..Timing::default()
    }
}

pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    pub(crate) loopback: SocketAddr,
    pub(crate) meeting: MeetingHandle,
    pub(crate) hosted: watch::Sender<Option<MeetingHandle>>,
    pub(crate) control: Arc<TestControl>,
    roots: Arc<rustls::ClientConfig>,
    _stop: DropGuard,
}

pub(crate) async fn server() -> Server {
    server_with(Limits::default(), Timing::default()).await
}

pub(crate) async fn server_with(limits: Limits, timing: Timing) -> Server {
    server_of(config(limits), timing).await
}

pub(crate) fn config(limits: Limits) -> MeetingConfig {
    MeetingConfig {
        host_key: None,
        access: landline_protocol::Access::default(),
        fingerprint: [0; 32],
        has_chain: false,
        private: false,
        meeting_id: ROOM.into(),
        title: "Weekly".into(),
        host: "Ada".into(),
        started_at: 1_767_225_600_000,
        limits,
        resume_key: [7; 32],
        reopened: false,
        host_seat: None,
        inherited: landline_rooms::Inheritance::default(),
    }
}

pub(crate) async fn server_of(config: MeetingConfig, timing: Timing) -> Server {
    serve(config, timing, None).await
}

pub(crate) async fn serve(
    config: MeetingConfig,
    timing: Timing,
    peers: Option<Arc<dyn Peers>>,
) -> Server {
    let (tls, roots) = certificate();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (at, loopback) = (listener.local_addr().unwrap(), own.local_addr().unwrap());
    let meeting = MeetingHandle::start(config);
    let (hosted, current) = watch::channel(Some(meeting.clone()));
    let control = Arc::new(TestControl::default());
    let stop = CancellationToken::new();
    let public = Public {
        listeners: vec![listener],
        tls,
        meeting: current.clone(),
        peers,
        assets: Arc::new(Pages),
        addresses: Arc::new(Lan),
        local_name: Some("quiet-fox.local".into()),
    };
    tokio::spawn(public.serve_with(timing, stop.clone()));
    let own = Loopback {
        listener: own,
        meeting: current,
        control: Arc::clone(&control) as Arc<dyn Control>,
        assets: Arc::new(Pages),
        addresses: Arc::new(Lan),
    };
    tokio::spawn(own.serve_with(timing, stop.clone()));
    Server {
        at,
        loopback,
        meeting,
        hosted,
        control,
        roots,
        _stop: stop.drop_guard(),
    }
}

fn certificate() -> (Arc<rustls::ServerConfig>, Arc<rustls::ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).unwrap();
    let der = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(der).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

struct Pages;

impl Assets for Pages {
    fn get(&self, path: &str) -> Option<Asset> {
        let (bytes, content_type): (&'static [u8], _) = match path {
            "index.html" => (
                b"<!doctype html><title>Landline</title>",
                "text/html; charset=utf-8",
            ),
            "assets/index-abc.js" => (b"export {};", "text/javascript"),
            _ => return None,
        };
        Some(Asset {
            bytes: Cow::Borrowed(bytes),
            content_type: content_type.into(),
        })
    }
}

/// As if this machine were 192.0.2.7 on the network.
struct Lan;

impl LocalAddresses for Lan {
    fn addresses(&self) -> Vec<IpAddr> {
        vec![Ipv4Addr::new(192, 0, 2, 7).into()]
    }
}

/// A node that says back what it is told.
#[derive(Default)]
pub(crate) struct TestControl {
    pub(crate) asked: Mutex<Vec<(TokenKind, String)>>,
}

impl Control for TestControl {
    fn open(&self, kind: TokenKind, value: &str) -> Option<ControlSession> {
        self.asked.lock().unwrap().push((kind, value.to_owned()));
        let good = match kind {
            TokenKind::Token => TOKEN,
            TokenKind::Ticket => TICKET,
        };
        if value != good {
            return None;
        }
        let (to_node, mut taken) = mpsc::channel::<String>(8);
        let (given, from_node) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Some(frame) = taken.recv().await {
                if given.send(frame).await.is_err() {
                    return;
                }
            }
        });
        Some(ControlSession { to_node, from_node })
    }
}

impl Server {
    pub(crate) async fn tls(&self) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(self.at).await.unwrap();
        let name = ServerName::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        TlsConnector::from(Arc::clone(&self.roots))
            .connect(name, tcp)
            .await
            .unwrap()
    }

    /// A WebSocket over TLS, as a program on the network opens it.
    pub(crate) async fn connect(&self) -> Client<TlsStream<TcpStream>> {
        let url = format!("wss://{}/ws", self.at);
        let (socket, _) = client_async(url, self.tls().await).await.unwrap();
        Client { socket }
    }

    /// A plain WebSocket to the own machine's server.
    pub(crate) async fn connect_here(&self) -> Client<TcpStream> {
        let url = format!("ws://{}/ws", self.loopback);
        let tcp = TcpStream::connect(self.loopback).await.unwrap();
        let (socket, _) = client_async(url, tcp).await.unwrap();
        Client { socket }
    }

    /// A joined minimal client and its id.
    pub(crate) async fn minimal(&self) -> (Client<TlsStream<TcpStream>>, String) {
        let mut client = self.connect().await;
        client.send(json!({"action": "join", "roomId": ROOM})).await;
        let id = id_of(&client.expect("joined").await);
        (client, id)
    }

    /// A joined client of version 1 and its `joined`.
    pub(crate) async fn full(&self, name: &str) -> (Client<TlsStream<TcpStream>>, Value) {
        let mut client = self.connect().await;
        client
            .send(json!({"action": "join", "roomId": ROOM, "name": name, "v": 1, "kind": "app"}))
            .await;
        let joined = client.expect("joined").await;
        (client, joined)
    }

    /// Opens `/node` with these subprotocols.
    pub(crate) async fn node(
        &self,
        headers: &[(&'static str, &str)],
    ) -> Result<(Client<TcpStream>, Response<Option<Vec<u8>>>), tungstenite::Error> {
        let mut request = format!("ws://{}/node", self.loopback).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let tcp = TcpStream::connect(self.loopback).await.unwrap();
        let (socket, response) = client_async(request, tcp).await?;
        Ok((Client { socket }, response))
    }

    /// One request over TLS, as text; the answer until the server closes.
    pub(crate) async fn ask(&self, request: &str) -> Answer {
        exchange(self.tls().await, request).await
    }

    /// One request without TLS to a server of this machine.
    pub(crate) async fn ask_plain(&self, at: SocketAddr, request: &str) -> Answer {
        exchange(TcpStream::connect(at).await.unwrap(), request).await
    }
}

pub(crate) fn id_of(joined: &Value) -> String {
    joined["clientId"].as_str().unwrap().to_owned()
}

pub(crate) struct Client<S> {
    pub(crate) socket: WebSocketStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next message of the room, or how the connection ended.
    pub(crate) async fn next(&mut self) -> Received {
        let received = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        break Received::Message(serde_json::from_str(&text).unwrap());
                    }
                    Some(Ok(Message::Close(frame))) => {
                        break Received::Closed(frame.map(|frame| frame.code.into()));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        println!("broken: {error}");
                        break Received::Closed(None);
                    }
                    None => break Received::Closed(None),
                }
            }
        };
        tokio::time::timeout(SOON, received)
            .await
            .expect("nothing came")
    }

    /// The next message, which has to be this one.
    pub(crate) async fn expect(&mut self, action: &str) -> Value {
        match self.next().await {
            Received::Message(message) if message["action"] == action => message,
            other => panic!("{action} expected, {other:?} came"),
        }
    }

    pub(crate) async fn expect_error(&mut self, code: &str) {
        let error = self.expect("error").await;
        assert_eq!(error["code"], code);
        assert!(error["message"].is_string());
    }

    pub(crate) async fn expect_close(&mut self, code: u16) {
        match self.next().await {
            Received::Closed(Some(given)) => assert_eq!(given, code),
            other => panic!("close {code} expected, {other:?} came"),
        }
    }

    /// Everything that has been sent is done: nothing else is on its way.
    pub(crate) async fn expect_nothing(&mut self) {
        self.send(json!({"action": "ping"})).await;
        self.expect("pong").await;
    }
}

#[derive(Debug, PartialEq)]
pub(crate) enum Received {
    Message(Value),
    Closed(Option<u16>),
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.text
            .lines()
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

async fn exchange(mut io: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Answer {
    io.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let head = async {
        // A connection that is upgraded or streams does not end, so the head has to do.
        while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            if io.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if text.contains("connection: close") && !text.contains("application/x-ndjson") {
            let _ = io.read_to_end(&mut bytes).await;
        }
    };
    tokio::time::timeout(SOON, head).await.expect("no answer");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        text: text.replace("\r\n", "\n"),
    }
}
