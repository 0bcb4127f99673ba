//! One bot in a room: the loop in which everything happens to it. What it does about the room's messages is in `roster`, about the
//! engine's in `media`.
//!
//! joining → in the room → left or out. It does not come back by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use landline_engine::frame::FrameOut;
use landline_engine::{Client, ClientOutput, Output};
use landline_protocol::engine_api::PeerConnectionState;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, sleep_until};
use tokio_util::sync::CancellationToken;

use super::counts::told;
use super::door::{Entered, enter};
use super::family::Family;
use super::link::{Link, Saying};
use super::means::{Ids, Means};
use super::media::Tracks;
use super::papers::Passport;
use super::player::{Cue, Player};
use super::report::{BotError, BotEvent, LeftReason, PeerReport, Sent};
use super::room::{Gone, Room};
use super::seat::Seat;
use super::signals::Source;
use super::trust::Trust;
use super::views::View;

/// How often links are looked at, and counters are told unless it is said how often.
pub(crate) const LOOK: Duration = Duration::from_secs(1);
/// Looks after which what has arrived is acknowledged in any case: every four seconds.
const ACKNOWLEDGE: u32 = 4;
/// A connection that has not come about after so long never will.
const STUCK: Duration = Duration::from_secs(15);
/// One that failed or was cut off is made anew after this; a short hole in the network mends itself.
const CUT_OFF: Duration = Duration::from_secs(4);
/// By how much the polite side lets the other one go first.
const POLITE: Duration = Duration::from_secs(3);
/// A bot that is there for somebody waits so long for them to come back.
const ALONE: Duration = Duration::from_mins(1);

/// What a bot is made of.
pub(crate) struct Parts {
    pub(crate) name: String,
    pub(crate) meeting_id: String,
    pub(crate) client: Arc<Client>,
    pub(crate) output: ClientOutput,
    pub(crate) tracks: Tracks,
    pub(crate) passport: Passport,
    pub(crate) cue: Arc<Cue>,
    pub(crate) ids: Ids,
    /// Pixels of the picture's largest size.
    pub(crate) film_height: u16,
    /// What it says that it shows of everybody; none: it says nothing.
    pub(crate) shows: Option<View>,
    /// How often it tells its counters.
    pub(crate) report: Duration,
    pub(crate) family: Arc<Family>,
    /// Gives back what it receives.
    pub(crate) echo: bool,
    /// Leaves when nobody is with it any more.
    pub(crate) companion: bool,
    pub(crate) events: mpsc::Sender<BotEvent>,
    pub(crate) stop: CancellationToken,
    /// Held, so that it goes on.
    pub(crate) _player: Player,
}

pub(crate) struct Participant {
    pub(crate) parts: Parts,
    pub(super) room: Room,
    pub(super) seat: Seat,
    pub(super) trust: Trust,
    pub(crate) client_id: String,
    pub(crate) links: HashMap<String, Link>,
    /// Whose frames a receiver's are.
    pub(crate) receivers: HashMap<u32, (String, Source)>,
    pub(crate) began: Instant,
    /// Since when nobody is with it.
    alone: Option<Instant>,
}

/// Why the loop ends.
pub(crate) enum End {
    Left(LeftReason),
    Out(BotError),
}

impl From<Gone> for End {
    fn from(gone: Gone) -> Self {
        Self::Out(gone.into())
    }
}

impl Participant {
    /// Joins the room.
    pub(crate) async fn join(parts: Parts, mut room: Room) -> Result<Self, BotError> {
        let mut seat = Seat::new(parts.meeting_id.clone());
        // Until it is known who we are, no sibling may take us for somebody to call.
        let family = Arc::clone(&parts.family);
        let mut birth = family.birth().await;
        let entered = enter(&mut room, &mut seat, &parts.passport, &parts.name).await?;
        let Entered {
            client_id,
            peers,
            title,
        } = entered;
        birth.born(&client_id);
        drop(birth);
        let mut participant = Self {
            trust: Trust::new(&parts.passport, &client_id),
            parts,
            room,
            seat,
            client_id,
            links: HashMap::new(),
            receivers: HashMap::new(),
            began: Instant::now(),
            alone: None,
        };
        participant.tell(BotEvent::Joined {
            at: now(),
            bot: participant.parts.name.clone(),
            client_id: participant.client_id.clone(),
            meeting_id: participant.parts.meeting_id.clone(),
            title,
            peers: peers.len(),
        });
        for peer in peers {
            participant.trust.meet(&peer);
            if !participant.is_sibling(&peer.client_id).await {
                // Members offer to the newcomer.
                participant.add(peer).await;
            }
        }
        Ok(participant)
    }

    /// Until it leaves or is out; it says so.
    pub(crate) async fn run(mut self) -> Result<(), BotError> {
        let end = self.live().await;
        let (at, bot) = (now(), self.parts.name.clone());
        let client_id = self.client_id.clone();
        let result = match end {
            End::Left(reason) => {
                self.leave().await;
                self.tell(BotEvent::Left {
                    at,
                    bot,
                    client_id: client_id.clone(),
                    reason,
                });
                Ok(())
            }
            End::Out(error) => {
                let message = error.to_string();
                self.tell(BotEvent::Error {
                    at,
                    bot,
                    error: error.clone(),
                    message,
                });
                Err(error)
            }
        };
        let Self { parts, room, .. } = self;
        parts.family.died(&client_id).await;
        drop(parts);
        room.close().await;
        result
    }

