//! Hosting a meeting: a port, a certificate, a room and an advertisement that begin and end together.
//!
//! Invariant: at most one meeting, and nothing listens unless there is one, or this node is in one that it may have to host next.

mod opening;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use landline_discovery::{AdvertisedMeeting, Advertisement, Discovery};
use landline_protocol::decode::{clean, clean_name};
use landline_protocol::limits::{Limits, TITLE_CHARS};
use landline_protocol::node_api::{HostedMeeting, NodeError, NodeErrorCode};
use landline_signaling::{
    Assets, Inheritance, MeetingConfig, MeetingHandle, Peers, Public, Thread,
};
use landline_succession::Founding;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::address::is_meeting_id;
use crate::error::node_error;
use crate::face::Face;
use crate::interfaces::ChosenInterfaces;
use crate::keeper::{Keeper, guest_urls};
use crate::listen::listen;
use crate::random;
use crate::stand::Stand;
use crate::storage::kept::Kept;

pub use opening::HostOptions;
pub(crate) use opening::{Founded, Started, Succession};

/// How long the end of a meeting may take: closing connections and saying goodbye.
const ENDING: Duration = Duration::from_millis(1_200);

/// How a meeting ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// For all: everybody is told.
    ForAll,
    /// This node goes away; participants may find the meeting again.
    GoingAway,
    /// Another node has the meeting; this one stays in it.
    Elsewhere,
}

/// The hosting side of a node.
pub(crate) struct Hosting {
    /// Where rooms and their connections run.
    pub(crate) rooms: Thread,
    pub(crate) face: Arc<Face>,
    pub(crate) interfaces: ChosenInterfaces,
    pub(crate) assets: Arc<dyn Assets>,
    pub(crate) discovery: Discovery,
    pub(crate) computer_name: String,
    pub(crate) port: u16,
    pub(crate) hosted: watch::Sender<Option<HostedMeeting>>,
    pub(crate) meeting: watch::Sender<Option<MeetingHandle>>,
    /// Who speaks with the nodes of others.
    pub(crate) peers: Arc<dyn Peers>,
    pub(crate) state: Mutex<State>,
    /// The meeting that could be opened again.
    pub(crate) kept: Arc<Kept>,
}

/// What is there: a meeting, and the port. A port without a meeting is that of a meeting that this node may host next.
#[derive(Default)]
pub(crate) struct State {
    room: Option<Running>,
    stand: Option<Stand>,
}

/// A meeting that is going on. Dropping it takes the advertisement back.
struct Running {
    handle: MeetingHandle,
    stop: DropGuard,
    /// It is closed from here, and has not ended.
    closing: CancellationToken,
    keeper: JoinHandle<()>,
}

impl Hosting {
    pub(crate) async fn start(&self, options: HostOptions) -> Result<Started, NodeError> {
        let mut state = self.state.lock().await;
        self.choose_face(&state, options.private)?;
        let start = milliseconds_since_1970();
        let reopened = options.meeting_id.is_some();
        let (meeting_id, founding) = match options.meeting_id {
            Some(id) if is_meeting_id(&id) => (id, None),
            Some(_) => return Err(node_error(NodeErrorCode::BadRequest, "not a meeting id")),
            None => {
                let nonce = random::nonce().map_err(internal)?;
                let founding = Founding {
                    founder: self.face.shown().signing_key.public(),
                    nonce,
                    start,
                };
                let client = landline_signaling::new_client_id();
                let made_of = Founded {
                    nonce,
                    start,
                    client,
                };
                (HEXLOWER.encode(&founding.id().0), Some(made_of))
            }
        };
        let name = clean_name(&options.name).unwrap_or_else(|| self.computer_name.clone());
        let title = clean(&options.title, TITLE_CHARS)
            .or_else(|| clean(&format!("Meeting of {name}"), TITLE_CHARS))
            .unwrap_or_default();
        let config = MeetingConfig {
            host_seat: founding.as_ref().map(|founded| founded.client.clone()),
            has_chain: founding.is_some(),
            reopened,
            ..self.config(Succession {
                meeting_id,
                title,
                name,
                started_at: start,
                access: landline_signaling::new_access(options.access),
                inherited: Inheritance::default(),
                epoch: 0,
                host_seat: None,
                private: options.private,
            })
        };
        let hosted = self.open(&mut state, config, 0)?;
        Ok(Started { hosted, founding })
    }

