//! A program written from the plain protocol alone: join, leave, signal, and nothing else.

use serde_json::json;

use crate::support::{ROOM, id_of, server};

#[tokio::test]
async fn a_minimal_client_joins_is_offered_answers_and_leaves() {
    let server = server().await;
    let mut member = server.connect().await;
    member
        .send(json!({"action": "join", "roomId": ROOM, "name": "Ada"}))
        .await;
    let joined = member.expect("joined").await;
    let ada = id_of(&joined);
    assert_eq!(
        joined,
        json!({"action": "joined", "roomId": ROOM, "clientId": ada, "peers": []})
    );

    let mut newcomer = server.connect_here().await;
    newcomer
        .send(json!({"action": "join", "roomId": ROOM}))
        .await;
    let joined = newcomer.expect("joined").await;
    let other = id_of(&joined);
    assert_ne!(ada, other);
    assert_eq!(joined["peers"], json!([{"clientId": ada, "name": "Ada"}]));
    assert_eq!(
        member.expect("peer-joined").await,
        json!({"action": "peer-joined", "roomId": ROOM, "peer": {"clientId": other}})
    );

    let offer = json!({"type": "offer", "sdp": "v=0\r\n"});
    member
        .send(json!({"action": "signal", "roomId": ROOM, "type": "offer", "to": other, "data": offer}))
        .await;
    assert_eq!(
        newcomer.expect("signal").await,
        json!({"action": "signal", "roomId": ROOM, "from": ada, "type": "offer", "data": offer})
    );
    newcomer
        .send(json!({"action": "signal", "roomId": ROOM, "type": "answer", "data": {"sdp": "v=0"}}))
        .await;
    let answer = member.expect("signal").await;
    assert_eq!(
        (answer["from"].as_str(), answer["type"].as_str()),
        (Some(other.as_str()), Some("answer"))
    );

    newcomer
        .send(json!({"action": "leave", "roomId": ROOM}))
        .await;
    assert_eq!(
        member.expect("peer-left").await,
        json!({"action": "peer-left", "roomId": ROOM, "clientId": other})
    );
    newcomer.expect_nothing().await;
    assert_eq!(server.meeting.summary().borrow().participants, 1);
}

#[tokio::test]
async fn the_sender_of_a_signal_is_stamped_by_the_server() {
    let server = server().await;
    let (mut mallory, id) = server.minimal().await;
    let (mut victim, _) = server.minimal().await;
    mallory.expect("peer-joined").await;
    mallory
        .send(json!({"action": "signal", "roomId": ROOM, "type": "hangup", "from": "someoneelse0", "data": null}))
        .await;
    assert_eq!(victim.expect("signal").await["from"], id);
}

#[tokio::test]
async fn a_minimal_client_gets_only_what_it_knows() {
    let server = server().await;
    let (mut minimal, _) = server.minimal().await;
    let (mut full, joined) = server.full("Ada").await;
    let ada = id_of(&joined);
    assert_eq!(
        minimal.expect("peer-joined").await,
        json!({"action": "peer-joined", "roomId": ROOM, "peer": {"clientId": ada, "name": "Ada"}})
    );
    let on = json!({"microphone": true, "camera": true, "screen": false});
    full.send(json!({"action": "state", "roomId": ROOM, "seq": 1, "state": on}))
        .await;
    full.send(json!({"action": "chat", "roomId": ROOM, "seq": 2, "id": "line-0001", "text": "hi"}))
        .await;
    full.expect("chat").await;
    minimal.expect_nothing().await;
    minimal
        .send(json!({"action": "chat", "roomId": ROOM, "id": "line-0002", "text": "hi"}))
        .await;
    minimal.expect_error("unknown-action").await;
}

#[tokio::test]
async fn a_minimal_client_whose_socket_breaks_is_gone_at_once() {
    let server = server().await;
    let (client, id) = server.minimal().await;
    let (mut member, _) = server.full("Ada").await;
    drop(client);
    let left = member.expect("peer-left").await;
    assert_eq!(left["clientId"], id);
    assert_eq!(left["reason"], "lost");
}

#[tokio::test]
async fn what_is_wrong_is_answered_with_a_code_and_ends_nothing() {
    let server = server().await;
    let mut client = server.connect().await;
    let leave = json!({"action": "leave", "roomId": ROOM});
    for (message, code) in [
        (leave.clone(), "not-joined"),
        (
            json!({"action": "join", "roomId": "another"}),
            "room-not-found",
        ),
        (
            json!({"action": "join", "roomId": ROOM, "v": 99}),
            "unsupported-version",
        ),
        (json!({"action": "raise-hand"}), "unknown-action"),
        (json!([]), "bad-message"),
    ] {
        client.send(message).await;
        client.expect_error(code).await;
    }
    let join = json!({"action": "join", "roomId": ROOM});
    client.send(join.clone()).await;
    client.expect("joined").await;
    client.send(join).await;
    client.expect_error("already-joined").await;
    client
        .send(
            json!({"action": "signal", "roomId": ROOM, "type": "offer", "to": "nobody", "data": 1}),
        )
        .await;
    client.expect_error("unknown-peer").await;
    client.send(leave).await;
    client.expect_nothing().await;
}
