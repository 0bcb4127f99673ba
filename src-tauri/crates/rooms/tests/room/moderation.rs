//! What takes a role.

use landline_protocol::Limits;
use serde_json::{Value, json};

use crate::table::{Got, Table, codes};

/// The host, a co-host and two participants; their client ids.
fn meeting() -> (Table, [String; 4]) {
    let mut table = Table::new(Limits::default(), false);
    let ids = ["host", "co", "ada", "bob"].map(|who| {
        let connection = match who {
            "host" => 1,
            "co" => 2,
            "ada" => 3,
            _ => 4,
        };
        let joined = table.join_as(connection, who, &json!({}));
        let Some(Got::Message(_, joined)) = joined.first() else {
            panic!("{joined:?}");
        };
        joined["clientId"].as_str().unwrap().to_owned()
    });
    order(
        &mut table,
        1,
        &json!({"do": "set-role", "to": ids[1], "role": "co-host"}),
    );
    (table, ids)
}

fn order(table: &mut Table, connection: u64, order: &Value) -> Vec<Got> {
    table.say(
        connection,
        &json!({"action": "moderate", "roomId": "m", "order": order}),
    )
}

fn to(got: &[Got], connection: u64) -> Vec<&Value> {
    got.iter()
        .filter_map(|got| match got {
            Got::Message(to, message) if *to == connection => Some(message),
            _ => None,
        })
        .collect()
}

#[test]
fn without_the_role_nothing_is_done_and_a_code_says_so() {
    let (mut table, [host, co, ada, _]) = meeting();
    let everything = [
        json!({"do": "mute"}),
        json!({"do": "mute", "to": ada}),
        json!({"do": "ask-unmute", "to": ada}),
        json!({"do": "stop-share", "to": ada}),
        json!({"do": "remove", "to": ada}),
        json!({"do": "set-role", "to": ada, "role": "co-host"}),
        json!({"do": "hand-over", "to": ada}),
        json!({"do": "admit"}),
        json!({"do": "refuse", "id": 1}),
        json!({"do": "set-access", "mode": "locked"}),
        json!({"do": "end"}),
    ];
    for forbidden in &everything {
        assert_eq!(
            codes(&order(&mut table, 4, forbidden)),
            ["not-allowed"],
            "{forbidden}"
        );
    }
    for forbidden in [
        json!({"do": "set-role", "to": ada, "role": "co-host"}),
        json!({"do": "hand-over", "to": co}),
        json!({"do": "end"}),
        json!({"do": "remove", "to": host}),
        json!({"do": "remove", "to": co}),
        json!({"do": "mute", "to": host}),
        json!({"do": "stop-share", "to": host}),
    ] {
        assert_eq!(
            codes(&order(&mut table, 2, &forbidden)),
            ["not-allowed"],
            "{forbidden}"
        );
    }
    let host_by_decree = json!({"do": "set-role", "to": ada, "role": "host"});
    assert_eq!(
        codes(&order(&mut table, 1, &host_by_decree)),
        ["not-allowed"]
    );
    let nobody = json!({"do": "mute", "to": "nobody"});
    assert_eq!(codes(&order(&mut table, 1, &nobody)), ["unknown-peer"]);
}

#[test]
fn a_muted_microphone_counts_as_off_until_its_owner_turns_it_on() {
    let (mut table, [_, _, ada, _]) = meeting();
    let muted = order(&mut table, 2, &json!({"do": "mute", "to": ada}));
    assert_eq!(to(&muted, 3)[0]["request"], "mute");
    let state = json!({"microphone": false, "camera": true, "screen": true});
    assert_eq!(to(&muted, 4)[0]["state"], state);
    assert!(
        order(&mut table, 2, &json!({"do": "mute", "to": ada})).is_empty(),
        "it is off"
    );
    let on = json!({"action": "state", "roomId": "m", "seq": 1, "state": {"microphone": true}});
    assert_eq!(to(&table.say(3, &on), 4)[0]["state"]["microphone"], true);
}

#[test]
fn muting_all_leaves_the_sender_and_those_above_alone() {
    let (mut table, _) = meeting();
    let muted = order(&mut table, 2, &json!({"do": "mute"}));
    let asked: Vec<u64> = (1..5)
        .filter(|connection| {
            to(&muted, *connection)
                .iter()
                .any(|message| message["action"] == "asked")
        })
        .collect();
    assert_eq!(asked, [3, 4]);
}

#[test]
fn asking_to_unmute_changes_nothing_but_asks() {
    let (mut table, [_, _, ada, _]) = meeting();
    order(&mut table, 1, &json!({"do": "mute", "to": ada}));
    let asked = order(&mut table, 1, &json!({"do": "ask-unmute", "to": ada}));
    assert_eq!(codes(&asked), ["asked"]);
    assert_eq!(to(&asked, 3)[0]["request"], "unmute");
}

#[test]
fn the_role_goes_with_the_key_and_is_told_to_all() {
    let (mut table, [host, _, ada, _]) = meeting();
    let handed = order(&mut table, 1, &json!({"do": "hand-over", "to": ada}));
    let told: Vec<(&Value, &Value)> = to(&handed, 4)
        .into_iter()
        .map(|message| (&message["clientId"], &message["role"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!(ada), &json!("host")),
            (&json!(host), &json!("co-host"))
        ]
    );
    assert_eq!(
        codes(&order(&mut table, 1, &json!({"do": "end"}))),
        ["not-allowed"]
    );
    // Another window of the same person has the role too.
    let second = table.join_as(9, "ada", &json!({}));
    assert_eq!(to(&second, 9)[0]["role"], "host");
    let ended = order(&mut table, 9, &json!({"do": "end"}));
    assert_eq!(ended.last(), Some(&Got::Ended));
    assert!(codes(&ended).contains(&"MeetingEnded".to_owned()));
}

#[test]
fn a_new_co_host_is_told_who_waits() {
    let (mut table, [_, _, ada, _]) = meeting();
    order(&mut table, 1, &json!({"do": "set-access", "mode": "lobby"}));
    table.join_as(9, "cyd", &json!({"knock": true}));
    let made = order(
        &mut table,
        1,
        &json!({"do": "set-role", "to": ada, "role": "co-host"}),
    );
    assert!(
        to(&made, 3)
            .iter()
            .any(|message| message["action"] == "knock")
    );
}

#[test]
fn whoever_has_no_key_gets_no_role() {
    let (mut table, _) = meeting();
    let id = table.join(9)["clientId"].clone();
    let made = order(
        &mut table,
        1,
        &json!({"do": "set-role", "to": id, "role": "co-host"}),
    );
    assert_eq!(codes(&made), ["bad-identity"]);
}

#[test]
fn parts_of_the_code_go_to_all_others_with_their_sender() {
    let (mut table, [_, _, ada, _]) = meeting();
    let verify =
        json!({"action": "verify", "roomId": "m", "seq": 1, "from": "somebody", "data": {"a": 1}});
    let got = table.say(3, &verify);
    assert_eq!(got.len(), 3);
    for connection in [1, 2, 4] {
        let message = to(&got, connection)[0];
        assert_eq!(
            (&message["from"], &message["data"]),
            (&json!(ada), &json!({"a": 1}))
        );
    }
}
