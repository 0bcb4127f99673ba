//! A host that crashed opens its meeting again, unless another one has it. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test, its functions too"
)]

mod support;

use std::time::Duration;

use data_encoding::HEXLOWER;
use landline_node::HostOptions;
use landline_protocol::node_api::{
    HostedMeeting, Interrupted, NodeErrorCode, NodeReply, NodeRequest, Target,
};
use landline_succession::Claim;
use support::false_host::claim_of;
use support::person::{Person, join, settle};
use support::{Page, folder, host_apart, hosts, link, node_in, soon};

async fn look(page: &Page, target: Target) {
    page.ask(NodeRequest::Look { target }).await.unwrap();
}

async fn interrupted(page: &Page) -> Option<Interrupted> {
    match page.ask(NodeRequest::Hello).await {
        Ok(NodeReply::Welcome(welcome)) => welcome.interrupted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_host_that_crashed_goes_on_with_its_chain() {
    let (runtime, dir, node, hosted) = host_apart();
    let kept = dir.path().join("meeting.json");
    let here = tokio::runtime::Runtime::new().unwrap();
    here.block_on(async {
        let visitor = folder();
        let page = Page::of(&node_in(visitor.path(), 0).await);
        look(&page, link(&hosted)).await;
        let written = async {
            while !kept.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        soon(written).await;
        runtime.shutdown_background();
        drop(node);

        let again = node_in(dir.path(), 0).await;
        let mut own = Page::of(&again);
        let offered = interrupted(&own).await.unwrap();
        assert_eq!(offered.meeting_id, hosted.meeting_id);
        assert_eq!(offered.title, hosted.title);
        let reopened: HostedMeeting = match own.ask(NodeRequest::HostAgain).await {
            Ok(NodeReply::Hosted { hosted }) => hosted,
            other => panic!("{other:?}"),
        };
        assert_eq!(interrupted(&own).await, None, "it goes on");
        assert_eq!(reopened.meeting_id, hosted.meeting_id);
        assert_eq!(reopened.title, hosted.title);
        assert_eq!(reopened.started_at, hosted.started_at);
        assert_eq!(reopened.access, hosted.access);
        let claim = Claim::decode(&claim_of(reopened.port).await).unwrap();
        assert_eq!(claim.header().epoch, 1);
        let id = HEXLOWER.encode(&claim.founding().id().0);
        assert_eq!(id, hosted.meeting_id);
        look(&page, link(&reopened)).await;
        // Its page has the seat that stands in the record.
        let listed = claim.record().members().first().unwrap().client.clone();
        let target = link(&reopened);
        let joined = join(&mut own, &target, &hosted.meeting_id, "Ana", None).await;
        assert_eq!(joined["clientId"], listed.as_str());
        assert_eq!(joined["role"], "host");
        // Its end for all is the end.
        own.ask(NodeRequest::EndMeeting).await.unwrap();
        let removed = async {
            while kept.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        soon(removed).await;
    });
}

#[test]
fn a_host_that_crashed_does_not_open_what_another_has() {
    let (runtime, dir, node, hosted) = host_apart();
    let here = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    here.block_on(async {
        let ben = Person::joins(&hosted, "Ben").await;
        settle(&[&ben]).await;
        runtime.shutdown_background();
        drop(node);
        hosts(&ben.node).await;
        let again = node_in(dir.path(), 0).await;
        let options = HostOptions {
            meeting_id: Some(hosted.meeting_id.clone()),
            ..HostOptions::default()
        };
        let refused = soon(again.host(options)).await.unwrap_err();
        assert_eq!(refused.code, NodeErrorCode::AlreadyHosting);
        assert!(refused.message.contains("goes on at another computer"));
        assert_eq!(*again.hosted().borrow(), None);
    });
}
