//! One page and its node: requests in, events out.
//!
//! - [`NodeSession`]: what the page asks for. Dropping it closes its channels and stops its watching
//! - [`NodeEvents`]: what the page is told
//! - [`channel`]: one connection to a room
//! - [`person`]: what is signed for the person, and whom the person has met
//! - [`follower`]: what changes without the page's doing

mod channel;
mod follower;
mod mailbox;
mod network;
mod person;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use landline_protocol::limits::MESSAGE_BYTES;
use landline_protocol::node_api::{
    NodeError, NodeErrorCode, NodeReply, NodeRequest, Target, Welcome,
};
use landline_protocol::settings::Settings;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::engine;
use crate::error::node_error;
use crate::hosting::HostOptions;
use crate::node::Inner;
use crate::platform::PlatformError;
use crate::survival::Watcher;
use channel::Channel;
use follower::Follower;
use mailbox::Mailbox;
pub use mailbox::NodeEvents;

/// Connections that one page has open. It needs one, for a moment two, and one for each guest whose frames it passes on.
const CHANNELS: usize = 40;

/// Where a page comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The program around the node.
    App,
    /// A browser on this machine.
    Browser,
}

/// One page. Requests may run side by side; frames of one channel go out in the order of their calls.
pub struct NodeSession {
    node: Arc<Inner>,
    id: u64,
    origin: Origin,
    mailbox: Arc<Mailbox>,
    channels: Arc<Mutex<HashMap<u32, Channel>>>,
    next_channel: AtomicU32,
    watching: watch::Sender<bool>,
    /// What the page believes the settings to be.
    settings: Arc<Mutex<Settings>>,
    /// Cancelled when the page is gone.
    stop: CancellationToken,
    _stop: DropGuard,
}

impl NodeSession {
    pub(crate) fn open(node: Arc<Inner>, id: u64, origin: Origin) -> (Self, NodeEvents) {
        let (mailbox, events) = mailbox::mailbox();
        let stop = CancellationToken::new();
        let watching = watch::Sender::new(false);
        let settings = Arc::new(Mutex::new(node.settings.get()));
        let follower = Follower {
            mailbox: Arc::clone(&mailbox),
            discovery: node.discovery.clone(),
            watching: watching.subscribe(),
            hosted: node.hosting.hosted.subscribe(),
            settings: node.settings.changes(),
            believed: Arc::clone(&settings),
            opens: node.opens.subscribe(),
        };
        let stopped = stop.clone();
        node.runtime.spawn(async move {
            tokio::select! {
                () = follower.run() => {}
                () = stopped.cancelled() => {}
            }
        });
        let session = Self {
            node,
            id,
            origin,
            mailbox,
            channels: Arc::default(),
            next_channel: AtomicU32::new(1),
            watching,
            settings,
            _stop: stop.clone().drop_guard(),
            stop,
        };
        (session, events)
    }

