//! The room: its connections, its seats and its timers.
//!
//! A connection is *joining* until a `join` gives it a seat, and again after `leave`; it is *knocking* while somebody has to
//! let it in. A seat is *here* while it has a
//! connection, *away* while it waits for one, and then gone; its id is never given out again. Seats of clients without
//! `v` are never away.
//!
//! Invariants: each connection has at most one seat and each seat at most one connection; whoever has a seat is told
//! once that another seat came and once that it is gone, and nothing of it after that.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use landline_protocol::limits::{CLOSING_GRACE, HANDSHAKE, SEAT_KEPT};
use landline_protocol::{
    Access, AccessMode, ClientMessage, Decoded, ErrorCode, LeaveReason, Limits, MeetingSummary,
    PROTOCOL_VERSION, ServerMessage,
};

use crate::admission::Knocking;
use crate::authority::Authority;
use crate::bucket::{Bucket, Verdict};
use crate::chat::Chat;
use crate::inheritance::{Elsewhere, Inheritance};
use crate::output::{CloseReason, ConnectionId, Output};
use crate::people::People;
use crate::seat::{Presence, Seat, SeatNumber, Wire};
use crate::used_ids::UsedIds;

/// The time of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Since the room began. Never goes back.
    pub monotonic: Duration,
    /// Milliseconds since 1970, for people to read.
    pub unix_ms: u64,
}

/// What a room starts from.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    pub meeting_id: String,
    pub title: String,
    /// The host's name.
    pub host: String,
    /// Milliseconds since 1970.
    pub started_at: u64,
    pub limits: Limits,
    /// The meeting existed before: seats are given back for [`landline_protocol::limits::RESTORE_GRACE`].
    pub reopened: bool,
    /// The key of whoever is the host from the start. None: nobody is.
    pub host_key: Option<String>,
    /// The client id of the first seat that `host_key` takes: the host's app has to know it before its page is there. None: any.
    pub host_seat: Option<String>,
    /// How one comes in.
    pub access: Access,
    /// Members are told, since one of them may be the next host: lists show neither title nor host.
    pub private: bool,
    /// From the host before, if the meeting had another one.
    pub inherited: Inheritance,
}

/// One room of one meeting.
#[derive(Debug)]
pub struct Room {
    pub(crate) config: RoomConfig,
    pub(crate) connections: HashMap<ConnectionId, Connection>,
    pub(crate) seats: BTreeMap<SeatNumber, Seat>,
    pub(crate) by_id: HashMap<Arc<str>, SeatNumber>,
    pub(crate) used: UsedIds,
    pub(crate) chat: Chat,
    next_seat: u64,
    pub(crate) next_knock: u32,
    pub(crate) access: Access,
    /// A code was needed when the meeting was last neither locked nor had a lobby.
    pub(crate) had_code: bool,
    pub(crate) people: People,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) outputs: VecDeque<Output>,
    /// The guest link of whoever hosts next.
    pub(crate) successor: Option<String>,
    /// Somebody came, went, or is away, since this was last asked.
    pub(crate) roster_changed: bool,
    /// The last one told.
    pub(crate) summary: MeetingSummary,
}

#[derive(Debug)]
pub(crate) struct Connection {
    /// Where it comes from, as others may know it.
    pub(crate) addr: Vec<String>,
    pub(crate) bucket: Bucket,
    pub(crate) stage: Stage,
}

#[derive(Debug)]
pub(crate) enum Stage {
    Joining {
        until: Duration,
    },
    /// Somebody has to let it in.
    Knocking(Box<Knocking>),
    Seated(SeatNumber),
}

