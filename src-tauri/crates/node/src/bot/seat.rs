//! A bot's seat in a room: what it says, and what it is told (docs/PROTOCOL.md, version 1). Pure.
//!
//! A bot does not come back after a lost connection, so nothing that was sent is kept.

use landline_protocol::client::{Join, ParticipantKind, SignalType};
use landline_protocol::limits::ACK_EVERY;
use landline_protocol::server::{MediaState, Peer};
use landline_protocol::{Identity, PROTOCOL_VERSION};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the room tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    tag = "action",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Told {
    Joined {
        client_id: String,
        peers: Vec<Peer>,
        #[serde(default)]
        title: String,
    },
    PeerJoined {
        peer: Peer,
    },
    PeerLeft {
        client_id: String,
    },
    PeerBack {
        client_id: String,
        fresh: bool,
        #[serde(default)]
        identity: Option<Identity>,
    },
    Verify {
        from: String,
        data: Value,
    },
    PeerState {
        client_id: String,
        state: MediaState,
    },
    Signal {
        from: String,
        #[serde(rename = "type")]
        signal_type: SignalType,
        data: Value,
    },
    MeetingEnded,
    Challenge {
        nonce: String,
    },
    Error {
        code: String,
    },
    /// `peer-away`, chat, counts, and whatever a newer version may say.
    #[serde(other)]
    Other,
}

/// What a bot shows at the door.
#[derive(Debug)]
pub(crate) struct Papers {
    pub(crate) identity: Identity,
    pub(crate) proof: String,
    /// Of a guest link.
    pub(crate) secret: Option<String>,
}

/// Counts both ways.
#[derive(Debug)]
pub(crate) struct Seat {
    room_id: String,
    sent: u32,
    received: u32,
    unacknowledged: u32,
}

impl Seat {
    pub(crate) fn new(room_id: String) -> Self {
        Self {
            room_id,
            sent: 0,
            received: 0,
            unacknowledged: 0,
        }
    }

    /// The first message.
    pub(crate) fn join(&self, name: &str, papers: Papers) -> String {
        let join = Join {
            room_id: self.room_id.clone(),
            name: Some(name.to_owned()),
            v: Some(PROTOCOL_VERSION),
            kind: Some(ParticipantKind::App),
            state: Some(MediaState {
                microphone: true,
                camera: true,
                screen: false,
            }),
            resume: None,
            identity: Some(papers.identity),
            proof: Some(papers.proof),
            secret: papers.secret,
            code: None,
            knock: true,
        };
        let mut message = json!(join);
        if let Some(members) = message.as_object_mut() {
            members.insert("action".into(), "join".into());
        }
        message.to_string()
    }

    /// Before the join: asks for the number over which it is proven who we are.
    pub(crate) fn challenge() -> String {
        json!({"action": "challenge"}).to_string()
    }

    pub(crate) fn signal(
        &mut self,
        to: &str,
        signal_type: SignalType,
        data: &impl Serialize,
    ) -> String {
        json!({"action": "signal", "roomId": self.room_id, "seq": self.next(), "type": signal_type, "to": to, "data": data}).to_string()
    }

    /// A part of the agreement on the meeting's code, for all others.
    pub(crate) fn verify(&mut self, data: &Value) -> String {
        json!({"action": "verify", "roomId": self.room_id, "seq": self.next(), "data": data})
            .to_string()
    }

    pub(crate) fn leave(&mut self) -> String {
        json!({"action": "leave", "roomId": self.room_id, "seq": self.next()}).to_string()
    }

    /// To be sent after each message that was read, and every few seconds.
    pub(crate) fn acknowledge(&mut self, at_once: bool) -> Option<String> {
        let due = if at_once { 1 } else { ACK_EVERY };
        if self.unacknowledged < due {
            return None;
        }
        self.unacknowledged = 0;
        Some(json!({"action": "ack", "seq": self.received}).to_string())
    }

    /// None for what cannot be understood.
    pub(crate) fn read(&mut self, text: &str) -> Option<Told> {
        let message: Value = serde_json::from_str(text).ok()?;
        if let Some(seq) = message.get("seq").and_then(Value::as_u64)
            && message.get("action").and_then(Value::as_str) != Some("ack")
        {
            self.received = u32::try_from(seq).ok()?;
            self.unacknowledged += 1;
        }
        Told::deserialize(message).ok()
    }

    fn next(&mut self) -> u32 {
        self.sent += 1;
        self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landline_protocol::{ClientMessage, Decoded, decode_client_message};

    fn papers() -> Papers {
        let passport = crate::bot::papers::Passport::issue(
            "m1".into(),
            crate::fingerprint::Fingerprint::of(b"host"),
            [1; 32],
            Some("c2VjcmV0".into()),
        );
        passport.unwrap().answer("bm9uY2U").unwrap()
    }

    #[test]
    fn the_room_understands_what_a_bot_says() {
        let mut seat = Seat::new("m1".into());
        let said = [
            Seat::challenge(),
            seat.join("Bot 1", papers()),
            seat.signal("p1", SignalType::Offer, &json!({"type": "offer"})),
            seat.leave(),
        ];
        let counts: Vec<_> = said
            .iter()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()["seq"].as_u64())
            .collect();
        assert_eq!(counts, [None, None, Some(1), Some(2)]);
        for text in said {
            let decoded =
                decode_client_message(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert!(matches!(
                decoded,
                Decoded {
                    message: ClientMessage::Challenge
                        | ClientMessage::Join(_)
                        | ClientMessage::Signal(_)
                        | ClientMessage::Leave { .. },
                    ..
                }
            ));
        }
    }

    #[test]
    fn what_has_arrived_is_acknowledged_after_so_many_messages_or_when_it_is_time() {
        let mut seat = Seat::new("m1".into());
        assert_eq!(seat.acknowledge(true), None);
        for seq in 1..ACK_EVERY {
            seat.read(&format!(r#"{{"seq":{seq},"action":"chat","roomId":"m1"}}"#));
            assert_eq!(seat.acknowledge(false), None);
        }
        seat.read(&format!(
            r#"{{"seq":{ACK_EVERY},"action":"peer-left","roomId":"m1","clientId":"x"}}"#
        ));
        let ack: Value = serde_json::from_str(&seat.acknowledge(false).unwrap()).unwrap();
        assert_eq!(ack, json!({"action": "ack", "seq": ACK_EVERY}));
        assert_eq!(seat.acknowledge(true), None);
    }

    #[test]
    fn what_a_newer_room_says_is_passed_over() {
        let mut seat = Seat::new("m1".into());
        assert!(matches!(
            seat.read(r#"{"seq":1,"action":"fireworks"}"#),
            Some(Told::Other)
        ));
        assert!(seat.read("{").is_none());
        assert!(seat.read(r#"{"action":"signal","from":"x"}"#).is_none());
        let error = seat.read(r#"{"action":"error","code":"room-full","message":"x"}"#);
        assert!(matches!(error, Some(Told::Error { code }) if code == "room-full"));
    }
}
