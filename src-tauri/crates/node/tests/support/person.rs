//! A node with one page, which joins as the page of an app does: with the node's key.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_node::Node;
use landline_protocol::node_api::{HostedMeeting, NodeReply, NodeRequest, SignLabel, Target};
use landline_trust::PublicKey;
use landline_trust::chat::{Said, line_id};
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

/// Says a line, signed as the page of an app does: the `clock`th.
pub(crate) async fn says(person: &Person, seq: u32, clock: u64, text: &str) {
    let room = person.joined["roomId"].as_str().unwrap();
    let key = match person.page.ask(NodeRequest::Hello).await {
        Ok(NodeReply::Welcome(welcome)) => welcome.key,
        other => panic!("no welcome: {other:?}"),
    };
    let author = PublicKey::from_text(&key).unwrap();
    let meeting: [u8; 16] = HEXLOWER
        .decode(room.as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let said = Said {
        meeting: &meeting,
        author: &author,
        clock,
        run: 7,
        sequence: seq,
        unix_ms: 1_767_225_600_000,
        text,
    };
    let (clocks, run) = (clock.to_be_bytes(), said.run.to_be_bytes());
    let (sequence, at) = (seq.to_be_bytes(), said.unix_ms.to_be_bytes());
    let fields: [&[u8]; 7] = [
        &meeting,
        author.bytes(),
        &clocks,
        &run,
        &sequence,
        &at,
        text.as_bytes(),
    ];
    let signature = sign(&person.page, SignLabel::Chat, &fields).await;
    let channel = u32::try_from(person.joined["channel"].as_u64().unwrap()).unwrap();
    person.page.send(
        channel,
        &json!({
            "action": "chat", "roomId": room, "seq": seq, "id": line_id(&said.statement()), "text": text,
            "signed": {
                "clock": clock, "run": said.run, "sequence": seq, "at": said.unix_ms, "signature": signature,
            },
        }),
    );
}

/// Texts of the chat in a `joined`, in its order.
pub(crate) fn texts(joined: &Value) -> Vec<&str> {
    let lines = joined["chat"].as_array().unwrap();
    lines
        .iter()
        .map(|line| line["text"].as_str().unwrap())
        .collect()
}

/// Which of these hosts now.
pub(crate) async fn hosting(people: &[&Person]) -> usize {
    let hosts = people.iter().map(|person| {
        Box::pin(async move {
            let mut hosted = person.node.hosted();
            hosted.wait_for(Option::is_some).await.unwrap();
        })
    });
    soon(futures_util::future::select_all(hosts)).await.1
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
