//! One machine's part in meetings.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use landline_discovery::{Discovery, Watch};
use landline_protocol::decode::clean_name;
use landline_protocol::node_api::{HostedMeeting, Interrupted, NodeError, NodeErrorCode, Target};
use landline_protocol::settings::Settings;
use landline_signaling::{Assets, Thread};
use landline_trust::SigningKey;
use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address::{DEFAULT_PORT, is_meeting_id};
use crate::bot::TestCall;
use crate::browser_mode::BrowserMode;
use crate::contacts::Contacts;
use crate::dial::chain::meeting_of;
use crate::dial::chains::Chains;
use crate::dialer::Dialer;
use crate::engine_socket::EngineSockets;
use crate::error::node_error;
use crate::face::Face;
use crate::hosting::{HostOptions, Hosting};
use crate::interfaces::ChosenInterfaces;
use crate::platform::{NoPlatform, Platform, PlatformError};
use crate::random::NoRandomness;
use crate::session::{NodeEvents, NodeSession, Origin};
use crate::storage::identity::{Identity, IdentityError};
use crate::storage::kept::Kept;
use crate::storage::known_hosts::KnownHosts;
use crate::storage::people::People;
use crate::storage::settings_store::SettingsStore;
use crate::survival::Survival;
use crate::ui::EmbeddedUi;

/// How long open connections may take to close in order at the end.
const ENDING: Duration = Duration::from_millis(300);
/// Links to open that a page has not fetched yet; it follows the latest.
const OPENS: usize = 4;

/// What a node starts from.
pub struct NodeConfig {
    /// Where settings and certificate are kept; [`crate::config_dir`] knows the platform's place. None keeps nothing.
    pub config_dir: Option<PathBuf>,
    /// The port wished for when hosting; 0 takes any.
    pub port: u16,
    pub platform: Arc<dyn Platform>,
    /// The pages served to guests and to the own browser.
    pub assets: Arc<dyn Assets>,
    /// Origins of the program's own pages that may have an engine session ([`landline_protocol::engine_api`]), for webviews
    /// without `RTCPeerConnection`. Empty: none is given.
    pub engine_origins: Vec<String>,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            config_dir: crate::config_dir(),
            port: DEFAULT_PORT,
            platform: Arc::new(NoPlatform),
            assets: Arc::new(EmbeddedUi),
            engine_origins: Vec::new(),
        }
    }
}

/// Why a node could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("no thread can be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// One machine's part in meetings. Cheap to clone. Nothing listens and nothing is sent until it is asked for.
#[derive(Clone)]
pub struct Node(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) computer_name: String,
    pub(crate) settings: Arc<SettingsStore>,
    pub(crate) people: Arc<People>,
    /// Signs for the person.
    pub(crate) signing_key: Arc<SigningKey>,
    pub(crate) discovery: Discovery,
    pub(crate) hosting: Hosting,
    pub(crate) dialer: Dialer,
    pub(crate) survival: Survival,
    pub(crate) browser: BrowserMode,
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) engine_sockets: EngineSockets,
    pub(crate) test_call: TestCall,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) opens: broadcast::Sender<Target>,
    /// A link that came before there was a page.
    pending_open: Mutex<Option<Target>>,
    /// Sessions that want the machine awake.
    awake: Mutex<HashSet<u64>>,
    next_session: AtomicU64,
    sessions: AtomicUsize,
    /// What has to end in order when the node ends.
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// The runtime on which the node was started; pages may come from other threads.
    pub(crate) runtime: Handle,
}

