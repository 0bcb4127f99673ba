//! A man in the middle between A and the host, while B joins as it should. Whatever he swaps: never do A and B show the same code
//! and have links that go through him. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test, its functions too"
)]

mod man;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use landline_node::bot::CrowdError;
use landline_node::bot::Footage;
use landline_node::bot::bare::{Bare, Visit};
use landline_protocol::AccessMode;
use landline_protocol::node_api::NodeErrorCode;
use man::attack::{Attack, End};
use man::bots::{Told, loopback_folder};
use man::plan::{Cunning, Loot, Plan};
use man::stage::{Certificate, Stage};
use man::thin::{Guests, Scene};
use support::{folder, node_in, soon};
use tokio::sync::watch;
use tokio::task::JoinSet;

const RUNS: usize = 1_000;
/// Meetings at a time: most of a run is waiting for the other side.
const STAGES: usize = 16;

async fn guests(folder: impl Fn() -> tempfile::TempDir) -> (Guests, [tempfile::TempDir; 2]) {
    let dirs = [folder(), folder()];
    let guests = Guests {
        a: node_in(dirs[0].path(), 0).await,
        b: node_in(dirs[1].path(), 0).await,
    };
    (guests, dirs)
}

/// Numbers below `runs`, each once, for several who ask.
#[derive(Clone)]
struct Numbers {
    next: Arc<AtomicUsize>,
    runs: usize,
}

impl Numbers {
    fn below(runs: usize) -> Self {
        Self {
            next: Arc::default(),
            runs,
        }
    }

    fn next(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.runs).then_some(number)
    }
}

/// One run; what it must never come to is asserted whatever else came of it.
async fn attacked(stage: &Stage, guests: &Guests, run: usize) -> (Attack, Cunning, End) {
    let (attack, cunning) = Attack::of(run);
    let man = (attack.certificate(run), attack.plan(cunning));
    let scene = begun(stage, guests, Some(man), |scene| {
        attack.ended(cunning, scene).is_some()
    })
    .await;
    let told = format!("{run}: {attack:?}, {cunning:?}: {scene:?}");
    let taken = scene.a.took(&scene.b) || scene.b.took(&scene.a);
    match attack {
        Attack::Descriptions => assert!(!taken, "{told}"),
        Attack::Fingerprints => assert!(!taken && !scene.same, "{told}"),
        Attack::Keys | Attack::OwnFingerprint | Attack::Identities | Attack::OneIdentity => {
            assert!(!scene.same, "{told}");
        }
    }
    let end = attack.ended(cunning, &scene).unwrap_or(End::Nothing);
    if end == End::Nothing {
        println!("{told}");
    }
    (attack, cunning, end)
}

