//! Bots in a meeting of a real node, over real sockets on loopback: they see and hear each other, give back what they get, and end as
//! they should.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is a test, its functions too"
)]

mod support;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use landline_node::bot::{
    BotError, BotEvent, BotOptions, Count, CrowdError, Footage, LeftReason, PeerReport, Source,
    VideoCount, run,
};
use landline_node::{HostOptions, Node};
use landline_protocol::node_api::{HostedMeeting, NodeErrorCode, NodeRequest};
use support::{Page, link, node_in, soon};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Media need an address; this one leads nowhere else.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let loopback = if cfg!(target_os = "linux") {
        "lo"
    } else {
        "lo0"
    };
    std::fs::write(
        dir.path().join("settings.json"),
        format!(r#"{{"interfaces":["{loopback}"]}}"#),
    )
    .unwrap();
    dir
}

async fn host(node: &Node) -> HostedMeeting {
    support::host(node).await
}

/// A bot counts once a second, and gives back after one; several of them on a busy machine.
const MEDIA: Duration = Duration::from_secs(40);

/// Bots and what they tell.
struct Bots {
    events: mpsc::Receiver<BotEvent>,
    stop: CancellationToken,
    ended: JoinHandle<Result<(), CrowdError>>,
    _node: Node,
    _dir: TempDir,
}

impl Bots {
    async fn join(hosted: &HostedMeeting, change: impl FnOnce(&mut BotOptions)) -> Self {
        let dir = folder();
        let node = node_in(dir.path(), 0).await;
        let mut options = BotOptions::new(link(hosted), Footage::test_picture().unwrap());
        change(&mut options);
        let (sender, events) = mpsc::channel(1_024);
        let stop = CancellationToken::new();
        let (running, ending) = (node.clone(), stop.clone());
        let ended = tokio::spawn(async move { run(&running, options, sender, ending).await });
        Self {
            events,
            stop,
            ended,
            _node: node,
            _dir: dir,
        }
    }

    /// The first event from which `pick` takes something.
    async fn event<T>(&mut self, mut pick: impl FnMut(BotEvent) -> Option<T>) -> T {
        let picked = timeout(MEDIA, async {
            loop {
                let event = self.events.recv().await.expect("bots are there");
                if let Some(picked) = pick(event) {
                    return picked;
                }
            }
        })
        .await;
        picked.expect("it happens within seconds")
    }

    async fn joined(&mut self) -> String {
        self.event(|event| match event {
            BotEvent::Joined { client_id, .. } => Some(client_id),
            _ => None,
        })
        .await
    }

    /// Waits until what a bot has received of the others is good.
    async fn receives(&mut self, mut good: impl FnMut(&[PeerReport]) -> bool) -> Vec<PeerReport> {
        self.event(|event| match event {
            BotEvent::Stats { peers, .. } if good(&peers) => Some(peers),
            _ => None,
        })
        .await
    }

    async fn stop(mut self) -> Result<(), CrowdError> {
        self.stop.cancel();
        while self.events.recv().await.is_some() {}
        soon(self.ended).await.unwrap()
    }
}

fn camera(peer: &PeerReport) -> VideoCount {
    match peer.received.get(&Source::Camera) {
        Some(Count::Video(count)) => count.clone(),
        _ => VideoCount::default(),
    }
}

fn packets(peer: &PeerReport) -> u64 {
    match peer.received.get(&Source::Microphone) {
        Some(Count::Audio(count)) => count.packets,
        _ => 0,
    }
}

