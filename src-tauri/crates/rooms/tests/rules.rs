//! Single rules of a room, each guarding against one mistake. What holds in every order is in `src/property`.

#![allow(
    clippy::indexing_slicing,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers as well"
)]

use std::time::Duration;

use landline_protocol::limits::{HANDSHAKE, PING_EVERY, RESTORE_GRACE, SEAT_KEPT};
use landline_protocol::{Limits, decode_client_message};
use landline_rooms::{Authority, CloseReason, ConnectionId, Now, Output, Room, RoomConfig};
use serde_json::{Value, json};

struct Counting(u32);

impl Authority for Counting {
    fn new_id(&mut self) -> String {
        self.0 += 1;
        format!("id{}", self.0)
    }

    fn issue(&mut self, client_id: &str, _name: Option<&str>) -> String {
        format!("token-{client_id}")
    }

    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool {
        token == self.issue(client_id, name)
    }
}

struct Table {
    room: Room,
    ids: Counting,
    now: Duration,
}

#[derive(Debug, PartialEq)]
enum Got {
    Message(u64, Value),
    Closed(u64, CloseReason),
}

impl Table {
    fn new(limits: Limits, reopened: bool) -> Self {
        let room = Room::new(RoomConfig {
            meeting_id: "m".into(),
            title: "Weekly".into(),
            host: "Ada".into(),
            started_at: 1,
            limits,
            reopened,
        });
        Self {
            room,
            ids: Counting(0),
            now: Duration::ZERO,
        }
    }

    fn at(&self) -> Now {
        Now {
            monotonic: self.now,
            unix_ms: 1_000,
        }
    }

    fn open(&mut self, connection: u64) {
        self.room
            .open(ConnectionId(connection), Vec::new(), self.at());
    }

    fn say(&mut self, connection: u64, message: &Value) -> Vec<Got> {
        let frame = decode_client_message(&message.to_string());
        self.room
            .receive(ConnectionId(connection), frame, self.at(), &mut self.ids);
        self.got()
    }

    fn lose(&mut self, connection: u64) -> Vec<Got> {
        self.room.closed(ConnectionId(connection), self.at());
        self.got()
    }

    fn wait(&mut self, time: Duration) -> Vec<Got> {
        self.now += time;
        self.room.tick(self.at());
        self.got()
    }

    fn join(&mut self, connection: u64) -> Value {
        self.open(connection);
        self.first(
            connection,
            &json!({"action": "join", "roomId": "m", "v": 1}),
        )
    }

    fn resume(&mut self, connection: u64, id: &str, seq: u32) -> Value {
        self.open(connection);
        let resume =
            json!({"clientId": id, "token": format!("token-{id}"), "seq": seq, "fresh": false});
        self.first(
            connection,
            &json!({"action": "join", "roomId": "m", "v": 1, "resume": resume}),
        )
    }

    fn first(&mut self, connection: u64, message: &Value) -> Value {
        let got = self.say(connection, message);
        got.into_iter()
            .find_map(|got| match got {
                Got::Message(to, message) if to == connection => Some(message),
                _ => None,
            })
            .unwrap()
    }

    fn got(&mut self) -> Vec<Got> {
        std::iter::from_fn(|| self.room.poll_output())
            .filter_map(|output| match output {
                Output::Send { connection, frame } => Some(Got::Message(
                    connection.0,
                    serde_json::from_str(&frame.text()).unwrap(),
                )),
                Output::Close { connection, reason } => Some(Got::Closed(connection.0, reason)),
                Output::SummaryChanged => None,
            })
            .collect()
    }
}

fn codes(got: &[Got]) -> Vec<String> {
    got.iter()
        .map(|got| match got {
            Got::Message(_, message) => message["code"]
                .as_str()
                .or(message["action"].as_str())
                .unwrap()
                .to_owned(),
            Got::Closed(_, reason) => format!("{reason:?}"),
        })
        .collect()
}

fn slow() -> Limits {
    Limits {
        burst_messages: 4,
        messages_per_second: 1,
        ..Limits::default()
    }
}

