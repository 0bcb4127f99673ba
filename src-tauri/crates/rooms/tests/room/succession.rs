//! A room whose meeting had another host before.

use std::time::Duration;

use landline_protocol::limits::RESTORE_GRACE;
use landline_protocol::{Access, AccessMode, ChatLine, Limits, Role};
use landline_rooms::{Inheritance, Inherited};
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
        }],
    };
    let access = Access {
        mode: AccessMode::Lobby,
        ..Access::default()
    };
    Table::after(Limits::default(), true, access, inherited)
}

fn comes_back(table: &mut Table, connection: u64, who: &str, seat: &str) -> Value {
    let resume =
        json!({"resume": {"clientId": seat, "token": "of another host", "seq": 7, "fresh": false}});
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
