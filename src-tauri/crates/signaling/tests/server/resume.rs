//! A lost connection costs nothing, over real sockets. What a room does in every order is proven in `landline_rooms`.

use landline_protocol::Limits;
use landline_signaling::{MeetingConfig, Timing};
use serde_json::{Value, json};

use crate::support::{ROOM, Received, Server, config, server, server_of};

fn resume(name: &str, joined: &Value, seq: u64, fresh: bool) -> Value {
    json!({"action": "join", "roomId": ROOM, "name": name, "v": 1, "resume": {
        "clientId": joined["clientId"], "token": joined["resumeToken"], "seq": seq, "fresh": fresh}})
}

#[tokio::test]
async fn what_was_missed_is_sent_again_and_nothing_twice() {
    let server = server().await;
    let (mut ada, joined) = server.full("Ada").await;
    let (mut bob, _) = server.full("Bob").await;
    assert_eq!(ada.expect("peer-joined").await["seq"], 1);
    let signal = |data: u64| json!({"action": "signal", "roomId": ROOM, "seq": data, "type": "ice-candidate", "data": data});
    bob.send(signal(1)).await;
    assert_eq!(ada.expect("signal").await["seq"], 2);
    drop(ada);
    assert_eq!(
        bob.expect("peer-away").await["clientId"],
        joined["clientId"]
    );
    bob.send(signal(2)).await;
    bob.send(signal(3)).await;
    // Sent again by a client that had no acknowledgement: done once.
    bob.send(signal(3)).await;
    bob.expect_nothing().await;

    let mut ada = server.connect().await;
    ada.send(resume("Ada", &joined, 2, false)).await;
    let again = ada.expect("joined").await;
    assert_eq!(again["outcome"], "resumed");
    assert_eq!(again["clientId"], joined["clientId"]);
    for expected in [2, 3] {
        let signal = ada.expect("signal").await;
        assert_eq!(
            (&signal["seq"], &signal["data"]),
            (&json!(expected + 1), &json!(expected))
        );
    }
    ada.expect_nothing().await;
    let back = bob.expect("peer-back").await;
    assert_eq!(
        (&back["clientId"], &back["fresh"]),
        (&joined["clientId"], &json!(false))
    );
}

#[tokio::test]
async fn a_page_loaded_anew_is_restored_and_the_others_offer_to_it() {
    let server = server().await;
    let (ada, joined) = server.full("Ada").await;
    let (mut bob, _) = server.full("Bob").await;
    let (mut minimal, _) = server.minimal().await;
    bob.expect("peer-joined").await;
    drop(ada);
    bob.expect("peer-away").await;
    let mut ada = server.connect().await;
    ada.send(resume("Ada", &joined, 0, true)).await;
    let again = ada.expect("joined").await;
    assert_eq!(
        (again["outcome"].as_str(), &again["rosterGraceMs"]),
        (Some("restored"), &json!(0))
    );
    assert_eq!(again["peers"].as_array().unwrap().len(), 2);
    assert_eq!(bob.expect("peer-back").await["fresh"], true);
    // A program that knows no `peer-back` is told in words it has.
    let hangup = minimal.expect("signal").await;
    assert_eq!(
        (&hangup["from"], hangup["type"].as_str()),
        (&joined["clientId"], Some("hangup"))
    );
    assert_eq!(
        minimal.expect("peer-joined").await["peer"]["clientId"],
        joined["clientId"]
    );
}

#[tokio::test]
async fn a_token_opens_nothing_under_another_name_or_seat() {
    let server = server().await;
    let (_ada, joined) = server.full("Ada").await;
    let mut wrong = joined.clone();
    wrong["resumeToken"] = "AAAA".into();
    for claim in [
        resume("Eve", &joined, 0, false),
        resume("Ada", &wrong, 0, false),
    ] {
        let mut eve = server.connect().await;
        eve.send(claim).await;
        let answer = eve.expect("joined").await;
        assert_eq!(answer["outcome"], "new");
        assert_ne!(answer["clientId"], joined["clientId"]);
    }
}

#[tokio::test]
async fn a_restarted_host_gives_seats_and_chat_back() {
    let (ada_joined, bob_joined, line) = {
        let server = server().await;
        let (mut ada, ada_joined) = server.full("Ada").await;
        let (_bob, bob_joined) = server.full("Bob").await;
        ada.expect("peer-joined").await;
        ada.send(
            json!({"action": "chat", "roomId": ROOM, "seq": 1, "id": "line-0001", "text": "hi"}),
        )
        .await;
        let line = ada.expect("chat").await["line"].clone();
        tokio::join!(server.meeting.close(), ada.expect_close(1001));
        (ada_joined, bob_joined, line)
    };
    let server = reopened().await;
    let mut ada = server.connect().await;
    ada.send(resume("Ada", &ada_joined, 7, false)).await;
    let again = ada.expect("joined").await;
    assert_eq!(
        (again["outcome"].as_str(), &again["clientId"]),
        (Some("restored"), &ada_joined["clientId"])
    );
    let grace = again["rosterGraceMs"].as_u64().unwrap();
    assert!((20_000..=30_000).contains(&grace), "{grace}");
    assert_eq!((&again["ack"], &again["chat"]), (&json!(0), &json!([])));

    let mut bob = server.connect().await;
    bob.send(resume("Bob", &bob_joined, 9, false)).await;
    assert_eq!(bob.expect("joined").await["outcome"], "restored");
    let peer = ada.expect("peer-joined").await;
    assert_eq!((&peer["seq"], &peer["restored"]), (&json!(1), &json!(true)));
    assert_eq!(peer["peer"]["clientId"], bob_joined["clientId"]);

    let history = |seq: u64| json!({"action": "chat-history", "roomId": ROOM, "seq": seq, "lines": [line.clone()]});
    ada.send(history(1)).await;
    assert_eq!(bob.expect("chat").await["line"], line);
    bob.send(history(1)).await;
    bob.expect_nothing().await;
    ada.expect_nothing().await;
    let (_late, joined) = server.full("Eve").await;
    assert_eq!(joined["chat"], json!([line]));
    assert_eq!(joined["outcome"], "new");
}

async fn reopened() -> Server {
    let config = MeetingConfig {
        reopened: true,
        ..config(Limits::default())
    };
    server_of(config, Timing::default()).await
}

#[tokio::test]
async fn the_room_acknowledges_what_it_has_done() {
    let server = server().await;
    let (mut ada, _) = server.full("Ada").await;
    for seq in 1..=16 {
        let on = seq % 2 == 0;
        ada.send(json!({"action": "state", "roomId": ROOM, "seq": seq, "state": {"camera": on}}))
            .await;
    }
    assert_eq!(
        ada.next().await,
        Received::Message(json!({"action": "ack", "seq": 16}))
    );
}
