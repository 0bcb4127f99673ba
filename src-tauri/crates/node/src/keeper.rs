//! Keeps what others are told of the hosted meeting in step with its room.

use std::sync::Arc;
use std::time::Duration;

use landline_discovery::Advertisement;
use landline_protocol::node_api::HostedMeeting;
use landline_signaling::MeetingHandle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::interfaces::ChosenInterfaces;
use crate::links::guest_url;
use crate::storage::identity::Identity;
use crate::storage::kept::Kept;

/// How often the addresses in the guest links are looked at: the machine may change its network.
const ADDRESSES_EVERY: Duration = Duration::from_secs(5);

/// Keeps what others are told in step with the room, and takes the advertisement back at the end.
pub(crate) struct Keeper {
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) identity: Arc<Identity>,
    pub(crate) hosted: watch::Sender<Option<HostedMeeting>>,
    pub(crate) meeting: watch::Sender<Option<MeetingHandle>>,
    pub(crate) handle: MeetingHandle,
    pub(crate) stop: CancellationToken,
    /// The meeting is closed from here.
    pub(crate) closing: CancellationToken,
    pub(crate) kept: Arc<Kept>,
    /// Closes the port.
    pub(crate) port: CancellationToken,
    pub(crate) advertisement: Option<Advertisement>,
}

impl Keeper {
    pub(crate) async fn run(self) {
        let mut summaries = self.handle.summary();
        let mut look = tokio::time::interval(ADDRESSES_EVERY);
        loop {
            let summary = summaries.borrow_and_update().clone();
            if let Some(advertisement) = &self.advertisement {
                advertisement.update(summary.participants, summary.locked || summary.full);
            }
            self.hosted.send_if_modified(|hosted| {
                let Some(hosted) = hosted else { return false };
                let before = hosted.clone();
                hosted.access = self.handle.access().borrow().clone();
                let guest_urls = guest_urls(hosted, &self.interfaces, &self.identity);
                hosted.participants = summary.participants;
                hosted.guest_urls = guest_urls;
                *hosted != before
            });
            tokio::select! {
                changed = summaries.changed() => if changed.is_err() {
                    // Unless it is closed from here, the meeting was ended over the wire.
                    if !self.closing.is_cancelled() {
                        self.kept.forget(&summary.meeting_id);
                    }
                    self.port.cancel();
                    break;
                },
                () = self.stop.cancelled() => break,
                _ = look.tick() => {}
            }
        }
        self.meeting.send_replace(None);
        self.hosted.send_replace(None);
        if let Some(advertisement) = self.advertisement {
            advertisement.stop().await;
        }
    }
}

pub(crate) fn guest_urls(
    hosted: &HostedMeeting,
    interfaces: &ChosenInterfaces,
    identity: &Identity,
) -> Vec<String> {
    interfaces
        .shareable()
        .into_iter()
        .map(|ip| {
            let secret = hosted.access.secret.as_deref();
            let fingerprint = &identity.fingerprint;
            guest_url(ip, hosted.port, &hosted.meeting_id, fingerprint, secret)
        })
        .collect()
}
