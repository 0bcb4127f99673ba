//! The room, its people, and what the model expects.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use landline_protocol::limits::{CHAT_BYTES, CHAT_LINES};
use landline_protocol::{Access, Limits, decode_client_message};
use serde_json::{Value, json};

use super::ids::Ids;
use super::person::Person;
use super::steps::{How, PEOPLE, Step};
use crate::seat::Wire;
use crate::{CloseReason, ConnectionId, Inheritance, Now, Output, Room, RoomConfig};

pub(crate) const ROOM: &str = "room";
pub(crate) const SEATS: usize = 5;
const FEW: usize = 6;

/// A seat as the model sees it.
pub(crate) struct Expected {
    pub(crate) person: usize,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) until: Duration,
    /// Markers that have to be heard since the counts began.
    pub(crate) log: Vec<u64>,
    /// The room has started the counts anew, and the client has sent nothing since.
    pub(crate) restarted: bool,
}

#[derive(Default)]
pub(crate) struct Seen {
    counts: BTreeMap<&'static str, usize>,
}

impl Seen {
    pub(crate) fn one(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        let all = [
            "new",
            "resumed",
            "restored",
            "restored after a restart",
            "room-full",
            "seat taken",
            "replayed",
            "heard",
            "left",
            "done twice",
            "back from minimal view",
            "unknown-peer",
        ];
        all.map(|what| (what, self.counts.get(what).copied().unwrap_or(0)))
            .to_vec()
    }
}

pub(crate) struct World {
    pub(crate) room: Room,
    pub(crate) ids: Ids,
    pub(crate) people: Vec<Person>,
    pub(crate) seats: BTreeMap<String, Expected>,
    /// Ids used since the room began.
    pub(crate) used: HashSet<String>,
    pub(crate) open: BTreeSet<ConnectionId>,
    pub(crate) now: Duration,
    pub(crate) next_connection: u64,
    pub(crate) next_marker: u64,
    pub(crate) delivered: HashSet<u64>,
    pub(crate) roomy: bool,
    pub(crate) reopened: bool,
    pub(crate) seen: Seen,
}

