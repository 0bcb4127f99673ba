//! How a meeting outlives its host: the decisions are those of the crate `succession`; here they get a clock, connections, and hands.
//!
//! One task for the meeting that this node is in: it hosts it, or its page joined it with this node's key. Nodes speak with each
//! other over `/peer` of their ports. When the host is gone, one of them opens the room under the same id, and the others' pages
//! are sent there.
//!
//! A node is in one meeting at a time here. One key is one seat: the first page of a node in a meeting counts, a second one is a
//! participant like a guest.
//!
//! - `begin`, `driver`, `room`, `successor`: the task
//! - `show`: what a host shows to newcomers
//! - `wire`, `links`: connections to other nodes, and who is at their other end
//! - `watcher`, `knowledge`, `ordered`: what the page's channel tells
//! - `lines`, `ruled`: chat and rulings between the room and what all nodes keep
//! - `shared`: between channels and the task
//! - `clock`

mod begin;
mod clock;
mod driver;
mod knowledge;
mod lines;
mod links;
mod ordered;
mod room;
mod ruled;
mod shared;
mod show;
mod successor;
mod watcher;
mod wire;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landline_protocol::decode::{clean, clean_name};
use landline_protocol::limits::TITLE_CHARS;
use landline_protocol::node_api::{HostedMeeting, NodeError, NodeErrorCode};
use landline_signaling::Peers;
use landline_succession::MeetingId;
use tokio::sync::watch;

use crate::dial::chain::meeting_of;
use crate::error::node_error;
use crate::hosting::{Founded, HostOptions, Started};
use crate::node::Inner;
use crate::storage::kept::KeptMeeting;
use begin::{Begin, Orders};
use knowledge::{Joined, Knowledge};
use links::Door;
use shared::Shared;
use watcher::Line;
pub(crate) use watcher::Watcher;

/// How long handing over may take at the end of the program.
const HANDING_OVER: Duration = Duration::from_secs(1);

/// How long opening a meeting again may take: longer than it takes to be sure that nobody else has it.
const RESTORING: Duration = Duration::from_secs(20);

/// This node's part in the survival of its meeting.
pub(crate) struct Survival {
    door: Arc<Door>,
    /// How many nodes of the meeting could host it, as far as this one reaches them.
    pub(crate) companions: watch::Sender<usize>,
    active: Mutex<Option<Active>>,
}

/// The meeting of the time.
struct Active {
    shared: Arc<Shared>,
    orders: Orders,
}

impl Default for Survival {
    fn default() -> Self {
        Self {
            door: Arc::default(),
            companions: watch::Sender::new(0),
            active: Mutex::default(),
        }
    }
}

impl Survival {
    /// Where other nodes come in.
    pub(crate) fn peers(&self) -> Arc<dyn Peers> {
        Arc::clone(&self.door) as Arc<dyn Peers>
    }

    /// This node has opened a meeting.
    pub(crate) fn founded(&self, node: &Arc<Inner>, started: Started) -> HostedMeeting {
        let Started { hosted, founding } = started;
        if let Some(founded) = founding
            && let Some(meeting) = meeting_of(&hosted.meeting_id)
        {
            let knowledge = Knowledge::of(&hosted);
            let Founded {
                nonce,
                start,
                client,
            } = founded;
            let shared = Shared::new(hosted.meeting_id.clone(), client, knowledge);
            let begin = Begin::Found { nonce, start };
            self.begin(&mut self.lock(), node, meeting, shared, begin);
        }
        hosted
    }

