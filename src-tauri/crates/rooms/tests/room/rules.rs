//! Single rules of a room, each guarding against one mistake. What holds in every order is in `src/property`.

use std::time::Duration;

use landline_protocol::Limits;
use landline_protocol::limits::{HANDSHAKE, PING_EVERY, RESTORE_GRACE, SEAT_KEPT};
use serde_json::json;

use crate::table::{Got, Table, codes};

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

#[test]
fn whoever_switches_back_and_forth_costs_the_others_ten_messages_a_second() {
    const PAUSE: Duration = Duration::from_millis(100);
    let mut table = Table::new(Limits::default(), false);
    table.join(1);
    table.join(2);
    let mut seq = 0;
    let mut say = |table: &mut Table, on: bool| {
        seq += 1;
        let state = json!({"action": "state", "roomId": "m", "seq": seq, "state": {"camera": on}});
        cameras(&table.say(1, &state))
    };
    // The first at once, the rest when the pause is over, and then as it is by then.
    assert_eq!(say(&mut table, true), [true]);
    for on in [false, true, false] {
        assert_eq!(say(&mut table, on), [] as [bool; 0]);
    }
    assert_eq!(table.room.next_deadline(), Some(PAUSE));
    assert_eq!(cameras(&table.wait(PAUSE)), [false]);
    // What is as they know it again is no news.
    for on in [true, false] {
        assert_eq!(say(&mut table, on), [] as [bool; 0]);
    }
    assert_eq!(cameras(&table.wait(PAUSE * 2)), [] as [bool; 0]);
    let mut told = 0;
    for round in 0..100 {
        told += say(&mut table, round % 2 == 0).len();
        told += cameras(&table.wait(PAUSE / 10)).len();
    }
    assert!((9..=11).contains(&told), "{told} in a second");
}

/// What was told of the camera.
fn cameras(got: &[Got]) -> Vec<bool> {
    got.iter()
        .filter_map(|got| match got {
            Got::Message(2, message) if message["action"] == "peer-state" => {
                message["state"]["camera"].as_bool()
            }
            _ => None,
        })
        .collect()
}
