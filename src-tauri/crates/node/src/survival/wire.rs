//! A connection between two nodes: each proves its key for this TLS connection, then messages go both ways.
//!
//! All signatures are over the meeting, both keys, both nonces and what TLS exports for this connection, so nothing of it is of use
//! on another one: somebody in between has two connections, which export different bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, stream};
use landline_signaling::exporter_of;
use landline_signaling::pace::Flow;
use landline_succession::MeetingId;
use landline_trust::pake::Exporter;
use landline_trust::{PublicKey, Signature, SigningKey, Statement};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::dial::DialError;
use crate::dial::pin::{Pin, client_config};
use crate::dial::race::race;
use crate::dial::secure::Secure;
use crate::dial::upgrade::{RoomSocket, upgrade_to_peer};
use crate::fingerprint::Fingerprint;
use crate::random;

/// Messages that wait for a connection; more are dropped, since the next hello asks again for what is missing.
const WAITING: usize = 32;
/// For both proofs.
const PROOF: Duration = Duration::from_secs(5);
/// A node says hello twice a second, so one that says nothing for so long is gone, or its network is.
pub(super) const SILENCE: Duration = Duration::from_secs(15);
/// For a message to be taken by the other side's machine.
const WRITE: Duration = Duration::from_secs(10);
const KEY_BYTES: usize = 65;
const NONCE_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// Both directions of one connection.
pub(super) struct Wire {
    pub(super) to: mpsc::Sender<Bytes>,
    pub(super) from: mpsc::Receiver<Bytes>,
    pub(super) exporter: Exporter,
}

/// The other half of a [`Wire`], for whoever has the socket.
pub(super) struct Ends {
    pub(super) sent: mpsc::Receiver<Bytes>,
    pub(super) received: mpsc::Sender<Bytes>,
}

pub(super) fn wire(exporter: Exporter) -> (Wire, Ends) {
    let (to, sent) = mpsc::channel(WAITING);
    let (received, from) = mpsc::channel(WAITING);
    (Wire { to, from, exporter }, Ends { sent, received })
}

/// Who we are and about which meeting we speak.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) meeting: MeetingId,
    pub(super) key: Arc<SigningKey>,
}

/// What is signed by either side.
struct Proof<'a> {
    credentials: &'a Credentials,
    exporter: &'a Exporter,
    dialer: PublicKey,
    listener: PublicKey,
    dialers_nonce: [u8; NONCE_BYTES],
    listeners_nonce: [u8; NONCE_BYTES],
}

impl Proof<'_> {
    fn statement(&self, label: &str) -> Statement {
        Statement::new(label)
            .field(&self.credentials.meeting.0)
            .field(self.dialer.bytes())
            .field(self.listener.bytes())
            .field(&self.exporter.0)
            .field(&self.dialers_nonce)
            .field(&self.listeners_nonce)
    }

    fn of_dialer(&self) -> Statement {
        self.statement("peer/dialer")
    }

    fn of_listener(&self) -> Statement {
        self.statement("peer/listener")
    }
}

/// Whoever dialed proves who it is; so do we. The key, or nothing.
pub(super) async fn meet(wire: &mut Wire, credentials: &Credentials) -> Option<PublicKey> {
    tokio::time::timeout(PROOF, meet_in_time(wire, credentials))
        .await
        .ok()?
}

async fn meet_in_time(wire: &mut Wire, credentials: &Credentials) -> Option<PublicKey> {
    let first = wire.from.recv().await?;
    let mut first = Parts(&first);
    if first.take(16)? != credentials.meeting.0 {
        return None;
    }
    let proof = Proof {
        credentials,
        exporter: &wire.exporter,
        dialer: PublicKey::from_bytes(first.take(KEY_BYTES)?).ok()?,
        listener: credentials.key.public(),
        dialers_nonce: first.take(NONCE_BYTES)?.try_into().ok()?,
        listeners_nonce: random::key().ok()?,
    };
    let signature = credentials.key.sign(&proof.of_listener()).ok()?;
    let mut answer = proof.listener.bytes().to_vec();
    answer.extend_from_slice(&proof.listeners_nonce);
    answer.extend_from_slice(signature.bytes());
    wire.to.send(answer.into()).await.ok()?;
    let last = wire.from.recv().await?;
    let signature = Signature::from_bytes(Parts(&last).take(SIGNATURE_BYTES)?.try_into().ok()?);
    let is_proven = proof.dialer.verifies(&proof.of_dialer(), &signature);
    (is_proven && proof.dialer != proof.listener).then_some(proof.dialer)
}

