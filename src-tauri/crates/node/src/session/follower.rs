//! What changes without the page's doing: the list while it is watched, the own meeting, the settings, a link to open.

use std::sync::{Arc, Mutex, PoisonError};

use landline_discovery::{Discovery, Found, Watch};
use landline_protocol::node_api::{DiscoveryState, HostedMeeting, Meeting, NodeEvent, Target};
use landline_protocol::settings::Settings;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::mailbox::Mailbox;

/// Tells one page.
pub(super) struct Follower {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) discovery: Discovery,
    pub(super) watching: watch::Receiver<bool>,
    pub(super) hosted: watch::Receiver<Option<HostedMeeting>>,
    pub(super) settings: watch::Receiver<Settings>,
    pub(super) believed: Arc<Mutex<Settings>>,
    pub(super) opens: broadcast::Receiver<Target>,
}

/// The list, while the page looks at it.
struct List {
    /// Looking ends when it is dropped.
    _watch: Watch,
    found: watch::Receiver<Arc<[Found]>>,
    state: watch::Receiver<DiscoveryState>,
}

impl Follower {
    /// Until the node is gone.
    pub(super) async fn run(mut self) {
        let mut list: Option<List> = None;
        loop {
            tokio::select! {
                changed = self.watching.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let on = *self.watching.borrow_and_update();
                    if on && list.is_none() {
                        let watch = self.discovery.watch();
                        let fresh = List { found: watch.found(), state: watch.state(), _watch: watch };
                        self.tell_list(&fresh);
                        list = Some(fresh);
                    } else if !on && list.take().is_some() {
                        self.mailbox.tell(NodeEvent::Discovery { state: DiscoveryState::Off });
                    }
                }
                Some(()) = next_change(list.as_mut()) => {
                    if let Some(list) = &list {
                        self.tell_list(list);
                    }
                }
                Ok(()) = self.hosted.changed() => {
                    let hosted = self.hosted.borrow_and_update().clone();
                    self.mailbox.tell(NodeEvent::Hosted { hosted });
                    // Which meeting is our own has changed.
                    if let Some(list) = &list {
                        self.tell_list(list);
                    }
                }
                Ok(()) = self.settings.changed() => self.tell_settings(),
                opened = self.opens.recv() => match opened {
                    Ok(target) => self.mailbox.tell(NodeEvent::Open { target }),
                    // The latest links follow; older ones mean nothing any more.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    fn tell_list(&self, list: &List) {
        let own = self
            .hosted
            .borrow()
            .as_ref()
            .map(|hosted| hosted.meeting_id.clone());
        let meetings: Vec<Meeting> = list
            .found
            .borrow()
            .iter()
            .map(|found| found.to_meeting(own.as_deref() == Some(found.meeting_id.as_str())))
            .collect();
        let state = list.state.borrow().clone();
        self.mailbox.tell(NodeEvent::Discovery { state });
        self.mailbox.tell(NodeEvent::Meetings { meetings });
    }

    fn tell_settings(&mut self) {
        let settings = self.settings.borrow_and_update().clone();
        let mut believed = self.believed.lock().unwrap_or_else(PoisonError::into_inner);
        if *believed != settings {
            believed.clone_from(&settings);
            self.mailbox.tell(NodeEvent::Settings { settings });
        }
    }
}

/// Waits for a change of the list; for ever if nobody looks.
async fn next_change(list: Option<&mut List>) -> Option<()> {
    match list {
        None => std::future::pending().await,
        Some(List { found, state, .. }) => tokio::select! {
            changed = found.changed() => changed.ok(),
            changed = state.changed() => changed.ok(),
        },
    }
}
