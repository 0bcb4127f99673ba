//! Browser mode: a page on 127.0.0.1 drives the node, with the right token only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use landline_node::{Node, NodeConfig, Platform, PlatformError};
use landline_protocol::AccessMode;
use landline_protocol::node_api::{NodeCall, NodeErrorCode, NodeRequest, Target};
use serde_json::{Value, json};
use support::{Page, folder, host, link, node_in, soon};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A page, as far as the node can tell.
struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    /// Connects as the UI does from a URL like `http://127.0.0.1:1234/#token=…`.
    async fn open(url: &str) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let (origin, fragment) = url.split_once("/#").unwrap();
        let credential = fragment.split('&').next().unwrap().replace('=', ".");
        let mut request = format!("{}/node", origin.replace("http", "ws"))
            .into_client_request()
            .unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", origin.parse().unwrap());
        let offered = format!("landline.node.v1, {credential}");
        headers.insert("sec-websocket-protocol", offered.parse().unwrap());
        soon(connect_async(request))
            .await
            .map(|(socket, _)| Self(socket))
    }

    async fn call(&mut self, id: u32, request: NodeRequest) -> Value {
        let call = serde_json::to_string(&NodeCall { id, request }).unwrap();
        self.0.send(Message::text(call)).await.unwrap();
        self.frame(|frame| frame["id"] == id).await
    }

    async fn frame(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        soon(async {
            loop {
                let message = self.0.next().await.unwrap().unwrap();
                if let Message::Text(text) = message {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if wanted(&frame) {
                        return frame;
                    }
                }
            }
        })
        .await
    }
}

fn is_refused(result: Result<Browser, tokio_tungstenite::tungstenite::Error>) -> bool {
    matches!(result, Err(tokio_tungstenite::tungstenite::Error::Http(response)) if response.status() == 401)
}

