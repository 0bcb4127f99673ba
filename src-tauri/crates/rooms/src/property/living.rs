//! What people do once they are in, and what happens to them.

use std::time::Duration;

use landline_protocol::decode_client_message;
use landline_protocol::limits::{CLOSING_GRACE, SEAT_KEPT};
use serde_json::{Value, json};

use super::world::{ROOM, World, room};
use crate::ConnectionId;

impl World {
    /// Counts a message and keeps it until it is acknowledged.
    pub(crate) fn count(&mut self, number: usize, mut message: Value) -> Value {
        let person = &mut self.people[number];
        if let Some(holding) = person.holding.as_mut().filter(|_| !person.minimal)
            && message["action"] != "ack"
        {
            holding.sent += 1;
            message["seq"] = holding.sent.into();
            holding
                .unacknowledged
                .push_back((holding.sent, message.clone()));
        }
        message
    }

    pub(crate) fn say(&mut self, number: usize, message: Value) {
        if !self.people[number].joined {
            return;
        }
        let message = self.count(number, message);
        self.transmit(number, &message);
    }

    /// Gives a message to the room; the first time, those it is for have to hear it.
    pub(crate) fn transmit(&mut self, number: usize, message: &Value) {
        let person = &self.people[number];
        let Some(connection) = person.connection.filter(|_| person.joined) else {
            return;
        };
        let sender = person.holding.as_ref().unwrap().id.clone();
        self.seats.get_mut(&sender).unwrap().restarted = false;
        let signal = message["action"] == "signal";
        let marker = match message["action"].as_str() {
            Some("signal") => message["data"].as_u64(),
            Some("chat") => message["text"].as_str().and_then(|text| text.parse().ok()),
            _ => None,
        };
        if let Some(marker) = marker {
            if self.delivered.insert(marker) {
                let to = message["to"].as_str();
                for (id, seat) in &mut self.seats {
                    let minimal = self.people[seat.person].minimal;
                    let hears = if signal {
                        *id != sender && to.is_none_or(|to| to == id)
                    } else {
                        !minimal
                    };
                    if hears {
                        seat.log.push(marker);
                        self.seen.one("heard");
                    }
                }
            } else {
                self.seen.one("done twice");
            }
        }
        self.give(connection, &message.to_string());
    }

    pub(crate) fn signal(&mut self, number: usize, to: Option<usize>) {
        let marker = self.marker();
        let mut signal =
            json!({"action": "signal", "roomId": ROOM, "type": "offer", "data": marker});
        if let Some(to) = to {
            let holding = self.people[to].holding.as_ref();
            let id = holding.map_or_else(|| "nobody".to_owned(), |holding| holding.id.clone());
            if !self.seats.contains_key(&id) {
                self.seen.one("unknown-peer");
            }
            signal["to"] = id.into();
        }
        self.say(number, signal);
    }

    pub(crate) fn lose(&mut self, number: usize) {
        if let Some(connection) = self.people[number].connection {
            self.hang_up(connection);
            self.people[number].disconnect();
        }
    }

    pub(crate) fn hang_up(&mut self, connection: ConnectionId) {
        self.open.remove(&connection);
        self.room.closed(connection, self.at());
        self.empty(connection, SEAT_KEPT);
        self.drain();
    }

    /// The model's side of a lost connection.
    pub(crate) fn empty(&mut self, connection: ConnectionId, kept: Duration) {
        let found = self
            .seats
            .iter()
            .find(|(_, seat)| seat.connection == Some(connection));
        let Some(id) = found.map(|(id, _)| id.clone()) else {
            return;
        };
        let seat = self.seats.get_mut(&id).unwrap();
        seat.connection = None;
        seat.until = self.now + kept;
        if self.people[seat.person].minimal {
            self.seats.remove(&id);
        }
    }

    pub(crate) fn leave(&mut self, number: usize) {
        if !self.people[number].joined {
            return;
        }
        self.say(number, json!({"action": "leave", "roomId": ROOM}));
        let person = &mut self.people[number];
        let holding = person.holding.take().unwrap();
        self.seats.remove(&holding.id);
        person.left = Some((holding.id, holding.token));
        person.joined = false;
        person.in_flight.clear();
        self.seen.one("left");
    }

    pub(crate) fn closing(&mut self, number: usize) {
        let person = &self.people[number];
        if !person.joined || person.minimal {
            return;
        }
        let connection = person.connection.unwrap();
        let message = self.count(number, json!({"action": "closing", "roomId": ROOM}));
        let sender = self.people[number].holding.as_ref().unwrap().id.clone();
        self.seats.get_mut(&sender).unwrap().restarted = false;
        self.room.receive(
            connection,
            decode_client_message(&message.to_string()),
            self.at(),
            &mut self.ids,
        );
        self.empty(connection, CLOSING_GRACE);
        self.drain();
        assert!(!self.open.contains(&connection));
        // What was said by then is known to the page that comes.
        assert!(self.people[number].connection.is_none());
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.now += by;
        self.room.tick(self.at());
        let now = self.now;
        self.seats
            .retain(|_, seat| seat.connection.is_some() || seat.until > now);
        self.drain();
        assert!(
            self.room.next_deadline().is_none_or(|at| at > now),
            "a tick left something undone"
        );
    }

    pub(crate) fn restart(&mut self) {
        self.room.close();
        self.drain();
        assert!(self.open.is_empty(), "a connection outlived the host");
        self.room = room(self.roomy, true);
        self.reopened = true;
        self.now = Duration::ZERO;
        self.seats.clear();
        self.used.clear();
        self.ids.given.clear();
        // Of the seats that were left, the new process knows nothing; good clients have thrown their tokens away.
        for person in &mut self.people {
            person.left = None;
        }
    }

    pub(crate) fn deliver(&mut self, number: usize, count: usize) {
        let person = &mut self.people[number];
        for _ in 0..count {
            let Some(message) = person.in_flight.pop_front() else {
                return;
            };
            if message["action"] == "peer-joined" && person.minimal {
                self.seen.one("back from minimal view");
            }
            person.take(&message);
        }
    }
}
