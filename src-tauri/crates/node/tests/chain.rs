//! A newcomer believes the host of a meeting by the chain from its id, and by nothing else. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test, its functions too"
)]

mod support;

use std::time::{Duration, Instant};

use data_encoding::BASE64;
use landline_node::{Fingerprint, HostOptions};
use landline_protocol::AccessMode;
use landline_protocol::node_api::{
    FoundMeeting, NodeErrorCode, NodeReply, NodeRequest, Target, Trust,
};
use landline_succession::record::HeaderBody;
use landline_succession::{Claim, Config, Kind, Survivor};
use landline_trust::{SigningKey, Statement};
use serde_json::Value;
use support::false_host::{FalseHost, Papers, claim_of};
use support::person::{Person, companions, join, settle};
use support::{Page, bare, folder, host, host_apart, hosts, link, node_in, soon};

/// A link to this port, for a meeting, and perhaps a certificate.
fn to(port: u16, meeting: &str, fingerprint: Option<&str>) -> Target {
    let pin = fingerprint.map_or_else(String::new, |it| format!("&fp={it}"));
    Target::Address {
        text: format!("https://127.0.0.1:{port}/#m={meeting}{pin}"),
    }
}

async fn look(page: &Page, target: Target) -> Result<FoundMeeting, NodeErrorCode> {
    match page.ask(NodeRequest::Look { target }).await {
        Ok(NodeReply::Found { found }) => Ok(found),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.code),
    }
}

#[tokio::test]
async fn the_chain_proves_a_certificate_that_nobody_expected() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let hosted = host(&hosting).await;
    let page = Page::of(&node_in(there.path(), 0).await);
    let claim = Claim::decode(&claim_of(hosted.port).await).unwrap();
    let shown = Fingerprint::from(claim.header().fingerprint);
    assert_eq!(shown.to_string(), hosted.fingerprint);

    // An address may have any meeting, so a chain does not make it known.
    let found = look(&page, bare(&hosted)).await.unwrap();
    assert_eq!(found.trust, Trust::FirstUse);
    let other = "0f".repeat(32);
    let target = to(hosted.port, &hosted.meeting_id, Some(&other));
    let found = look(&page, target.clone()).await.unwrap();
    assert_eq!(found.trust, Trust::Pinned);
    assert_eq!(found.fingerprint, hosted.fingerprint);
    let channel = page.open(target).await;
    let mut page = page;
    let joined = page.join(channel, &hosted.meeting_id, "Ben").await;
    assert_eq!(joined["outcome"], "new");
    let own = Page::of(&hosting);
    assert_eq!(look(&own, link(&hosted)).await.unwrap().trust, Trust::Own);
}

#[tokio::test]
async fn a_meeting_of_a_given_id_has_no_chain_and_goes_by_its_certificate() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let options = HostOptions {
        meeting_id: Some("stand-up".into()),
        ..HostOptions::default()
    };
    let hosted = hosting.host(options).await.unwrap();
    let page = Page::of(&node_in(there.path(), 0).await);
    look(&page, link(&hosted)).await.unwrap();
    let other = "0f".repeat(32);
    let target = to(hosted.port, &hosted.meeting_id, Some(&other));
    let refused = look(&page, target).await.unwrap_err();
    assert_eq!(refused, NodeErrorCode::FingerprintMismatch);
    // So that nobody can pose as a meeting that certifies itself, such an id is opened by its own host alone.
    let visiting = node_in(there.path(), 0).await;
    let options = HostOptions {
        meeting_id: Some("ab".repeat(16)),
        ..HostOptions::default()
    };
    let refused = visiting.host(options).await.unwrap_err();
    assert_eq!(refused.code, NodeErrorCode::BadRequest);
}