impl Room {
    pub fn new(config: RoomConfig) -> Self {
        let summary = MeetingSummary {
            v: PROTOCOL_VERSION,
            meeting_id: config.meeting_id.clone(),
            title: config.title.clone(),
            host: config.host.clone(),
            participants: 0,
            names: Vec::new(),
            locked: config.access.is_guarded(),
            access: config.access.mode,
            full: config.limits.participants == 0,
            started_at: config.started_at,
        };
        let mut room = Self {
            access: config.access.clone(),
            had_code: config.access.mode == AccessMode::Code,
            people: People::new(config.host_key.clone()),
            config,
            connections: HashMap::new(),
            seats: BTreeMap::new(),
            by_id: HashMap::new(),
            used: UsedIds::default(),
            elsewhere: Elsewhere::default(),
            chat: Chat::default(),
            next_seat: 0,
            next_knock: 0,
            outputs: VecDeque::new(),
            successor: None,
            roster_changed: false,
            summary,
        };
        room.inherit();
        room
    }

    /// A connection was opened. `addr`: where it comes from, as others may know it.
    pub fn open(&mut self, connection: ConnectionId, addr: Vec<String>, now: Now) {
        let limits = &self.config.limits;
        let bucket = Bucket::new(
            limits.burst_messages,
            limits.messages_per_second,
            now.monotonic,
        );
        self.connections.insert(
            connection,
            Connection {
                addr,
                bucket,
                stage: Stage::Joining {
                    until: now.monotonic + HANDSHAKE,
                },
            },
        );
    }

    /// A connection is closed, broken or silent.
    pub fn closed(&mut self, connection: ConnectionId, now: Now) {
        self.lose(connection, now);
        self.tell_summary();
    }

    /// A frame came: what it says, or why it says nothing.
    pub fn receive(
        &mut self,
        connection: ConnectionId,
        frame: Result<Decoded, ErrorCode>,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        let Some(open) = self.connections.get_mut(&connection) else {
            return;
        };
        match open.bucket.take(now.monotonic) {
            Verdict::Pass => {}
            Verdict::Warn => self.refuse(connection, ErrorCode::RateLimited),
            Verdict::Close => {
                self.refuse(connection, ErrorCode::RateLimited);
                self.drop_connection(connection, CloseReason::Policy, now);
                self.tell_summary();
                return;
            }
        }
        match frame {
            Ok(decoded) => self.act(connection, decoded, now, authority),
            Err(code) => self.refuse(connection, code),
        }
        self.tell_summary();
    }

