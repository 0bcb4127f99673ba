//! A client as it should be written. It checks the order and the sense of all that reaches it.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use crate::output::ConnectionId;

pub(crate) struct Person {
    pub(crate) minimal: bool,
    pub(crate) name: Option<String>,
    pub(crate) connection: Option<ConnectionId>,
    /// It has a seat on this connection.
    pub(crate) joined: bool,
    /// What the room has sent and has not arrived.
    pub(crate) in_flight: VecDeque<Value>,
    pub(crate) holding: Option<Holding>,
    /// A seat that was left: its token must not open it again.
    pub(crate) left: Option<(String, String)>,
}

/// What a client knows of its seat.
pub(crate) struct Holding {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) received: u32,
    pub(crate) sent: u32,
    /// Messages not acknowledged, with their counts and markers.
    pub(crate) unacknowledged: VecDeque<(u32, Value)>,
    pub(crate) known: BTreeSet<String>,
    pub(crate) gone: BTreeSet<String>,
    /// Markers of what was heard since the counts began.
    pub(crate) log: Vec<u64>,
}

impl Person {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            minimal: number == 0,
            // Two share a name, so that a name alone opens nothing.
            name: (number != 5).then(|| format!("person {}", number.min(3))),
            connection: None,
            joined: false,
            in_flight: VecDeque::new(),
            holding: None,
            left: None,
        }
    }

    pub(crate) fn disconnect(&mut self) {
        self.connection = None;
        self.joined = false;
        self.in_flight.clear();
        if self.minimal {
            self.holding = None;
        }
    }

    /// Takes one message of the room in.
    pub(crate) fn take(&mut self, message: &Value) {
        let action = message["action"].as_str().unwrap();
        let Some(holding) = &mut self.holding else {
            assert!(
                matches!(action, "error" | "pong"),
                "{action} without a seat"
            );
            return;
        };
        let counted = !matches!(action, "error" | "ack" | "pong" | "joined");
        assert_eq!(
            message.get("seq").is_some() && action != "ack",
            counted && !self.minimal,
            "{message}"
        );
        if counted && !self.minimal {
            holding.received += 1;
            assert_eq!(message["seq"], holding.received, "{message}");
        }
        if self.minimal {
            assert!(
                matches!(
                    action,
                    "peer-joined" | "peer-left" | "signal" | "error" | "pong"
                ),
                "{action} to a minimal client"
            );
        }
        holding.take(action, message, self.minimal);
    }
}

impl Holding {
    fn take(&mut self, action: &str, message: &Value, minimal: bool) {
        let about = |field: &str| message[field].as_str().unwrap().to_owned();
        match action {
            "peer-joined" => {
                let id = message["peer"]["clientId"].as_str().unwrap().to_owned();
                assert_ne!(id, self.id);
                assert!(!self.gone.contains(&id), "{id} came back from a leave");
                let news = self.known.insert(id);
                // A minimal client hears of a page loaded anew by a second `peer-joined`.
                assert!(news || minimal, "somebody joined twice");
            }
            "peer-left" => {
                let id = about("clientId");
                assert!(self.known.remove(&id), "a leave of nobody: {message}");
                self.gone.insert(id);
            }
            "peer-away" | "peer-back" | "peer-state" => {
                assert!(self.known.contains(&about("clientId")), "{message}");
            }
            "signal" => {
                let from = about("from");
                assert!(self.known.contains(&from), "{message}");
                if let Some(marker) = message["data"].as_u64() {
                    self.log.push(marker);
                }
            }
            "chat" => {
                let text = message["line"]["text"].as_str().unwrap();
                self.log.push(text.parse().unwrap());
            }
            "ack" => {
                let seq = u32::try_from(message["seq"].as_u64().unwrap()).unwrap();
                assert!(seq <= self.sent);
                self.unacknowledged.retain(|(sent, _)| *sent > seq);
            }
            "error" | "pong" => {}
            other => panic!("{other}?"),
        }
    }
}
