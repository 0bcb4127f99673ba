//! A bot's part in the trust of a meeting: who the others are, whether a description is theirs, and the code of the meeting.

use std::collections::BTreeMap;
use std::time::Duration;

use landline_protocol::Identity;
use landline_protocol::server::Peer;
use landline_trust::identity::Verified;
use landline_trust::rounds::{Me, Message, Participant, Rounds, Status, View};
use landline_trust::{SigningKey, fingerprints, identity};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use tokio::time::Instant;

use super::papers::Passport;

/// What a participant shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// A minimal client.
    Nothing,
    Bad,
    Good(Verified),
}

pub(crate) struct Trust {
    meeting_id: String,
    me: Me,
    people: BTreeMap<String, Shown>,
    rounds: Rounds,
    began: Instant,
    told: Option<[u8; 5]>,
}

impl Trust {
    pub(crate) fn new(passport: &Passport, client_id: &str) -> Self {
        let meeting_id = passport.meeting_id.clone();
        Self {
            rounds: Rounds::new(&meeting_id, passport.key.public()),
            meeting_id,
            me: Me {
                client_id: client_id.to_owned(),
                fingerprint: passport.dtls,
            },
            people: BTreeMap::new(),
            began: Instant::now(),
            told: None,
        }
    }

    /// Somebody is in the room, or shows another certificate.
    pub(crate) fn meet(&mut self, peer: &Peer) {
        self.shows(&peer.client_id, peer.identity.as_ref());
    }

    /// Gives whether that is another than before: then a link made under the earlier one must not live on, or a host could have it
    /// made with its own certificate, and show the right one when codes are compared.
    pub(crate) fn shows(&mut self, client_id: &str, shown: Option<&Identity>) -> bool {
        let shown = shown.map_or(Shown::Nothing, |shown| {
            verify(shown, &self.meeting_id).map_or(Shown::Bad, Shown::Good)
        });
        let before = self.people.insert(client_id.to_owned(), shown);
        self.roster();
        before.is_some_and(|before| before != shown)
    }

    pub(crate) fn gone(&mut self, client_id: &str) {
        self.people.remove(client_id);
        self.roster();
    }

    /// Whether a description from somebody shows the certificate that its key vouches for. Who has no key is taken as it is.
    pub(crate) fn vouches(&self, client_id: &str, sdp: &str) -> bool {
        match self.people.get(client_id) {
            Some(Shown::Good(verified)) => fingerprints::matches(sdp, &verified.fingerprint),
            Some(Shown::Bad) => false,
            Some(Shown::Nothing) | None => true,
        }
    }

    pub(crate) fn receive(&mut self, from: &str, data: &Value) {
        if let Some(message) = Message::parse(&data.to_string()) {
            self.rounds.receive(self.began.elapsed(), from, message);
        }
    }

    /// What is to be said to all now.
    pub(crate) fn say(&mut self, key: &SigningKey) -> Vec<Value> {
        let mut nonce = [0; 32];
        if SystemRandom::new().fill(&mut nonce).is_err() {
            return Vec::new();
        }
        let said = self.rounds.tick(self.began.elapsed(), key, nonce);
        said.unwrap_or_default()
            .iter()
            .filter_map(|message| serde_json::from_str(&message.to_json()).ok())
            .collect()
    }

    pub(crate) fn view(&self) -> View {
        self.rounds.view(self.began.elapsed())
    }

    /// A code that was not told yet.
    pub(crate) fn news(&mut self) -> Option<([u8; 5], Vec<String>)> {
        match self.view().status {
            Status::Code { code, with, .. } if self.told != Some(code) => {
                self.told = Some(code);
                Some((code, with))
            }
            _ => None,
        }
    }

    pub(crate) fn wake_at(&self) -> Option<Instant> {
        // Never at once: a clock that stands still must not make a loop.
        let at = self.began + self.rounds.wake_at()?;
        Some(at.max(Instant::now() + Duration::from_millis(10)))
    }

    fn roster(&mut self) {
        let others: Vec<Participant> = self
            .people
            .iter()
            .map(|(client_id, shown)| Participant {
                client_id: client_id.clone(),
                identity: match shown {
                    Shown::Good(verified) => Some(*verified),
                    Shown::Bad | Shown::Nothing => None,
                },
            })
            .collect();
        self.rounds.roster(&self.me, &others);
    }
}

fn verify(shown: &Identity, meeting_id: &str) -> Option<Verified> {
    let value = serde_json::to_value(shown).ok()?;
    let shown: identity::Identity = serde_json::from_value(value).ok()?;
    shown.verify(meeting_id)
}
