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
//! - `wire`, `links`: connections to other nodes, and who is at their other end
//! - `watcher`, `knowledge`: what the page's channel tells
//! - `shared`: between channels and the task
//! - `clock`

mod begin;
mod clock;
mod driver;
mod knowledge;
mod links;
mod room;
mod shared;
mod successor;
mod watcher;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use landline_protocol::node_api::HostedMeeting;
use landline_signaling::Peers;
use landline_succession::MeetingId;
use tokio::sync::watch;

use crate::hosting::{Founded, Started};
use crate::node::Inner;
use begin::{Begin, Orders};
use knowledge::{Joined, Knowledge};
use links::Door;
use shared::Shared;
use watcher::Line;
pub(crate) use watcher::Watcher;

/// How long handing over may take at the end of the program.
const HANDING_OVER: Duration = Duration::from_secs(1);

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
                let shared = Shared::new(meeting_id.clone(), client, Knowledge::default());
                let begin = Begin::Join {
                    address: line.address,
                    fingerprint: line.fingerprint,
                };
                self.begin(&mut active, node, meeting, shared, begin)
            }
        };
        let key = node.signing_key.public().to_string();
        shared.knowledge().joined(joined, &key, name);
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

/// The id in the form that certifies itself. Whether it does so is seen from a host's claim.
fn meeting_of(meeting_id: &str) -> Option<MeetingId> {
    let bytes = HEXLOWER.decode(meeting_id.as_bytes()).ok()?;
    bytes.try_into().ok().map(MeetingId)
}
