//! The only task that drives a room. It never waits for a connection: what it has to say goes into queues that are bounded.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use landline_protocol::{Access, ChatLine, Decoded, ErrorCode, MeetingSummary};
use landline_rooms::{
    CloseReason, ConnectionId, Inherited, Now, Output, Room, RoomConfig, Roster, Ruled,
};
use landline_trust::pake::Exporter;
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::authority::Secrets;
use crate::doorkeeper::Doorkeeper;
use crate::identities::Identities;
use crate::meeting::MeetingConfig;
use crate::queue::{CloseCode, Queue};
use crate::tokens::Tokens;

/// How long the end of a meeting waits for connections to take what was sent to them.
const FAREWELL: Duration = Duration::from_secs(1);
/// Signed lines that wait for whoever keeps them: as many as a history given back at once. Who misses some has them from others.
const LINES: usize = 512;
/// Commands that are done before the clock is looked at: a few milliseconds' work at most.
const TOGETHER: usize = 128;
/// Wakes the task when the room has no deadline: long enough not to matter.
const IDLE: Duration = Duration::from_hours(1);

#[derive(Debug)]
pub(crate) enum Command {
    Open {
        id: ConnectionId,
        addr: Vec<String>,
        /// Of its TLS connection.
        exporter: Option<Exporter>,
        queue: Arc<Queue>,
    },
    Message {
        id: ConnectionId,
        frame: Result<Decoded, ErrorCode>,
        /// Its share of the bytes that may wait, given back when it has been done.
        room: OwnedSemaphorePermit,
    },
    Closed(ConnectionId),
    /// The guest link of whoever hosts next.
    Successor(Option<String>),
    /// Seats of another half of the meeting, whose people come here.
    Inherit(Vec<Inherited>),
    /// What was ruled elsewhere in the meeting.
    Ruled(Vec<Ruled>),
    /// What was said elsewhere in the meeting.
    Said(Vec<ChatLine>),
    Finish(Ending, oneshot::Sender<()>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The meeting is over for all.
    End,
    /// The host goes away.
    Close,
}

/// Where the task is after some commands.
enum Waiting {
    Done,
    /// The meeting is over; who waits for that, if anybody, is told.
    Finish(Option<oneshot::Sender<()>>),
}

struct Actor {
    room: Room,
    secrets: Secrets,
    /// The host has ended it over the wire.
    ended: bool,
    began: Instant,
    commands: mpsc::Receiver<Command>,
    /// Connections that have not said farewell, with what waits for them; none for those that the room is done with.
    queues: HashMap<ConnectionId, Option<Arc<Queue>>>,
    summary: watch::Sender<MeetingSummary>,
    access: watch::Sender<Access>,
    roster: watch::Sender<Roster>,
    lines: broadcast::Sender<ChatLine>,
}

/// What others see of the meeting.
pub(crate) struct Watched {
    pub(crate) summary: watch::Receiver<MeetingSummary>,
    pub(crate) access: watch::Receiver<Access>,
    pub(crate) roster: watch::Receiver<Roster>,
    pub(crate) lines: broadcast::Sender<ChatLine>,
}

/// Starts the task. It ends when `dropped` is cancelled, or with [`Command::Finish`].
pub(crate) fn start(
    config: MeetingConfig,
    commands: mpsc::Receiver<Command>,
    dropped: CancellationToken,
) -> Watched {
    let secrets = Secrets {
        tokens: Tokens::new(config.meeting_id.clone(), &config.resume_key),
        identities: Identities::new(config.meeting_id.clone(), config.fingerprint),
        door: Doorkeeper::new(config.meeting_id.clone(), config.host_key.as_deref()),
    };
    let room = Room::new(RoomConfig {
        private: config.private,
        meeting_id: config.meeting_id,
        title: config.title,
        host: config.host,
        started_at: config.started_at,
        limits: config.limits,
        reopened: config.reopened,
        host_key: config.host_key,
        host_seat: config.host_seat,
        access: config.access,
        inherited: config.inherited,
    });
    let (summary, watched) = watch::channel(room.summary().clone());
    let (access, watched_access) = watch::channel(room.access().clone());
    let (roster, watched_roster) = watch::channel(Roster::default());
    let lines = broadcast::Sender::new(LINES);
    let actor = Actor {
        room,
        secrets,
        ended: false,
        began: Instant::now(),
        commands,
        queues: HashMap::new(),
        summary,
        access,
        roster,
        lines: lines.clone(),
    };
    tokio::spawn(actor.run(dropped));
    Watched {
        summary: watched,
        access: watched_access,
        roster: watched_roster,
        lines,
    }
}

impl Actor {
    async fn run(mut self, dropped: CancellationToken) {
        info!("meeting open");
        let mut timer = pin!(tokio::time::sleep(IDLE));
        let mut dropped = pin!(dropped.cancelled());
        let done = loop {
            // Commands first: setting a timer, looking for deadlines and going to sleep are for when there is nothing else to do.
            match self.do_waiting() {
                Waiting::Done => {}
                Waiting::Finish(done) => break done,
            }
            // One that wakes too early does no harm; it finds nothing to do and is set anew.
            if let Some(at) = self.room.next_deadline().map(|at| self.began + at)
                && at < timer.deadline()
            {
                timer.as_mut().reset(at);
            }
            tokio::select! {
                biased;
                () = &mut dropped => {
                    self.finish(Ending::Close);
                    break None;
                }
                () = &mut timer => {
                    let now = self.now();
                    self.room.tick(now);
                    self.act();
                    timer.as_mut().reset(Instant::now() + IDLE);
                }
                command = self.commands.recv() => match command.map(|command| self.take(command)) {
                    Some(Waiting::Done) => {}
                    Some(Waiting::Finish(done)) => break done,
                    None => break None,
                },
            }
        };
        // Nobody is let in any more, but those who are being closed are waited for.
        let _ = tokio::time::timeout(FAREWELL, self.drain()).await;
        info!("meeting closed");
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    /// Does what waits, up to a bound: timers have their turn too.
    fn do_waiting(&mut self) -> Waiting {
        for _ in 0..TOGETHER {
            let Ok(command) = self.commands.try_recv() else {
                break;
            };
            if let finish @ Waiting::Finish(_) = self.take(command) {
                return finish;
            }
        }
        Waiting::Done
    }

    fn take(&mut self, command: Command) -> Waiting {
        if let Command::Finish(ending, done) = command {
            self.finish(ending);
            return Waiting::Finish(Some(done));
        }
        self.handle(command);
        if self.ended {
            Waiting::Finish(None)
        } else {
            Waiting::Done
        }
    }

    fn handle(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Open {
                id,
                addr,
                exporter,
                queue,
            } => {
                self.queues.insert(id, Some(queue));
                self.secrets.open(id, exporter);
                self.room.open(id, addr, now);
            }
            Command::Message { id, frame, room } => {
                self.room.receive(id, frame, now, &mut self.secrets);
                drop(room);
            }
            Command::Closed(id) => {
                self.queues.remove(&id);
                self.secrets.forget(id);
                self.room.closed(id, now);
            }
            Command::Successor(link) => self.room.set_successor(link),
            Command::Inherit(seats) => self.room.inherit_more(seats, now),
            Command::Said(lines) => self.room.said_elsewhere(lines),
            Command::Ruled(rulings) => self.room.ruled(rulings, now, &mut self.secrets),
            Command::Finish(ending, _) => self.finish(ending),
        }
        self.act();
    }

