//! Somebody who poses as the host of a meeting: a server with a certificate of its own, or a stolen one, that answers what it likes.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use landline_node::Fingerprint;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::soon;
use super::stranger::{acceptor, dial_tls};

/// A certificate and its key.
pub(crate) struct Papers {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) acceptor: TlsAcceptor,
}

impl Papers {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        Self::of(
            made.cert.der().clone(),
            made.signing_key.serialize_der().into(),
        )
    }

    pub(crate) fn of(
        certificate: CertificateDer<'static>,
        key: PrivatePkcs8KeyDer<'static>,
    ) -> Self {
        Self {
            fingerprint: Fingerprint::of(&certificate),
            acceptor: acceptor(certificate, key),
        }
    }
}

pub(crate) struct FalseHost {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FalseHost {
    /// Has the meeting, if it is believed. Shows this claim, or none.
    pub(crate) async fn of(meeting: &str, claim: Option<Vec<u8>>, papers: &Papers) -> Self {
        let summary = json!({
            "v": 1, "meetingId": meeting, "title": "Stand-up", "host": "Ana", "participants": 1, "names": ["Ana"],
            "locked": false, "access": "open", "full": false, "startedAt": 1,
        });
        let mut answers = BTreeMap::from([("/api/meeting", summary.to_string().into_bytes())]);
        answers.extend(claim.map(|claim| ("/api/claim", claim)));
        let (answers, asked) = (Arc::new(answers), Arc::<Mutex<Vec<String>>>::default());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, notes) = (papers.acceptor.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answers) = (acceptor.clone(), Arc::clone(&answers));
                let notes = Arc::clone(&notes);
                tokio::spawn(async move {
                    if let Ok(mut tls) = acceptor.accept(stream).await {
                        while let Some(head) = head(&mut tls).await {
                            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                            let answer = answers.get(path.as_str());
                            notes.lock().unwrap().push(path);
                            let status = if answer.is_some() {
                                "200 OK"
                            } else {
                                "404 Not Found"
                            };
                            let body = answer.map_or(&[][..], Vec::as_slice);
                            let length = body.len();
                            let head =
                                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
                            let answer = [head.as_bytes(), body].concat();
                            if tls.write_all(&answer).await.is_err() {
                                return;
                            }
                        }
                    }
                });
            }
        });
        Self { port, asked }
    }

    /// All that it was asked for, once each.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

/// The next request; nothing at the end.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// What a host shows.
pub(crate) async fn claim_of(port: u16) -> Vec<u8> {
    let mut tls = dial_tls(&TLS13, Ipv4Addr::LOCALHOST, port).await;
    soon(ask(&mut tls, port)).await
}

async fn ask(tls: &mut (impl AsyncRead + AsyncWrite + Unpin), port: u16) -> Vec<u8> {
    let request =
        format!("GET /api/claim HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    tls.write_all(request.as_bytes()).await.unwrap();
    let head = head(tls).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        head.contains("content-type: application/octet-stream"),
        "{head}"
    );
    assert!(head.contains("cache-control: no-store"), "{head}");
    let mut body = Vec::new();
    // The other end may not say goodbye in order.
    let _ = tls.read_to_end(&mut body).await;
    body
}
