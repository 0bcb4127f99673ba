//! One run without media: A through the man, B and the host's person as they should, and what each of them saw.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use landline_node::Node;
use landline_node::bot::bare::{Bare, Heard, Visit};
use landline_node::bot::{BotError, CrowdError};
use landline_protocol::node_api::Target;
use landline_trust::rounds::{Status, View};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::persona::random;
use super::plan::{Loot, Plan};
use super::stage::{Certificate, Stage};

/// Nothing comes of a run after that. A machine that is busy with other things needs some of it.
const LIMIT: Duration = Duration::from_mins(1);

/// What one participant saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) client_id: String,
    pub(crate) view: Option<View>,
    /// From whom descriptions came that were taken, and that were not.
    pub(crate) taken: BTreeSet<String>,
    pub(crate) refused: BTreeSet<String>,
    /// The room did not let it in.
    pub(crate) error: Option<String>,
}

impl Seen {
    pub(crate) fn code(&self) -> Option<[u8; 5]> {
        match self.view.as_ref()?.status {
            Status::Code { code, .. } => Some(code),
            _ => None,
        }
    }

    pub(crate) fn covers(&self, other: &Self) -> bool {
        match self.view.as_ref().map(|view| &view.status) {
            Some(Status::Code { with, .. }) => with.contains(&other.client_id),
            _ => false,
        }
    }

    pub(crate) fn cannot_verify(&self, other: &Self) -> bool {
        let view = self.view.as_ref();
        view.is_some_and(|view| view.unverifiable.contains(&other.client_id))
    }

    pub(crate) fn took(&self, other: &Self) -> bool {
        self.taken.contains(&other.client_id)
    }

    pub(crate) fn dropped(&self, other: &Self) -> bool {
        self.refused.contains(&other.client_id)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    A,
    B,
    Host,
}

/// What all of them saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    pub(crate) a: Seen,
    pub(crate) b: Seen,
    pub(crate) host: Seen,
    pub(crate) loot: Loot,
    /// At some time A and B have shown the same code.
    pub(crate) same: bool,
}

impl Scene {
    fn of(&mut self, role: Role) -> &mut Seen {
        match role {
            Role::A => &mut self.a,
            Role::B => &mut self.b,
            Role::Host => &mut self.host,
        }
    }
}

/// The nodes of the participants, which all runs share.
pub(crate) struct Guests {
    pub(crate) a: Node,
    pub(crate) b: Node,
}

impl Stage {
    /// Until `ended`, or until nothing more can come. None: it could not begin, the machine was too busy.
    pub(crate) async fn play(
        &self,
        guests: &Guests,
        man: Option<(Certificate, Plan)>,
        ended: impl Fn(&Scene) -> bool,
    ) -> Option<Scene> {
        let (scene, mut watched) = watch::channel(Scene::default());
        let scene = Arc::new(scene);
        let stop = CancellationToken::new();
        let mut actors = JoinSet::new();
        let sitting = man.map(|(certificate, plan)| {
            let loot = Arc::clone(&scene);
            let report = move |now: &Loot| loot.send_modify(|scene| scene.loot = now.clone());
            self.man(certificate).sits(plan, Arc::new(report))
        });
        let to_a = man.map_or_else(|| self.direct(), |it| self.through(self.man(it.0)));
        let enter = |role, node: &Node, target: Target| {
            let (node, id) = (node.clone(), self.hosted.meeting_id.clone());
            Actor {
                role,
                scene: Arc::clone(&scene),
                stop: stop.clone(),
            }
            .joins(node, target, id)
        };
        let hasty = man.is_none_or(|(_, plan)| plan.hasty());
        // Who keeps A waiting has to have let it in first.
        let a = enter(Role::A, &guests.a, to_a);
        actors.spawn(async move {
            if let Some((actor, bare)) = a.await {
                actor.lives(bare).await;
            }
        });
        let inside = |scene: &Scene| {
            scene.loot.inside || scene.a.error.is_some() || !scene.a.client_id.is_empty()
        };
        let begun = timeout(LIMIT, watched.wait_for(inside)).await.is_ok();
        let out = !begun || scene.borrow().a.error.is_some();
        let mut waiting = Vec::new();
        if !out {
            let b = enter(Role::B, &guests.b, self.direct()).await;
            let (live, later) = if hasty { (b, None) } else { (None, b) };
            waiting.extend(later);
            if let Some((actor, bare)) = live {
                actors.spawn(actor.lives(bare));
            }
            waiting.extend(enter(Role::Host, &self.hosting, self.as_host()).await);
            for (actor, bare) in waiting {
                actors.spawn(actor.lives(bare));
            }
            // That it does not end is for the caller to judge.
            let end = |scene: &Scene| {
                ended(scene) || scene.b.error.is_some() || scene.host.error.is_some()
            };
            let _ = timeout(LIMIT, watched.wait_for(end)).await;
        }
        let last = scene.borrow().clone();
        stop.cancel();
        while let Some(actor) = actors.join_next().await {
            actor.unwrap();
        }
        self.clears().await;
        drop(sitting);
        let busy = [&last.a, &last.b, &last.host];
        let busy = busy.iter().any(|it| {
            it.error
                .as_ref()
                .is_some_and(|error| error.starts_with('!'))
        });
        (!busy).then_some(last)
    }
}

struct Actor {
    role: Role,
    scene: Arc<watch::Sender<Scene>>,
    stop: CancellationToken,
}

impl Actor {
    async fn joins(self, node: Node, target: Target, meeting_id: String) -> Option<(Self, Bare)> {
        let visit = Visit {
            target: &target,
            code: None,
            meeting_id: &meeting_id,
            name: match self.role {
                Role::A => "A",
                Role::B => "B",
                Role::Host => "Ana",
            },
            dtls: random().into(),
        };
        match Bare::join(&node, visit).await {
            Ok(bare) => {
                self.tells(|seen| bare.client_id().clone_into(&mut seen.client_id));
                Some((self, bare))
            }
            Err(error) => {
                let told = match error {
                    CrowdError::Bot(BotError::Refused(code)) => code,
                    other => format!("! {other}"),
                };
                self.tells(|seen| seen.error = Some(told));
                None
            }
        }
    }

    /// Offers to everybody and takes what is vouched for, until it is told to leave.
    async fn lives(self, mut bare: Bare) {
        let there: Vec<String> = bare.peers().iter().map(|it| it.client_id.clone()).collect();
        for peer in there {
            // A broken connection shows at the next step.
            let _ = bare.describe(&peer, true).await;
        }
        loop {
            let view = bare.view();
            self.tells(|seen| seen.view = Some(view));
            let heard = tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                heard = bare.step() => heard,
            };
            let said = match heard {
                Ok(Heard::Came(peer)) => bare.describe(&peer, true).await,
                Ok(Heard::Description {
                    from,
                    offer,
                    vouched: true,
                }) => {
                    self.tells(|seen| {
                        seen.taken.insert(from.clone());
                    });
                    if offer {
                        bare.describe(&from, false).await
                    } else {
                        Ok(())
                    }
                }
                Ok(Heard::Description { from, .. }) => {
                    self.tells(|seen| {
                        seen.refused.insert(from);
                    });
                    Ok(())
                }
                Ok(Heard::Other) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = said {
                self.tells(|seen| seen.error = Some(format!("! {error}")));
                break;
            }
        }
        bare.leave().await;
    }

    fn tells(&self, change: impl FnOnce(&mut Seen)) {
        self.scene.send_modify(|scene| {
            change(scene.of(self.role));
            let code = scene.a.code();
            scene.same |= code.is_some() && code == scene.b.code();
        });
    }
}