/// The same claim with another last header, signed by this key.
fn forged(claim: &Claim, key: &SigningKey, change: impl FnOnce(&mut HeaderBody)) -> Vec<u8> {
    assert_eq!(claim.headers().count(), 1);
    let (encoded, mut body) = (claim.encode(), HeaderBody::clone(claim.header()));
    change(&mut body);
    let (mut bytes, mut statement) = (encoded[..93].to_vec(), Statement::new("record"));
    let stand: Vec<u8> = body.stand.iter().flat_map(|id| id.0).collect();
    let count = u32::try_from(body.stand.len()).unwrap().to_be_bytes();
    let (epoch, version) = (body.epoch.to_be_bytes(), body.version.to_be_bytes());
    let apps = body.apps.to_be_bytes();
    let fields: [&[u8]; 12] = [
        &body.meeting.0,
        &epoch,
        &version,
        body.host.bytes(),
        &body.fingerprint,
        &body.opened,
        &body.base,
        &body.previous,
        &stand,
        &apps,
        &body.members,
        &body.rulings,
    ];
    for (place, field) in fields.into_iter().enumerate() {
        if place == 8 {
            bytes.extend_from_slice(&count);
        }
        bytes.extend_from_slice(field);
        statement = statement.field(field);
    }
    bytes.extend_from_slice(key.sign(&statement).unwrap().bytes());
    // The members, as they were.
    let rest = encoded.len() - bytes.len();
    bytes.extend_from_slice(&encoded[encoded.len() - rest..]);
    assert!(Claim::decode(&bytes).is_ok());
    bytes
}

/// A good chain of a meeting of their own.
fn own_meeting(key: SigningKey, papers: &Papers) -> Claim {
    let config = Config {
        client: "eve000000000".into(),
        kind: Kind::App {
            fingerprint: *papers.fingerprint.bytes(),
            addresses: Vec::new(),
            wired: None,
        },
        entropy: [1; 32],
    };
    let founder = Survivor::found(config, [2; 16], 3, Box::new(key), Duration::ZERO).unwrap();
    Claim::clone(founder.followed().unwrap())
}

