//! A man in the middle between A and the host: TLS with a certificate of his own, or the host's if he is the host, and everything
//! that goes through changed as he likes.
//!
//! - [`attack`]: what is tried, and what has to come of it; [`plan`]: what he sets out to do on one connection
//! - `session`: what he makes of each message; `persona`: whom he plays
//! - [`stage`], [`thin`]: meetings of a host, A and B without media, many one after the other; [`bots`]: the same with real bots

pub(crate) mod attack;
pub(crate) mod bots;
mod persona;
pub(crate) mod plan;
mod session;
pub(crate) mod stage;
pub(crate) mod thin;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use data_encoding::BASE64;
use futures_util::{SinkExt as _, StreamExt as _};
use landline_protocol::node_api::HostedMeeting;
use rustls::version::TLS13;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::support::stranger::{acceptor, dial, dial_tls};
use plan::{Loot, Plan};
use session::Session;

/// Is told of what he has whenever that may have changed.
pub(crate) type Report = Arc<dyn Fn(&Loot) + Send + Sync>;

/// Stands before one host.
#[derive(Clone)]
pub(crate) struct Man {
    pub(crate) port: u16,
    listener: Arc<TcpListener>,
    acceptor: TlsAcceptor,
    host: u16,
    meeting_id: String,
    turn: Arc<Notify>,
}

impl Man {
    pub(crate) async fn before(hosted: &HostedMeeting, acceptor: TlsAcceptor) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self {
            port: listener.local_addr().unwrap().port(),
            listener: Arc::new(listener),
            acceptor,
            host: hosted.port,
            meeting_id: hosted.meeting_id.clone(),
            turn: Arc::default(),
        }
    }

    /// From now on everybody has another identity towards A, one of his.
    pub(crate) fn turns(&self) {
        self.turn.notify_one();
    }

    /// Does so to each connection that comes, until what this gives is dropped.
    pub(crate) fn sits(&self, plan: Plan, report: Report) -> JoinSet<()> {
        let man = self.clone();
        let mut sitting = JoinSet::new();
        sitting.spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((stream, _)) = man.listener.accept().await {
                let (man, report) = (man.clone(), Arc::clone(&report));
                serving.spawn(async move { Box::pin(man.serve(stream, plan, report)).await });
            }
        });
        sitting
    }

    async fn serve(&self, stream: TcpStream, plan: Plan, report: Report) {
        let Ok(tls) = self.acceptor.accept(stream).await else {
            return;
        };
        let mut tls = BufReader::new(tls);
        let Ok(head) = tls.fill_buf().await else {
            return;
        };
        if !head.starts_with(b"GET /ws") {
            let mut host = dial_tls(&TLS13, Ipv4Addr::LOCALHOST, self.host).await;
            // Either end may hang up first.
            let _ = copy_bidirectional(&mut tls, &mut host).await;
            return;
        }
        let Ok(mut a) = accept_async(tls).await else {
            return;
        };
        let mut host = dial(Ipv4Addr::LOCALHOST, self.host).await;
        let mut session = Session::new(plan, &self.meeting_id);
        let mut a_is_there = true;
        while a_is_there || session.goes_on() {
            session.acts();
            report(&session.loot);
            for text in std::mem::take(&mut session.to_host) {
                if host.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
            for text in std::mem::take(&mut session.to_a) {
                a_is_there &= a.send(Message::text(text)).await.is_ok();
            }
            let wake = session.wake_at().map(Instant::from_std);
            tokio::select! {
                message = a.next(), if a_is_there => match message {
                    Some(Ok(Message::Text(text))) => session.hears_a(&text),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => a_is_there = false,
                    Some(Ok(_)) => {}
                },
                message = host.next() => match message {
                    Some(Ok(Message::Text(text))) => session.hears_host(&text),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(ping @ Message::Ping(_))) => a_is_there &= a.send(ping).await.is_ok(),
                    Some(Ok(_)) => {}
                },
                () = self.turn.notified() => session.turns(),
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
        session.acts();
        report(&session.loot);
        // Both are going away; what A said last has been passed on.
        let _ = host.close(None).await;
        while let Some(Ok(_)) = host.next().await {}
        let _ = a.close(None).await;
    }
}

/// With the host's own certificate, which lies in its folder: this man is the host, or has robbed it.
pub(crate) fn robbed(dir: &Path) -> TlsAcceptor {
    let kept = std::fs::read(dir.join("identity.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let der = |name: &str| {
        let text = kept[name].as_str().unwrap();
        BASE64.decode(text.as_bytes()).unwrap()
    };
    acceptor(der("certificate").into(), der("privateKey").into())
}
