//! A room whose meeting had another host before.

use std::time::Duration;

use landline_protocol::limits::RESTORE_GRACE;
use landline_protocol::{Access, AccessMode, ChatLine, Limits, Role};
use landline_rooms::{CloseReason, Inheritance, Inherited, Ruled};
use serde_json::{Value, json};

use crate::table::{Got, Table, codes, key};

fn table() -> Table {
    let inherited = Inheritance {
        seats: ["ada", "ben", "eve"]
            .map(|who| Inherited {
                client_id: format!("{who}000000000"),
                key: key(who),
            })
            .into(),
        roles: vec![(key("ben"), Role::CoHost)],
        removed: vec![key("eve")],
        chat: vec![ChatLine {
            id: "line-0001".into(),
            from: "ada000000000".into(),
            name: None,
            text: "before".into(),
            at: 1,
            author: None,
            signed: None,
            after: None,
        }],
    };
    let access = Access {
        mode: AccessMode::Lobby,
        ..Access::default()
    };
    Table::after(Limits::default(), true, access, inherited)
}

fn comes_back(table: &mut Table, connection: u64, who: &str, seat: &str) -> Value {
    comes_back_having(table, connection, who, seat, 7)
}

fn comes_back_having(table: &mut Table, connection: u64, who: &str, seat: &str, seq: u32) -> Value {
    let resume = json!({"resume": {"clientId": seat, "token": "of another host", "seq": seq, "fresh": false}});
    let got = table.join_as(connection, who, &resume);
    let message = got.into_iter().find_map(|got| match got {
        Got::Message(to, message) if to == connection => Some(message),
        _ => None,
    });
    message.unwrap()
}

#[test]
fn a_seat_of_the_host_before_is_given_back_for_its_key() {
    let mut table = table();
    let ada = comes_back(&mut table, 1, "ada", "ada000000000");
    assert_eq!(
        (&ada["outcome"], &ada["clientId"]),
        (&json!("restored"), &json!("ada000000000"))
    );
    assert_eq!(ada["chat"][0]["text"], "before");
    let ben = comes_back(&mut table, 2, "ben", "ben000000000");
    assert_eq!(
        (&ben["outcome"], &ben["role"]),
        (&json!("restored"), &json!("co-host"))
    );
    let roster = table.room.take_roster().unwrap();
    assert_eq!(roster.seats.len(), 2);
    assert_eq!(roster.removed, [key("eve")]);
    assert!(table.room.take_roster().is_none());
    // The answer was lost on its way: it has the old token still.
    table.lose(1);
    let again = comes_back(&mut table, 3, "ada", "ada000000000");
    assert_eq!(again["outcome"], "restored");
}

#[test]
fn nobody_takes_the_seat_of_somebody_else_or_comes_back_who_was_removed() {
    let mut table = table();
    let eve = comes_back(&mut table, 1, "eve", "eve000000000");
    assert_eq!(eve["code"], "removed");
    let stolen = comes_back(&mut table, 2, "ben", "ada000000000");
    assert_eq!(stolen["outcome"], "new");
    let stranger = comes_back(&mut table, 3, "dan", "ada000000000");
    assert_eq!(stranger["code"], "knock-needed");
}

#[test]
fn later_a_seat_is_gone_and_its_holder_still_need_not_knock() {
    let mut table = table();
    table.wait(RESTORE_GRACE + Duration::from_millis(1));
    let ada = comes_back(&mut table, 1, "ada", "ada000000000");
    assert_eq!(ada["outcome"], "new");
}

#[test]
fn all_are_told_beforehand_where_it_goes_on() {
    let mut table = Table::new(Limits::default(), false);
    table.join_as(1, "ada", &json!({"kind": "app"}));
    table.join_as(2, "gus", &json!({"kind": "guest"}));
    let link = || Some("https://b".to_owned());
    table.room.set_successor(link());
    let told = table.got();
    assert_eq!(codes(&told), ["successor", "successor"]);
    let is_link = |got: &Got| matches!(got, Got::Message(_, told) if told["link"] == "https://b");
    assert!(told.iter().all(is_link), "{told:?}");
    table.room.set_successor(link());
    assert_eq!(table.got(), [], "nothing new");
    let joined = table.join_as(3, "gil", &json!({"kind": "guest"}));
    let is_told =
        |got: &Got| matches!(got, Got::Message(3, told) if told["successor"] == "https://b");
    assert!(joined.iter().any(is_told), "{joined:?}");
    table.room.set_successor(None);
    assert_eq!(table.got().len(), 3);
}

fn half(seats: &[(&str, &str)]) -> Vec<Inherited> {
    let seat = |(who, id): &(&str, &str)| Inherited {
        client_id: (*id).into(),
        key: key(who),
    };
    seats.iter().map(seat).collect()
}

