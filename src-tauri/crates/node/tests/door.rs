//! Coming in with a code that is never sent. Real nodes, real sockets, and real attackers on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::net::Ipv4Addr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use landline_node::{HostOptions, Node};
use landline_protocol::AccessMode;
use landline_protocol::node_api::{
    HostedMeeting, NodeErrorCode, NodeReply, NodeRequest, SignLabel, Target,
};
use landline_signaling::exporter_of;
use landline_trust::pake::{Binding, Exporter, Joiner};
use landline_trust::{Code, SigningKey};
use rustls::version::TLS12;
use serde_json::{Value, json};
use support::middle::Middle;
use support::pretence::{Pretence, pretend};
use support::stranger::{Stranger, bytes, dial_over};
use support::{Page, folder, link, node_in, soon};
use tokio::net::TcpListener;

async fn host(node: &Node, access: AccessMode) -> HostedMeeting {
    node.host(HostOptions {
        title: "Stand-up".into(),
        name: "Ana".into(),
        access,
        ..HostOptions::default()
    })
    .await
    .unwrap()
}

/// The same under an id that certifies nothing: to one that does nobody comes through somebody in between.
async fn host_uncertified(node: &Node, access: AccessMode) -> HostedMeeting {
    node.host(HostOptions {
        meeting_id: Some("stand-up".into()),
        access,
        ..HostOptions::default()
    })
    .await
    .unwrap()
}

fn code_of(hosted: &HostedMeeting) -> String {
    hosted.access.code.clone().unwrap()
}

/// Another code than this one.
fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// As somebody reaches a meeting who knows its id and not its certificate.
fn unpinned(meeting_id: &str, port: u16) -> Target {
    Target::Address {
        text: format!("https://127.0.0.1:{port}/#m={meeting_id}"),
    }
}

/// The channel, and the fingerprint of the host as the node saw it.
async fn open(page: &Page, target: Target, code: &str) -> Result<(u32, String), NodeErrorCode> {
    let code = Some(code.to_owned());
    match page.ask(NodeRequest::OpenChannel { target, code }).await {
        Ok(NodeReply::Channel {
            channel,
            fingerprint,
        }) => Ok((channel, fingerprint)),
        Ok(other) => panic!("no channel: {other:?}"),
        Err(error) => Err(error.code),
    }
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

/// As the page of an app joins: with the node's key, proven for this host.
async fn join(
    page: &mut Page,
    channel: u32,
    fingerprint: &str,
    meeting_id: &str,
    answer: &str,
) -> Value {
    let key = match page.ask(NodeRequest::Hello).await {
        Ok(NodeReply::Welcome(welcome)) => welcome.key,
        other => panic!("no welcome: {other:?}"),
    };
    page.send(channel, &json!({"action": "challenge"}));
    let challenge = page.message("challenge").await;
    let (id, dtls) = (meeting_id.as_bytes(), [7; 32]);
    let host = HEXLOWER.decode(fingerprint.as_bytes()).unwrap();
    let signature = sign(page, SignLabel::Dtls, &[id, &dtls]).await;
    let nonce = bytes(&challenge["nonce"]);
    let proof = sign(page, SignLabel::Join, &[id, &host, &nonce, &dtls]).await;
    page.send(
        channel,
        &json!({
            "action": "join", "roomId": meeting_id, "name": "Ben", "v": 1, "proof": proof,
            "identity": {"key": key, "fingerprint": HEXLOWER.encode(&dtls), "signature": signature},
        }),
    );
    page.message(answer).await
}

#[tokio::test]
async fn who_has_the_code_joins_without_knocking_and_who_has_not_does_not() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let code = code_of(&hosted);
    let mut ben = Page::of(&visiting);

    let refused = open(&ben, link(&hosted), &wrong(&code)).await;
    assert_eq!(refused, Err(NodeErrorCode::WrongCode));
    let refused = open(&ben, link(&hosted), "12345").await;
    assert_eq!(refused, Err(NodeErrorCode::WrongCode));

    let typed = format!("{} {}", &code[..3], &code[3..]);
    let (channel, fingerprint) = open(&ben, link(&hosted), &typed).await.unwrap();
    assert_eq!(fingerprint, hosted.fingerprint);
    let joined = join(
        &mut ben,
        channel,
        &fingerprint,
        &hosted.meeting_id,
        "joined",
    )
    .await;
    assert_eq!(joined["title"], "Stand-up");
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn without_a_code_one_is_asked_for_it() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let mut ben = Page::of(&visiting);
    let channel = ben.open(link(&hosted)).await;
    let error = join(
        &mut ben,
        channel,
        &hosted.fingerprint,
        &hosted.meeting_id,
        "error",
    )
    .await;
    assert_eq!(error["code"], "code-needed");
    soon(hosting.shutdown()).await;
}

