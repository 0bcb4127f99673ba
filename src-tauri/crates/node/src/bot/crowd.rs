//! Several bots of one process, on one engine, in one meeting.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use landline_engine::{Engine, EngineConfig};
use landline_protocol::node_api::{NodeError, NodeErrorCode, Target};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::family::Family;
use super::footage::Footage;
use super::means::Ids;
use super::media::Tracks;
use super::papers::Passport;
use super::participant::{LOOK, Participant, Parts, now};
use super::player::Player;
use super::report::{BotError, BotEvent};
use super::room::Room;
use super::speech::Turn;
use super::views::View;
use crate::fingerprint::Fingerprint;
use crate::interfaces::ChosenInterfaces;
use crate::node::Node;

/// Most bots of one process: with the person who looks at them they fill a room.
pub const MAX_BOTS: usize = landline_protocol::limits::ROOM_PARTICIPANTS - 1;

/// A crowd of bots.
#[derive(Debug, Clone)]
pub struct BotOptions {
    pub target: Target,
    /// With more than one bot their numbers follow the name.
    pub name: String,
    pub footage: Arc<Footage>,
    /// At most [`MAX_BOTS`].
    pub count: usize,
    /// They give back to each participant what they receive from it.
    pub echo: bool,
    /// They have links to each other, too.
    pub mesh: bool,
    /// One at a time is heard, for so long; none: all of them all the time.
    pub speak: Option<Duration>,
    /// What they say that they show of everybody; none: nothing, and they are sent everything.
    pub views: Option<View>,
    /// How often they tell their counters.
    pub report: Duration,
}

impl BotOptions {
    /// One bot that does nothing special.
    #[must_use]
    pub fn new(target: Target, footage: Arc<Footage>) -> Self {
        Self {
            target,
            name: "Bot".to_owned(),
            footage,
            count: 1,
            echo: false,
            mesh: false,
            speak: None,
            views: None,
            report: LOOK,
        }
    }
}

/// Why a crowd did not come to a good end.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// The meeting was not found, or its host not reached.
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("the media engine cannot start: {0}")]
    Engine(#[from] landline_engine::StartError),
    /// The first of them that is out; the others said so as well.
    #[error(transparent)]
    Bot(#[from] BotError),
}

/// Runs bots in a meeting until `stop`, or until all of them are out. What happens to them is told to `events`; what finds no room
/// there is lost.
///
/// # Errors
/// [`CrowdError`]; a meeting that was ended is none.
pub async fn run(
    node: &Node,
    options: BotOptions,
    events: mpsc::Sender<BotEvent>,
    stop: CancellationToken,
) -> Result<(), CrowdError> {
    let dialer = &node.0.dialer;
    let meeting_id = match &options.target {
        Target::Meeting { meeting_id } => meeting_id.clone(),
        Target::Address { .. } => {
            Box::pin(dialer.look(&options.target))
                .await?
                .summary
                .meeting_id
        }
    };
    let crew = Crew::start(
        dialer.interfaces.clone(),
        options.footage,
        options.mesh,
        events,
    )?;
    let mut bots = JoinSet::new();
    let mut first_error = None;
    let count = options.count.min(MAX_BOTS);
    for nth in 0..count {
        let name = match options.count {
            0 | 1 => options.name.clone(),
            _ => format!("{} {}", options.name, nth + 1),
        };
        let (room, host) = match Box::pin(dialer.open(&options.target, None)).await {
            Ok(opened) => (Room::new(opened.socket), opened.fingerprint),
            Err(error) => {
                crew.tell_error(&name, &BotError::Unreachable(error.code));
                first_error.get_or_insert(BotError::Unreachable(error.code));
                continue;
            }
        };
        let casting = Casting {
            name,
            meeting_id: meeting_id.clone(),
            nth,
            echo: options.echo,
            host,
            secret: None,
            companion: false,
            turn: options.speak.map(|length| Turn {
                nth: u32::try_from(nth).unwrap_or(0),
                count: u32::try_from(count).unwrap_or(1),
                length,
            }),
            shows: options.views,
            report: options.report,
            stop: stop.clone(),
        };
        bots.spawn(crew.clone().bot(casting, room));
    }
    drop(crew);
    while let Some(ended) = bots.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                first_error.get_or_insert(error);
            }
            Err(error) => {
                tracing::error!(%error, "a bot fell over");
                first_error.get_or_insert(BotError::Engine);
            }
        }
    }
    first_error.map_or(Ok(()), |error| Err(error.into()))
}