    async fn live(&mut self) -> End {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reports = tokio::time::interval(self.parts.report);
        reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count: u32 = 0;
        let stop = self.parts.stop.clone();
        loop {
            let next_echo = self.next_echo();
            let next_word = self.trust.wake_at();
            let outcome = tokio::select! {
                () = stop.cancelled() => Err(End::Left(LeftReason::Left)),
                message = self.room.recv() => match message {
                    Ok(text) => self.told(&text).await,
                    Err(gone) => Err(gone.into()),
                },
                output = self.parts.output.recv() => match output {
                    Some(Output::Event(event)) => self.event(event).await,
                    Some(Output::Frame(FrameOut::Channel { connection, channel, binary, payload })) => {
                        self.channel_message(connection, (channel, binary, &payload)).await
                    }
                    Some(Output::Frame(frame)) => {
                        self.frame(&frame);
                        Ok(())
                    }
                    None => Err(End::Out(BotError::Engine)),
                },
                () = sleep_until(next_echo.unwrap_or(self.began)), if next_echo.is_some() => {
                    self.give_back().await;
                    Ok(())
                }
                () = sleep_until(next_word.unwrap_or(self.began)), if next_word.is_some() => Ok(()),
                _ = looks.tick() => {
                    count += 1;
                    self.look(count.is_multiple_of(ACKNOWLEDGE)).await
                }
                _ = reports.tick() => {
                    self.report();
                    Ok(())
                }
            };
            if let Err(end) = outcome {
                return end;
            }
            if let Err(end) = self.agree().await {
                return end;
            }
        }
    }

    /// What there is to say about the code of the meeting, and the code when there is one.
    async fn agree(&mut self) -> Result<(), End> {
        for data in self.trust.say(&self.parts.passport.key) {
            let text = self.seat.verify(&data);
            self.room.send(text).await?;
        }
        if let Some((code, with)) = self.trust.news() {
            self.tell(BotEvent::Code {
                at: now(),
                bot: self.parts.name.clone(),
                client_id: self.client_id.clone(),
                code,
                with,
            });
        }
        Ok(())
    }

    pub(crate) async fn say(&mut self, to: &str, sayings: Vec<Saying>) -> Result<(), End> {
        for (signal_type, data) in sayings {
            let text = self.seat.signal(to, signal_type, &data);
            self.room.send(text).await?;
        }
        Ok(())
    }

    /// Once a second.
    async fn look(&mut self, acknowledge: bool) -> Result<(), End> {
        if acknowledge && let Some(acknowledgement) = self.seat.acknowledge(true) {
            self.room.send(acknowledgement).await?;
        }
        self.went_dark().await;
        let stuck: Vec<String> = self
            .links
            .iter()
            .filter(|(_, link)| is_stuck(link))
            .map(|(id, _)| id.clone())
            .collect();
        for id in stuck {
            tracing::info!("a link is made anew");
            self.rebuild(&id).await?;
        }
        if self.links.is_empty() {
            let since = *self.alone.get_or_insert_with(Instant::now);
            if self.parts.companion && since.elapsed() >= ALONE {
                return Err(End::Left(LeftReason::Alone));
            }
        } else {
            self.alone = None;
        }
        Ok(())
    }

    fn report(&mut self) {
        let peers = self.links.values_mut().map(|link| PeerReport {
            client_id: link.peer.client_id.clone(),
            name: link.peer.name.clone().unwrap_or_default(),
            link: link.state,
            received: told(&mut link.counts),
        });
        let peers = peers.collect();
        let sent = Sent {
            frames: self.parts.cue.frames.load(Ordering::Relaxed),
            packets: self.parts.cue.packets.load(Ordering::Relaxed),
        };
        self.tell(BotEvent::Stats {
            at: now(),
            bot: self.parts.name.clone(),
            client_id: self.client_id.clone(),
            sent,
            peers,
        });
    }

    async fn leave(&mut self) {
        let text = self.seat.leave();
        if self.room.send(text).await.is_err() {
            tracing::debug!("the room was gone before the goodbye");
        }
        for (_, mut link) in std::mem::take(&mut self.links) {
            link.close(&mut self.means()).await;
        }
    }

    pub(crate) fn means(&mut self) -> Means<'_> {
        Means {
            client: &self.parts.client,
            ids: &mut self.parts.ids,
            receivers: &mut self.receivers,
            microphone: self.parts.tracks.microphone,
            camera: self.parts.tracks.camera,
            film_height: self.parts.film_height,
        }
    }

    /// Whoever reads too slowly misses something; a bot does not wait for them.
    pub(super) fn tell(&self, event: BotEvent) {
        if self.parts.events.try_send(event).is_err() {
            tracing::debug!("an event found no room");
        }
    }
}

fn is_stuck(link: &Link) -> bool {
    let patience = match link.state {
        PeerConnectionState::Connected => return false,
        PeerConnectionState::New | PeerConnectionState::Connecting => STUCK,
        PeerConnectionState::Disconnected
        | PeerConnectionState::Failed
        | PeerConnectionState::Closed => CUT_OFF,
    };
    let later = if link.polite { POLITE } else { Duration::ZERO };
    !link.quiet && !link.peer.away && link.since.elapsed() >= patience + later
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
