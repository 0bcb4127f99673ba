//! A private meeting shows another face than its computer's, also at its next host. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test, its functions too"
)]

mod support;

use std::path::Path;

use data_encoding::BASE64;
use landline_node::{Fingerprint, HostOptions, Node};
use landline_protocol::node_api::{HostedMeeting, NodeReply, NodeRequest, Trust};
use serde_json::Value;
use support::person::{Person, settle};
use support::{Page, folder, host, hosts, link, node_in, soon};

/// Of the certificate that this installation has for good.
fn lasting(dir: &Path) -> String {
    let kept = std::fs::read(dir.join("identity.json")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let certificate = BASE64.decode(kept["certificate"].as_str().unwrap().as_bytes());
    Fingerprint::of(&certificate.unwrap()).to_string()
}

async fn host_privately(node: &Node) -> HostedMeeting {
    let options = HostOptions {
        title: "Salaries".into(),
        name: "Ana".into(),
        private: true,
        ..HostOptions::default()
    };
    node.host(options).await.unwrap()
}

async fn end(node: &Node) {
    let page = Page::of(node);
    page.ask(NodeRequest::EndMeeting).await.unwrap();
    let mut hosted = node.hosted();
    soon(hosted.wait_for(Option::is_none)).await.unwrap();
}

#[tokio::test]
async fn its_certificate_is_made_for_it_alone() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let own = lasting(here.path());
    let first = host_privately(&node).await;
    assert!(first.private);
    end(&node).await;
    let second = host_privately(&node).await;
    end(&node).await;
    let known = host(&node).await;
    assert!(!known.private);
    assert_eq!(known.fingerprint, own);
    let all = [&first.fingerprint, &second.fingerprint, &own];
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stays_private_at_its_next_host() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let hosted = host_privately(&node).await;
    let ben_lives = folder();
    let ben_node = node_in(ben_lives.path(), 0).await;
    let bens = lasting(ben_lives.path());
    let mut ben = Person::on(
        ben_lives,
        ben_node,
        link(&hosted),
        &hosted.meeting_id,
        "Ben",
    )
    .await;
    assert_eq!(ben.joined["private"], true);
    settle(&[&ben]).await;
    soon(node.shutdown()).await;
    let later = hosts(&ben.node).await;
    assert!(later.private);
    assert_eq!(later.title, "Salaries");
    assert_ne!(later.fingerprint, bens);
    assert_ne!(later.fingerprint, hosted.fingerprint);
    // Dialers work as usual, that of its own page as well.
    assert_eq!(ben.comes_back("x").await["outcome"], "restored");
    let page = Page::of(&ben.node);
    let target = link(&later);
    match page.ask(NodeRequest::Look { target }).await.unwrap() {
        NodeReply::Found { found } => assert_eq!(found.trust, Trust::Own),
        other => panic!("{other:?}"),
    }
    let cleo = Person::joins(&later, "Cleo").await;
    assert_eq!(cleo.joined["outcome"], "new");
}