/// What the bots of one process share.
#[derive(Clone)]
pub(crate) struct Crew {
    engine: Engine,
    player: Player,
    footage: Arc<Footage>,
    family: Arc<Family>,
    events: mpsc::Sender<BotEvent>,
}

/// One bot's part.
pub(crate) struct Casting {
    pub(crate) name: String,
    pub(crate) meeting_id: String,
    /// Bots of different numbers are not in step.
    pub(crate) nth: usize,
    pub(crate) echo: bool,
    pub(crate) companion: bool,
    /// When it is heard; none: always.
    pub(crate) turn: Option<Turn>,
    pub(crate) shows: Option<View>,
    pub(crate) report: Duration,
    /// Fingerprint of the host that was dialled.
    pub(crate) host: Fingerprint,
    /// Of a guest link.
    pub(crate) secret: Option<String>,
    pub(crate) stop: CancellationToken,
}

impl Crew {
    pub(crate) fn start(
        interfaces: ChosenInterfaces,
        footage: Arc<Footage>,
        mesh: bool,
        events: mpsc::Sender<BotEvent>,
    ) -> Result<Self, landline_engine::StartError> {
        let addresses = move || -> Vec<IpAddr> { interfaces.shareable() };
        let engine = Engine::start(EngineConfig {
            addresses: Arc::new(addresses),
            // Beside each `.local` candidate stands the address that the room knows.
            resolver: None,
        })?;
        Ok(Self {
            engine,
            player: Player::start(),
            footage,
            family: Family::new(mesh),
            events,
        })
    }

    /// One bot from its join to its end.
    pub(crate) async fn bot(self, casting: Casting, room: Room) -> Result<(), BotError> {
        let name = casting.name.clone();
        let events = self.events.clone();
        let joined = self.join(casting, room).await;
        match joined {
            // It tells of its end itself.
            Ok(participant) => participant.run().await,
            Err(error) => {
                tell_error(&events, &name, &error);
                Err(error)
            }
        }
    }

    async fn join(self, casting: Casting, room: Room) -> Result<Participant, BotError> {
        let (client, output) = self.engine.connect();
        let client = Arc::new(client);
        let mut ids = Ids::default();
        let tracks = Tracks {
            microphone: ids.next(),
            camera: ids.next(),
        };
        if let Err(error) = tracks.announce(&self.footage, &client).await {
            tracing::error!(%error, "the engine takes no tracks");
            return Err(BotError::Engine);
        }
        let both = (tracks.microphone, tracks.camera);
        let (nth, turn) = (casting.nth, casting.turn);
        let cue = self.player.add(&client, &self.footage, both, nth, turn);
        let film_height = self.footage.film.height();
        let passport = Passport::issue(
            casting.meeting_id.clone(),
            casting.host,
            self.engine.fingerprint(),
            casting.secret,
        )
        .ok_or(BotError::Engine)?;
        let parts = Parts {
            passport,
            name: casting.name,
            meeting_id: casting.meeting_id,
            client,
            output,
            tracks,
            cue,
            ids,
            film_height,
            shows: casting.shows,
            report: casting.report,
            family: self.family,
            echo: casting.echo,
            companion: casting.companion,
            events: self.events,
            stop: casting.stop,
            _player: self.player,
        };
        Participant::join(parts, room).await
    }

    fn tell_error(&self, name: &str, error: &BotError) {
        tell_error(&self.events, name, error);
    }
}

fn tell_error(events: &mpsc::Sender<BotEvent>, name: &str, error: &BotError) {
    let event = BotEvent::Error {
        at: now(),
        bot: name.to_owned(),
        error: error.clone(),
        message: error.to_string(),
    };
    if events.try_send(event).is_err() {
        tracing::debug!("an event found no room");
    }
}

/// The code of a bot's error, for a page.
pub(crate) fn node_error_code(error: &BotError) -> NodeErrorCode {
    match error {
        BotError::Unreachable(code) => *code,
        BotError::HostLeft => NodeErrorCode::MeetingNotFound,
        BotError::Lost => NodeErrorCode::Unreachable,
        BotError::Refused(_) | BotError::Engine => NodeErrorCode::Internal,
    }
}