    /// Does what is due by now. To be called at [`Room::next_deadline`], or more often.
    pub fn tick(&mut self, now: Now) {
        let late: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, open)| matches!(open.stage, Stage::Joining { until } if until <= now.monotonic))
            .map(|(connection, _)| *connection)
            .collect();
        for connection in late {
            self.refuse(connection, ErrorCode::NotJoined);
            self.drop_connection(connection, CloseReason::Policy, now);
        }
        let gone: Vec<SeatNumber> = self
            .seats
            .iter()
            .filter(|(_, seat)| matches!(seat.presence, Presence::Away { until, .. } if until <= now.monotonic))
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            self.vacate(number, LeaveReason::Lost, now);
        }
        let numbers: Vec<SeatNumber> = self.seats.keys().copied().collect();
        for number in numbers {
            self.acknowledge_due(number, now);
            self.tell_state_due(number, now);
        }
        self.tell_summary();
    }

    /// When [`Room::tick`] has something to do next, if no other input comes before.
    pub fn next_deadline(&self) -> Option<Duration> {
        let joins = self
            .connections
            .values()
            .filter_map(|open| match &open.stage {
                Stage::Joining { until } => Some(*until),
                Stage::Knocking(_) | Stage::Seated(_) => None,
            });
        let seats = self
            .seats
            .values()
            .filter_map(|seat| match (&seat.presence, &seat.wire) {
                (Presence::Away { until, .. }, _) => Some(*until),
                (Presence::Here(_), Wire::Full(progress)) => progress.received.due_at(),
                (Presence::Here(_), Wire::Minimal) => None,
            });
        let states = self.seats.values().filter_map(Seat::state_due);
        joins.chain(seats).chain(states).min()
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What the meeting says of itself.
    pub fn summary(&self) -> &MeetingSummary {
        &self.summary
    }

    /// How one comes in. Holds secrets.
    pub fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn add_seat(&mut self, seat: Seat) -> SeatNumber {
        let number = SeatNumber(self.next_seat);
        self.next_seat += 1;
        self.by_id.insert(Arc::clone(&seat.client_id), number);
        self.roster_changed = true;
        self.seats.insert(number, seat);
        number
    }

    /// Ends a seat for good and tells the others.
    pub(crate) fn vacate(&mut self, number: SeatNumber, reason: LeaveReason, now: Now) {
        let Some(seat) = self.seats.remove(&number) else {
            return;
        };
        self.by_id.remove(&seat.client_id);
        if reason != LeaveReason::Lost {
            self.elsewhere.forget(&seat.client_id);
        }
        self.roster_changed = true;
        if let Some(open) = seat
            .connection()
            .and_then(|connection| self.connections.get_mut(&connection))
        {
            open.stage = Stage::Joining {
                until: now.monotonic + HANDSHAKE,
            };
        }
        let left = |reason| ServerMessage::PeerLeft {
            room_id: self.config.meeting_id.clone(),
            client_id: seat.client_id.to_string(),
            reason,
        };
        let (full, minimal) = (left(Some(reason)), left(None));
        self.announce(number, &full, Some(&minimal));
    }

    /// The page said that it is closing: its seat is away at once, and for a short time only.
    pub(crate) fn page_closing(&mut self, number: SeatNumber, now: Now) {
        let Some(connection) = self.seats.get(&number).and_then(Seat::connection) else {
            return;
        };
        if let Some(open) = self.connections.remove(&connection) {
            self.leave_empty(number, now.monotonic + CLOSING_GRACE, open.bucket);
        }
        self.put(Output::Close {
            connection,
            reason: CloseReason::Closing,
        });
    }

    /// Closes a connection. Its seat is away, or gone.
    pub(crate) fn drop_connection(
        &mut self,
        connection: ConnectionId,
        reason: CloseReason,
        now: Now,
    ) {
        self.lose(connection, now);
        self.put(Output::Close { connection, reason });
    }

    fn act(
        &mut self,
        connection: ConnectionId,
        decoded: Decoded,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        let Some(open) = self.connections.get(&connection) else {
            return;
        };
        match (&open.stage, decoded.message) {
            (_, ClientMessage::Ping) => self.reply(connection, &ServerMessage::Pong),
            (Stage::Joining { .. }, message) => {
                self.act_joining(connection, message, now, authority);
            }
            (Stage::Knocking(_), ClientMessage::Leave { .. }) => self.give_up(connection, now),
            (Stage::Knocking(_), _) => self.refuse(connection, ErrorCode::NotJoined),
            (Stage::Seated(number), message) => {
                let number = *number;
                self.act_seated(connection, number, decoded.seq, message, now, authority);
                self.acknowledge_due(number, now);
            }
        }
    }

    /// A connection is no more. Its seat is away, or gone if its client cannot come back.
    fn lose(&mut self, connection: ConnectionId, now: Now) {
        let Some(open) = self.connections.remove(&connection) else {
            return;
        };
        let number = match open.stage {
            Stage::Seated(number) => number,
            Stage::Knocking(knocking) => return self.knock_ended(knocking.id),
            Stage::Joining { .. } => return,
        };
        match self.seats.get(&number).map(|seat| &seat.wire) {
            Some(Wire::Minimal) => self.vacate(number, LeaveReason::Lost, now),
            Some(Wire::Full(_)) => {
                self.leave_empty(number, now.monotonic + SEAT_KEPT, open.bucket);
            }
            None => {}
        }
    }

    fn leave_empty(&mut self, number: SeatNumber, until: Duration, bucket: Bucket) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        seat.presence = Presence::Away { until, bucket };
        self.roster_changed = true;
        let away = ServerMessage::PeerAway {
            room_id: self.config.meeting_id.clone(),
            client_id: seat.client_id.to_string(),
        };
        self.announce(number, &away, None);
    }
}