    /// Hosts a meeting whose host is gone, on the port that stands open for it.
    pub(crate) async fn succeed(&self, succession: Succession) -> Result<HostedMeeting, NodeError> {
        let mut state = self.state.lock().await;
        let epoch = succession.epoch;
        let config = self.config(succession);
        self.open(&mut state, config, epoch)
    }

    fn config(&self, succession: Succession) -> MeetingConfig {
        let identity = self.face.shown();
        MeetingConfig {
            meeting_id: succession.meeting_id,
            title: succession.title,
            host: succession.name,
            started_at: succession.started_at,
            limits: Limits::default(),
            resume_key: identity.resume_key,
            reopened: true,
            host_key: Some(identity.signing_key.public().to_string()),
            host_seat: succession.host_seat,
            access: succession.access,
            inherited: succession.inherited,
            fingerprint: *identity.fingerprint.bytes(),
            private: succession.private,
            has_chain: true,
        }
    }

    fn open(
        &self,
        state: &mut State,
        config: MeetingConfig,
        epoch: u32,
    ) -> Result<HostedMeeting, NodeError> {
        let is_on = |room: &Running| !room.keeper.is_finished();
        if state.room.as_ref().is_some_and(is_on) {
            return Err(NodeErrorCode::AlreadyHosting.into());
        }
        let stand = state.stand.take().filter(Stand::is_open);
        let (port, changed, listeners) = if let Some(stand) = &stand {
            (stand.port, stand.changed, Vec::new())
        } else {
            let listening = listen(self.port)
                .map_err(|error| node_error(NodeErrorCode::PortUnavailable, error))?;
            (listening.port, listening.changed, listening.listeners)
        };
        let tls = self.face.shown().server_config().map_err(internal)?;
        let private = config.private;
        let handle = {
            let _there = self.rooms.handle().enter();
            MeetingHandle::start(config)
        };
        let hosted = self.describe(&handle, port, changed, private);
        let advertisement = self.advertise(&hosted, epoch);
        let stand = stand.unwrap_or_else(|| {
            let local_name = advertisement
                .as_ref()
                .map(|advertisement| advertisement.host_name().to_owned());
            let public = self.public(listeners, tls, local_name);
            Stand::open(self.rooms.handle(), public, port, changed)
        });
        let (stop, closing) = (CancellationToken::new(), CancellationToken::new());
        self.meeting.send_replace(Some(handle.clone()));
        self.hosted.send_replace(Some(hosted.clone()));
        tracing::info!(port, "hosting a meeting");
        let keeper = Keeper {
            interfaces: self.interfaces.clone(),
            identity: self.face.shown(),
            hosted: self.hosted.clone(),
            meeting: self.meeting.clone(),
            handle: handle.clone(),
            stop: stop.clone(),
            closing: closing.clone(),
            kept: Arc::clone(&self.kept),
            port: stand.stop(),
            advertisement,
        };
        state.stand = Some(stand);
        state.room = Some(Running {
            handle,
            stop: stop.drop_guard(),
            closing,
            keeper: tokio::spawn(keeper.run()),
        });
        Ok(hosted)
    }

    /// While a port is open, what it shows stays.
    fn choose_face(&self, state: &State, private: bool) -> Result<(), NodeError> {
        if state.stand.as_ref().is_some_and(Stand::is_open) {
            return Ok(());
        }
        self.face.choose(private).map_err(internal)
    }