impl Node {
    /// Starts a node on the current Tokio runtime, on which all its work is done.
    ///
    /// # Errors
    /// [`StartError`]: no certificate could be made. A folder that cannot be used is no error, the page is told.
    #[expect(
        clippy::unused_async,
        reason = "it needs a runtime, which the signature says"
    )]
    pub async fn start(config: NodeConfig) -> Result<Self, StartError> {
        let dir = config.config_dir.as_deref();
        let computer_name = computer_name();
        let settings = Arc::new(SettingsStore::open(dir));
        let identity = Arc::new(Identity::open(dir, &computer_name, SystemTime::now())?);
        let signing_key = Arc::clone(&identity.signing_key);
        let face = Arc::new(Face::new(identity));
        let interfaces = ChosenInterfaces::new(Arc::clone(&settings));
        let discovery = Discovery::new(settings.get().interfaces);
        let hosted = watch::Sender::new(None);
        let meeting = watch::Sender::new(None);
        let browser = BrowserMode::new(
            Arc::clone(&config.assets),
            interfaces.clone(),
            meeting.subscribe(),
        )?;
        let engine_sockets = EngineSockets::new(config.engine_origins);
        let dialer = Dialer {
            discovery: discovery.clone(),
            interfaces: interfaces.clone(),
            known_hosts: Arc::new(KnownHosts::open(dir)),
            contacts: Contacts::default(),
            chains: Chains::new(signing_key.public()),
            moves: Arc::default(),
            hosted: hosted.subscribe(),
            face: Arc::clone(&face),
            key: signing_key.public(),
        };
        let survival = Survival::default();
        let hosting = Hosting {
            rooms: Thread::start()?,
            peers: survival.peers(),
            face,
            interfaces: interfaces.clone(),
            assets: config.assets,
            discovery: discovery.clone(),
            computer_name: computer_name.clone(),
            port: config.port,
            hosted,
            meeting,
            state: AsyncMutex::default(),
            kept: Arc::new(Kept::open(dir)),
        };
        Ok(Self(Arc::new(Inner {
            computer_name,
            settings,
            people: Arc::new(People::open(dir)),
            signing_key,
            discovery,
            hosting,
            dialer,
            survival,
            browser,
            interfaces,
            engine_sockets,
            test_call: TestCall::default(),
            platform: config.platform,
            opens: broadcast::Sender::new(OPENS),
            pending_open: Mutex::new(None),
            awake: Mutex::default(),
            next_session: AtomicU64::new(1),
            sessions: AtomicUsize::new(0),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            runtime: Handle::current(),
        })))
    }

    /// A page of the program around the node. What it is told comes from the second value. May be called on any thread.
    #[must_use]
    pub fn session(&self) -> (NodeSession, NodeEvents) {
        NodeSession::open(Arc::clone(&self.0), self.0.next_session(), Origin::App)
    }

    /// Hosts a meeting, as a page would with `Host`; here an earlier meeting can be opened again too.
    ///
    /// # Errors
    /// `AlreadyHosting`, also if the meeting goes on elsewhere; `BadRequest` for a bad meeting id, and for one that certifies itself
    /// and was not this node's; `PortUnavailable`, `Internal`.
    pub async fn host(&self, options: HostOptions) -> Result<HostedMeeting, NodeError> {
        match options.meeting_id.clone().filter(|id| is_meeting_id(id)) {
            Some(meeting_id) => self.0.host_again(&meeting_id, options).await,
            None => self.0.host(options).await,
        }
    }

    /// The meeting that this node hosts, after each change.
    pub fn hosted(&self) -> watch::Receiver<Option<HostedMeeting>> {
        self.0.hosting.hosted.subscribe()
    }

    /// How many nodes could go on with the meeting that this one is in if its host went away: itself and those that it reaches,
    /// the host among them. 0: it is in none, or in one that ends with its host.
    pub fn companions(&self) -> watch::Receiver<usize> {
        self.0.survival.companions.subscribe()
    }

    /// Looks for meetings until the value is dropped.
    pub fn watch(&self) -> Watch {
        self.0.discovery.watch()
    }

    pub fn settings(&self) -> Settings {
        self.0.settings.get()
    }

    /// What the platform calls this computer.
    pub fn computer_name(&self) -> &str {
        &self.0.computer_name
    }

    /// The UI on 127.0.0.1 for a browser on this machine, opening on `target`. Good as long as the process. Holds a
    /// secret: whoever has it drives the node.
    ///
    /// # Errors
    /// `PortUnavailable`.
    pub async fn local_url(&self, target: Option<&Target>) -> Result<String, NodeError> {
        self.0.browser.token_url(&self.0, target).await
    }

    /// Asks the pages to show a meeting. If there is none yet, the first one of the app does so.
    pub fn open(&self, target: Target) {
        if self.0.opens.send(target.clone()).is_err() {
            let mut pending = self
                .0
                .pending_open
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *pending = Some(target);
        }
    }

    /// Ends everything in order: the meeting is handed over to another app that is in it, or taken back from the lists;
    /// connections are closed with 1001. Takes some two seconds at most.
    pub async fn shutdown(&self) {
        self.0.survival.leave().await;
        self.0.hosting.close().await;
        self.0.stop.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(ENDING, self.0.tasks.wait())
            .await
            .is_err()
        {
            tracing::debug!("some connections did not close in time");
        }
    }
}