/// The same for whoever dialed.
async fn introduce(wire: &mut Wire, credentials: &Credentials) -> Option<PublicKey> {
    let (dialer, dialers_nonce) = (credentials.key.public(), random::key().ok()?);
    let mut first = credentials.meeting.0.to_vec();
    first.extend_from_slice(dialer.bytes());
    first.extend_from_slice(&dialers_nonce);
    wire.to.send(first.into()).await.ok()?;
    let answer = wire.from.recv().await?;
    let mut answer = Parts(&answer);
    let proof = Proof {
        credentials,
        exporter: &wire.exporter,
        dialer,
        listener: PublicKey::from_bytes(answer.take(KEY_BYTES)?).ok()?,
        dialers_nonce,
        listeners_nonce: answer.take(NONCE_BYTES)?.try_into().ok()?,
    };
    let signature = Signature::from_bytes(answer.take(SIGNATURE_BYTES)?.try_into().ok()?);
    if !proof.listener.verifies(&proof.of_listener(), &signature) {
        return None;
    }
    let signature = credentials.key.sign(&proof.of_dialer()).ok()?;
    wire.to.send(signature.bytes().to_vec().into()).await.ok()?;
    Some(proof.listener)
}

/// Connects to the node with this certificate. Its key, proven, and the connection.
pub(super) async fn dial(
    addresses: Vec<SocketAddr>,
    fingerprint: Fingerprint,
    credentials: &Credentials,
) -> Result<(PublicKey, Wire), DialError> {
    let config = client_config(Pin::Exactly(fingerprint))
        .map_err(|error| DialError::Unreachable(error.to_string()))?;
    let connection = race(addresses, stream::empty(), |address| {
        Secure::connect(address, Arc::clone(&config))
    })
    .await?;
    let socket = upgrade_to_peer(connection).await?;
    let no_proof = || DialError::NotLandline("no proof of who it is".into());
    let exporter = exporter_of(socket.get_ref().get_ref().1).ok_or_else(no_proof)?;
    let (mut wire, ends) = wire(exporter);
    tokio::spawn(carry(socket, ends));
    let key = tokio::time::timeout(PROOF, introduce(&mut wire, credentials))
        .await
        .ok()
        .flatten()
        .ok_or_else(no_proof)?;
    Ok((key, wire))
}

/// Until either side, or the network, ends it.
async fn carry(socket: RoomSocket, ends: Ends) {
    let Ends { mut sent, received } = ends;
    let (mut sink, mut stream) = socket.split();
    let take_in = async move {
        let mut flow = Flow::default();
        while let Some(Ok(message)) = stream.next().await {
            match message {
                Message::Binary(bytes) => {
                    let pause = flow.pause_after(bytes.len(), Instant::now());
                    if received.send(bytes).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                Message::Text(_) | Message::Close(_) => return,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    };
    let send_out = async move {
        while let Some(bytes) = sent.recv().await {
            let sending = sink.send(Message::Binary(bytes));
            if !matches!(tokio::time::timeout(WRITE, sending).await, Ok(Ok(()))) {
                return;
            }
        }
        // Closing in order is courtesy.
        let _ = tokio::time::timeout(WRITE, sink.close()).await;
    };
    tokio::select! {
        () = take_in => {}
        () = send_out => {}
    }
}

/// Reads fields of known length.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }
}