/// A bare address says nothing of the meeting, which is part of what is proven.
#[tokio::test]
async fn a_code_is_proven_at_a_bare_address_too() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let mut ben = Page::of(&visiting);
    let (channel, fingerprint) = open(&ben, support::bare(&hosted), &code_of(&hosted))
        .await
        .unwrap();
    join(
        &mut ben,
        channel,
        &fingerprint,
        &hosted.meeting_id,
        "joined",
    )
    .await;
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn a_meeting_without_a_code_does_not_take_one_for_granted() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Open).await;
    let ben = Page::of(&visiting);
    let refused = open(&ben, link(&hosted), "424242").await;
    assert_eq!(refused, Err(NodeErrorCode::WrongCode));
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn a_man_in_the_middle_gets_nobody_in_and_never_sees_the_code() {
    let (mut tried, mut refused, mut codes, mut saw) = (0, 0, Vec::new(), Vec::new());
    // Five of one meeting: after that it says that there were too many.
    for _ in 0..4 {
        let here = folder();
        let hosting = node_in(here.path(), 0).await;
        let hosted = host_uncertified(&hosting, AccessMode::Code).await;
        let middle = Middle::before(hosted.port).await;
        for _ in 0..5 {
            let there = folder();
            let visiting = node_in(there.path(), 0).await;
            let ben = Page::of(&visiting);
            let target = unpinned(&hosted.meeting_id, middle.port);
            tried += 1;
            let ended = open(&ben, target, &code_of(&hosted)).await;
            refused += u32::from(ended == Err(NodeErrorCode::WrongCode));
        }
        codes.push(code_of(&hosted));
        codes.push(hosted.access.secret.clone().unwrap());
        saw.extend(middle.saw());
        assert_eq!(hosting.hosted().borrow().as_ref().unwrap().participants, 0);
        soon(hosting.shutdown()).await;
    }
    assert_eq!((tried, refused), (20, 20));
    let count = |part: &str| saw.iter().filter(|text| text.contains(part)).count();
    assert_eq!((count("pake-start"), count("wrong-code")), (20, 20));
    assert_eq!(count(r#""joined""#), 0);
    for code in codes {
        assert_eq!(count(&code), 0);
    }
}

/// What the one before is worth: the same man in the middle of an open meeting sees it all.
#[tokio::test]
async fn a_man_in_the_middle_of_an_open_meeting_carries_messages() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host_uncertified(&hosting, AccessMode::Open).await;
    let middle = Middle::before(hosted.port).await;
    let mut ben = Page::of(&visiting);
    let channel = ben.open(unpinned(&hosted.meeting_id, middle.port)).await;
    ben.join(channel, &hosted.meeting_id, "Ben").await;
    assert!(middle.saw().iter().any(|text| text.contains(r#""joined""#)));
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn fifty_connections_with_wrong_codes_get_five_tries_and_may_still_knock() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let visiting = node_in(there.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let tried = wrong(&code_of(&hosted));
    let guessers = (1..=50_u8).map(|n| {
        let (port, meeting_id, tried) = (hosted.port, hosted.meeting_id.clone(), tried.clone());
        tokio::spawn(async move {
            let from = Ipv4Addr::new(127, 0, 0, n);
            let mut eve = Stranger::at(from, port, &meeting_id).await;
            let proven = eve.prove(&tried).await;
            let typed = eve.join(&json!({"code": tried})).await;
            (proven, typed)
        })
    });
    let mut ended = std::collections::BTreeMap::<String, u32>::new();
    for guesser in futures_util::future::join_all(guessers).await {
        let (proven, typed) = guesser.unwrap();
        for answer in [proven, typed] {
            assert_eq!(answer["action"], "error", "{answer}");
            *ended
                .entry(answer["code"].as_str().unwrap().to_owned())
                .or_default() += 1;
            if answer["code"] == "too-many-tries" {
                assert!(
                    answer["retryAfterMs"].as_u64().unwrap() <= 60_001,
                    "{answer}"
                );
            }
        }
    }
    assert_eq!(ended["wrong-code"], 5, "{ended:?}");
    assert_eq!(ended["too-many-tries"], 95, "{ended:?}");

    // Now the right code has to wait too, and the app says so at once.
    let ben = Page::of(&visiting);
    let refused = open(&ben, link(&hosted), &code_of(&hosted)).await;
    assert_eq!(refused, Err(NodeErrorCode::TooManyTries));
    // Knocking, and the secret of a link, need no try.
    let mut eve = Stranger::at(Ipv4Addr::LOCALHOST, hosted.port, &hosted.meeting_id).await;
    let waiting = eve.join(&json!({"knock": true})).await;
    assert_eq!(waiting["action"], "waiting");
    let mut guest = Stranger::at(Ipv4Addr::LOCALHOST, hosted.port, &hosted.meeting_id).await;
    let joined = guest.join(&json!({"secret": hosted.access.secret})).await;
    assert_eq!(joined["action"], "joined");
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn thirty_who_have_the_code_come_in_at_once() {
    let here = folder();
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let people = (0..30).map(|_| {
        let (port, meeting_id, code) = (hosted.port, hosted.meeting_id.clone(), code_of(&hosted));
        tokio::spawn(async move {
            let mut ben = Stranger::at(Ipv4Addr::LOCALHOST, port, &meeting_id).await;
            loop {
                let answer = ben.prove(&code).await;
                if answer["action"] == "pake-confirm" {
                    return ben.join(&json!({})).await;
                }
                // Others are being decided on: a moment.
                assert!(
                    answer["retryAfterMs"].as_u64().unwrap() <= 1_001,
                    "{answer}"
                );
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
    });
    for person in futures_util::future::join_all(people).await {
        let joined = person.unwrap();
        assert_eq!(joined["action"], "joined");
    }
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn a_browser_sends_its_code_and_a_proof_lets_in_its_own_key_alone() {
    let here = folder();
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let stranger = || Stranger::at(Ipv4Addr::LOCALHOST, hosted.port, &hosted.meeting_id);
    let mut guest = stranger().await;
    let joined = guest.join(&json!({"code": code_of(&hosted)})).await;
    assert_eq!(joined["action"], "joined");

    let mut eve = stranger().await;
    let proven = eve.prove(&code_of(&hosted)).await;
    assert_eq!(proven["action"], "pake-confirm");
    eve.key = SigningKey::generate().unwrap();
    let refused = eve.join(&json!({})).await;
    assert_eq!(refused["code"], "code-needed");
    soon(hosting.shutdown()).await;
}

/// Older versions have no exporter that is good without more ado (RFC 9266, section 4.2).
#[tokio::test]
async fn without_tls_1_3_nothing_can_be_proven_and_one_may_knock() {
    let here = folder();
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting, AccessMode::Code).await;
    let mut old = Stranger::at(Ipv4Addr::LOCALHOST, hosted.port, &hosted.meeting_id).await;
    old.socket = dial_over(&TLS12, Ipv4Addr::LOCALHOST, hosted.port).await;
    assert_eq!(exporter_of(old.socket.get_ref().get_ref().1), None);
    let binding = Binding {
        meeting_id: hosted.meeting_id.clone(),
        joiner_key: old.key.public(),
        exporter: Exporter([0; 32]),
    };
    let (_, message) = Joiner::start(&Code::parse(&code_of(&hosted)).unwrap(), &binding);
    let start = json!({
        "action": "pake-start", "roomId": hosted.meeting_id, "key": old.key.public(),
        "message": BASE64URL_NOPAD.encode(&message),
    });
    assert_eq!(old.ask(&start).await["code"], "not-allowed");
    let waiting = old.join(&json!({"knock": true})).await;
    assert_eq!(waiting["action"], "waiting");
    soon(hosting.shutdown()).await;
}

#[tokio::test]
async fn a_host_that_does_not_know_the_code_is_refused_whatever_it_says() {
    let there = folder();
    let visiting = node_in(there.path(), 0).await;
    let ben = Page::of(&visiting);
    for (pretence, code) in [
        (Pretence::NoCodeNeeded, NodeErrorCode::WrongCode),
        (Pretence::Right, NodeErrorCode::WrongCode),
        (Pretence::Echo, NodeErrorCode::NotLandline),
        (Pretence::OutOfTurn, NodeErrorCode::NotLandline),
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let pretending = tokio::spawn(pretend(listener, pretence));
        let refused = open(&ben, unpinned("abcdefghijklmnop", port), "424242").await;
        assert_eq!(refused, Err(code), "{pretence:?}");
        soon(pretending).await.unwrap();
    }
}
