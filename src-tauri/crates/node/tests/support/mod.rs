//! Nodes on loopback: no interface is chosen, so nothing is sent to the network that the test runs on.

#![allow(dead_code, reason = "each test program uses its own part")]

pub(crate) mod false_host;
#[cfg(target_os = "linux")]
pub(crate) mod lab;
pub(crate) mod middle;
pub(crate) mod person;
pub(crate) mod pretence;
pub(crate) mod stranger;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use landline_node::{
    Fingerprint, HostOptions, Node, NodeConfig, NodeEvents, NodeSession, guest_url,
};
use landline_protocol::node_api::{
    HostedMeeting, NodeError, NodeEvent, NodeReply, NodeRequest, Target,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Handle, Runtime};

/// A limit for what should take milliseconds, so that a failure is told and does not hang.
const SOON: Duration = Duration::from_secs(10);

/// A folder whose settings choose an interface that nobody has.
pub(crate) fn folder() -> TempDir {
    folder_on("ll-none")
}

/// A folder whose settings choose this interface.
pub(crate) fn folder_on(interface: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let settings = serde_json::json!({"interfaces": [interface]});
    std::fs::write(dir.path().join("settings.json"), settings.to_string()).unwrap();
    dir
}

pub(crate) async fn node_in(dir: &Path, port: u16) -> Node {
    Node::start(NodeConfig {
        config_dir: Some(dir.to_owned()),
        port,
        ..NodeConfig::default()
    })
    .await
    .unwrap()
}

pub(crate) async fn host(node: &Node) -> HostedMeeting {
    node.host(HostOptions {
        title: "Stand-up".into(),
        name: "Ana".into(),
        ..HostOptions::default()
    })
    .await
    .unwrap()
}

/// A host on a runtime of its own, which can be taken from it.
pub(crate) fn host_apart() -> (Runtime, TempDir, Node, HostedMeeting) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let dir = folder();
    let (node, hosted) = runtime.block_on(async {
        let node = node_in(dir.path(), 0).await;
        let hosted = host(&node).await;
        (node, hosted)
    });
    (runtime, dir, node, hosted)
}

pub(crate) async fn hosts(node: &Node) -> HostedMeeting {
    let mut hosted = node.hosted();
    let hosted = soon(hosted.wait_for(Option::is_some)).await.unwrap();
    hosted.clone().unwrap()
}

/// The guest link for this machine.
pub(crate) fn link(hosted: &HostedMeeting) -> Target {
    link_to(Ipv4Addr::LOCALHOST, hosted)
}

/// The guest link with this address.
pub(crate) fn link_to(ip: Ipv4Addr, hosted: &HostedMeeting) -> Target {
    let fingerprint: Fingerprint = hosted.fingerprint.parse().unwrap();
    let ip = IpAddr::V4(ip);
    Target::Address {
        text: guest_url(ip, hosted.port, &hosted.meeting_id, &fingerprint, None),
    }
}

pub(crate) fn bare(hosted: &HostedMeeting) -> Target {
    Target::Address {
        text: format!("127.0.0.1:{}", hosted.port),
    }
}

/// One page and what it is told.
pub(crate) struct Page {
    pub(crate) session: Arc<NodeSession>,
    pub(crate) events: NodeEvents,
    /// Where the node runs: what is asked of it opens sockets, and those belong to the network of the thread.
    runtime: Handle,
}

impl Page {
    pub(crate) fn of(node: &Node) -> Self {
        let (session, events) = node.session();
        Self {
            session: Arc::new(session),
            events,
            runtime: Handle::current(),
        }
    }

    pub(crate) async fn ask(&self, request: NodeRequest) -> Result<NodeReply, NodeError> {
        let session = Arc::clone(&self.session);
        let asked = self
            .runtime
            .spawn(async move { session.request(request).await });
        soon(asked).await.unwrap()
    }

    pub(crate) async fn open(&self, target: Target) -> u32 {
        match self
            .ask(NodeRequest::OpenChannel { target, code: None })
            .await
        {
            Ok(NodeReply::Channel { channel, .. }) => channel,
            other => panic!("no channel: {other:?}"),
        }
    }

    pub(crate) fn send(&self, channel: u32, message: &Value) {
        self.session
            .send_frame(channel, message.to_string())
            .unwrap();
    }

    /// The first event that `pick` takes something from; others are passed over.
    pub(crate) async fn event<T>(&mut self, mut pick: impl FnMut(NodeEvent) -> Option<T>) -> T {
        soon(async {
            loop {
                let event = self.events.recv().await.expect("the session lives");
                if let Some(picked) = pick(event) {
                    return picked;
                }
            }
        })
        .await
    }

    /// The next message of the room with this action.
    pub(crate) async fn message(&mut self, action: &str) -> Value {
        self.event(|event| match event {
            NodeEvent::Frame { frame, .. } => {
                let message: Value = serde_json::from_str(&frame).unwrap();
                (message["action"] == action).then_some(message)
            }
            _ => None,
        })
        .await
    }

    /// Joins and gives the `joined` message.
    pub(crate) async fn join(&mut self, channel: u32, meeting_id: &str, name: &str) -> Value {
        self.send(
            channel,
            &serde_json::json!({"action": "join", "roomId": meeting_id, "name": name, "v": 1}),
        );
        self.message("joined").await
    }
}

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it happens within seconds")
}
