//! Hosting a meeting: a port, a certificate, a room and an advertisement that begin and end together.
//!
//! Invariant: at most one meeting, and nothing listens unless there is one.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use landline_discovery::{AdvertisedMeeting, Advertisement, Discovery};
use landline_protocol::AccessMode;
use landline_protocol::decode::{clean, clean_name};
use landline_protocol::limits::{Limits, TITLE_CHARS};
use landline_protocol::node_api::{HostedMeeting, NodeError, NodeErrorCode};
use landline_signaling::{Assets, MeetingConfig, MeetingHandle, Public};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::address::is_meeting_id;
use crate::error::node_error;
use crate::interfaces::ChosenInterfaces;
use crate::links::guest_url;
use crate::listen::{Listening, listen};
use crate::random;
use crate::storage::identity::Identity;

/// How often the addresses in the guest links are looked at: the machine may change its network.
const ADDRESSES_EVERY: Duration = Duration::from_secs(5);
/// How long the end of a meeting may take: closing connections and saying goodbye.
const ENDING: Duration = Duration::from_millis(1_200);

/// What to host.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// Shown in lists. Empty: "Meeting of <name>".
    pub title: String,
    /// The host's name. Empty: the computer's.
    pub name: String,
    /// Opens this meeting again, and gives seats back to those who had them. None: a new meeting.
    pub meeting_id: Option<String>,
    /// Who comes in without being asked for.
    pub access: AccessMode,
}

/// How a meeting ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// For all: everybody is told.
    ForAll,
    /// This node goes away; participants may find the meeting again.
    GoingAway,
}

/// The hosting side of a node.
pub(crate) struct Hosting {
    pub(crate) identity: Arc<Identity>,
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) assets: Arc<dyn Assets>,
    pub(crate) discovery: Discovery,
    pub(crate) computer_name: String,
    pub(crate) port: u16,
    pub(crate) hosted: watch::Sender<Option<HostedMeeting>>,
    pub(crate) meeting: watch::Sender<Option<MeetingHandle>>,
    pub(crate) running: Mutex<Option<Running>>,
}

/// A meeting that is going on. Dropping it stops the server and takes the advertisement back.
pub(crate) struct Running {
    handle: MeetingHandle,
    stop: DropGuard,
    tasks: TaskTracker,
    keeper: JoinHandle<()>,
}

impl Hosting {
    pub(crate) async fn start(&self, options: HostOptions) -> Result<HostedMeeting, NodeError> {
        let mut running = self.running.lock().await;
        if running
            .as_ref()
            .is_some_and(|running| !running.keeper.is_finished())
        {
            return Err(NodeErrorCode::AlreadyHosting.into());
        }
        let reopened = options.meeting_id.is_some();
        let meeting_id = match options.meeting_id {
            Some(id) if is_meeting_id(&id) => id,
            Some(_) => return Err(node_error(NodeErrorCode::BadRequest, "not a meeting id")),
            None => random::meeting_id().map_err(internal)?,
        };
        let name = clean_name(&options.name).unwrap_or_else(|| self.computer_name.clone());
        let title = clean(&options.title, TITLE_CHARS)
            .or_else(|| clean(&format!("Meeting of {name}"), TITLE_CHARS))
            .unwrap_or_default();
        let tls = self.identity.server_config().map_err(internal)?;
        let listening =
            listen(self.port).map_err(|error| node_error(NodeErrorCode::PortUnavailable, error))?;
        let handle = MeetingHandle::start(MeetingConfig {
            meeting_id,
            title,
            host: name,
            started_at: milliseconds_since_1970(),
            limits: Limits::default(),
            resume_key: self.identity.resume_key,
            reopened,
            host_key: Some(self.identity.signing_key.public().to_string()),
            access: landline_signaling::new_access(options.access),
            fingerprint: *self.identity.fingerprint.bytes(),
        });
        let hosted = self.describe(&handle, &listening);
        let advertisement = self.advertise(&hosted);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let public = Public {
            listeners: listening.listeners,
            tls,
            meeting: handle.clone(),
            assets: Arc::clone(&self.assets),
            addresses: Arc::new(self.interfaces.clone()),
            local_name: advertisement
                .as_ref()
                .map(|advertisement| advertisement.host_name().to_owned()),
        };
        tasks.spawn(public.serve(stop.clone()));
        self.meeting.send_replace(Some(handle.clone()));
        self.hosted.send_replace(Some(hosted.clone()));
        tracing::info!(port = hosted.port, "hosting a meeting");
        let keeper = Keeper {
            interfaces: self.interfaces.clone(),
            identity: Arc::clone(&self.identity),
            hosted: self.hosted.clone(),
            meeting: self.meeting.clone(),
            handle: handle.clone(),
            stop: stop.clone(),
            advertisement,
        };
        *running = Some(Running {
            handle,
            stop: stop.drop_guard(),
            tasks,
            keeper: tokio::spawn(keeper.run()),
        });
        Ok(hosted)
    }

