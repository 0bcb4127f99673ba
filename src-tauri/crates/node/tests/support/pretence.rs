//! A host that does not know the code.

use data_encoding::BASE64URL_NOPAD;
use futures_util::{SinkExt as _, StreamExt as _};
use landline_signaling::exporter_of;
use landline_trust::pake::{Binding, Host};
use landline_trust::{Code, PublicKey, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::stranger::{bytes, impostor};

/// What somebody says who pretends to be the host.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pretence {
    NoCodeNeeded,
    /// Uses a code of his own, and says that it was right.
    Right,
    /// Sends back what he gets.
    Echo,
    OutOfTurn,
}

/// Answers one who joins.
pub(crate) async fn pretend(listener: TcpListener, pretence: Pretence) {
    let (stream, _) = listener.accept().await.unwrap();
    let tls = impostor().accept(stream).await.unwrap();
    let exporter = exporter_of(tls.get_ref().1).unwrap();
    let mut socket = accept_async(tls).await.unwrap();
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let said: Value = serde_json::from_str(&text).unwrap();
        let answer = match (pretence, said["action"].as_str().unwrap()) {
            (Pretence::NoCodeNeeded, _) => {
                json!({"action": "error", "code": "not-allowed", "message": ""})
            }
            (Pretence::Right, "pake-start") => {
                let binding = Binding {
                    meeting_id: said["roomId"].as_str().unwrap().to_owned(),
                    joiner_key: PublicKey::from_text(said["key"].as_str().unwrap()).unwrap(),
                    exporter,
                };
                let key = SigningKey::generate().unwrap().public();
                let code = Code::parse("000000").unwrap();
                let (_, reply) =
                    Host::answer(&code, &binding, &key, &bytes(&said["message"])).unwrap();
                let message = BASE64URL_NOPAD.encode(&reply);
                json!({"action": "pake-reply", "key": key, "message": message})
            }
            (Pretence::Right, _) | (Pretence::Echo, "pake-confirm") => {
                json!({"action": "pake-confirm", "tag": said["tag"]})
            }
            (Pretence::Echo, _) => {
                let mut message = bytes(&said["message"]);
                message[0] = b'B';
                let message = BASE64URL_NOPAD.encode(&message);
                json!({"action": "pake-reply", "key": said["key"], "message": message})
            }
            (Pretence::OutOfTurn, _) => {
                json!({"action": "pake-confirm", "tag": BASE64URL_NOPAD.encode(&[0; 32])})
            }
        };
        let answer = Message::Text(answer.to_string().into());
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}