    /// This node hosted the meeting before it was started again. It does so again, unless another one does.
    pub(crate) async fn restore(
        &self,
        node: &Arc<Inner>,
        meeting: MeetingId,
        mut kept: KeptMeeting,
        options: &HostOptions,
    ) -> Result<HostedMeeting, NodeError> {
        let own = node.signing_key.public();
        let claim = kept.claim().filter(|claim| *claim.host() == own);
        let Some(claim) = claim else {
            let why = "what was kept of that meeting is not of this installation";
            return Err(node_error(NodeErrorCode::BadRequest, why));
        };
        if let Some(title) = clean(&options.title, TITLE_CHARS) {
            kept.title = title;
        }
        if let Some(name) = clean_name(&options.name) {
            kept.name = name;
        }
        let members = claim.record().members();
        let client_of = |key: &str| {
            let mut members = members.iter();
            let member = members.find(|member| member.key.to_string() == key);
            member.map(|member| member.client.clone())
        };
        let knowledge = Knowledge::kept(&kept);
        let client = client_of(&own.to_string()).unwrap_or_default();
        let meeting_id = kept.meeting_id.clone();
        let shared = Shared::new(meeting_id.clone(), client, knowledge);
        let claim = Box::new(claim);
        let begin = Begin::Restore { kept, claim };
        let orders = {
            let mut active = self.lock();
            let current = active.as_ref().filter(|active| !active.orders.is_done());
            if current.is_some() {
                return Err(NodeErrorCode::AlreadyHosting.into());
            }
            self.begin(&mut active, node, meeting, shared, begin);
            active.as_ref().map(|active| active.orders.clone())
        };
        let orders = orders.ok_or(NodeErrorCode::Internal)?;
        let mut hosted = node.hosting.hosted.subscribe();
        let is_open = |hosted: &Option<HostedMeeting>| {
            hosted
                .as_ref()
                .is_some_and(|it| it.meeting_id == meeting_id)
        };
        tokio::select! {
            biased;
            hosted = hosted.wait_for(is_open) => {
                let hosted = hosted.ok().and_then(|hosted| hosted.clone());
                return hosted.ok_or_else(|| NodeErrorCode::Internal.into());
            }
            () = orders.elsewhere.cancelled() => {}
            () = tokio::time::sleep(RESTORING) => {
                orders.stop.cancel();
                return Err(node_error(NodeErrorCode::Internal, "nobody could be asked"));
            }
            () = orders.done.cancelled() => {
                let why = "the meeting could not be opened again";
                return Err(node_error(NodeErrorCode::Internal, why));
            }
        }
        orders.stop.cancel();
        orders.done.cancelled().await;
        node.hosting.kept.forget(&meeting_id);
        let why = "the meeting goes on at another computer";
        Err(node_error(NodeErrorCode::AlreadyHosting, why))
    }

    /// A page has a seat, which it took with this node's key. None: another page of this node counts.
    fn joined(
        &self,
        node: &Arc<Inner>,
        joined: Joined,
        name: Option<String>,
        line: &Line,
    ) -> Option<Arc<Shared>> {
        let meeting = meeting_of(&joined.room_id)?;
        let (meeting_id, client) = (joined.room_id.clone(), joined.client_id.clone());
        let mut active = self.lock();
        let current = active.as_ref().filter(|active| !active.orders.is_done());
        let known = current.filter(|active| active.shared.meeting_id == meeting_id);
        let shared = match (known, current) {
            (Some(known), _) if known.shared.client == client => Arc::clone(&known.shared),
            (_, Some(current)) if current.shared.is_bound() || current.orders.is_hosting() => {
                return None;
            }
            _ => {
                // Known before the task begins, which opens another kind of port for it.
                let mut knowledge = Knowledge::default();
                knowledge.private = joined.private;
                let shared = Shared::new(meeting_id.clone(), client, knowledge);
                let begin = Begin::Join {
                    address: line.address,
                    fingerprint: line.fingerprint,
                };
                self.begin(&mut active, node, meeting, shared, begin)
            }
        };
        let key = node.signing_key.public().to_string();
        let lines = shared.knowledge().joined(joined, &key, name);
        shared.log(lines);
        shared.bind(line.clone());
        node.dialer.moves.joined(&meeting_id, &line.name);
        Some(shared)
    }

    fn begin(
        &self,
        active: &mut MutexGuard<'_, Option<Active>>,
        node: &Arc<Inner>,
        meeting: MeetingId,
        shared: Shared,
        begin: Begin,
    ) -> Arc<Shared> {
        let (shared, orders) = (Arc::new(shared), Orders::new(node.stop.child_token()));
        // From now on, not only when its task has come so far: another meeting cannot be opened meanwhile.
        let founds = matches!(begin, Begin::Found { .. });
        orders.hosting.store(founds, Ordering::Relaxed);
        let earlier = active.replace(Active {
            shared: Arc::clone(&shared),
            orders: orders.clone(),
        });
        let earlier = earlier.map(|earlier| earlier.orders);
        let task = begin::run(
            Arc::downgrade(node),
            Arc::clone(&self.door),
            meeting,
            Arc::clone(&shared),
            begin,
            orders.clone(),
        );
        node.tasks.spawn_on(
            async move {
                if let Some(earlier) = earlier {
                    earlier.stop.cancel();
                    earlier.done.cancelled().await;
                }
                task.await;
                orders.done.cancel();
            },
            &node.runtime,
        );
        shared
    }

    /// The program ends: a host hands over, if there is somebody to hand over to.
    pub(crate) async fn leave(&self) {
        let Some(orders) = self.orders() else { return };
        orders.leave.cancel();
        let left = orders.done.cancelled();
        if tokio::time::timeout(HANDING_OVER, left).await.is_err() {
            tracing::info!("nobody took the meeting over");
        }
        orders.stop.cancel();
    }

    /// This node is going to open another meeting.
    pub(crate) async fn stop(&self) {
        let Some(orders) = self.orders() else { return };
        if !orders.is_hosting() {
            orders.stop.cancel();
            orders.done.cancelled().await;
        }
    }

    fn orders(&self) -> Option<Orders> {
        self.lock().as_ref().map(|active| active.orders.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
