//! A meeting outlives its host. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use landline_node::Node;
use landline_protocol::node_api::{
    ChannelClosed, HostedMeeting, NodeErrorCode, NodeEvent, NodeRequest, Target,
};
use serde_json::{Value, json};
use support::person::{Person, companions, settle};
use support::stranger::Stranger;
use support::{Page, folder, host, node_in, soon};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::Message;

/// Without notice of its end: to find out that it is gone, and to take over.
const TAKEOVER: Duration = Duration::from_secs(4);
/// Machines that do other things as well.
const SLACK: Duration = Duration::from_secs(4);

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
async fn a_guest_gets_its_seat_back_at_the_next_host() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let hosted = host(&node).await;
    let at = |port| Stranger::at(Ipv4Addr::LOCALHOST, port, &hosted.meeting_id);
    let mut guest = at(hosted.port).await;
    let joined = guest.join(&json!({"kind": "guest"})).await;
    // Records that list these two list the guest as well, which came before.
    let mut ben = Person::joins(&hosted, "Ben").await;
    let mut cleo = Person::joins(&hosted, "Cleo").await;
    settle(&[&ben, &cleo]).await;
    soon(node.shutdown()).await;
    let (next, _) = heir(&mut ben, &mut cleo).await;
    let now = hosts(&next.node).await;
    let mut told = Value::Null;
    while let Some(Ok(Message::Text(text))) = soon(guest.socket.next()).await {
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["action"] == "successor" {
            told = message["link"].clone();
        }
    }
    // On loopback alone a host has no links for guests; a node of this machine is reached all the same.
    let place = format!(
        "https://127.0.0.1:{}/#m={}&fp={}",
        now.port, now.meeting_id, now.fingerprint
    );
    assert_eq!(told, json!(place), "told beforehand");

    let resume = json!({"resume": {
        "clientId": joined["clientId"], "token": joined["resumeToken"], "seq": 0, "fresh": false,
    }});
    let mut impostor = at(now.port).await;
    let other = impostor.join(&resume).await;
    assert_ne!(other["clientId"], joined["clientId"], "another key");
    let mut again = at(now.port).await;
    again.key = guest.key;
    let back = again.join(&resume).await;
    assert_eq!(back["outcome"], "restored");
    assert_eq!(back["clientId"], joined["clientId"]);
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