impl World {
    pub(crate) fn new(roomy: bool) -> Self {
        Self {
            room: room(roomy, false),
            ids: Ids::default(),
            people: (0..PEOPLE).map(Person::new).collect(),
            seats: BTreeMap::new(),
            used: HashSet::new(),
            open: BTreeSet::new(),
            now: Duration::ZERO,
            next_connection: 0,
            next_marker: 0,
            delivered: HashSet::new(),
            roomy,
            reopened: false,
            seen: Seen::default(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step) {
        match *step {
            Step::Join {
                person,
                how,
                reply_lost,
            } => self.join(person, how, reply_lost),
            Step::Lose { person } => self.lose(person),
            Step::Leave { person } => self.leave(person),
            Step::Closing { person } => self.closing(person),
            Step::Signal { person, to } => self.signal(person, to),
            Step::Chat { person } => {
                if !self.people[person].minimal {
                    let marker = self.marker();
                    self.say(person, json!({"action": "chat", "roomId": ROOM, "id": format!("line-{marker:06}"), "text": marker.to_string()}));
                }
            }
            Step::State { person, on } => {
                if !self.people[person].minimal {
                    self.say(
                        person,
                        json!({"action": "state", "roomId": ROOM, "state": {"camera": on}}),
                    );
                }
            }
            Step::SendLost { person } => {
                let marker = self.marker();
                let message =
                    json!({"action": "signal", "roomId": ROOM, "type": "offer", "data": marker});
                if self.people[person].joined {
                    self.count(person, message);
                    self.lose(person);
                }
            }
            Step::Ack { person } => {
                let seq = self.people[person]
                    .holding
                    .as_ref()
                    .map(|holding| holding.received);
                if let Some(seq) = seq.filter(|_| !self.people[person].minimal) {
                    self.say(person, json!({"action": "ack", "seq": seq}));
                }
            }
            Step::Nonsense { person } => {
                if let Some(connection) = self.people[person].connection {
                    self.give(connection, "{\"action\":");
                }
            }
            Step::Deliver { person, count } => self.deliver(person, count),
            Step::Advance { millis } => self.advance(Duration::from_millis(millis)),
            Step::Outsider => {
                let connection = self.connect();
                let target = self.seats.keys().next().cloned();
                let signal = json!({"action": "signal", "roomId": ROOM, "type": "offer", "to": target, "data": 0});
                self.give(connection, &signal.to_string());
                self.room.closed(connection, self.at());
                self.open.remove(&connection);
                self.drain();
            }
            Step::Restart => self.restart(),
        }
        self.check();
    }

    /// Everybody comes back and hears all there is; then model and people have to agree.
    pub(crate) fn settle(&mut self) {
        for person in 0..PEOPLE {
            if self.people[person].holding.is_some() && !self.people[person].joined {
                self.join(person, How::Resume, false);
            }
        }
        for person in 0..PEOPLE {
            self.deliver(person, usize::MAX);
        }
        for person in self.people.iter().filter(|person| person.joined) {
            let holding = person.holding.as_ref().unwrap();
            let seat = &self.seats[&holding.id];
            assert_eq!(holding.log, seat.log, "{} heard", holding.id);
            let mut others: BTreeSet<String> = self.seats.keys().cloned().collect();
            others.remove(&holding.id);
            assert_eq!(holding.known, others, "{} knows", holding.id);
        }
        self.check();
    }

    pub(crate) fn at(&self) -> Now {
        Now {
            monotonic: self.now,
            unix_ms: 1,
        }
    }

    pub(crate) fn marker(&mut self) -> u64 {
        self.next_marker += 1;
        self.next_marker
    }

    pub(crate) fn connect(&mut self) -> ConnectionId {
        self.next_connection += 1;
        let connection = ConnectionId(self.next_connection);
        self.open.insert(connection);
        self.room.open(connection, Vec::new(), self.at());
        connection
    }

    pub(crate) fn give(&mut self, connection: ConnectionId, text: &str) {
        self.room.receive(
            connection,
            decode_client_message(text),
            self.at(),
            &mut self.ids,
        );
        self.drain();
    }

    /// Does what the room wants, up to the answer to `join` on this connection.
    pub(crate) fn answer_to(&mut self, connection: ConnectionId) -> Value {
        loop {
            let output = self.room.poll_output().expect("no answer to join");
            if let Output::Send {
                connection: to,
                frame,
            } = &output
                && *to == connection
            {
                assert_eq!(frame.seq, None);
                return serde_json::from_str(&frame.body).unwrap();
            }
            self.act(output);
        }
    }

    /// The rest of what the room wants; what is for this connection is returned.
    pub(crate) fn sent_to(&mut self, connection: ConnectionId) -> VecDeque<Value> {
        let mut sent = VecDeque::new();
        while let Some(output) = self.room.poll_output() {
            match output {
                Output::Send {
                    connection: to,
                    frame,
                } if to == connection => {
                    sent.push_back(serde_json::from_str(&frame.text()).unwrap());
                }
                output => self.act(output),
            }
        }
        sent
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.room.poll_output() {
            self.act(output);
        }
    }

    pub(crate) fn act(&mut self, output: Output) {
        match output {
            Output::Send { connection, frame } => {
                if !self.open.contains(&connection) {
                    // Only an answer whose connection was lost before the model looked.
                    return;
                }
                let message: Value = serde_json::from_str(&frame.text()).unwrap();
                let seated = self
                    .seats
                    .values()
                    .any(|seat| seat.connection == Some(connection));
                let alone = matches!(message["action"].as_str(), Some("error" | "pong" | "ack"));
                assert!(seated || alone, "to somebody outside: {message}");
                let person = self
                    .people
                    .iter_mut()
                    .find(|person| person.connection == Some(connection));
                if let Some(person) = person {
                    person.in_flight.push_back(message);
                }
            }
            Output::Close { connection, reason } => {
                assert!(self.open.remove(&connection), "closed twice");
                if reason != CloseReason::HostLeft {
                    assert_ne!(reason, CloseReason::MeetingEnded);
                }
                let person = self
                    .people
                    .iter_mut()
                    .find(|person| person.connection == Some(connection));
                if let Some(person) = person {
                    person.disconnect();
                }
            }
            Output::SummaryChanged | Output::Line(_) | Output::Ended => {}
        }
    }

    /// What holds at all times.
    pub(crate) fn check(&mut self) {
        let here = self
            .seats
            .values()
            .filter(|seat| seat.connection.is_some())
            .count();
        let summary = self.room.summary();
        assert_eq!(summary.participants as usize, here);
        assert_eq!(summary.full, self.seats.len() >= SEATS);
        assert!(summary.names.len() <= here);
        assert_eq!(self.room.seats.len(), self.seats.len());
        assert_eq!(self.room.by_id.len(), self.seats.len());
        assert_eq!(self.room.connections.len(), self.open.len());
        let limits = limits(self.roomy);
        for seat in self.room.seats.values() {
            if let Wire::Full(progress) = &seat.wire {
                let (messages, bytes) = progress.outbox.held();
                assert!(messages <= limits.replay_messages && bytes <= limits.replay_bytes);
            }
        }
        let (lines, bytes) = self.room.chat.held();
        assert!(lines <= CHAT_LINES && bytes <= CHAT_BYTES);
    }
}

fn limits(roomy: bool) -> Limits {
    let mut limits = Limits {
        participants: SEATS,
        burst_messages: 1_000_000,
        ..Limits::for_participants(SEATS)
    };
    if !roomy {
        limits.replay_messages = FEW;
    }
    limits
}

pub(crate) fn room(roomy: bool, reopened: bool) -> Room {
    Room::new(RoomConfig {
        private: false,
        meeting_id: ROOM.into(),
        title: "Weekly".into(),
        host: "Ada".into(),
        started_at: 0,
        limits: limits(roomy),
        host_seat: None,
        inherited: Inheritance::default(),
        reopened,
        host_key: None,
        access: Access::default(),
    })
}