    /// Ends the meeting for all.
    pub(crate) async fn end(&self) -> Result<(), NodeError> {
        self.finish(Ending::ForAll)
            .await
            .ok_or_else(|| NodeErrorCode::MeetingNotFound.into())
    }

    /// Ends hosting because this node goes away.
    pub(crate) async fn close(&self) {
        // None: nothing was hosted.
        let _ = self.finish(Ending::GoingAway).await;
    }

    async fn finish(&self, ending: Ending) -> Option<()> {
        // Held until the end: the port is not free before, and another meeting would be told about with this one's end.
        let mut running = self.running.lock().await;
        let Running {
            handle,
            stop,
            tasks,
            keeper,
        } = running.take()?;
        let abort = keeper.abort_handle();
        let close = async {
            match ending {
                Ending::ForAll => handle.end().await,
                Ending::GoingAway => handle.close().await,
            }
            drop(stop);
            tasks.close();
            tasks.wait().await;
            if let Err(error) = keeper.await {
                tracing::warn!(%error, "the end of the meeting was not tidy");
            }
        };
        if tokio::time::timeout(ENDING, close).await.is_err() {
            tracing::warn!("the meeting did not end in time");
            abort.abort();
        }
        self.meeting.send_replace(None);
        self.hosted.send_replace(None);
        tracing::info!("the meeting is over");
        Some(())
    }

    fn describe(&self, handle: &MeetingHandle, listening: &Listening) -> HostedMeeting {
        let summary = handle.summary().borrow().clone();
        let mut hosted = HostedMeeting {
            meeting_id: summary.meeting_id,
            title: summary.title,
            host: summary.host,
            guest_urls: Vec::new(),
            fingerprint: self.identity.fingerprint.to_string(),
            port: listening.port,
            participants: summary.participants,
            port_changed: listening.changed,
            started_at: summary.started_at,
            access: handle.access().borrow().clone(),
        };
        hosted.guest_urls = guest_urls(&hosted, &self.interfaces, &self.identity);
        hosted
    }

    fn advertise(&self, hosted: &HostedMeeting) -> Option<Advertisement> {
        let advertised = self.discovery.advertise(AdvertisedMeeting {
            meeting_id: hosted.meeting_id.clone(),
            title: hosted.title.clone(),
            host: hosted.host.clone(),
            port: hosted.port,
            fingerprint: hosted.fingerprint.clone(),
            participants: hosted.participants,
            locked: hosted.access.is_guarded(),
            started_at: hosted.started_at,
            private: false,
        });
        advertised
            .inspect_err(|error| tracing::warn!(%error, "the meeting is not in anybody's list"))
            .ok()
    }
}

/// Keeps what others are told in step with the room, and takes the advertisement back at the end.
struct Keeper {
    interfaces: ChosenInterfaces,
    identity: Arc<Identity>,
    hosted: watch::Sender<Option<HostedMeeting>>,
    meeting: watch::Sender<Option<MeetingHandle>>,
    handle: MeetingHandle,
    stop: CancellationToken,
    advertisement: Option<Advertisement>,
}

impl Keeper {
    async fn run(self) {
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
                changed = summaries.changed() => if changed.is_err() { break },
                () = self.stop.cancelled() => break,
                _ = look.tick() => {}
            }
        }
        self.stop.cancel();
        self.meeting.send_replace(None);
        self.hosted.send_replace(None);
        if let Some(advertisement) = self.advertisement {
            advertisement.stop().await;
        }
    }
}

fn guest_urls(
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

fn internal(error: impl std::fmt::Display) -> NodeError {
    node_error(NodeErrorCode::Internal, error)
}

fn milliseconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
