//! A meeting outlives its host. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use futures_util::{SinkExt as _, StreamExt as _};
use landline_node::Node;
use landline_protocol::node_api::{
    ChannelClosed, HostedMeeting, NodeErrorCode, NodeEvent, NodeReply, NodeRequest, SignLabel,
    Target,
};
use landline_signaling::exporter_of;
use landline_trust::{PublicKey, Signature, SigningKey, Statement};
use serde_json::{Value, json};
use support::stranger::{Socket, bytes, dial_peer};
use support::{Page, folder, host, link, node_in, soon};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// Without notice of its end: to find out that it is gone, and to take over.
const TAKEOVER: Duration = Duration::from_secs(4);
/// Machines that do other things as well.
const SLACK: Duration = Duration::from_secs(4);

/// A node with one page in a meeting.
struct Person {
    _dir: TempDir,
    node: Node,
    page: Page,
    /// Of the last `joined`.
    joined: Value,
    target: Target,
}

impl Person {
    async fn joins(hosted: &HostedMeeting, name: &str) -> Self {
        let dir = folder();
        let node = node_in(dir.path(), 0).await;
        Self::on(dir, node, link(hosted), &hosted.meeting_id, name).await
    }

    async fn on(dir: TempDir, node: Node, target: Target, meeting: &str, name: &str) -> Self {
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

    fn id(&self) -> String {
        self.joined["clientId"].as_str().unwrap().to_owned()
    }

    /// Dials again, as a page does whose connection is lost, and resumes.
    async fn comes_back(&mut self, name: &str) -> Value {
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
async fn join(
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

async fn sign(page: &Page, label: SignLabel, fields: &[&[u8]]) -> String {
    let fields = fields
        .iter()
        .map(|field| BASE64URL_NOPAD.encode(field))
        .collect();
    match page.ask(NodeRequest::Sign { label, fields }).await {
        Ok(NodeReply::Signed { signature }) => signature,
        other => panic!("not signed: {other:?}"),
    }
}

fn say(person: &Person, text: &str) {
    let channel = u32::try_from(person.joined["channel"].as_u64().unwrap()).unwrap();
    person.page.send(
        channel,
        &json!({
            "action": "chat", "roomId": person.joined["roomId"], "seq": 1, "id": "line-0001", "text": text,
        }),
    );
}

fn leave(person: &Person) {
    let channel = u32::try_from(person.joined["channel"].as_u64().unwrap()).unwrap();
    let leave = json!({"action": "leave", "roomId": person.joined["roomId"], "seq": 1});
    person.page.send(channel, &leave);
}

/// A host on a runtime of its own, which can be taken from it.
fn host_apart() -> (Runtime, TempDir, Node, HostedMeeting) {
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

/// Waits until both nodes stand in the host's record and hear each other.
async fn settle(people: &[&Person]) {
    for person in people {
        companions(&person.node, people.len() + 1).await;
    }
}

async fn companions(node: &Node, number: usize) {
    let mut companions = node.companions();
    let reached = soon(companions.wait_for(|reached| *reached == number)).await;
    reached.unwrap();
}

async fn hosts(node: &Node) -> HostedMeeting {
    let mut hosted = node.hosted();
    let hosted = soon(hosted.wait_for(Option::is_some)).await.unwrap();
    hosted.clone().unwrap()
}

/// The one of two people whose node hosts now, and the other.
async fn heir<'a>(one: &'a mut Person, two: &'a mut Person) -> (&'a mut Person, &'a mut Person) {
    let (mut a, mut b) = (one.node.hosted(), two.node.hosted());
    let first = soon(async {
        tokio::select! {
            _ = a.wait_for(Option::is_some) => true,
            _ = b.wait_for(Option::is_some) => false,
        }
    })
    .await;
    drop((a, b));
    if first { (one, two) } else { (two, one) }
}

#[test]
fn a_meeting_outlives_a_host_that_dies() {
    let (runtime, _dir, node, hosted) = host_apart();
    let here = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    here.block_on(async {
        let mut ben = Person::joins(&hosted, "Ben").await;
        let mut cleo = Person::joins(&hosted, "Cleo").await;
        say(&ben, "before");
        assert_eq!(cleo.page.message("chat").await["line"]["text"], "before");
        settle(&[&ben, &cleo]).await;
        let (bens, cleos) = (ben.id(), cleo.id());

        let died = Instant::now();
        runtime.shutdown_background();
        drop(node);
        let (next, other) = heir(&mut ben, &mut cleo).await;
        let now = hosts(&next.node).await;
        let took = died.elapsed();
        println!("hosted again after {took:?}");
        assert!(took < TAKEOVER + SLACK, "{took:?}");
        assert_eq!(now.meeting_id, hosted.meeting_id);
        assert_eq!(now.title, hosted.title);
        assert_eq!(now.started_at, hosted.started_at);

        let back = other.comes_back("x").await;
        println!("resumed after {:?}", died.elapsed());
        assert_eq!(back["outcome"], "restored");
        assert_eq!(back["chat"][0]["text"], "before");
        let back = next.comes_back("y").await;
        assert_eq!(back["outcome"], "restored");
        assert_eq!(back["role"], "host");
        assert_eq!((ben.id(), cleo.id()), (bens, cleos));

        // Somebody new joins there, and is one more who could host.
        let dan = Person::joins(&now, "Dan").await;
        assert_eq!(dan.joined["outcome"], "new");
        assert_eq!(dan.joined["peers"].as_array().unwrap().len(), 2);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_quits_hands_over() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let hosted = host(&node).await;
    let mut ben = Person::joins(&hosted, "Ben").await;
    let mut cleo = Person::joins(&hosted, "Cleo").await;
    settle(&[&ben, &cleo]).await;

    let quits = Instant::now();
    soon(node.shutdown()).await;
    let took = quits.elapsed();
    println!("handed over within {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    let (next, other) = heir(&mut ben, &mut cleo).await;
    assert_eq!(hosts(&next.node).await.meeting_id, hosted.meeting_id);
    assert_eq!(other.comes_back("x").await["outcome"], "restored");
    assert_eq!(next.comes_back("y").await["outcome"], "restored");

    // When all have left it is over: no page has opened it there, so none would end it.
    leave(next);
    leave(other);
    let mut hosted = next.node.hosted();
    assert!(soon(hosted.wait_for(Option::is_none)).await.is_ok());
    companions(&next.node, 0).await;
    companions(&other.node, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_that_is_ended_for_all_ends() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let hosted = host(&node).await;
    let mut ben = Person::joins(&hosted, "Ben").await;
    settle(&[&ben]).await;
    let page = Page::of(&node);
    page.ask(NodeRequest::EndMeeting).await.unwrap();
    ben.page.message("meeting-ended").await;
    companions(&ben.node, 0).await;
    let target = ben.target.clone();
    let gone = ben
        .page
        .ask(NodeRequest::OpenChannel { target, code: None });
    let error = gone.await.unwrap_err();
    assert_eq!(error.code, NodeErrorCode::ConnectionRefused);
    assert!(ben.node.hosted().borrow().is_none());
}

/// The program, killed at the end of the test.
struct Program(Child);

impl Program {
    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_was_stopped_gives_way_when_it_goes_on() {
    let dir = folder();
    let mut program = Program(
        Command::new(env!("CARGO_BIN_EXE_landline-node"))
            .args(["host", "--json", "--port", "0", "--name", "Ana"])
            .env("LANDLINE_CONFIG_DIR", dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    let stdout = program.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let target = Target::Address {
        text: ready["guestUrl"].as_str().unwrap().to_owned(),
    };
    let meeting = ready["meetingId"].as_str().unwrap();
    let mut people = Vec::new();
    for name in ["Ben", "Cleo"] {
        let dir = folder();
        let node = node_in(dir.path(), 0).await;
        people.push(Person::on(dir, node, target.clone(), meeting, name).await);
    }
    let (mut cleo, mut ben) = (people.pop().unwrap(), people.pop().unwrap());
    settle(&[&ben, &cleo]).await;

    program.signal("-STOP");
    let stopped = Instant::now();
    let (next, other) = heir(&mut ben, &mut cleo).await;
    println!("hosted again after {:?}", stopped.elapsed());
    // The host still has their connections and says nothing on them: their nodes cut them.
    for person in [&mut *next, &mut *other] {
        let closed = |event| match event {
            NodeEvent::ChannelClosed { reason, .. } => Some(reason),
            _ => None,
        };
        assert_eq!(person.page.event(closed).await, ChannelClosed::Lost);
        assert_eq!(person.comes_back("x").await["outcome"], "restored");
    }
    // How long it is stopped is what this is about.
    tokio::time::sleep(Duration::from_secs(6).saturating_sub(stopped.elapsed())).await;
    program.signal("-CONT");
    let goes_on = Instant::now();
    // The program ends when its meeting is not there any more.
    let ended = soon(tokio::task::spawn_blocking(move || program.0.wait())).await;
    assert!(ended.unwrap().unwrap().success());
    println!("gave way after {:?}", goes_on.elapsed());
    assert!(next.node.hosted().borrow().is_some());
    assert!(other.node.hosted().borrow().is_none());
    companions(&other.node, 2).await;
}

/// As a node introduces itself.
async fn introduce(socket: &mut Socket, meeting: &str, key: &SigningKey) -> Option<Vec<u8>> {
    let mut first = HEXLOWER.decode(meeting.as_bytes()).unwrap();
    first.extend_from_slice(key.public().bytes());
    first.extend_from_slice(&[5; 32]);
    soon(socket.send(Message::Binary(first.into())))
        .await
        .unwrap();
    hear(socket).await
}

/// The next message; nothing if the other side hangs up.
async fn hear(socket: &mut Socket) -> Option<Vec<u8>> {
    match soon(socket.next()).await {
        Some(Ok(Message::Binary(bytes))) => Some(bytes.to_vec()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => None,
        Some(Ok(other)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_who_proves_a_key_for_this_connection_speaks_with_a_node() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let hosted = host(&node).await;
    companions(&node, 1).await;
    let (meeting, key) = (hosted.meeting_id.as_str(), SigningKey::generate().unwrap());

    let mut elsewhere = dial_peer(hosted.port).await.unwrap();
    let other = "0".repeat(32);
    assert_eq!(introduce(&mut elsewhere, &other, &key).await, None);

    // Its own words said again on another connection, as somebody in between would.
    for honest in [false, true] {
        let mut socket = dial_peer(hosted.port).await.unwrap();
        let answer = introduce(&mut socket, meeting, &key).await.unwrap();
        let (listener, rest) = answer.split_at(65);
        let (nonce, signature) = rest.split_at(32);
        let mut exporter = exporter_of(socket.get_ref().get_ref().1).unwrap().0;
        let statement = |label: &str, exporter: &[u8]| {
            Statement::new(label)
                .field(&HEXLOWER.decode(meeting.as_bytes()).unwrap())
                .field(key.public().bytes())
                .field(listener)
                .field(exporter)
                .field(&[5; 32])
                .field(nonce)
        };
        let host = PublicKey::from_bytes(listener).unwrap();
        let signature = Signature::from_bytes(signature.try_into().unwrap());
        assert!(host.verifies(&statement("peer/listener", &exporter), &signature));
        if !honest {
            exporter[0] ^= 1;
        }
        let proof = key.sign(&statement("peer/dialer", &exporter)).unwrap();
        let proof = Message::Binary(proof.bytes().to_vec().into());
        soon(socket.send(proof)).await.unwrap();
        // The first hello, or nothing at all.
        assert_eq!(hear(&mut socket).await.is_some(), honest);
        if honest {
            // A stranger without a seat is no companion, whatever it says.
            assert_eq!(*node.companions().borrow(), 1);
            let nonsense = Message::Binary(vec![255; 9].into());
            soon(socket.send(nonsense)).await.unwrap();
            while hear(&mut socket).await.is_some() {}
        }
    }
}

#[tokio::test]
async fn a_meeting_of_a_given_id_ends_with_its_host() {
    let (here, there) = (folder(), folder());
    let (hosting, visiting) = (
        node_in(here.path(), 0).await,
        node_in(there.path(), 0).await,
    );
    let hosted = hosting
        .host(landline_node::HostOptions {
            meeting_id: Some("ab".repeat(16)),
            ..landline_node::HostOptions::default()
        })
        .await
        .unwrap();
    assert_eq!(*hosting.companions().borrow(), 0);
    let refused = dial_peer(hosted.port).await;
    assert!(matches!(refused, Err(WsError::Http(answer)) if answer.status() == 404));
    let ben = Person::on(there, visiting, link(&hosted), &hosted.meeting_id, "Ben").await;
    assert_eq!(ben.joined["outcome"], "new");
    assert_eq!(*ben.node.companions().borrow(), 0);
}