/// The key with which this installation signs.
fn stolen_key(dir: &std::path::Path) -> SigningKey {
    let kept: Value =
        serde_json::from_slice(&std::fs::read(dir.join("identity.json")).unwrap()).unwrap();
    let key = kept["signingKey"].as_str().unwrap();
    SigningKey::from_pkcs8(&BASE64.decode(key.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_false_host_is_refused_and_never_asked_for_anything_else() {
    let (here, there) = (folder(), folder());
    let hosting = node_in(here.path(), 0).await;
    let options = HostOptions {
        access: AccessMode::Code,
        ..HostOptions::default()
    };
    let hosted = hosting.host(options).await.unwrap();
    let meeting = hosted.meeting_id.as_str();
    let page = Page::of(&node_in(there.path(), 0).await);
    let real = Claim::decode(&claim_of(hosted.port).await).unwrap();
    let (papers, stranger) = (Papers::new(), SigningKey::generate().unwrap());
    let eve = SigningKey::generate().unwrap();
    let fingerprint = *papers.fingerprint.bytes();
    let elsewhere = own_meeting(eve, &papers);
    let founder = stolen_key(here.path());
    let good = forged(&real, &founder, |body| body.fingerprint = fingerprint);
    let cases = [
        ("no chain", None, NodeErrorCode::FalseHost),
        ("nonsense", Some(vec![7; 300]), NodeErrorCode::FalseHost),
        (
            "the chain of the true host",
            Some(real.encode()),
            NodeErrorCode::FalseHost,
        ),
        (
            "a record that a stranger signed",
            Some(forged(&real, &stranger, |body| {
                body.fingerprint = fingerprint;
            })),
            NodeErrorCode::FalseHost,
        ),
        (
            "a stranger as the host",
            Some(forged(&real, &stranger, |body| {
                body.fingerprint = fingerprint;
                body.host = stranger.public();
            })),
            NodeErrorCode::FalseHost,
        ),
        (
            "an epoch that is inflated, even by somebody with the key",
            Some(forged(&real, &founder, |body| {
                body.fingerprint = fingerprint;
                body.epoch = 7;
            })),
            NodeErrorCode::FalseHost,
        ),
        (
            "the chain of another meeting",
            Some(elsewhere.encode()),
            NodeErrorCode::MeetingNotFound,
        ),
    ];
    for (case, claim, expected) in cases {
        let false_host = FalseHost::of(meeting, claim, &papers).await;
        let pinned = papers.fingerprint.to_string();
        let target = to(false_host.port, meeting, Some(&pinned));
        let refused = look(&page, target.clone()).await.unwrap_err();
        assert_eq!(refused, expected, "{case}");
        let code = hosted.access.code.clone();
        let opening = page.ask(NodeRequest::OpenChannel { target, code });
        assert_eq!(opening.await.unwrap_err().code, expected, "{case}");
        // By a bare address, where nobody said which meeting it is before it did.
        let text = format!("127.0.0.1:{}", false_host.port);
        let refused = look(&page, Target::Address { text }).await.unwrap_err();
        assert_eq!(refused, expected, "{case}");
        let asked = false_host.asked();
        let harmless = ["/api/claim", "/api/meeting"];
        assert!(
            asked.iter().all(|path| harmless.contains(&path.as_str())),
            "{case}: {asked:?}"
        );
    }
    // The forging is right: with the founder's key and nothing else changed it would be believed.
    let true_again = FalseHost::of(meeting, Some(good), &papers).await;
    look(&page, to(true_again.port, meeting, None))
        .await
        .unwrap();
}

/// A server with the certificate of this installation, whose host is not there.
fn stolen_papers(dir: &std::path::Path) -> Papers {
    let kept: Value =
        serde_json::from_slice(&std::fs::read(dir.join("identity.json")).unwrap()).unwrap();
    let bytes = |name: &str| {
        let text = kept[name].as_str().unwrap();
        BASE64.decode(text.as_bytes()).unwrap()
    };
    Papers::of(bytes("certificate").into(), bytes("privateKey").into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_of_earlier_is_believed_only_where_the_later_one_does_not_answer() {
    let (here, there) = (folder(), folder());
    let node = node_in(here.path(), 0).await;
    let hosted = host(&node).await;
    let old = claim_of(hosted.port).await;
    let ben = Person::joins(&hosted, "Ben").await;
    settle(&[&ben]).await;
    soon(node.shutdown()).await;
    let later = hosts(&ben.node).await;
    assert_ne!(later.fingerprint, hosted.fingerprint);

    let former = FalseHost::of(&hosted.meeting_id, Some(old), &stolen_papers(here.path())).await;
    let page = Page::of(&node_in(there.path(), 0).await);
    let replayed = to(former.port, &hosted.meeting_id, None);
    // Nobody knows better yet.
    let found = look(&page, replayed.clone()).await.unwrap();
    assert_eq!(found.fingerprint, hosted.fingerprint);
    let found = look(&page, link(&later)).await.unwrap();
    assert_eq!(found.fingerprint, later.fingerprint);
    let found = look(&page, replayed.clone()).await.unwrap();
    assert_eq!(
        found.fingerprint, later.fingerprint,
        "the later one answers"
    );
    soon(ben.node.shutdown()).await;
    let found = look(&page, replayed).await.unwrap();
    assert_eq!(found.fingerprint, hosted.fingerprint, "it is gone");
}

/// As a page: tries until it is in.
async fn gets_in(person: &mut Person, name: &str) -> Value {
    let room = person.joined["roomId"].as_str().unwrap().to_owned();
    let target = person.target.clone();
    soon(async {
        loop {
            let ask = NodeRequest::Look {
                target: target.clone(),
            };
            match person.page.session.request(ask).await {
                Ok(_) => break,
                Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
    })
    .await;
    join(&mut person.page, &target, &room, name, None).await
}

#[test]
fn who_joined_in_the_last_moment_finds_the_next_host() {
    let (runtime, _dir, node, hosted) = host_apart();
    let here = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    here.block_on(async {
        let ben = Person::joins(&hosted, "Ben").await;
        settle(&[&ben]).await;
        let mut zoe = Person::joins(&hosted, "Zoe").await;
        runtime.shutdown_background();
        drop(node);
        let died = Instant::now();
        let joined = gets_in(&mut zoe, "Zoe").await;
        println!("in again after {:?}", died.elapsed());
        assert_eq!(joined["roomId"], hosted.meeting_id.as_str());
        let next = hosts(&ben.node).await;
        let claim = Claim::decode(&claim_of(next.port).await).unwrap();
        assert_eq!(claim.header().epoch, 1);
        // And it is one of those who may host next, as all are.
        companions(&zoe.node, 2).await;
    });
}