fn flows(peers: &[PeerReport], count: usize) -> bool {
    peers.len() == count
        && peers
            .iter()
            .all(|it| camera(it).frames > 60 && packets(it) > 100)
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_of_two_processes_see_and_hear_each_other_and_leave_their_own_alone() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut first = Bots::join(&hosted, |it| it.count = 2).await;
    for _ in 0..2 {
        first.joined().await;
    }
    let mut second = Bots::join(&hosted, |it| it.name = "Other".into()).await;
    second.joined().await;

    let seen = second.receives(|peers| flows(peers, 2)).await;
    for peer in &seen {
        assert_eq!(camera(peer).gaps, 0);
        assert!(camera(peer).key_frames >= 2);
    }
    let seen = first.receives(|peers| flows(peers, 1)).await;
    assert_eq!(seen[0].name, "Other");

    second.stop().await.unwrap();
    first.receives(<[PeerReport]>::is_empty).await;
    first.stop().await.unwrap();
    soon(hosting.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_of_one_process_talk_to_each_other_if_asked_to() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut bots = Bots::join(&hosted, |it| (it.count, it.mesh) = (3, true)).await;
    let mut good = HashSet::new();
    while good.len() < 3 {
        let id = bots
            .event(|event| match event {
                BotEvent::Stats {
                    client_id, peers, ..
                } if flows(&peers, 2) => Some(client_id),
                _ => None,
            })
            .await;
        good.insert(id);
    }
    bots.stop().await.unwrap();
    soon(hosting.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_gives_back_the_picture_it_gets() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let large = Bytes::from_static(include_bytes!("../assets/bot/picture-640x360.ivf"));
    let large = Footage::of_file(&large).unwrap();
    let small = Bytes::from_static(include_bytes!("../assets/bot/picture-160x90.ivf"));
    let footage = Footage::of_file(&small).unwrap();
    let mut echo = Bots::join(&hosted, |it| (it.echo, it.footage) = (true, large)).await;
    echo.joined().await;
    let mut bot = Bots::join(&hosted, |it| it.footage = footage).await;
    bot.receives(|peers| peers.iter().any(|it| camera(it).width == 640))
        .await;
    let back = bot
        .receives(|peers| peers.iter().any(|it| camera(it).width == 160))
        .await;
    let frames = camera(&back[0]).frames;
    bot.receives(|peers| {
        let [peer] = peers else { return false };
        camera(peer).width == 160 && camera(peer).frames > frames + 60
    })
    .await;
    bot.stop().await.unwrap();
    echo.stop().await.unwrap();
    soon(hosting.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_meeting_is_no_error_and_the_loss_of_its_host_is() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut bots = Bots::join(&hosted, |_| ()).await;
    bots.joined().await;
    let page = Page::of(&hosting);
    page.ask(NodeRequest::EndMeeting).await.unwrap();
    let reason = bots
        .event(|event| match event {
            BotEvent::Left { reason, .. } => Some(reason),
            _ => None,
        })
        .await;
    assert_eq!(reason, LeftReason::MeetingEnded);
    assert!(soon(bots.ended).await.unwrap().is_ok());

    let hosted = host(&hosting).await;
    let mut bots = Bots::join(&hosted, |_| ()).await;
    bots.joined().await;
    soon(hosting.shutdown()).await;
    let ended = soon(bots.ended).await.unwrap();
    assert!(
        matches!(ended, Err(CrowdError::Bot(BotError::HostLeft))),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_call_is_there_once_and_goes_with_the_meeting() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let page = Page::of(&node);
    let error = page
        .ask(NodeRequest::TestCall { on: true })
        .await
        .unwrap_err();
    assert_eq!(error.code, NodeErrorCode::MeetingNotFound);

    let options = HostOptions {
        title: "Test call".into(),
        ..HostOptions::default()
    };
    let hosted = node.host(options).await.unwrap();
    let mut watched = node.hosted();
    for _ in 0..2 {
        page.ask(NodeRequest::TestCall { on: true }).await.unwrap();
    }
    let one = watched.wait_for(|it| it.as_ref().is_some_and(|it| it.participants == 1));
    assert!(soon(one).await.is_ok());

    // Somebody comes and is given back what they send.
    let small = Bytes::from_static(include_bytes!("../assets/bot/picture-160x90.ivf"));
    let footage = Footage::of_file(&small).unwrap();
    let mut somebody = Bots::join(&hosted, |it| it.footage = footage).await;
    somebody
        .receives(|peers| peers.iter().any(|it| camera(it).width == 160))
        .await;
    somebody.stop().await.unwrap();

    page.ask(NodeRequest::TestCall { on: false }).await.unwrap();
    let gone = watched.wait_for(|it| it.as_ref().is_some_and(|it| it.participants == 0));
    assert!(soon(gone).await.is_ok());
    page.ask(NodeRequest::TestCall { on: true }).await.unwrap();
    page.ask(NodeRequest::EndMeeting).await.unwrap();
    page.ask(NodeRequest::TestCall { on: false }).await.unwrap();
    soon(node.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_in_the_room_agree_on_one_code_which_covers_everybody() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut bots = Bots::join(&hosted, |options| options.count = 3).await;
    let mut codes = HashMap::new();
    let agreed = async {
        while let Some(event) = bots.events.recv().await {
            if let BotEvent::Code {
                client_id,
                code,
                with,
                ..
            } = event
            {
                codes.insert(client_id, (code, with.len()));
            }
            let first = codes.values().next();
            if codes.len() == 3
                && codes
                    .values()
                    .all(|code| Some(code) == first && code.1 == 2)
            {
                return true;
            }
        }
        false
    };
    assert!(timeout(MEDIA, agreed).await.unwrap(), "{codes:?}");
    bots.stop.cancel();
    soon(bots.ended).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_is_sent_no_more_than_it_says_that_it_shows() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let mut sender = Bots::join(&hosted, |it| it.name = "Sender".into()).await;
    sender.joined().await;
    let shows = |views: &str| {
        let views = views.parse().unwrap();
        move |it: &mut BotOptions| it.views = Some(views)
    };
    let mut small = Bots::join(&hosted, shows("90")).await;
    let mut middle = Bots::join(&hosted, shows("100@15")).await;
    let mut nothing = Bots::join(&hosted, shows("0")).await;
    let mut all = Bots::join(&hosted, |_| ()).await;
    let of_sender = |peers: &[PeerReport]| {
        let peer = peers.iter().find(|it| it.name == "Sender")?;
        Some((camera(peer), packets(peer)))
    };
    for (bots, height) in [(&mut small, 90), (&mut middle, 180), (&mut all, 360)] {
        let mut since = None;
        // For two seconds of it, and without a gap where one size followed another.
        bots.receives(|peers| {
            let Some((camera, _)) = of_sender(peers) else {
                return false;
            };
            if camera.height != height {
                since = None;
                return false;
            }
            assert_eq!(camera.gaps, 0);
            camera.frames > *since.get_or_insert(camera.frames) + 60
        })
        .await;
    }
    let mut last = (0, 0);
    // Three seconds of sound without one picture.
    nothing
        .receives(|peers| {
            let Some((camera, packets)) = of_sender(peers) else {
                return false;
            };
            if camera.frames != last.0 {
                last = (camera.frames, packets);
            }
            packets >= last.1 + 150
        })
        .await;
    for bots in [small, middle, nothing, all, sender] {
        bots.stop().await.unwrap();
    }
    soon(hosting.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_that_speak_by_turns_are_silent_most_of_the_time_and_all_are_heard() {
    let dir = folder();
    let hosting = node_in(dir.path(), 0).await;
    let hosted = host(&hosting).await;
    let turn = Duration::from_secs(1);
    let mut bots = Bots::join(&hosted, |it| (it.count, it.speak) = (3, Some(turn))).await;
    let mut listener = Bots::join(&hosted, |it| it.views = Some("0".parse().unwrap())).await;
    let sent = bots
        .event(|event| match event {
            BotEvent::Stats { sent, .. } if sent.frames > 180 => Some(sent),
            _ => None,
        })
        .await;
    // Who speaks all the time sends five packets for three pictures.
    assert!(sent.packets < sent.frames, "{sent:?}");
    listener
        .receives(|peers| peers.len() == 3 && peers.iter().all(|it| packets(it) > 60))
        .await;
    listener.stop().await.unwrap();
    bots.stop().await.unwrap();
    soon(hosting.shutdown()).await;
}
