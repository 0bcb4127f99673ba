//! Who may speak with a node. Real nodes, real sockets, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use data_encoding::HEXLOWER;
use futures_util::{SinkExt as _, StreamExt as _};
use landline_signaling::exporter_of;
use landline_trust::{PublicKey, Signature, SigningKey, Statement};
use support::person::{Person, companions};
use support::stranger::{Socket, dial_peer};
use support::{folder, host, link, node_in, soon};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// As a node introduces itself.
async fn introduce(socket: &mut Socket, meeting: &str, key: &SigningKey) -> Option<Vec<u8>> {
    let mut first = HEXLOWER.decode(meeting.as_bytes()).unwrap();
    first.extend_from_slice(key.public().bytes());
    first.extend_from_slice(&[5; 32]);
    soon(socket.send(Message::Binary(first.into())))
        .await
        .unwrap();
    hear(socket).await
}

/// The next message; nothing if the other side hangs up.
async fn hear(socket: &mut Socket) -> Option<Vec<u8>> {
    match soon(socket.next()).await {
        Some(Ok(Message::Binary(bytes))) => Some(bytes.to_vec()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => None,
        Some(Ok(other)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_who_proves_a_key_for_this_connection_speaks_with_a_node() {
    let dir = folder();
    let node = node_in(dir.path(), 0).await;
    let hosted = host(&node).await;
    companions(&node, 1).await;
    let (meeting, key) = (hosted.meeting_id.as_str(), SigningKey::generate().unwrap());

    let mut elsewhere = dial_peer(hosted.port).await.unwrap();
    let other = "0".repeat(32);
    assert_eq!(introduce(&mut elsewhere, &other, &key).await, None);

    // Its own words said again on another connection, as somebody in between would.
    for honest in [false, true] {
        let mut socket = dial_peer(hosted.port).await.unwrap();
        let answer = introduce(&mut socket, meeting, &key).await.unwrap();
        let (listener, rest) = answer.split_at(65);
        let (nonce, signature) = rest.split_at(32);
        let mut exporter = exporter_of(socket.get_ref().get_ref().1).unwrap().0;
        let statement = |label: &str, exporter: &[u8]| {
            Statement::new(label)
                .field(&HEXLOWER.decode(meeting.as_bytes()).unwrap())
                .field(key.public().bytes())
                .field(listener)
                .field(exporter)
                .field(&[5; 32])
                .field(nonce)
        };
        let host = PublicKey::from_bytes(listener).unwrap();
        let signature = Signature::from_bytes(signature.try_into().unwrap());
        assert!(host.verifies(&statement("peer/listener", &exporter), &signature));
        if !honest {
            exporter[0] ^= 1;
        }
        let proof = key.sign(&statement("peer/dialer", &exporter)).unwrap();
        let proof = Message::Binary(proof.bytes().to_vec().into());
        soon(socket.send(proof)).await.unwrap();
        // The first hello, or nothing at all.
        assert_eq!(hear(&mut socket).await.is_some(), honest);
        if honest {
            // A stranger without a seat is no companion, whatever it says.
            assert_eq!(*node.companions().borrow(), 1);
            let nonsense = Message::Binary(vec![255; 9].into());
            soon(socket.send(nonsense)).await.unwrap();
            while hear(&mut socket).await.is_some() {}
        }
    }
}

#[tokio::test]
async fn a_meeting_of_a_given_id_ends_with_its_host() {
    let (here, there) = (folder(), folder());
    let (hosting, visiting) = (
        node_in(here.path(), 0).await,
        node_in(there.path(), 0).await,
    );
    let hosted = hosting
        .host(landline_node::HostOptions {
            meeting_id: Some("stand-up".into()),
            ..landline_node::HostOptions::default()
        })
        .await
        .unwrap();
    assert_eq!(*hosting.companions().borrow(), 0);
    let refused = dial_peer(hosted.port).await;
    assert!(matches!(refused, Err(WsError::Http(answer)) if answer.status() == 404));
    let ben = Person::on(there, visiting, link(&hosted), &hosted.meeting_id, "Ben").await;
    assert_eq!(ben.joined["outcome"], "new");
    assert_eq!(*ben.node.companions().borrow(), 0);
}