impl Drop for Inner {
    /// A node that is dropped without [`Node::shutdown`] stops all the same, without waiting for it.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Inner {
    /// Opens a meeting, and takes care that it can outlive this node.
    pub(crate) async fn host(
        self: &Arc<Self>,
        options: HostOptions,
    ) -> Result<HostedMeeting, NodeError> {
        self.survival.stop().await;
        let started = self.hosting.start(options).await?;
        Ok(self.survival.founded(self, started))
    }

    /// Opens a meeting of this id again, unless it goes on elsewhere.
    pub(crate) async fn host_again(
        self: &Arc<Self>,
        meeting_id: &str,
        options: HostOptions,
    ) -> Result<HostedMeeting, NodeError> {
        let kept = self.hosting.kept.get();
        let kept = kept.filter(|kept| kept.meeting_id == meeting_id);
        let meeting = meeting_of(meeting_id);
        if meeting.is_some() && kept.is_none() {
            let why = "a meeting of such an id is opened again by its last host alone";
            return Err(node_error(NodeErrorCode::BadRequest, why));
        }
        // A second room of one meeting would divide its people.
        let target = Target::Meeting {
            meeting_id: meeting_id.to_owned(),
        };
        if let Ok(found) = Box::pin(self.dialer.look(&target)).await {
            let host = found.summary.host;
            let why = format!("the meeting goes on at another computer, hosted by {host}");
            return Err(node_error(NodeErrorCode::AlreadyHosting, why));
        }
        let (Some(meeting), Some(kept)) = (meeting, kept) else {
            return self.host(options).await;
        };
        self.survival.stop().await;
        self.survival.restore(self, meeting, kept, &options).await
    }

    /// The meeting that this node hosted when it crashed.
    pub(crate) fn interrupted(&self) -> Option<Interrupted> {
        let kept = self.hosting.kept.get()?;
        let is_over = kept.closed || self.hosting.hosted.borrow().is_some();
        (!is_over).then_some(Interrupted {
            meeting_id: kept.meeting_id,
            title: kept.title,
        })
    }

    pub(crate) fn next_session(&self) -> u64 {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        self.next_session.fetch_add(1, Ordering::Relaxed)
    }

    /// Open sessions.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    pub(crate) fn session_ended(&self, id: u64) {
        self.sessions.fetch_sub(1, Ordering::Relaxed);
        if let Err(error) = self.keep_awake(id, false)
            && error != PlatformError::NotSupported
        {
            tracing::warn!(%error, "the machine may be kept awake");
        }
    }

    pub(crate) fn take_pending_open(&self) -> Option<Target> {
        self.pending_open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The platform is asked when the first session wants it and when the last one is done.
    pub(crate) fn keep_awake(&self, session: u64, on: bool) -> Result<(), PlatformError> {
        let mut awake = self.awake.lock().unwrap_or_else(PoisonError::into_inner);
        if on {
            if awake.is_empty() {
                self.platform.keep_awake(true)?;
            }
            awake.insert(session);
        } else if awake.remove(&session) && awake.is_empty() {
            self.platform.keep_awake(false)?;
        }
        Ok(())
    }

    pub(crate) async fn ticket_url(
        self: &Arc<Self>,
        target: Option<&Target>,
    ) -> Result<String, NodeError> {
        self.browser.ticket_url(self, target).await
    }
}

/// The first part of the computer's name: `anna-laptop` of `anna-laptop.fritz.box`.
fn computer_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    let first = name.split('.').next().unwrap_or_default();
    clean_name(first).unwrap_or_else(|| "Landline".to_owned())
}
