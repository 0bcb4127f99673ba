//! Looks at the frames of one channel between a page and a room, and changes none: that is how a node learns that its page is in a
//! meeting, by which client id, and what is said there.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use landline_protocol::{Identity, Moderation};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::knowledge::Heard;
use super::shared::Shared;
use crate::fingerprint::Fingerprint;
use crate::node::Inner;

/// What the page says, as far as it matters here.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
enum Said {
    Join {
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        identity: Option<Identity>,
    },
    Leave,
    Moderate {
        order: Moderation,
    },
    #[serde(other)]
    Other,
}

static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// A channel as the rest of the node knows it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) number: u64,
    /// What the page called the host.
    pub(super) name: String,
    pub(super) address: SocketAddr,
    pub(super) fingerprint: Fingerprint,
    /// Cuts the connection, so that the page dials anew.
    pub(super) cut: CancellationToken,
}

/// Looks at one channel. Dropping it says that the channel is closed.
pub(crate) struct Watcher {
    node: Weak<Inner>,
    line: Line,
    state: Mutex<State>,
}

struct Joining {
    name: Option<String>,
}

#[derive(Default)]
struct State {
    /// The page joins with this node's key.
    joining: Option<Joining>,
    /// The meeting that the page is in, if this channel is the one that counts.
    shared: Option<Arc<Shared>>,
}

impl Watcher {
    pub(crate) fn new(
        node: &Arc<Inner>,
        name: &str,
        address: SocketAddr,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            node: Arc::downgrade(node),
            line: Line {
                number: NUMBERS.fetch_add(1, Ordering::Relaxed),
                name: name.to_owned(),
                address,
                fingerprint,
                cut: CancellationToken::new(),
            },
            state: Mutex::default(),
        }
    }

    /// Cancelled when the page should dial anew.
    pub(crate) fn cut(&self) -> CancellationToken {
        self.line.cut.clone()
    }

    /// The page sends this frame.
    pub(crate) fn said(&self, frame: &str) {
        match serde_json::from_str(frame) {
            Ok(Said::Join { name, identity }) => {
                let own = self
                    .node
                    .upgrade()
                    .map(|node| node.signing_key.public().to_string());
                let is_own = identity.is_some_and(|identity| Some(identity.key) == own);
                self.state().joining = is_own.then_some(Joining { name });
            }
            Ok(Said::Leave) => {
                if let Some(shared) = self.state().shared.take() {
                    shared.left(self.line.number);
                }
            }
            Ok(Said::Moderate { order }) => {
                if let Some(shared) = &self.state().shared {
                    shared.ordered(order);
                }
            }
            Ok(Said::Other) | Err(_) => {}
        }
    }

    /// The host sends this frame.
    pub(crate) fn heard(&self, frame: &str) {
        match serde_json::from_str(frame) {
            Ok(Heard::Joined(joined)) => {
                let Some(Joining { name }) = self.state().joining.take() else {
                    return;
                };
                let Some(node) = self.node.upgrade() else {
                    return;
                };
                let shared = node.survival.joined(&node, *joined, name, &self.line);
                self.state().shared = shared;
            }
            Ok(Heard::MeetingEnded) => {
                if let Some(shared) = self.state().shared.take() {
                    shared.ended();
                }
            }
            Ok(heard) => {
                let own = self.node.upgrade().map(|node| node.signing_key.public());
                if let (Some(shared), Some(own)) = (&self.state().shared, own) {
                    shared.hear(heard, own);
                }
            }
            Err(_) => {}
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(shared) = self.state().shared.take() {
            shared.unbound(self.line.number);
        }
    }
}
