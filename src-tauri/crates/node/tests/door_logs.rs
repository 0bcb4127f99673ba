//! What a log says of people who come in with codes, at the finest level that there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use data_encoding::HEXLOWER;
use landline_node::HostOptions;
use landline_protocol::AccessMode;
use landline_protocol::node_api::{NodeErrorCode, NodeReply, NodeRequest};
use serde_json::json;
use support::stranger::Stranger;
use support::{Page, folder, link, node_in, soon};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn logs_at_the_finest_level_contain_no_code_and_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    // Also takes what libraries write with the `log` crate.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        // Six digits of a time may be any code.
        .without_time()
        .init();

    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = hosting
        .host(HostOptions {
            access: AccessMode::Code,
            ..HostOptions::default()
        })
        .await
        .unwrap();
    let code = hosted.access.code.clone().unwrap();
    let secret = hosted.access.secret.clone().unwrap();
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);

    let ben = Page::of(&visiting);
    let target = link(&hosted);
    let open = |code: &str| NodeRequest::OpenChannel {
        target: target.clone(),
        code: Some(code.to_owned()),
    };
    let refused = ben.ask(open(&wrong)).await.unwrap_err();
    assert_eq!(refused.code, NodeErrorCode::WrongCode);
    let opened = ben.ask(open(&code)).await.unwrap();
    assert!(matches!(opened, NodeReply::Channel { .. }));
    for (further, answer) in [
        (json!({"code": wrong}), "error"),
        (json!({"code": code}), "joined"),
        (json!({"secret": "AAAAAAAAAAAAAAAAAAAAAA"}), "error"),
        (json!({"secret": secret}), "joined"),
    ] {
        let mut guest = Stranger::at(Ipv4Addr::LOCALHOST, hosted.port, &hosted.meeting_id).await;
        assert_eq!(guest.join(&further).await["action"], answer);
    }
    soon(hosting.shutdown()).await;
    soon(visiting.shutdown()).await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("hosting a meeting") && log.contains("a wrong code"));
    for hidden in [code, wrong, secret] {
        let bytes = HEXLOWER.encode(hidden.as_bytes());
        let line = log
            .lines()
            .find(|line| line.contains(&hidden) || line.contains(&bytes));
        assert_eq!(line, None);
    }
}
