//! Who comes in: at once, after knocking, or not at all.

use landline_protocol::{Access, AccessMode, Limits};
use landline_rooms::CloseReason;
use serde_json::{Value, json};

use crate::table::{Got, Table, codes, identity, key};

fn table(mode: AccessMode) -> Table {
    let code = (mode == AccessMode::Code).then(|| "123456".to_owned());
    let access = Access {
        mode,
        secret: code.clone(),
        code,
    };
    let mut table = Table::with(Limits::default(), false, access);
    assert_eq!(codes(&table.join_as(1, "host", &json!({}))), ["joined"]);
    table
}

fn message<'a>(got: &'a [Got], connection: u64, action: &str) -> &'a Value {
    got.iter()
        .find_map(|got| match got {
            Got::Message(to, message) if *to == connection && message["action"] == action => {
                Some(message)
            }
            _ => None,
        })
        .unwrap_or_else(|| panic!("no {action} to {connection}: {got:?}"))
}

fn moderate(table: &mut Table, connection: u64, order: &Value) -> Vec<Got> {
    table.say(
        connection,
        &json!({"action": "moderate", "roomId": "m", "order": order}),
    )
}

#[test]
fn the_key_of_the_host_opens_every_door_and_only_proven() {
    for mode in [AccessMode::Code, AccessMode::Lobby, AccessMode::Locked] {
        let mut table = table(mode);
        assert_eq!(
            codes(&table.join_as(2, "host", &json!({"proof": null}))),
            ["bad-identity"]
        );
        let joined = table.join_as(3, "host", &json!({}));
        assert_eq!(message(&joined, 3, "joined")["role"], "host");
        assert_eq!(
            message(&joined, 3, "joined")["access"]["mode"],
            serde_json::to_value(mode).unwrap()
        );
    }
}

#[test]
fn with_a_code_only_who_knows_it_comes_in() {
    let mut table = table(AccessMode::Code);
    assert_eq!(codes(&table.join_as(2, "ada", &json!({}))), ["code-needed"]);
    let wrong = json!({"code": "000000"});
    assert_eq!(codes(&table.join_as(3, "ada", &wrong)), ["wrong-code"]);
    let right = json!({"code": "123456"});
    let joined = table.join_as(4, "ada", &right);
    assert_eq!(codes(&joined), ["joined", "peer-joined"]);
    assert_eq!(message(&joined, 4, "joined")["access"]["code"], "123456");
    // Whoever was in comes in again without it, with the same key.
    table.say(4, &json!({"action": "leave", "roomId": "m", "seq": 1}));
    assert_eq!(codes(&table.join_as(5, "ada", &json!({})))[0], "joined");
    // A minimal client cannot give it, and knocks.
    table.open(6);
    let bare = json!({"action": "join", "roomId": "m", "name": "old"});
    let knock = table.say(6, &bare);
    assert_eq!(message(&knock, 1, "knock")["knock"]["name"], "old");
}

#[test]
fn in_the_lobby_one_waits_until_somebody_opens() {
    let mut table = table(AccessMode::Lobby);
    assert_eq!(
        codes(&table.join_as(2, "ada", &json!({}))),
        ["knock-needed"]
    );
    let knock = table.join_as(3, "ada", &json!({"knock": true}));
    assert_eq!(codes(&knock), ["waiting", "knock"]);
    let told = &message(&knock, 1, "knock")["knock"];
    assert_eq!(
        (&told["name"], &told["key"]),
        (&json!("ada"), &json!(key("ada")))
    );
    // Whoever waits can say nothing but that it gives up.
    let signal = json!({"action": "signal", "roomId": "m", "type": "offer", "data": 1});
    assert_eq!(codes(&table.say(3, &signal)), ["not-joined"]);
    let admitted = moderate(&mut table, 1, &json!({"do": "admit", "id": told["id"]}));
    assert_eq!(codes(&admitted), ["knock-ended", "joined", "peer-joined"]);

    let other = table.join_as(4, "bob", &json!({"knock": true}));
    let id = message(&other, 1, "knock")["knock"]["id"].clone();
    let refused = moderate(&mut table, 1, &json!({"do": "refuse", "id": id}));
    assert_eq!(codes(&refused), ["knock-ended", "not-admitted", "Policy"]);

    table.join_as(5, "cyd", &json!({"knock": true}));
    let gone = table.say(5, &json!({"action": "leave", "roomId": "m"}));
    assert_eq!(codes(&gone), ["knock-ended"]);
    table.join_as(6, "dan", &json!({"knock": true}));
    assert_eq!(codes(&table.lose(6)), ["knock-ended"]);
    table.join_as(7, "eve", &json!({"knock": true}));
    table.join_as(8, "fay", &json!({"knock": true}));
    let all = moderate(&mut table, 1, &json!({"do": "admit"}));
    assert_eq!(
        all.iter()
            .filter(
                |got| matches!(got, Got::Message(7 | 8, message) if message["action"] == "joined")
            )
            .count(),
        2
    );
}

#[test]
fn somebody_who_waits_is_not_thrown_out_for_not_joining() {
    let mut table = table(AccessMode::Lobby);
    table.join_as(2, "ada", &json!({"knock": true}));
    assert!(table.wait(std::time::Duration::from_mins(10)).is_empty());
}