#[tokio::test]
async fn a_page_with_the_token_hosts_joins_and_talks() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let url = node.local_url(None).await.unwrap();
    let mut page = Browser::open(&url).await.ok().unwrap();

    let welcome = page.call(1, NodeRequest::Hello).await;
    let token = welcome["reply"]["token"].as_str().unwrap();
    assert!(url.contains(token));
    let request = NodeRequest::Host {
        title: "Stand-up".into(),
        name: "Ana".into(),
        access: AccessMode::Open,
        private: false,
    };
    let hosted = page.call(2, request).await;
    let meeting_id = hosted["reply"]["hosted"]["meetingId"]
        .as_str()
        .unwrap()
        .to_owned();
    let target = Target::Meeting {
        meeting_id: meeting_id.clone(),
    };
    let opened = page
        .call(3, NodeRequest::OpenChannel { target, code: None })
        .await;
    assert_eq!(opened["reply"]["channel"], 1);
    let frame = json!({"action": "join", "roomId": meeting_id, "v": 1}).to_string();
    page.call(4, NodeRequest::SendFrame { channel: 1, frame })
        .await;
    let joined = page.frame(|frame| frame["body"]["event"] == "frame").await;
    assert!(joined["body"]["frame"].as_str().unwrap().contains("joined"));

    let unknown = NodeRequest::CloseChannel { channel: 9 };
    let failed = page.call(5, unknown).await;
    assert_eq!(failed["error"]["code"], "no-channel");
    page.0
        .send(Message::text(r#"{"id":6,"request":{"do":"dance"}}"#))
        .await
        .unwrap();
    let failed = page.frame(|frame| frame["id"] == 6).await;
    assert_eq!(failed["error"]["code"], "bad-request");

    // A second window is a page of its own, and hears what the first one did.
    let mut second = Browser::open(&url).await.ok().unwrap();
    let welcome = second.call(1, NodeRequest::Hello).await;
    assert_eq!(welcome["reply"]["hosted"]["meetingId"], meeting_id.as_str());
    page.call(7, NodeRequest::EndMeeting).await;
    let over = second
        .frame(|frame| frame["body"]["event"] == "hosted" && frame["body"]["hosted"].is_null());
    over.await;
    soon(node.shutdown()).await;
}

#[tokio::test]
async fn a_page_without_the_right_token_is_refused() {
    let here = folder();
    let node = node_in(here.path(), 0).await;
    let url = node.local_url(None).await.unwrap();
    let (origin, token) = url.split_once("/#token=").unwrap();
    let mut wrong = token.to_owned();
    wrong.replace_range(0..1, if token.starts_with('A') { "B" } else { "A" });
    for fragment in [
        "token=",
        "none=",
        &format!("token={wrong}"),
        &format!("ticket={token}"),
    ] {
        assert!(
            is_refused(Browser::open(&format!("{origin}/#{fragment}")).await),
            "{fragment}"
        );
    }
    assert!(Browser::open(&url).await.is_ok());
    soon(node.shutdown()).await;
}

/// A desktop that notes what it is asked for.
#[derive(Default)]
struct Desktop {
    opened: Mutex<Vec<String>>,
    awake: Mutex<Vec<bool>>,
}

impl Platform for Desktop {
    fn open_url(&self, url: &str) -> Result<(), PlatformError> {
        self.opened.lock().unwrap().push(url.to_owned());
        Ok(())
    }

    fn keep_awake(&self, on: bool) -> Result<(), PlatformError> {
        self.awake.lock().unwrap().push(on);
        Ok(())
    }
}

#[tokio::test]
async fn the_app_hands_over_to_the_browser_by_a_ticket_that_is_good_once() {
    let (here, desktop) = (folder(), Arc::new(Desktop::default()));
    let node = Node::start(NodeConfig {
        config_dir: Some(here.path().to_owned()),
        port: 0,
        platform: Arc::<Desktop>::clone(&desktop),
        engine_origins: vec!["tauri://localhost".to_owned()],
        ..NodeConfig::default()
    });
    let node = node.await.unwrap();
    let hosted = host(&node).await;
    let app = Page::of(&node);
    let target = Some(link(&hosted));
    app.ask(NodeRequest::OpenInBrowser { target })
        .await
        .unwrap();
    let url = desktop.opened.lock().unwrap()[0].clone();
    assert!(
        url.contains("/#ticket=") && url.contains("&a=https%3A%2F%2F127.0.0.1"),
        "{url}"
    );

    let mut page = Browser::open(&url).await.ok().unwrap();
    assert!(is_refused(Browser::open(&url).await));
    let welcome = page.call(1, NodeRequest::Hello).await;
    let token = welcome["reply"]["token"].as_str().unwrap();
    let origin = url.split("/#").next().unwrap();
    // With what it was given the page connects again.
    assert!(
        Browser::open(&format!("{origin}/#token={token}"))
            .await
            .is_ok()
    );
    let again = page
        .call(2, NodeRequest::OpenInBrowser { target: None })
        .await;
    assert_eq!(again["error"]["code"], "not-supported");
    // Nor does a browser need an engine: it has one.
    let engine = page.call(3, NodeRequest::OpenEngine).await;
    assert_eq!(engine["error"]["code"], "not-supported");
    soon(node.shutdown()).await;
}

#[tokio::test]
async fn the_machine_is_kept_awake_while_any_page_wants_it() {
    let (here, desktop) = (folder(), Arc::new(Desktop::default()));
    let node = Node::start(NodeConfig {
        config_dir: Some(here.path().to_owned()),
        platform: Arc::<Desktop>::clone(&desktop),
        ..NodeConfig::default()
    });
    let node = node.await.unwrap();
    let (one, two) = (Page::of(&node), Page::of(&node));
    let awake = || desktop.awake.lock().unwrap().clone();
    one.ask(NodeRequest::KeepAwake { on: true }).await.unwrap();
    two.ask(NodeRequest::KeepAwake { on: true }).await.unwrap();
    one.ask(NodeRequest::KeepAwake { on: false }).await.unwrap();
    assert_eq!(awake(), [true]);
    drop(two);
    assert_eq!(awake(), [true, false]);

    // Without a desktop around it the page has to do it itself.
    let plain = Page::of(&node_in(here.path(), 0).await);
    let error = plain
        .ask(NodeRequest::KeepAwake { on: true })
        .await
        .unwrap_err();
    assert_eq!(error.code, NodeErrorCode::NotSupported);
}
