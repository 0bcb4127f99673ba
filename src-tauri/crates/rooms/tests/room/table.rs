//! A room with people who say what they are told to say.

use std::time::Duration;

use landline_protocol::{
    Access, AccessMode, ErrorCode, Join, Limits, ServerMessage, decode_client_message,
};
use landline_rooms::{
    Authority, CloseReason, CodeProof, ConnectionId, Inheritance, Now, Output, Refusal, Room,
    RoomConfig,
};
use serde_json::{Value, json};

/// A key as it looks on the wire, different for each name.
pub(crate) fn key(who: &str) -> String {
    format!("{who:x<87}")
}

pub(crate) fn identity(who: &str) -> Value {
    json!({"key": key(who), "fingerprint": "f".repeat(64), "signature": "s".repeat(86)})
}

pub(crate) struct Counting(u32);

impl Authority for Counting {
    fn new_id(&mut self) -> String {
        self.0 += 1;
        format!("id{}", self.0)
    }

    fn issue(&mut self, client_id: &str, _name: Option<&str>) -> String {
        format!("token-{client_id}")
    }

    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool {
        token == self.issue(client_id, name)
    }

    fn challenge(&mut self, _connection: ConnectionId) -> ServerMessage {
        ServerMessage::Pong
    }

    fn proves(&mut self, _connection: ConnectionId, join: &Join) -> bool {
        join.proof.is_some()
    }

    fn clears(
        &mut self,
        _connection: ConnectionId,
        join: &Join,
        access: &Access,
        _now: Duration,
    ) -> Result<bool, Refusal> {
        match &join.code {
            Some(code) if access.code.as_ref() == Some(code) => Ok(true),
            Some(_) => Err(ErrorCode::WrongCode.into()),
            None => Ok(false),
        }
    }

    fn prove(
        &mut self,
        _connection: ConnectionId,
        _step: CodeProof<'_>,
        _access: &Access,
        _now: Duration,
    ) -> ServerMessage {
        ServerMessage::Pong
    }

    fn access(&mut self, mode: AccessMode) -> Access {
        self.0 += 1;
        let code = (mode == AccessMode::Code).then(|| format!("code-{}", self.0));
        Access {
            mode,
            secret: code.clone(),
            code,
        }
    }
}

pub(crate) struct Table {
    pub(crate) room: Room,
    ids: Counting,
    pub(crate) now: Duration,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    Message(u64, Value),
    Closed(u64, CloseReason),
    /// The host has ended the meeting over the wire.
    Ended,
}

impl Table {
    pub(crate) fn new(limits: Limits, reopened: bool) -> Self {
        Self::with(limits, reopened, Access::default())
    }

    pub(crate) fn with(limits: Limits, reopened: bool, access: Access) -> Self {
        Self::after(limits, reopened, access, Inheritance::default())
    }

    /// The room of a host after another one.
    pub(crate) fn after(
        limits: Limits,
        reopened: bool,
        access: Access,
        inherited: Inheritance,
    ) -> Self {
        let room = Room::new(RoomConfig {
            meeting_id: "m".into(),
            title: "Weekly".into(),
            host: "Ada".into(),
            started_at: 1,
            limits,
            host_seat: None,
            inherited,
            reopened,
            host_key: Some(key("host")),
            access,
        });
        Self {
            room,
            ids: Counting(0),
            now: Duration::ZERO,
        }
    }

    fn at(&self) -> Now {
        Now {
            monotonic: self.now,
            unix_ms: 1_000,
        }
    }

    pub(crate) fn open(&mut self, connection: u64) {
        self.room
            .open(ConnectionId(connection), Vec::new(), self.at());
    }

    pub(crate) fn say(&mut self, connection: u64, message: &Value) -> Vec<Got> {
        let frame = decode_client_message(&message.to_string());
        self.room
            .receive(ConnectionId(connection), frame, self.at(), &mut self.ids);
        self.got()
    }

    pub(crate) fn lose(&mut self, connection: u64) -> Vec<Got> {
        self.room.closed(ConnectionId(connection), self.at());
        self.got()
    }

    pub(crate) fn wait(&mut self, time: Duration) -> Vec<Got> {
        self.now += time;
        self.room.tick(self.at());
        self.got()
    }

    pub(crate) fn join(&mut self, connection: u64) -> Value {
        self.open(connection);
        self.first(
            connection,
            &json!({"action": "join", "roomId": "m", "v": 1}),
        )
    }

    /// Joins as the person with this key, saying more than that.
    pub(crate) fn join_as(&mut self, connection: u64, who: &str, more: &Value) -> Vec<Got> {
        self.open(connection);
        let mut join = json!({
            "action": "join", "roomId": "m", "v": 1, "name": who, "identity": identity(who),
            "proof": "s".repeat(86), "state": {"microphone": true, "camera": true, "screen": true},
        });
        join.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap_or_default());
        self.say(connection, &join)
    }

    pub(crate) fn resume(&mut self, connection: u64, id: &str, seq: u32) -> Value {
        self.open(connection);
        let resume =
            json!({"clientId": id, "token": format!("token-{id}"), "seq": seq, "fresh": false});
        self.first(
            connection,
            &json!({"action": "join", "roomId": "m", "v": 1, "resume": resume}),
        )
    }

    pub(crate) fn first(&mut self, connection: u64, message: &Value) -> Value {
        let got = self.say(connection, message);
        got.into_iter()
            .find_map(|got| match got {
                Got::Message(to, message) if to == connection => Some(message),
                _ => None,
            })
            .unwrap()
    }

    pub(crate) fn got(&mut self) -> Vec<Got> {
        std::iter::from_fn(|| self.room.poll_output())
            .filter_map(|output| match output {
                Output::Send { connection, frame } => Some(Got::Message(
                    connection.0,
                    serde_json::from_str(&frame.text()).unwrap(),
                )),
                Output::Close { connection, reason } => Some(Got::Closed(connection.0, reason)),
                Output::SummaryChanged => None,
                Output::Ended => Some(Got::Ended),
            })
            .collect()
    }
}

pub(crate) fn codes(got: &[Got]) -> Vec<String> {
    got.iter()
        .map(|got| match got {
            Got::Message(_, message) => message["code"]
                .as_str()
                .or(message["action"].as_str())
                .unwrap()
                .to_owned(),
            Got::Closed(_, reason) => format!("{reason:?}"),
            Got::Ended => "ended".to_owned(),
        })
        .collect()
}
