//! The page in the window and its node session.
//!
//! `None → Live → Live (the page was loaded again) → None`. One page is one session: a new page ends the session of the one
//! before, with its channels, its watching and its unanswered requests.

use std::sync::{Arc, Mutex, PoisonError};

use landline_node::{Node, NodeEvents, NodeSession};
use landline_protocol::node_api::{NodeError, NodeErrorCode, NodeEvent, NodeReply, NodeRequest};
use tauri::ipc::Channel;
use tokio::sync::{oneshot, watch};

/// Events handed to the webview before it has to catch up. The node's queue is bounded, the webview's is not.
const IN_FLIGHT: usize = 64;

/// The page, if one has been loaded.
pub(crate) struct Page {
    node: Node,
    live: Mutex<Option<Live>>,
}

struct Live {
    session: Arc<NodeSession>,
    /// Nothing is sent on it. Requests that run listen for its end: then another page has taken this one's place.
    current: watch::Sender<()>,
}

impl Page {
    pub(crate) fn new(node: Node) -> Self {
        Self {
            node,
            live: Mutex::new(None),
        }
    }

    /// A page has been loaded and listens on `channel`. `settle` answers when the webview has done what it was given.
    /// Called on a thread of the Tokio runtime or inside its context.
    pub(crate) fn attach(
        &self,
        channel: Channel<NodeEvent>,
        settle: impl Fn(oneshot::Sender<()>) + Send + 'static,
    ) {
        let (session, events) = self.node.session();
        let before = self.replace(Some(Live {
            session: Arc::new(session),
            current: watch::Sender::new(()),
        }));
        tracing::debug!(reloaded = before.is_some(), "a page is attached");
        drop(before);
        tokio::spawn(pump(events, channel, settle));
    }

    /// The page is gone.
    pub(crate) fn detach(&self) {
        drop(self.replace(None));
    }

    /// Queues one frame for the room at once, so that frames keep the order of their calls.
    pub(crate) fn send_frame(&self, channel: u32, frame: String) -> Result<NodeReply, NodeError> {
        self.current()?
            .0
            .send_frame(channel, frame)
            .map(|()| NodeReply::Done)
    }

    /// Does what the page asks for, unless another page comes meanwhile.
    pub(crate) async fn request(&self, request: NodeRequest) -> Result<NodeReply, NodeError> {
        let (session, mut replaced) = self.current()?;
        tokio::select! {
            reply = session.request(request) => reply,
            _ = replaced.changed() => Err(NodeError {
                code: NodeErrorCode::Internal,
                message: "the page was loaded again".to_owned(),
            }),
        }
    }

    fn current(&self) -> Result<(Arc<NodeSession>, watch::Receiver<()>), NodeError> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.as_ref()
            .map(|live| (Arc::clone(&live.session), live.current.subscribe()))
            .ok_or_else(|| NodeError {
                code: NodeErrorCode::BadRequest,
                message: "node_events comes first".to_owned(),
            })
    }

    fn replace(&self, live: Option<Live>) -> Option<Live> {
        let mut current = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, live)
    }
}

/// Hands events to the webview until the session ends or the webview is gone.
async fn pump(
    mut events: NodeEvents,
    channel: Channel<NodeEvent>,
    settle: impl Fn(oneshot::Sender<()>) + Send,
) {
    let mut in_flight = 0;
    while let Some(event) = events.recv().await {
        if let Err(error) = channel.send(event) {
            tracing::debug!(%error, "the page does not listen any more");
            return;
        }
        in_flight += 1;
        if in_flight == IN_FLIGHT {
            in_flight = 0;
            let (done, settled) = oneshot::channel();
            settle(done);
            if settled.await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
