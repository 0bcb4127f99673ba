//! Somebody whom the man in the middle plays: a key, a certificate, and the real state machine of the rounds.

use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use landline_trust::SigningKey;
use landline_trust::identity::{Identity, dtls_statement, join_statement};
use landline_trust::rounds::{Me, Message, Participant, Rounds, Status};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

pub(crate) struct Persona {
    pub(crate) client_id: String,
    pub(crate) dtls: [u8; 32],
    /// The number with which its next round begins, if it is to be a certain one.
    pub(crate) number: Option<[u8; 32]>,
    key: SigningKey,
    meeting_id: String,
    others: Vec<Participant>,
    rounds: Rounds,
    began: Instant,
}

impl Persona {
    pub(crate) fn new(meeting_id: &str, client_id: &str) -> Self {
        let key = SigningKey::generate().unwrap();
        Self {
            client_id: client_id.to_owned(),
            dtls: random(),
            number: None,
            rounds: Rounds::new(meeting_id, key.public()),
            key,
            meeting_id: meeting_id.to_owned(),
            others: Vec::new(),
            began: Instant::now(),
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        let statement = dtls_statement(&self.meeting_id, &self.dtls);
        Identity {
            key: self.key.public(),
            fingerprint: self.dtls,
            signature: self.key.sign(&statement).unwrap(),
        }
    }

    pub(crate) fn key(&self) -> String {
        self.key.public().to_string()
    }

    /// Makes a `join` its own.
    pub(crate) fn joins(&self, join: &mut Value, host: &[u8], nonce: &[u8]) {
        let host = <[u8; 32]>::try_from(host).unwrap();
        let statement = join_statement(&self.meeting_id, &host, nonce, &self.dtls);
        join["identity"] = json!(self.identity());
        join["proof"] = json!(self.key.sign(&statement).unwrap());
    }

    /// Who else is in the meeting as this one pretends to see it.
    pub(crate) fn sees(&mut self, others: &[Participant]) {
        let others = others.iter().filter(|it| it.client_id != self.client_id);
        self.others = others.cloned().collect();
        let me = Me {
            client_id: self.client_id.clone(),
            fingerprint: self.dtls,
        };
        self.rounds.roster(&me, &self.others);
    }

    pub(crate) fn hears(&mut self, from: &str, data: &Value) {
        if let Some(message) = Message::parse(&data.to_string()) {
            self.rounds.receive(self.began.elapsed(), from, message);
        }
    }

    /// What it has to say now.
    pub(crate) fn says(&mut self) -> Vec<Value> {
        let number = self.number.unwrap_or_else(random);
        let said = self.rounds.tick(self.began.elapsed(), &self.key, number);
        said.unwrap().iter().map(|it| json!(it)).collect()
    }

    pub(crate) fn wake_at(&self) -> Option<Instant> {
        Some(self.began + self.rounds.wake_at()?.max(self.began.elapsed() + PAUSE))
    }

    pub(crate) fn code(&self) -> Option<[u8; 5]> {
        match self.rounds.view(self.began.elapsed()).status {
            Status::Code {
                code,
                current: true,
                ..
            } => Some(code),
            _ => None,
        }
    }

    /// As a page that was loaded anew: it commits to another number, which the others take for a contradiction.
    pub(crate) fn forgets(&mut self) {
        self.rounds = Rounds::new(&self.meeting_id, self.key.public());
        let others = std::mem::take(&mut self.others);
        self.sees(&others);
    }

    /// In an offer or answer, as it would have one.
    pub(crate) fn fingerprint_line(&self) -> String {
        let digits = HEXLOWER.encode(&self.dtls).into_bytes();
        let pairs: Vec<_> = digits
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair))
            .collect();
        format!("a=fingerprint:sha-256 {}", pairs.join(":"))
    }
}

/// A clock that stands still must not make a loop.
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).unwrap();
    bytes
}