#[test]
fn too_many_messages_are_done_on_credit_then_the_connection_goes_and_the_debt_stays() {
    let mut table = Table::new(slow(), false);
    assert_eq!(table.join(1)["outcome"], "new");
    let ping = json!({"action": "ping"});
    let heard: Vec<String> = (0..6).flat_map(|_| codes(&table.say(1, &ping))).collect();
    assert_eq!(
        heard,
        [
            "pong",
            "pong",
            "pong",
            "rate-limited",
            "pong",
            "pong",
            "rate-limited",
            "Policy"
        ]
    );
    // A new connection of the same seat does not begin with a full bucket.
    assert_eq!(table.resume(2, "id1", 0)["outcome"], "resumed");
    assert_eq!(codes(&table.say(2, &ping)), ["rate-limited", "Policy"]);
}

#[test]
fn chat_is_taken_back_once_from_each_and_in_the_grace_only() {
    let history = |seq: u32, id: &str| {
        json!({"action": "chat-history", "roomId": "m", "seq": seq, "lines": [
            {"id": id, "from": "old", "text": "hi", "at": u64::MAX}]})
    };
    let mut table = Table::new(Limits::default(), true);
    table.join(1);
    table.join(2);
    let told = table.say(1, &history(1, "line-0001"));
    assert_eq!(told.len(), 1);
    let Got::Message(2, chat) = &told[0] else {
        panic!("{told:?}");
    };
    assert_eq!(chat["line"]["at"], 1_000, "nothing was said in the future");
    assert!(table.say(2, &history(1, "line-0001")).is_empty(), "known");
    assert!(table.say(1, &history(2, "line-0002")).is_empty(), "again");
    table.now = RESTORE_GRACE;
    table.join(3);
    assert!(table.say(3, &history(1, "line-0003")).is_empty(), "late");

    let mut fresh = Table::new(Limits::default(), false);
    fresh.join(1);
    fresh.join(2);
    assert!(fresh.say(1, &history(1, "line-0001")).is_empty());
}

#[test]
fn a_seat_is_given_back_in_the_grace_and_not_after() {
    let mut table = Table::new(Limits::default(), true);
    table.now = RESTORE_GRACE - Duration::from_millis(1);
    let joined = table.resume(1, "before", 9);
    assert_eq!(joined["clientId"], "before");
    assert_eq!(
        (&joined["rosterGraceMs"], &joined["ack"]),
        (&json!(1), &json!(0))
    );
    table.now = RESTORE_GRACE;
    assert_eq!(table.resume(2, "another", 9)["outcome"], "new");
}

#[test]
fn a_seat_is_kept_for_its_time_and_no_longer() {
    let mut table = Table::new(Limits::default(), false);
    table.join(1);
    table.join(2);
    assert_eq!(codes(&table.lose(1)), ["peer-away"]);
    assert!(table.wait(SEAT_KEPT - Duration::from_millis(1)).is_empty());
    let gone = table.wait(Duration::from_millis(1));
    assert_eq!(codes(&gone), ["peer-left"]);
    assert_eq!(table.resume(3, "id1", 1)["outcome"], "new");
}

#[test]
fn a_connection_has_to_join_in_time_and_again_after_it_left() {
    let mut table = Table::new(Limits::default(), false);
    table.open(1);
    assert_eq!(codes(&table.wait(HANDSHAKE)), ["not-joined", "Policy"]);
    table.join(2);
    assert!(table.wait(HANDSHAKE * 10).is_empty());
    table.say(2, &json!({"action": "leave", "roomId": "m", "seq": 1}));
    assert_eq!(codes(&table.wait(HANDSHAKE)), ["not-joined", "Policy"]);
}

#[test]
fn a_few_messages_are_acknowledged_after_a_while() {
    let mut table = Table::new(Limits::default(), false);
    table.join(1);
    let state = json!({"action": "state", "roomId": "m", "seq": 1, "state": {"camera": true}});
    assert!(table.say(1, &state).is_empty());
    assert_eq!(table.room.next_deadline(), Some(PING_EVERY));
    assert_eq!(
        table.wait(PING_EVERY),
        [Got::Message(1, json!({"action": "ack", "seq": 1}))]
    );
    assert_eq!(table.room.next_deadline(), None);
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_is_refused() {
    let mut table = Table::new(Limits::default(), false);
    table.join(1);
    let ack = json!({"action": "ack", "seq": 1});
    assert_eq!(codes(&table.say(1, &ack)), ["bad-message"]);
}