    fn finish(&mut self, ending: Ending) {
        match ending {
            Ending::End => self.room.end(),
            Ending::Close => self.room.close(),
        }
        self.act();
    }

    /// Does what the room wants done.
    fn act(&mut self) {
        // Before anybody is told: who hears that it is in may ask for more at once.
        if let Some(roster) = self.room.take_roster() {
            self.roster.send_replace(roster);
        }
        let mut changed = false;
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send { connection, frame } => {
                    let slot = self.queues.get_mut(&connection);
                    let fits = match slot.as_deref() {
                        Some(Some(queue)) => queue.push(frame),
                        _ => true,
                    };
                    if !fits {
                        debug!(connection = connection.0, "a connection does not read");
                        if let Some(slot) = slot {
                            *slot = None;
                        }
                        let now = self.now();
                        self.room.closed(connection, now);
                    }
                }
                Output::Close { connection, reason } => {
                    debug!(connection = connection.0, ?reason, "closing a connection");
                    if let Some(queue) = self.queues.get_mut(&connection).and_then(Option::take) {
                        queue.close(code_of(reason));
                    }
                }
                Output::Line(line) => {
                    // An error means that nobody asks.
                    let _ = self.lines.send(*line);
                }
                Output::SummaryChanged => changed = true,
                Output::Ended => self.ended = true,
            }
        }
        if changed {
            self.access.send_replace(self.room.access().clone());
            self.summary.send_replace(self.room.summary().clone());
        }
    }

    /// Until every connection has said farewell.
    async fn drain(&mut self) {
        self.commands.close();
        while !self.queues.is_empty() {
            match self.commands.recv().await {
                Some(Command::Open { id, queue, .. }) => {
                    queue.close(CloseCode::MeetingEnded);
                    self.queues.insert(id, None);
                }
                Some(Command::Closed(id)) => {
                    self.queues.remove(&id);
                }
                // Dropping the sender of a second `Finish` tells it that the meeting is over.
                Some(
                    Command::Message { .. }
                    | Command::Inherit(_)
                    | Command::Ruled(_)
                    | Command::Said(_)
                    | Command::Successor(_)
                    | Command::Finish(..),
                ) => {}
                None => return,
            }
        }
    }

    fn now(&self) -> Now {
        Now {
            monotonic: self.began.elapsed(),
            unix_ms: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0)),
        }
    }
}

const fn code_of(reason: CloseReason) -> CloseCode {
    match reason {
        CloseReason::Closing => CloseCode::Normal,
        CloseReason::HostLeft => CloseCode::HostLeft,
        CloseReason::MeetingEnded => CloseCode::MeetingEnded,
        CloseReason::SeatTaken => CloseCode::SeatTaken,
        CloseReason::Policy => CloseCode::Policy,
        CloseReason::Removed => CloseCode::Removed,
    }
}
