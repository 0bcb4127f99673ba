//! One run with real bots: A through the man or as it should, B as it should, with media over loopback.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use landline_node::Node;
use landline_node::bot::{BotEvent, BotOptions, CrowdError, Footage, run};
use landline_protocol::engine_api::PeerConnectionState;
use landline_protocol::node_api::Target;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::plan::Plan;
use super::stage::{Certificate, Stage};
use crate::support::soon;

/// Nothing comes of a run after that: a link has to come about on a machine that is busy with others.
const LIMIT: Duration = Duration::from_mins(1);

/// Media need an address; this one leads nowhere else.
pub(crate) fn loopback_folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let loopback = if cfg!(target_os = "linux") {
        "lo"
    } else {
        "lo0"
    };
    let settings = format!(r#"{{"interfaces":["{loopback}"]}}"#);
    std::fs::write(dir.path().join("settings.json"), settings).unwrap();
    dir
}

/// What a bot told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) client_id: String,
    /// Whose descriptions it dropped.
    pub(crate) unvouched: BTreeSet<String>,
    /// With whom it has, or had, a link that is up.
    pub(crate) linked: BTreeSet<String>,
    /// Its code, and whom that covers.
    pub(crate) code: Option<([u8; 5], Vec<String>)>,
    /// How often it has looked at its links since it dropped something.
    pub(crate) looks: u32,
}

impl Told {
    fn hears(&mut self, event: BotEvent) {
        match event {
            BotEvent::Joined { client_id, .. } => self.client_id = client_id,
            BotEvent::Unvouched { from, .. } => {
                self.unvouched.insert(from);
            }
            BotEvent::Code { code, with, .. } => self.code = Some((code, with)),
            BotEvent::Stats { peers, .. } => {
                self.looks += u32::from(!self.unvouched.is_empty());
                let up = peers
                    .into_iter()
                    .filter(|it| it.link == PeerConnectionState::Connected);
                self.linked.extend(up.map(|it| it.client_id));
            }
            BotEvent::Error { message, .. } => panic!("a bot is out: {message}"),
            BotEvent::Left { .. } => {}
        }
    }
}

struct Running {
    told: Told,
    events: mpsc::Receiver<BotEvent>,
    ended: JoinHandle<Result<(), CrowdError>>,
}

impl Running {
    fn start(
        node: &Node,
        target: Target,
        name: &str,
        footage: &Arc<Footage>,
        stop: &CancellationToken,
    ) -> Self {
        let options = BotOptions {
            name: name.into(),
            ..BotOptions::new(target, Arc::clone(footage))
        };
        let (sender, events) = mpsc::channel(1_024);
        let (node, stop) = (node.clone(), stop.clone());
        let ended = tokio::spawn(async move { Box::pin(run(&node, options, sender, stop)).await });
        Self {
            told: Told::default(),
            events,
            ended,
        }
    }

    async fn hears(&mut self) {
        let event = self.events.recv().await.expect("the bot is there");
        self.told.hears(event);
    }

    async fn joins(&mut self) {
        let joining = async {
            while self.told.client_id.is_empty() {
                self.hears().await;
            }
        };
        timeout(LIMIT, joining).await.expect("the bot comes in");
    }
}

async fn until(a: &mut Running, b: &mut Running, ended: impl Fn(&Told, &Told) -> bool) {
    let ending = async {
        while !ended(&a.told, &b.told) {
            tokio::select! {
                () = a.hears() => {}
                () = b.hears() => {}
            }
        }
    };
    let in_time = timeout(LIMIT, ending).await;
    assert!(in_time.is_ok(), "{:?} {:?}", a.told, b.told);
}

impl Stage {
    /// Until `ended`, which has to come; then the man turns, until `turned`.
    pub(crate) async fn play_bots(
        &self,
        nodes: (&Node, &Node),
        footage: &Arc<Footage>,
        man: Option<(Certificate, Plan)>,
        a_is_first: bool,
        ended: impl Fn(&Told, &Told) -> bool,
        turned: Option<fn(&Told, &Told) -> bool>,
    ) -> (Told, Told) {
        let stop = CancellationToken::new();
        let sitting = man.map(|(certificate, plan)| {
            self.man(certificate)
                .sits(plan, Arc::new(|_: &super::Loot| ()))
        });
        let to_a = man.map_or_else(|| self.direct(), |it| self.through(self.man(it.0)));
        let start_a = || Running::start(nodes.0, to_a.clone(), "A", footage, &stop);
        let start_b = || Running::start(nodes.1, self.direct(), "B", footage, &stop);
        let (mut a, mut b);
        if a_is_first {
            a = start_a();
            a.joins().await;
            b = start_b();
            b.joins().await;
        } else {
            b = start_b();
            b.joins().await;
            a = start_a();
            a.joins().await;
        }
        until(&mut a, &mut b, ended).await;
        if let (Some(turned), Some((certificate, _))) = (turned, man) {
            self.man(certificate).turns();
            until(&mut a, &mut b, turned).await;
        }
        stop.cancel();
        for bot in [a.ended, b.ended] {
            soon(bot).await.unwrap().unwrap();
        }
        self.clears().await;
        drop(sitting);
        (a.told, b.told)
    }
}
