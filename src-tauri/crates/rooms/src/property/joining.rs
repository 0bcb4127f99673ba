//! Coming in and coming back, in the room, in the model and in the client.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use landline_protocol::decode_client_message;
use landline_protocol::limits::RESTORE_GRACE;
use serde_json::{Value, json};

use super::person::Holding;
use super::steps::How;
use super::world::{Expected, ROOM, SEATS, World};
use crate::{Authority, ConnectionId};

impl World {
    pub(crate) fn join(&mut self, number: usize, how: How, reply_lost: bool) {
        let person = &self.people[number];
        let claim = match how {
            How::Resume | How::Fresh => person
                .holding
                .as_ref()
                .map(|holding| (holding.id.clone(), holding.token.clone(), holding.received)),
            How::Left => person.left.clone().map(|(id, token)| (id, token, 0)),
            How::Ghost => {
                let id = format!("ghost-{}", self.next_connection);
                let token = self.ids.issue(&id, person.name.as_deref());
                Some((id, token, 3))
            }
            How::Forged => person
                .holding
                .as_ref()
                .map(|holding| (holding.id.clone(), "token of nobody".into(), 0)),
        };
        // A minimal client, and one with nothing to claim, joins with a connection of its own only.
        if person.joined && (person.minimal || !matches!(how, How::Resume | How::Fresh)) {
            return;
        }
        let old = person.connection;
        let fresh = matches!(how, How::Fresh);
        let mut join = json!({"action": "join", "roomId": ROOM, "name": person.name});
        if !person.minimal {
            join["v"] = 1.into();
            if let Some((id, token, seq)) = &claim {
                join["resume"] =
                    json!({"clientId": id, "token": token, "seq": seq, "fresh": fresh});
            }
        }
        let connection = self.connect();
        self.room.receive(
            connection,
            decode_client_message(&join.to_string()),
            self.at(),
            &mut self.ids,
        );
        let answer = self.answer_to(connection);
        if answer["action"] == "error" {
            assert_eq!(answer["code"], "room-full");
            assert!(self.seats.len() >= SEATS);
            self.seen.one("room-full");
            self.hang_up(connection);
            return;
        }
        let claimed = claim.filter(|_| !self.people[number].minimal && !matches!(how, How::Forged));
        self.seated(number, connection, &answer, claimed.as_ref(), fresh, old);
        if reply_lost {
            // The room has given the seat, and the client knows nothing of it.
            self.hang_up(connection);
            if self.people[number].connection == old
                && old.is_some_and(|old| !self.open.contains(&old))
            {
                self.people[number].disconnect();
            }
            return;
        }
        self.know(number, connection, &answer);
    }

    /// What the model makes of an answer to `join`.
    pub(crate) fn seated(
        &mut self,
        number: usize,
        connection: ConnectionId,
        answer: &Value,
        claimed: Option<&(String, String, u32)>,
        fresh: bool,
        old: Option<ConnectionId>,
    ) {
        let id = answer["clientId"].as_str().unwrap().to_owned();
        let outcome = answer["outcome"].as_str().unwrap_or("new");
        let held = claimed.filter(|(id, ..)| self.seats.contains_key(id));
        let grace = self.reopened && self.now < RESTORE_GRACE;
        let remembered = claimed.filter(|(id, ..)| grace && !self.used.contains(id));
        match (held, remembered) {
            (Some((claimed, ..)), _) => {
                assert_eq!(&id, claimed);
                let seat = self.seats.get_mut(&id).unwrap();
                if fresh || seat.restarted {
                    assert_eq!(outcome, "restored");
                } else if self.roomy {
                    assert_eq!(outcome, "resumed");
                }
                if let Some(before) = seat.connection.replace(connection) {
                    assert!(!self.open.contains(&before), "the seat has two connections");
                    self.seen.one("seat taken");
                    assert_eq!(old, Some(before));
                }
                let seat = self.seats.get_mut(&id).unwrap();
                if outcome == "restored" {
                    seat.log.clear();
                    seat.restarted = true;
                    self.seen.one("restored");
                } else {
                    assert_eq!(outcome, "resumed");
                    self.seen.one("resumed");
                }
                return;
            }
            (None, Some((claimed, ..))) => {
                assert_eq!((&id, outcome), (claimed, "restored"));
                self.seen.one("restored after a restart");
            }
            (None, None) => {
                assert_eq!(outcome, "new");
                self.seen.one("new");
            }
        }
        assert!(self.used.insert(id.clone()), "{id} was used before");
        assert!(self.seats.len() < SEATS);
        let seat = Expected {
            person: number,
            connection: Some(connection),
            until: Duration::ZERO,
            log: Vec::new(),
            restarted: outcome == "restored",
        };
        self.seats.insert(id, seat);
    }

    /// What the client makes of an answer to `join`.
    pub(crate) fn know(&mut self, number: usize, connection: ConnectionId, answer: &Value) {
        let ids = answer["peers"].as_array().unwrap();
        let known: BTreeSet<String> = ids
            .iter()
            .map(|peer| peer["clientId"].as_str().unwrap().to_owned())
            .collect();
        let outcome = answer["outcome"].as_str().unwrap_or("new").to_owned();
        let resend_all = connection.0.is_multiple_of(2);
        let sent_now = self.sent_to(connection);
        let person = &mut self.people[number];
        person.connection = Some(connection);
        person.joined = true;
        person.in_flight = sent_now;
        let mut again = Vec::new();
        match &mut person.holding {
            Some(holding) if outcome == "resumed" => {
                if !person.in_flight.is_empty() {
                    self.seen.one("replayed");
                }
                let ack = u32::try_from(answer["ack"].as_u64().unwrap()).unwrap();
                assert!(ack <= holding.sent);
                // Every other client does not look at `ack`: the room has to drop what it knows.
                holding
                    .unacknowledged
                    .retain(|(seq, _)| resend_all || *seq > ack);
                again.extend(holding.unacknowledged.iter().cloned());
            }
            _ => {
                assert!(person.minimal || answer["ack"] == 0);
                person.holding = Some(Holding {
                    id: answer["clientId"].as_str().unwrap().to_owned(),
                    token: answer["resumeToken"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                    received: 0,
                    sent: 0,
                    unacknowledged: VecDeque::new(),
                    known,
                    gone: BTreeSet::new(),
                    log: Vec::new(),
                });
            }
        }
        for (seq, mut message) in again {
            message["seq"] = seq.into();
            self.transmit(number, &message);
        }
    }
}
