//! How connections end, and what others are told.

use std::time::Duration;

use futures_util::SinkExt;
use landline_protocol::Limits;
use landline_signaling::Timing;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{ROOM, Received, SOON, id_of, server, server_with};

#[tokio::test]
async fn a_host_that_goes_away_closes_with_1001_and_ends_nothing() {
    let server = server().await;
    let (mut full, _) = server.full("Ada").await;
    let (mut minimal, _) = server.minimal().await;
    full.expect("peer-joined").await;
    tokio::join!(
        server.meeting.close(),
        full.expect_close(1001),
        minimal.expect_close(1001)
    );
    let mut late = server.connect().await;
    late.expect_error("room-not-found").await;
}

#[tokio::test]
async fn the_end_of_a_meeting_is_told_to_all() {
    let server = server().await;
    let (mut full, _) = server.full("Ada").await;
    let (mut minimal, _) = server.minimal().await;
    full.expect("peer-joined").await;
    tokio::join!(
        server.meeting.end(),
        async {
            full.expect("meeting-ended").await;
            full.expect_close(4000).await;
        },
        minimal.expect_close(4000)
    );
}

#[tokio::test]
async fn silence_is_found_by_pings() {
    let timing = Timing {
        ping_every: Duration::from_millis(50),
        ..Timing::default()
    };
    let server = server_with(Limits::default(), timing).await;
    // Never read from, it never answers a ping.
    let (silent, joined) = server.full("Silent").await;
    let (mut member, _) = server.full("Ada").await;
    let away = member.expect("peer-away").await;
    assert_eq!(away["clientId"], joined["clientId"]);
    drop(silent);
    member.expect_nothing().await;
}