#[test]
fn people_of_another_half_find_their_seats_in_a_room_that_runs() {
    let mut table = Table::new(Limits::default(), false);
    let ada = table.join_as(3, "ada", &json!({}));
    let Got::Message(_, ada) = &ada[0] else {
        panic!("{ada:?}");
    };
    let adas = ada["clientId"].as_str().unwrap().to_owned();
    table.lose(3);

    // Before the halves are one the key alone opens nothing.
    let too_early = comes_back(&mut table, 4, "ada", &adas);
    assert_eq!(too_early["outcome"], "new");
    table.lose(4);

    table.merge(half(&[("ada", &adas), ("fay", "fay000000000")]));
    // Its counts are those of the other half: what the room kept for the seat means nothing to it.
    let ada = comes_back_having(&mut table, 5, "ada", &adas, 0);
    assert_eq!(
        (&ada["outcome"], &ada["clientId"], &ada["ack"]),
        (&json!("restored"), &json!(adas), &json!(0))
    );
    assert!(ada["rosterGraceMs"].as_u64().unwrap() > 0);
    let fay = comes_back(&mut table, 6, "fay", "fay000000000");
    assert_eq!(
        (&fay["outcome"], &fay["clientId"]),
        (&json!("restored"), &json!("fay000000000"))
    );
    let stolen = comes_back(&mut table, 7, "eve", &adas);
    assert_eq!(stolen["outcome"], "new");
}

#[test]
fn a_seat_that_was_lost_here_is_found_again_and_one_that_was_given_up_is_not() {
    let mut table = Table::new(Limits::default(), false);
    let ids = ["ada", "ben"].map(|who| {
        let connection = if who == "ada" { 1 } else { 2 };
        let got = table.join_as(connection, who, &json!({}));
        let Got::Message(_, joined) = &got[0] else {
            panic!("{got:?}");
        };
        joined["clientId"].as_str().unwrap().to_owned()
    });
    table.merge(half(&[("ada", &ids[0]), ("ben", &ids[1])]));
    table.lose(1);
    table.wait(Duration::from_secs(31));
    table.say(2, &json!({"action": "leave", "roomId": "m", "seq": 1}));
    table.lose(2);
    table.merge(half(&[("ada", &ids[0])]));
    let ada = comes_back(&mut table, 3, "ada", &ids[0]);
    assert_eq!(ada["clientId"], json!(ids[0]));
    let ben = comes_back(&mut table, 4, "ben", &ids[1]);
    assert_eq!(ben["outcome"], "new");
}

#[test]
fn what_was_ruled_elsewhere_holds_here() {
    let mut table = Table::new(Limits::default(), false);
    table.join_as(1, "host", &json!({}));
    table.join_as(2, "ada", &json!({}));
    table.join_as(3, "eve", &json!({}));
    let got = table.ruled(vec![
        Ruled::Role(key("ada"), Role::CoHost),
        Ruled::Removed(key("eve")),
        Ruled::Access(AccessMode::Locked),
    ]);
    let roles = got.iter().filter(
        |got| matches!(got, Got::Message(_, message) if message["action"] == "peer-role" && message["role"] == "co-host"),
    );
    assert_eq!(roles.count(), 3, "everybody is told");
    assert!(got.contains(&Got::Closed(3, CloseReason::Removed)));
    let roster = table.room.take_roster().unwrap();
    assert_eq!(roster.removed, [key("eve")]);
    assert!(roster.roles.contains(&(key("ada"), Role::CoHost)));
    assert_eq!(roster.mode, AccessMode::Locked);
    let eve = table.join_as(4, "eve", &json!({}));
    assert_eq!(codes(&eve), ["removed"]);
    let dan = table.join_as(5, "dan", &json!({}));
    assert_eq!(codes(&dan), ["locked"]);
    let again = table.ruled(vec![
        Ruled::Role(key("ada"), Role::CoHost),
        Ruled::Removed(key("eve")),
        Ruled::Access(AccessMode::Locked),
    ]);
    assert!(again.is_empty(), "{again:?}");
    table.ruled(vec![
        Ruled::Allowed(key("eve")),
        Ruled::Access(AccessMode::Open),
    ]);
    let eve = table.join_as(6, "eve", &json!({}));
    assert_eq!(codes(&eve)[0], "joined");
}

#[test]
fn a_meeting_with_a_code_that_is_not_locked_any_more_has_a_code_again() {
    let access = Access {
        mode: AccessMode::Code,
        code: Some("1".into()),
        secret: None,
    };
    let mut table = Table::with(Limits::default(), false, access);
    table.ruled(vec![Ruled::Access(AccessMode::Open)]);
    assert_eq!(table.room.access().code.as_deref(), Some("1"), "as it was");
    table.ruled(vec![Ruled::Access(AccessMode::Lobby)]);
    assert_eq!(table.room.access().mode, AccessMode::Lobby);
    table.ruled(vec![Ruled::Access(AccessMode::Open)]);
    assert_eq!(table.room.access().mode, AccessMode::Code);
    assert_ne!(table.room.access().code.as_deref(), Some("1"));
}
