//! Foreign hosts, foreign origins and wrong tokens are refused, on every route.

use serde_json::json;
use tokio_tungstenite::tungstenite;

use crate::support::{TICKET, TOKEN, server};
use landline_signaling::TokenKind;

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Method, path, further headers, and the status when nothing is wrong.
type Route = (&'static str, &'static str, &'static str, u16);

const PUBLIC: &[Route] = &[
    ("GET", "/", "", 200),
    ("HEAD", "/", "", 200),
    ("GET", "/index.html", "", 200),
    ("GET", "/assets/index-abc.js", "", 200),
    ("GET", "/ws", UPGRADE, 101),
    ("GET", "/api/meeting", "", 200),
    ("GET", "/peer", UPGRADE, 400),
    ("POST", "/api/stream", "content-length: 0\r\n", 200),
    ("POST", "/api/stream/send", "content-length: 0\r\n", 404),
    ("GET", "/nothing", "", 404),
    ("GET", "/assets/../Cargo.toml", "", 404),
    ("GET", "/node", UPGRADE, 404),
    ("POST", "/ws", "content-length: 0\r\n", 404),
    ("DELETE", "/api/meeting", "", 404),
    ("OPTIONS", "/", "", 404),
];

const LOOPBACK: &[Route] = &[
    ("GET", "/", "", 200),
    ("GET", "/assets/index-abc.js", "", 200),
    ("GET", "/ws", UPGRADE, 101),
    ("GET", "/api/meeting", "", 200),
    ("GET", "/node", UPGRADE, 401),
    ("POST", "/node", "content-length: 0\r\n", 404),
    ("POST", "/api/stream", "content-length: 0\r\n", 404),
    ("GET", "/nothing", "", 404),
];

#[tokio::test]
async fn without_a_meeting_nothing_is_there_but_the_way_for_nodes() {
    let server = server().await;
    server.hosted.send_replace(None);
    let host = format!("host: 127.0.0.1:{}\r\n", server.at.port());
    for route in PUBLIC.iter().filter(|route| route.1 != "/peer") {
        let answer = server.ask(&request(route, &host)).await;
        assert_eq!(answer.status, 404, "{route:?}");
    }
    let route = ("GET", "/peer", UPGRADE, 404);
    let spoken = format!("{host}sec-websocket-protocol: landline.peer.1\r\n");
    // Nobody speaks with nodes here.
    let answer = server.ask(&request(&route, &spoken)).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn every_route_of_the_network_server_refuses_strangers() {
    let server = server().await;
    let port = server.at.port();
    let own = format!("127.0.0.1:{port}");
    for (route, headers, expected) in cases(PUBLIC, &own, "https", "192.0.2.7.evil.example") {
        let answer = server.ask(&request(route, &headers)).await;
        assert_eq!(
            answer.status,
            expected.unwrap_or(route.3),
            "{route:?} {headers}"
        );
        assert_guarded(&answer);
    }
    for host in ["localhost", "quiet-fox.local", "192.0.2.7", "[2001:db8::1]"] {
        let answer = server
            .ask(&request(&PUBLIC[0], &format!("host: {host}:{port}\r\n")))
            .await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn every_route_of_the_own_server_refuses_strangers() {
    let server = server().await;
    let own = format!("127.0.0.1:{}", server.loopback.port());
    for foreign in ["evil.example", "192.0.2.7", "quiet-fox.local"] {
        for (route, headers, expected) in cases(LOOPBACK, &own, "http", foreign) {
            let answer = server
                .ask_plain(server.loopback, &request(route, &headers))
                .await;
            assert_eq!(
                answer.status,
                expected.unwrap_or(route.3),
                "{route:?} {headers}"
            );
            assert_guarded(&answer);
        }
    }
}

/// Each route with headers that are right (None: its own status) and wrong.
fn cases<'a>(
    routes: &'a [Route],
    own: &str,
    scheme: &str,
    foreign: &str,
) -> Vec<(&'a Route, String, Option<u16>)> {
    let wrong = [
        (format!("host: {own}\r\n"), None),
        (format!("host: {own}\r\norigin: {scheme}://{own}\r\n"), None),
        (format!("host: {foreign}\r\n"), Some(421)),
        (
            format!("host: {foreign}\r\norigin: {scheme}://{foreign}\r\n"),
            Some(421),
        ),
        (String::new(), Some(421)),
        (format!("host: {own}\r\nhost: {foreign}\r\n"), Some(421)),
        (
            format!("host: {own}\r\norigin: https://evil.example\r\n"),
            Some(403),
        ),
        (
            format!("host: {own}\r\norigin: {scheme}://localhost:1\r\n"),
            Some(403),
        ),
        (format!("host: {own}\r\norigin: null\r\n"), Some(403)),
        (
            format!("host: {own}\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n"),
            Some(403),
        ),
    ];
    routes
        .iter()
        .flat_map(|route| {
            wrong
                .clone()
                .map(|(headers, expected)| (route, headers, expected))
        })
        .collect()
}

fn request(route: &Route, headers: &str) -> String {
    let (method, path, more, _) = route;
    // A route that upgrades says so itself; the others are to end.
    let end = if more.contains("connection") {
        ""
    } else {
        "connection: close\r\n"
    };
    format!("{method} {path} HTTP/1.1\r\n{headers}{more}{end}\r\n")
}

fn assert_guarded(answer: &crate::support::Answer) {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none';"), "{}", answer.text);
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.header("permissions-policy").is_some());
    assert!(answer.header("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn pages_may_connect_to_their_own_socket_and_are_cached_as_they_may() {
    let server = server().await;
    let port = server.at.port();
    let answer = server
        .ask(&request(&PUBLIC[0], &format!("host: 127.0.0.1:{port}\r\n")))
        .await;
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("connect-src 'self' wss://127.0.0.1:{port};")));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let asset = server
        .ask(&request(&PUBLIC[3], &format!("host: 127.0.0.1:{port}\r\n")))
        .await;
    assert_eq!(asset.header("content-type"), Some("text/javascript"));
    assert!(asset.header("cache-control").unwrap().contains("immutable"));
    let meeting = server
        .ask(&request(&PUBLIC[5], &format!("host: 127.0.0.1:{port}\r\n")))
        .await;
    assert_eq!(meeting.header("cache-control"), Some("no-store"));
    assert!(meeting.text.contains("\"title\":\"Weekly\""));
}

#[tokio::test]
async fn the_node_is_driven_only_with_its_token() {
    let server = server().await;
    let right = format!("landline.node.v1, token.{TOKEN}");
    for wrong in [
        "landline.node.v1".to_owned(),
        format!("token.{TOKEN}"),
        format!("landline.node.v2, token.{TOKEN}"),
        "landline.node.v1, token.".into(),
        "landline.node.v1, token.wrong".into(),
        format!("landline.node.v1, token.{TICKET}"),
        format!("landline.node.v1, ticket.{TOKEN}"),
        format!("landline.node.v1, token.wrong, token.{TOKEN}"),
        format!("landline.node.v1, Token.{TOKEN}"),
        format!("landline.node.v1, token.{TOKEN}x"),
    ] {
        let refused = server.node(&[("sec-websocket-protocol", &wrong)]).await;
        assert_eq!(status_of(refused.err()), 401, "{wrong}");
    }
    assert_eq!(status_of(server.node(&[]).await.err()), 401);
    // The token is looked at after Host and Origin, not instead of them.
    let asked = server.control.asked.lock().unwrap().len();
    for foreign in [("origin", "https://evil.example"), ("origin", "null")] {
        let refused = server
            .node(&[("sec-websocket-protocol", &right), foreign])
            .await;
        assert_eq!(status_of(refused.err()), 403);
    }
    assert_eq!(server.control.asked.lock().unwrap().len(), asked);

    for (kind, offer) in [
        (TokenKind::Token, right),
        (
            TokenKind::Ticket,
            format!("landline.node.v1, ticket.{TICKET}"),
        ),
    ] {
        let (mut page, response) = server
            .node(&[("sec-websocket-protocol", &offer)])
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            response.headers()["sec-websocket-protocol"],
            "landline.node.v1"
        );
        let call = json!({"action": "hello", "text": "x".repeat(300 * 1024)});
        page.send(call.clone()).await;
        assert_eq!(page.expect("hello").await, call);
        let asked = server.control.asked.lock().unwrap();
        assert_eq!(asked.last().unwrap().0, kind);
    }
}

fn status_of(error: Option<tungstenite::Error>) -> u16 {
    match error {
        Some(tungstenite::Error::Http(response)) => response.status().as_u16(),
        // What is agreed on is checked by the client as well.
        other => panic!("{other:?}"),
    }
}