#[tokio::test]
async fn a_page_that_says_it_is_closing_is_away_at_once_and_gone_soon() {
    let server = server().await;
    let (mut page, joined) = server.full("Ada").await;
    let (mut member, _) = server.minimal().await;
    page.expect("peer-joined").await;
    page.send(json!({"action": "closing", "roomId": ROOM, "seq": 1}))
        .await;
    page.expect_close(1000).await;
    let started = tokio::time::Instant::now();
    let left = member.expect("peer-left").await;
    assert_eq!(left["clientId"], joined["clientId"]);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_in_words_and_closes() {
    let server = server().await;
    let (mut client, id) = server.minimal().await;
    let (mut member, _) = server.full("Ada").await;
    client.expect("peer-joined").await;
    let too_large = "x".repeat(300 * 1024);
    client.send_text(too_large).await;
    client.expect_error("too-large").await;
    client.expect_close(1009).await;
    assert_eq!(member.expect("peer-left").await["clientId"], id);
}

#[tokio::test]
async fn a_message_far_above_the_limit_is_not_even_read() {
    let server = server().await;
    let (mut client, id) = server.minimal().await;
    let (mut member, _) = server.full("Ada").await;
    client.expect("peer-joined").await;
    // What cannot be sent any more after the server has closed is no matter here.
    let _ = client
        .socket
        .send(Message::Binary(vec![0; 16 * 1024 * 1024].into()))
        .await;
    assert_eq!(member.expect("peer-left").await["clientId"], id);
}

#[tokio::test]
async fn a_connection_that_does_not_join_is_closed() {
    let server = server().await;
    let mut client = server.connect().await;
    client.expect_error("not-joined").await;
    client.expect_close(1008).await;
}

#[tokio::test]
async fn too_many_connections_of_one_address_are_told_so() {
    let limits = Limits {
        connections_per_address: 2,
        ..Limits::default()
    };
    let server = server_with(limits, Timing::default()).await;
    let (first, _) = server.minimal().await;
    let (mut second, _) = server.minimal().await;
    let mut third = server.connect().await;
    third.expect_error("too-many-connections").await;
    third.expect_close(1008).await;
    let answer = server
        .ask("GET /api/meeting HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        .await;
    assert_eq!(answer.status, 503);

    drop(first);
    second.expect("peer-left").await;
    let (_fourth, _) = server.minimal().await;
}

#[tokio::test]
async fn plain_http_on_the_port_is_sent_to_https() {
    let server = server().await;
    let port = server.at.port();
    let request =
        format!("GET /x?y=1 HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
    let answer = server.ask_plain(server.at, &request).await;
    assert_eq!(answer.status, 308);
    assert_eq!(
        answer.header("location"),
        Some(format!("https://127.0.0.1:{port}/x?y=1").as_str())
    );
    let request = "GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    let answer = server.ask_plain(server.at, request).await;
    assert_eq!((answer.status, answer.header("location")), (421, None));
}

#[tokio::test]
async fn what_is_neither_tls_nor_http_is_dropped() {
    let server = server().await;
    let mut tcp = tokio::net::TcpStream::connect(server.at).await.unwrap();
    tcp.write_all(b"\0\0\0\0").await.unwrap();
    let ended = tokio::time::timeout(SOON, tcp.read(&mut [0; 16])).await;
    assert!(matches!(ended.unwrap(), Ok(0) | Err(_)));
}

#[tokio::test]
async fn slow_handshakes_delay_nobody() {
    let server = server().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut tcp = tokio::net::TcpStream::connect(server.at).await.unwrap();
        // The beginning of a handshake that does not go on; some do not even begin.
        if slow.len() % 2 == 0 {
            tcp.write_all(&[0x16, 3, 1]).await.unwrap();
        }
        slow.push(tcp);
    }
    let started = tokio::time::Instant::now();
    let (_client, _) = server.minimal().await;
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn the_summary_follows_those_who_are_here() {
    let server = server().await;
    let mut summary = server.meeting.summary();
    let (ada, _) = server.full("Ada").await;
    let (_minimal, _) = server.minimal().await;
    let here = summary
        .wait_for(|summary| summary.participants == 2)
        .await
        .unwrap()
        .clone();
    assert_eq!(here.names, ["Ada"]);
    drop(ada);
    let away = summary
        .wait_for(|summary| summary.participants == 1)
        .await
        .unwrap()
        .clone();
    assert!(away.names.is_empty() && !away.full);
}

#[tokio::test]
async fn without_a_meeting_the_own_server_has_no_room() {
    let server = server().await;
    server.hosted.send_replace(None);
    let mut client = server.connect_here().await;
    client.expect_error("room-not-found").await;
    client.expect_close(1008).await;
}

#[tokio::test]
async fn participants_on_the_hosts_machine_are_known_by_its_addresses() {
    let server = server().await;
    let (mut member, _) = server.full("Ada").await;
    let mut here = server.connect_here().await;
    here.send(json!({"action": "join", "roomId": ROOM, "v": 1}))
        .await;
    let joined = here.expect("joined").await;
    assert_eq!(joined["peers"][0]["addr"], json!(["192.0.2.7"]));
    let peer = member.expect("peer-joined").await;
    assert_eq!(peer["peer"]["addr"], json!(["192.0.2.7"]));
    assert_eq!(peer["peer"]["clientId"], id_of(&joined));
}

#[tokio::test]
async fn a_seat_taken_by_another_window_is_told_so() {
    let server = server().await;
    let (mut first, joined) = server.full("Ada").await;
    let mut second = server.connect().await;
    second
        .send(json!({"action": "join", "roomId": ROOM, "name": "Ada", "v": 1, "resume": {
            "clientId": joined["clientId"], "token": joined["resumeToken"], "seq": 0, "fresh": false}}))
        .await;
    let again = second.expect("joined").await;
    assert_eq!(
        (&again["clientId"], again["outcome"].as_str()),
        (&joined["clientId"], Some("resumed"))
    );
    first.expect_error("seat-taken").await;
    first.expect_close(4001).await;
    assert!(matches!(first.next().await, Received::Closed(_)));
    second.expect_nothing().await;
}
