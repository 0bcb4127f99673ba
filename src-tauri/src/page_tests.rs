use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use landline_node::NodeConfig;
use landline_protocol::node_api::Target;
use landline_protocol::settings::Settings;
use tauri::ipc::InvokeResponseBody;
use tokio::sync::mpsc;

use super::*;

/// Nothing here waits for a network; a test that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(10);

async fn page() -> Page {
    let config = NodeConfig {
        config_dir: None,
        ..NodeConfig::default()
    };
    Page::new(Node::start(config).await.unwrap())
}

/// A channel whose messages can be read, as the page would.
fn listener() -> (Channel<NodeEvent>, mpsc::UnboundedReceiver<NodeEvent>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let channel = Channel::new(move |body| {
        let InvokeResponseBody::Json(text) = body else {
            panic!("events are JSON");
        };
        let _ = sender.send(serde_json::from_str(&text).unwrap());
        Ok(())
    });
    (channel, receiver)
}

fn settled(done: oneshot::Sender<()>) {
    let _ = done.send(());
}

async fn next(events: &mut mpsc::UnboundedReceiver<NodeEvent>) -> Option<NodeEvent> {
    tokio::time::timeout(LIMIT, events.recv()).await.unwrap()
}

fn address(text: &str) -> Target {
    Target::Address {
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn a_request_before_the_page_listens_is_answered_with_a_code() {
    let error = page().await.request(NodeRequest::Hello).await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::BadRequest);
}

#[tokio::test]
async fn a_page_is_welcomed_and_gets_what_the_node_tells() {
    let page = page().await;
    let (channel, mut events) = listener();
    page.attach(channel, settled);
    let reply = page.request(NodeRequest::Hello).await.unwrap();
    assert!(matches!(reply, NodeReply::Welcome(_)));

    page.node.open(address("10.0.0.1:4717"));
    loop {
        if let Some(NodeEvent::Open { target }) = next(&mut events).await {
            assert_eq!(target, address("10.0.0.1:4717"));
            return;
        }
    }
}

#[tokio::test]
async fn a_reload_ends_the_session_before_and_starts_one() {
    let page = page().await;
    let (first, mut first_events) = listener();
    page.attach(first, settled);
    page.request(NodeRequest::Hello).await.unwrap();
    let (second, mut second_events) = listener();
    page.attach(second, settled);

    // The first page's channel is dropped with its session, after what was under way.
    while next(&mut first_events).await.is_some() {}

    page.request(NodeRequest::Hello).await.unwrap();
    page.node.open(address("10.0.0.2:4717"));
    loop {
        if let Some(NodeEvent::Open { .. }) = next(&mut second_events).await {
            return;
        }
    }
}

#[tokio::test]
async fn a_request_of_the_page_before_is_given_up() {
    let page = Arc::new(page().await);
    let (first, _events) = listener();
    page.attach(first, settled);
    // 192.0.2.0/24 is for documentation (RFC 5737): nobody answers, so the request is under way for seconds.
    let looking = tokio::spawn({
        let page = Arc::clone(&page);
        async move {
            page.request(NodeRequest::Look {
                target: address("192.0.2.1:9"),
            })
            .await
        }
    });
    tokio::task::yield_now().await;
    let (second, _second_events) = listener();
    page.attach(second, settled);
    let answer = tokio::time::timeout(LIMIT, looking).await.unwrap().unwrap();
    assert!(answer.is_err());
}

#[tokio::test]
async fn a_webview_that_does_not_catch_up_is_given_no_more() {
    let page = page().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let channel = Channel::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let (asked, mut waiting) = mpsc::unbounded_channel();
    page.attach(channel, move |done| {
        let _ = asked.send(done);
    });
    // Every change of the settings by another page is an event of its own once the one before was fetched.
    let (other, mut other_events) = listener();
    let other_page = Page::new(page.node.clone());
    other_page.attach(other, settled);
    let changes = async {
        for number in 0_usize.. {
            let settings = Settings {
                name: format!("name {number}"),
                ..Settings::default()
            };
            other_page
                .request(NodeRequest::SetSettings { settings })
                .await
                .unwrap();
            while other_events.try_recv().is_ok() {}
        }
    };
    let done = tokio::select! {
        done = waiting.recv() => done.unwrap(),
        () = changes => unreachable!("it never ends"),
        () = tokio::time::sleep(LIMIT) => panic!("the pump never asked"),
    };
    assert_eq!(sent.load(Ordering::SeqCst), IN_FLIGHT);
    drop(done);
}
