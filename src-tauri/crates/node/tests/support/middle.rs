//! Somebody in the middle: TLS with a certificate of its own towards those who join, a connection of its own to the host, and
//! everything that goes through written down.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::stranger::{dial, impostor};

pub(crate) struct Middle {
    pub(crate) port: u16,
    saw: Arc<Mutex<Vec<String>>>,
}

impl Middle {
    /// Stands before the host on this port, for as long as the runtime runs.
    pub(crate) async fn before(host: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let saw = Arc::<Mutex<Vec<String>>>::default();
        let (acceptor, notes) = (impostor(), Arc::clone(&saw));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay(acceptor.clone(), stream, host, Arc::clone(&notes)));
            }
        });
        Self { port, saw }
    }

    /// All text frames that went through, in both directions.
    pub(crate) fn saw(&self) -> Vec<String> {
        self.saw.lock().unwrap().clone()
    }
}

async fn relay(acceptor: TlsAcceptor, stream: TcpStream, host: u16, saw: Arc<Mutex<Vec<String>>>) {
    let Ok(tls) = acceptor.accept(stream).await else {
        return;
    };
    let Ok(victim) = accept_async(tls).await else {
        return;
    };
    let (mut to_victim, mut from_victim) = victim.split();
    let (mut to_host, mut from_host) = dial(Ipv4Addr::LOCALHOST, host).await.split();
    let note = |message: &Message| {
        if let Message::Text(text) = message {
            saw.lock().unwrap().push(text.to_string());
        }
    };
    loop {
        let carried = tokio::select! {
            Some(Ok(message)) = from_victim.next() => {
                note(&message);
                to_host.send(message).await
            }
            Some(Ok(message)) = from_host.next() => {
                note(&message);
                to_victim.send(message).await
            }
            else => return,
        };
        if carried.is_err() {
            return;
        }
    }
}