    /// Opens a port for other nodes of a meeting that this node is in. The port.
    pub(crate) async fn stand_by(&self, private: bool, wished: bool) -> Result<u16, NodeError> {
        let mut state = self.state.lock().await;
        if let Some(stand) = state.stand.as_ref().filter(|stand| stand.is_open()) {
            return Ok(stand.port);
        }
        self.choose_face(&state, private)?;
        let tls = self.face.shown().server_config().map_err(internal)?;
        let port = if wished { self.port } else { 0 };
        let listening =
            listen(port).map_err(|error| node_error(NodeErrorCode::PortUnavailable, error))?;
        let public = self.public(listening.listeners, tls, None);
        let (port, changed) = (listening.port, listening.changed);
        state.stand = Some(Stand::open(self.rooms.handle(), public, port, changed));
        Ok(listening.port)
    }

    /// Closes the port, unless a meeting is hosted on it.
    pub(crate) async fn stand_down(&self) {
        let mut state = self.state.lock().await;
        let is_on = |room: &Running| !room.keeper.is_finished();
        if !state.room.as_ref().is_some_and(is_on)
            && let Some(stand) = state.stand.take()
        {
            stand.close().await;
        }
    }

    fn public(
        &self,
        listeners: Vec<TcpListener>,
        tls: Arc<ServerConfig>,
        local_name: Option<String>,
    ) -> Public {
        Public {
            listeners,
            tls,
            meeting: self.meeting.subscribe(),
            peers: Some(Arc::clone(&self.peers)),
            assets: Arc::clone(&self.assets),
            addresses: Arc::new(self.interfaces.clone()),
            local_name,
        }
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
        self.stand_down().await;
    }

    /// Another node hosts the meeting now: the room closes, the port stays.
    pub(crate) async fn give_way(&self) {
        let _ = self.finish(Ending::Elsewhere).await;
    }

    async fn finish(&self, ending: Ending) -> Option<()> {
        // Held until the end: the port is not free before, and another meeting would be told about with this one's end.
        let mut state = self.state.lock().await;
        let Running {
            handle,
            stop,
            closing,
            keeper,
        } = state.room.take()?;
        closing.cancel();
        let stand = match ending {
            Ending::ForAll | Ending::GoingAway => state.stand.take(),
            Ending::Elsewhere => None,
        };
        let abort = keeper.abort_handle();
        let meeting_id = handle.summary().borrow().meeting_id.clone();
        let close = async {
            match ending {
                Ending::ForAll => handle.end().await,
                Ending::GoingAway | Ending::Elsewhere => handle.close().await,
            }
            drop(stop);
            if let Some(stand) = stand {
                stand.close().await;
            }
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
        match ending {
            Ending::ForAll | Ending::Elsewhere => self.kept.forget(&meeting_id),
            Ending::GoingAway => self.kept.close().await,
        }
        tracing::info!("the meeting is over");
        Some(())
    }

    fn describe(
        &self,
        handle: &MeetingHandle,
        port: u16,
        port_changed: bool,
        private: bool,
    ) -> HostedMeeting {
        let summary = handle.summary().borrow().clone();
        let mut hosted = HostedMeeting {
            meeting_id: summary.meeting_id,
            title: summary.title,
            host: summary.host,
            guest_urls: Vec::new(),
            fingerprint: self.face.fingerprint().to_string(),
            port,
            participants: summary.participants,
            port_changed,
            started_at: summary.started_at,
            access: handle.access().borrow().clone(),
            private,
        };
        hosted.guest_urls = guest_urls(&hosted, &self.interfaces, &self.face.shown());
        hosted
    }

    fn advertise(&self, hosted: &HostedMeeting, epoch: u32) -> Option<Advertisement> {
        let advertised = self.discovery.advertise(AdvertisedMeeting {
            meeting_id: hosted.meeting_id.clone(),
            title: hosted.title.clone(),
            host: hosted.host.clone(),
            port: hosted.port,
            fingerprint: hosted.fingerprint.clone(),
            participants: hosted.participants,
            locked: hosted.access.is_guarded(),
            started_at: hosted.started_at,
            private: hosted.private,
            epoch,
        });
        advertised
            .inspect_err(|error| tracing::warn!(%error, "the meeting is not in anybody's list"))
            .ok()
    }
}

fn internal(error: impl std::fmt::Display) -> NodeError {
    node_error(NodeErrorCode::Internal, error)
}

fn milliseconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