/// A run that could begin; on a machine that is too busy it may need another try.
async fn begun(
    stage: &Stage,
    guests: &Guests,
    man: Option<(Certificate, Plan)>,
    ended: impl Fn(&Scene) -> bool,
) -> Scene {
    for _ in 0..5 {
        if let Some(scene) = stage.play(guests, man, &ended).await {
            return scene;
        }
    }
    panic!("no connection in five tries: {man:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_times_nobody_shows_the_same_code_with_somebody_in_the_middle() {
    let began = Instant::now();
    let (guests, _dirs) = guests(folder).await;
    let (guests, numbers) = (Arc::new(guests), Numbers::below(RUNS));
    let mut stages = JoinSet::new();
    for _ in 0..STAGES {
        let (guests, numbers) = (Arc::clone(&guests), numbers.clone());
        stages.spawn(async move {
            let stage = Stage::set(folder(), AccessMode::Open).await;
            let mut ends = Vec::new();
            while let Some(run) = numbers.next() {
                ends.push(Box::pin(attacked(&stage, &guests, run)).await);
            }
            soon(stage.hosting.shutdown()).await;
            ends
        });
    }
    let ends: Vec<_> = stages.join_all().await.concat();
    let mut counts = BTreeMap::new();
    for (attack, cunning, end) in &ends {
        let what = format!("{attack:?}, {cunning:?}: {end:?}");
        *counts.entry(what).or_insert(0_usize) += 1;
    }
    let mut table = String::new();
    for (what, count) in &counts {
        writeln!(table, "{count:5} {what}").unwrap();
    }
    println!("{RUNS} runs in {:.1?}\n{table}", began.elapsed());

    let count = |attack: Attack, end: End| {
        let those = ends.iter().filter(|it| (it.0, it.2) == (attack, end));
        those.count()
    };
    assert_eq!(ends.len(), RUNS);
    // The attack is a real one: it is the code that tells, and nothing else does.
    assert!(count(Attack::Keys, End::Codes) > RUNS / 2, "{table}");
    for (attack, end) in [
        (Attack::Keys, End::Codes),
        (Attack::Descriptions, End::Descriptions),
        (Attack::Fingerprints, End::Descriptions),
        (Attack::OwnFingerprint, End::NotIn),
        (Attack::Identities, End::Uncovered),
        (Attack::OneIdentity, End::Uncovered),
    ] {
        let those = ends.iter().filter(|it| it.0 == attack).count();
        assert_eq!(count(attack, end), those, "{attack:?}\n{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_him_codes_are_the_same_and_a_relay_with_its_own_certificate_gets_nobody_in() {
    let (guests, _dirs) = guests(folder).await;
    let (guests, numbers) = (Arc::new(guests), Numbers::below(60));
    let mut stages = JoinSet::new();
    for _ in 0..STAGES {
        let (guests, numbers) = (Arc::clone(&guests), numbers.clone());
        stages.spawn(async move {
            let stage = Stage::set(folder(), AccessMode::Open).await;
            let mut ends = Vec::new();
            while let Some(run) = numbers.next() {
                let honest = Plan {
                    crowd: 2,
                    ..Plan::HONEST
                };
                let man = match run % 3 {
                    0 => None,
                    1 => Some((Certificate::Hosts, honest)),
                    _ => Some((Certificate::Own, honest)),
                };
                let agreed = |scene: &Scene| {
                    let Scene { a, b, host, .. } = scene;
                    let codes = [a.code(), b.code(), host.code()];
                    let same = codes.iter().all(|code| code.is_some() && *code == a.code());
                    let covered = [(a, b), (b, a), (a, host), (b, host)];
                    same && covered
                        .iter()
                        .all(|(one, other)| one.covers(other) && one.took(other))
                };
                let scene = Box::pin(begun(&stage, &guests, man, agreed)).await;
                let refused = scene.a.error.as_deref() == Some("bad-identity")
                    && scene.loot.refused.contains("bad-identity")
                    && !scene.loot.inside;
                let agreed =
                    agreed(&scene) && scene.a.refused.is_empty() && scene.b.refused.is_empty();
                ends.push((run % 3, agreed, refused));
            }
            soon(stage.hosting.shutdown()).await;
            ends
        });
    }
    let ends: Vec<_> = stages.join_all().await.concat();
    let count = |end| ends.iter().filter(|it| **it == end).count();
    assert_eq!(count((0, true, false)), 20, "direct: {ends:?}");
    assert_eq!(count((1, true, false)), 20, "through the host: {ends:?}");
    assert_eq!(count((2, false, true)), 20, "through a relay: {ends:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_with_a_code_is_not_joined_through_him_nor_by_him() {
    let (guests, _dirs) = guests(folder).await;
    let mut tried = 0;
    // Five tries of one meeting: after that it says that there were too many.
    for round in 0..4 {
        let stage = Stage::set(folder(), AccessMode::Code).await;
        let code = stage.hosted.access.code.clone().unwrap();
        for run in 0..5 {
            let certificate = match (round + run) % 2 {
                0 => Certificate::Own,
                _ => Certificate::Hosts,
            };
            let plan = Plan {
                barges: true,
                ..Attack::Keys.plan(Cunning::Plain)
            };
            let man = stage.man(certificate);
            let (loot, mut watched) = watch::channel(Loot::default());
            let sitting = man.sits(
                plan,
                Arc::new(move |now: &Loot| {
                    loot.send_replace(now.clone());
                }),
            );
            let target = stage.through(man);
            let visit = Visit {
                target: &target,
                code: Some(&code),
                meeting_id: &stage.hosted.meeting_id,
                name: "A",
                dtls: [7; 32].into(),
            };
            let joined = soon(Box::pin(Bare::join(&guests.a, visit))).await;
            let refused = match joined {
                Ok(_) => None,
                Err(CrowdError::Node(error)) => Some(error.code),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(refused, Some(NodeErrorCode::WrongCode), "{certificate:?}");
            // Nor does he himself, with a key of his own in the name of A.
            let out = watched.wait_for(|loot| loot.refused.contains("code-needed"));
            let last = soon(out).await.unwrap().clone();
            assert!(!last.inside && last.proofs == 1, "{last:?}");
            assert!(last.refused.contains("wrong-code"), "{last:?}");
            drop(sitting);
            tried += 1;
        }
        let hosted = stage.hosting.hosted();
        assert_eq!(hosted.borrow().as_ref().unwrap().participants, 0);
        soon(stage.hosting.shutdown()).await;
    }
    assert_eq!(tried, 20);
}

/// Real bots with media. Their own links are the measure: with him there is none, though all keys are the true ones.
#[tokio::test(flavor = "multi_thread")]
async fn links_of_bots_come_up_without_him_and_none_does_with_his_fingerprint() {
    let began = Instant::now();
    let (guests, _dirs) = guests(loopback_folder).await;
    let small = Bytes::from_static(include_bytes!("../assets/bot/picture-160x90.ivf"));
    let footage = Footage::of_file(&small).unwrap();
    let (guests, numbers) = (Arc::new(guests), Numbers::below(BOT_RUNS));
    let mut stages = JoinSet::new();
    for _ in 0..BOT_STAGES {
        let (guests, numbers) = (Arc::clone(&guests), numbers.clone());
        let footage = Arc::clone(&footage);
        stages.spawn(async move {
            let stage = Stage::set(loopback_folder(), AccessMode::Open).await;
            let mut ends = Vec::new();
            while let Some(run) = numbers.next() {
                let attacks = run % 2 == 1;
                let man = match run % 4 {
                    0 => None,
                    2 => Some((Certificate::Hosts, Plan::HONEST)),
                    _ => Some((
                        Certificate::Hosts,
                        Plan {
                            crowd: 0,
                            ..Attack::Descriptions.plan(Cunning::Plain)
                        },
                    )),
                };
                let nodes = (&guests.a, &guests.b);
                let a_is_first = (run / 4).is_multiple_of(2);
                let ended = if attacks { kept_apart } else { linked };
                let play = stage.play_bots(nodes, &footage, man, a_is_first, ended, None);
                let (a, b) = Box::pin(play).await;
                ends.push((
                    attacks,
                    a.linked.len() + b.linked.len(),
                    a.unvouched.len() + b.unvouched.len(),
                ));
            }
            soon(stage.hosting.shutdown()).await;
            ends
        });
    }
    let ends: Vec<_> = stages.join_all().await.concat();
    let count = |end| ends.iter().filter(|it| **it == end).count();
    println!("{BOT_RUNS} runs with bots in {:.1?}", began.elapsed());
    assert_eq!(count((false, 2, 0)), BOT_RUNS / 2, "{ends:?}");
    assert_eq!(count((true, 0, 2)), BOT_RUNS / 2, "{ends:?}");
}

/// Or a host could have a link made with its own certificate, and show the right ones when codes are compared.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_does_not_outlive_the_identity_under_which_it_was_made() {
    let (guests, _dirs) = guests(loopback_folder).await;
    let small = Bytes::from_static(include_bytes!("../assets/bot/picture-160x90.ivf"));
    let footage = Footage::of_file(&small).unwrap();
    let stage = Stage::set(loopback_folder(), AccessMode::Open).await;
    let man = Some((Certificate::Hosts, Plan::HONEST));
    // A has made a link to who B is said to be now, and the real one's answer does not fit.
    let turned = |a: &Told, b: &Told| a.unvouched.contains(&b.client_id);
    let nodes = (&guests.a, &guests.b);
    let play = stage.play_bots(nodes, &footage, man, true, linked, Some(turned));
    Box::pin(play).await;
    soon(stage.hosting.shutdown()).await;
}

/// Half of them without an attack.
const BOT_RUNS: usize = 60;
const BOT_STAGES: usize = 5;

fn agree(a: &Told, b: &Told) -> bool {
    let covers = |one: &Told, other: &Told| {
        one.code
            .as_ref()
            .is_some_and(|it| it.1.contains(&other.client_id))
    };
    let code = |told: &Told| told.code.as_ref().map(|it| it.0);
    covers(a, b) && covers(b, a) && code(a) == code(b)
}

fn linked(a: &Told, b: &Told) -> bool {
    agree(a, b) && a.linked.contains(&b.client_id) && b.linked.contains(&a.client_id)
}

/// Both said so and have looked at their links since: nothing comes of them.
fn kept_apart(a: &Told, b: &Told) -> bool {
    let dropped = a.unvouched.contains(&b.client_id) && b.unvouched.contains(&a.client_id);
    agree(a, b) && dropped && a.looks.min(b.looks) >= 2
}