#[test]
fn a_late_host_is_told_who_waits() {
    let mut table = table(AccessMode::Lobby);
    table.lose(1);
    table.join_as(2, "ada", &json!({"knock": true}));
    let joined = table.join_as(3, "host", &json!({}));
    assert_eq!(message(&joined, 3, "joined")["knocks"][0]["name"], "ada");
}

#[test]
fn the_number_of_those_who_wait_is_bounded() {
    let mut table = table(AccessMode::Lobby);
    for connection in 2..34 {
        let got = table.join_as(
            connection,
            &format!("p{connection}"),
            &json!({"knock": true}),
        );
        assert_eq!(codes(&got)[0], "waiting");
    }
    let got = table.join_as(99, "late", &json!({"knock": true}));
    assert_eq!(codes(&got), ["room-full"]);
}

#[test]
fn a_locked_meeting_lets_nobody_new_in_and_sends_those_away_who_wait() {
    let mut table = table(AccessMode::Lobby);
    table.join_as(2, "ada", &json!({"knock": true}));
    let locked = moderate(
        &mut table,
        1,
        &json!({"do": "set-access", "mode": "locked"}),
    );
    assert_eq!(
        codes(&locked),
        ["access", "knock-ended", "not-admitted", "Policy"]
    );
    let knock = json!({"knock": true});
    assert_eq!(codes(&table.join_as(3, "bob", &knock)), ["locked"]);
    assert!(table.room.summary().locked);
}

#[test]
fn an_opened_door_lets_all_in_who_wait() {
    let mut table = table(AccessMode::Lobby);
    table.join_as(2, "ada", &json!({"knock": true}));
    let opened = moderate(&mut table, 1, &json!({"do": "set-access", "mode": "open"}));
    assert_eq!(
        codes(&opened),
        ["access", "knock-ended", "joined", "peer-joined"]
    );
    assert!(!table.room.summary().locked);
}

#[test]
fn whoever_was_removed_stays_out_and_the_door_closes_behind() {
    let mut table = table(AccessMode::Open);
    let ada = message(&table.join_as(2, "ada", &json!({})), 2, "joined")["clientId"].clone();
    let removed = moderate(&mut table, 1, &json!({"do": "remove", "to": ada}));
    assert_eq!(
        codes(&removed),
        ["peer-left", "removed", "Removed", "access"]
    );
    assert_eq!(message(&removed, 1, "peer-left")["reason"], "removed");
    assert!(removed.contains(&Got::Closed(2, CloseReason::Removed)));
    // With the same key, by a new join or by the old seat.
    assert_eq!(codes(&table.join_as(3, "ada", &json!({}))), ["removed"]);
    let resume = json!({"resume": {"clientId": ada, "token": format!("token-{}", ada.as_str().unwrap()), "seq": 0, "fresh": false}});
    assert_eq!(codes(&table.join_as(4, "ada", &resume)), ["removed"]);
    // With another key it has to knock, while those who were in come back as before.
    assert_eq!(
        codes(&table.join_as(5, "adb", &json!({}))),
        ["knock-needed"]
    );
    assert_eq!(codes(&table.join_as(6, "host", &json!({})))[0], "joined");
}

#[test]
fn with_somebody_removed_the_code_changes() {
    let mut table = table(AccessMode::Code);
    let right = json!({"code": "123456"});
    let ada = message(&table.join_as(2, "ada", &right), 2, "joined")["clientId"].clone();
    let removed = moderate(&mut table, 1, &json!({"do": "remove", "to": ada}));
    let access = &message(&removed, 1, "access")["access"];
    assert_ne!(access["code"], "123456");
    assert_eq!(codes(&table.join_as(3, "adb", &right)), ["wrong-code"]);
    let new = json!({"code": access["code"]});
    assert_eq!(codes(&table.join_as(4, "bob", &new))[0], "joined");
}

#[test]
fn a_seat_is_resumed_only_with_the_key_that_took_it() {
    let mut table = table(AccessMode::Open);
    let ada = message(&table.join_as(2, "ada", &json!({})), 2, "joined")["clientId"].clone();
    let resume = json!({"resume": {"clientId": ada, "token": format!("token-{}", ada.as_str().unwrap()), "seq": 0, "fresh": false}});
    let mut stolen = resume.clone();
    stolen["name"] = json!("ada");
    let eve = table.join_as(3, "eve", &stolen);
    assert_eq!(message(&eve, 3, "joined")["outcome"], "new");
    stolen["identity"] = Value::Null;
    let nobody = table.join_as(4, "ada", &stolen);
    assert_eq!(message(&nobody, 4, "joined")["outcome"], "new");
    let again = table.join_as(5, "ada", &resume);
    assert_eq!(message(&again, 5, "joined")["outcome"], "resumed");
}

#[test]
fn a_page_loaded_anew_tells_its_new_certificate() {
    let mut table = table(AccessMode::Open);
    let ada = message(&table.join_as(2, "ada", &json!({})), 2, "joined")["clientId"].clone();
    let mut new = identity("ada");
    new["fingerprint"] = json!("e".repeat(64));
    let back = table.join_as(3, "ada", &json!({
        "identity": new,
        "resume": {"clientId": ada, "token": format!("token-{}", ada.as_str().unwrap()), "seq": 0, "fresh": true},
    }));
    assert_eq!(message(&back, 1, "peer-back")["identity"], new);
}
