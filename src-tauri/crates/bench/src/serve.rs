//! Our server as a process of its own: so many meetings, each with a listener, all in one process.
//!
//! A node serves one meeting, so each room has a server of its own here, with everything that a request passes in the product: accept,
//! the limits at the door, HTTP, the guard, the WebSocket, the room. The plain relay has one listener for all rooms, which costs it
//! nothing more.

use std::borrow::Cow;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::Result;
use data_encoding::HEXLOWER;
use landline_protocol::{Access, Limits};
use landline_signaling::{
    Asset, Assets, Control, ControlSession, Inheritance, LocalAddresses, Loopback, MeetingConfig,
    MeetingHandle, Public, Thread, TokenKind,
};
use rustls::pki_types::PrivateKeyDer;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Connections of one meeting: rooms of four or of 32, and some that are being made.
const CONNECTIONS: usize = 64;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many meetings.
    #[arg(long, default_value_t = 50)]
    rooms: usize,
    /// HTTPS, as for the network, instead of HTTP on the own machine.
    #[arg(long)]
    tls: bool,
}

/// Where a process listens, as it says in one line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listening {
    pub(crate) rooms: Vec<Room>,
    /// Its certificate in hexadecimal digits.
    pub(crate) certificate: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) port: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    // As a node has one.
    let thread = Thread::start()?;
    let stop = CancellationToken::new();
    let listening = thread.handle().block_on(listen(options, &stop))?;
    println!("{}", serde_json::to_string(&listening)?);
    // Whoever started us closes it, or dies.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    stop.cancel();
    Ok(())
}

async fn listen(options: &Options, stop: &CancellationToken) -> Result<Listening> {
    let tls = options.tls.then(certificate).transpose()?;
    let mut rooms = Vec::new();
    for number in 0..options.rooms {
        let id = format!("{number:032x}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let meeting = MeetingHandle::start(config(&id));
        // The sender is not needed: the meeting stays the same.
        let (_, meeting) = watch::channel(Some(meeting));
        if let Some((tls, _)) = &tls {
            let public = Public {
                listeners: vec![listener],
                tls: Arc::clone(tls),
                meeting,
                peers: None,
                assets: Arc::new(Nothing),
                addresses: Arc::new(Nothing),
                local_name: None,
            };
            tokio::spawn(public.serve(stop.clone()));
        } else {
            let loopback = Loopback {
                listener,
                meeting,
                control: Arc::new(Nothing),
                assets: Arc::new(Nothing),
                addresses: Arc::new(Nothing),
            };
            tokio::spawn(loopback.serve(stop.clone()));
        }
        rooms.push(Room { id, port });
    }
    let certificate = tls.map(|(_, der)| HEXLOWER.encode(&der));
    Ok(Listening { rooms, certificate })
}

/// The bounds of the product, but for how much one client may say: here each says more than any person's.
fn config(id: &str) -> MeetingConfig {
    MeetingConfig {
        meeting_id: id.to_owned(),
        title: "Measured".to_owned(),
        host: "Ada".to_owned(),
        started_at: 0,
        limits: Limits {
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS,
            burst_messages: 1_000_000,
            messages_per_second: 1_000_000,
            ..Limits::default()
        },
        resume_key: [7; 32],
        reopened: false,
        host_key: None,
        host_seat: None,
        access: Access::default(),
        private: false,
        inherited: Inheritance::default(),
        fingerprint: [0; 32],
        has_chain: false,
    }
}

fn certificate() -> Result<(Arc<rustls::ServerConfig>, Vec<u8>)> {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let der = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)?;
    Ok((Arc::new(config), der.to_vec()))
}

/// No pages, no node to drive, and no network.
struct Nothing;

impl Assets for Nothing {
    fn get(&self, _path: &str) -> Option<Asset> {
        Some(Asset {
            bytes: Cow::Borrowed(b""),
            content_type: "text/plain".into(),
        })
    }
}

impl Control for Nothing {
    fn open(&self, _kind: TokenKind, _value: &str) -> Option<ControlSession> {
        None
    }
}

impl LocalAddresses for Nothing {
    fn addresses(&self) -> Vec<IpAddr> {
        vec![Ipv4Addr::new(192, 0, 2, 7).into()]
    }
}