    /// Does what the page asks for.
    ///
    /// # Errors
    /// [`NodeError`], whose code the page has a sentence for.
    pub async fn request(&self, request: NodeRequest) -> Result<NodeReply, NodeError> {
        match request {
            NodeRequest::Hello => Ok(NodeReply::Welcome(Box::new(self.welcome()))),
            NodeRequest::SetSettings { settings } => self.set_settings(settings).await,
            NodeRequest::Watch { on } => {
                self.watching.send_replace(on);
                Ok(NodeReply::Done)
            }
            NodeRequest::Host {
                title,
                name,
                access,
                private,
            } => {
                let options = HostOptions {
                    title,
                    name,
                    meeting_id: None,
                    access,
                    private,
                };
                let hosted = self.node.host(options).await?;
                Ok(NodeReply::Hosted { hosted })
            }
            NodeRequest::HostAgain => {
                let kept = self.node.hosting.kept.get();
                let kept = kept.ok_or(NodeErrorCode::MeetingNotFound)?;
                let options = HostOptions::default();
                let again = self.node.host_again(&kept.meeting_id, options);
                let hosted = Box::pin(again).await?;
                Ok(NodeReply::Hosted { hosted })
            }
            NodeRequest::ForgetMeeting => {
                self.forget_meeting();
                Ok(NodeReply::Done)
            }
            NodeRequest::EndMeeting => self.node.hosting.end().await.map(|()| NodeReply::Done),
            NodeRequest::Look { target } => {
                // Boxed: sockets and buffers of a dial make a future of 28 kB.
                let found = Box::pin(self.node.dialer.look(&target)).await?;
                Ok(NodeReply::Found { found })
            }
            NodeRequest::OpenChannel { target, code } => {
                self.open_channel(&target, code.as_deref()).await
            }
            NodeRequest::Sign { label, fields } => self.sign(label, &fields),
            NodeRequest::Meet { meeting_id, people } => self.meet(meeting_id, people).await,
            NodeRequest::SendFrame { channel, frame } => {
                self.send_frame(channel, frame).map(|()| NodeReply::Done)
            }
            NodeRequest::CloseChannel { channel } => self.close_channel(channel),
            NodeRequest::OpenInBrowser { target } => self.open_in_browser(target).await,
            NodeRequest::KeepAwake { on } => self
                .node
                .keep_awake(self.id, on)
                .map(|()| NodeReply::Done)
                .map_err(of_platform),
            NodeRequest::OpenEngine => self.open_engine().await,
            NodeRequest::TestCall { on } => {
                // Boxed: a join with all its sockets lies in it.
                Box::pin(self.node.test_call.set(&self.node, on))
                    .await
                    .map(|()| NodeReply::Done)
            }
        }
    }

    /// Queues one text frame for the room. Does not wait, so that callers keep their order.
    ///
    /// # Errors
    /// `NoChannel`, `BadRequest` for a frame above the wire's limit, `Congested`.
    pub fn send_frame(&self, channel: u32, frame: String) -> Result<(), NodeError> {
        if frame.len() > MESSAGE_BYTES {
            return Err(node_error(
                NodeErrorCode::BadRequest,
                "the frame is too large",
            ));
        }
        self.channels()
            .get(&channel)
            .ok_or(NodeErrorCode::NoChannel)?
            .send(frame)
            .map_err(NodeError::from)
    }

