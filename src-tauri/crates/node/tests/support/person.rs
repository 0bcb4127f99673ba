//! A node with one page, which joins as the page of an app does: with the node's key.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_node::Node;
use landline_protocol::node_api::{HostedMeeting, NodeReply, NodeRequest, SignLabel, Target};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::stranger::bytes;
use super::{Page, folder, link, node_in, soon};

/// A node with one page in a meeting.
pub(crate) struct Person {
    pub(crate) _dir: TempDir,
    pub(crate) node: Node,
    pub(crate) page: Page,
    /// Of the last `joined`.
    pub(crate) joined: Value,
    pub(crate) target: Target,
}

impl Person {
    pub(crate) async fn joins(hosted: &HostedMeeting, name: &str) -> Self {
        let dir = folder();
        let node = node_in(dir.path(), 0).await;
        Self::on(dir, node, link(hosted), &hosted.meeting_id, name).await
    }

    pub(crate) async fn on(
        dir: TempDir,
        node: Node,
        target: Target,
        meeting: &str,
        name: &str,
    ) -> Self {
        let mut page = Page::of(&node);
        let joined = join(&mut page, &target, meeting, name, None).await;
        Self {
            _dir: dir,
            node,
            page,
            joined,
            target,
        }
    }

    pub(crate) fn id(&self) -> String {
        self.joined["clientId"].as_str().unwrap().to_owned()
    }

    /// Dials again, as a page does whose connection is lost, and resumes.
    pub(crate) async fn comes_back(&mut self, name: &str) -> Value {
        let room = self.joined["roomId"].as_str().unwrap().to_owned();
        let resume = json!({
            "clientId": self.joined["clientId"], "token": self.joined["resumeToken"],
            "seq": 0, "fresh": false,
        });
        self.joined = join(&mut self.page, &self.target, &room, name, Some(resume)).await;
        self.joined.clone()
    }
}

/// As the page of an app joins: with the node's key, proven for this host.
pub(crate) async fn join(
    page: &mut Page,
    target: &Target,
    meeting: &str,
    name: &str,
    resume: Option<Value>,
) -> Value {
    let opened = page
        .ask(NodeRequest::OpenChannel {
            target: target.clone(),
            code: None,
        })
        .await;
    let (channel, fingerprint) = match opened {
        Ok(NodeReply::Channel {
            channel,
            fingerprint,
        }) => (channel, fingerprint),
        other => panic!("no channel: {other:?}"),
    };
    let key = match page.ask(NodeRequest::Hello).await {
        Ok(NodeReply::Welcome(welcome)) => welcome.key,
        other => panic!("no welcome: {other:?}"),
    };
    page.send(channel, &json!({"action": "challenge"}));
    let challenge = page.message("challenge").await;
    let (id, dtls) = (meeting.as_bytes(), [7; 32]);
    let host = HEXLOWER.decode(fingerprint.as_bytes()).unwrap();
    let signature = sign(page, SignLabel::Dtls, &[id, &dtls]).await;
    let nonce = bytes(&challenge["nonce"]);
    let proof = sign(page, SignLabel::Join, &[id, &host, &nonce, &dtls]).await;
    let mut message = json!({
        "action": "join", "roomId": meeting, "name": name, "v": 1, "proof": proof,
        "identity": {"key": key, "fingerprint": HEXLOWER.encode(&dtls), "signature": signature},
    });
    if let Some(resume) = resume {
        message["resume"] = resume;
    }
    page.send(channel, &message);
    let mut joined = page.message("joined").await;
    joined["channel"] = json!(channel);
    joined
}

pub(crate) async fn sign(page: &Page, label: SignLabel, fields: &[&[u8]]) -> String {
    let fields = fields
        .iter()
        .map(|field| BASE64URL_NOPAD.encode(field))
        .collect();
    match page.ask(NodeRequest::Sign { label, fields }).await {
        Ok(NodeReply::Signed { signature }) => signature,
        other => panic!("not signed: {other:?}"),
    }
}

/// Waits until both nodes stand in the host's record and hear each other.
pub(crate) async fn settle(people: &[&Person]) {
    for person in people {
        companions(&person.node, people.len() + 1).await;
    }
}

pub(crate) async fn companions(node: &Node, number: usize) {
    let mut companions = node.companions();
    let reached = soon(companions.wait_for(|reached| *reached == number)).await;
    reached.unwrap();
}