    fn welcome(&self) -> Welcome {
        let settings = self.node.settings.get();
        self.settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&settings);
        let (open, token) = match self.origin {
            Origin::App => (self.node.take_pending_open(), None),
            Origin::Browser => (None, Some(self.node.browser.token().to_owned())),
        };
        Welcome {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings,
            hosted: self.node.hosting.hosted.borrow().clone(),
            interrupted: self.node.interrupted(),
            open,
            token,
            notices: self.node.settings.take_notices(),
            computer_name: self.node.computer_name.clone(),
            key: self.node.signing_key.public().to_string(),
            engine: self.origin == Origin::App && self.node.engine_sockets.are_given(),
        }
    }

    /// What was kept of a meeting that is not going on here.
    fn forget_meeting(&self) {
        let hosting = &self.node.hosting;
        if hosting.hosted.borrow().is_none()
            && let Some(kept) = hosting.kept.get()
        {
            hosting.kept.forget(&kept.meeting_id);
        }
    }

    async fn set_settings(&self, settings: Settings) -> Result<NodeReply, NodeError> {
        let node = Arc::clone(&self.node);
        let believed = Arc::clone(&self.settings);
        tokio::task::spawn_blocking(move || {
            // Held over the change, so that the follower does not tell the page what it has just said itself.
            let mut believed = believed.lock().unwrap_or_else(PoisonError::into_inner);
            node.settings.set(settings);
            let interfaces = std::mem::take(&mut believed.interfaces);
            *believed = node.settings.get();
            if believed.interfaces != interfaces {
                node.discovery.set_interfaces(believed.interfaces.clone());
            }
        })
        .await
        .map_err(|error| node_error(NodeErrorCode::Internal, error))?;
        Ok(NodeReply::Done)
    }

    async fn open_channel(
        &self,
        target: &Target,
        code: Option<&str>,
    ) -> Result<NodeReply, NodeError> {
        if self.channels().len() >= CHANNELS || self.mailbox.is_crowded() {
            return Err(NodeErrorCode::Congested.into());
        }
        let opened = Box::pin(self.node.dialer.open(target, code)).await?;
        let fingerprint = opened.fingerprint.to_string();
        let socket = opened.socket;
        let id = self.next_channel.fetch_add(1, Ordering::Relaxed);
        let (Target::Meeting { meeting_id: name } | Target::Address { text: name }) = target;
        let watcher = Watcher::new(&self.node, name, opened.address, opened.fingerprint);
        let mailbox = Arc::clone(&self.mailbox);
        let (channel, run) =
            channel::channel(id, socket, mailbox, watcher, self.node.interfaces.clone());
        self.channels().insert(id, channel);
        let channels = Arc::downgrade(&self.channels);
        let mailbox = Arc::clone(&self.mailbox);
        let going_away = self.node.stop.clone();
        self.node.tasks.spawn(async move {
            let reason = run.until_closed(going_away).await;
            if let Some(channels) = channels.upgrade() {
                channels
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&id);
            }
            mailbox.close_channel(id, reason);
        });
        Ok(NodeReply::Channel {
            channel: id,
            fingerprint,
        })
    }

    /// What was queued before still goes out.
    fn close_channel(&self, channel: u32) -> Result<NodeReply, NodeError> {
        self.channels()
            .remove(&channel)
            .map(|_| NodeReply::Done)
            .ok_or_else(|| NodeErrorCode::NoChannel.into())
    }

    async fn open_in_browser(&self, target: Option<Target>) -> Result<NodeReply, NodeError> {
        if self.origin == Origin::Browser {
            return Err(NodeErrorCode::NotSupported.into());
        }
        let url = self.node.ticket_url(target.as_ref()).await?;
        let platform = Arc::clone(&self.node.platform);
        tokio::task::spawn_blocking(move || platform.open_url(&url))
            .await
            .map_err(|error| node_error(NodeErrorCode::Internal, error))?
            .map_err(of_platform)?;
        Ok(NodeReply::Done)
    }

    /// A door to the engine, for the app's own page alone: a page elsewhere has a browser's `RTCPeerConnection`.
    async fn open_engine(&self) -> Result<NodeReply, NodeError> {
        if self.origin == Origin::Browser {
            return Err(NodeErrorCode::NotSupported.into());
        }
        let node = &self.node;
        let start = || {
            // Names are resolved on the runtime in which an engine starts.
            let _runtime = node.runtime.enter();
            engine::start(&node.interfaces, &node.discovery)
                .map_err(|error| node_error(NodeErrorCode::Internal, error))
        };
        let page = self.stop.child_token();
        let (door, session) = node.engine_sockets.open(&start, page).await?;
        let stop = node.stop.clone();
        node.tasks.spawn_on(
            async move {
                tokio::select! {
                    () = session => {}
                    () = stop.cancelled() => {}
                }
            },
            &node.runtime,
        );
        Ok(NodeReply::Engine(door))
    }

    fn channels(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NodeSession {
    fn drop(&mut self) {
        // Its senders go with the map, which closes the connections; the node is told last.
        self.channels().clear();
        self.mailbox.close();
        self.node.session_ended(self.id);
    }
}

fn of_platform(error: PlatformError) -> NodeError {
    let code = match error {
        PlatformError::NotSupported => NodeErrorCode::NotSupported,
        PlatformError::NoBrowser(_) => NodeErrorCode::NoBrowser,
        PlatformError::Failed(_) => NodeErrorCode::Internal,
    };
    node_error(code, error)
}
