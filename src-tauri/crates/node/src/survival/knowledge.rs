//! What a node knows of its meeting from the frames of its page: all that the next host needs and neither record nor log nor rulings
//! have. Title, code and secret, names, and lines that nobody signed.

use std::collections::{BTreeMap, VecDeque};

use landline_protocol::limits::{CHAT_BYTES, CHAT_LINES, ROOM_ID_CHARS};
use landline_protocol::node_api::HostedMeeting;
use landline_protocol::{Access, ChatLine, Identity, LeaveReason, Role};
use landline_trust::PublicKey;
use serde::Deserialize;

use crate::storage::kept::KeptMeeting;

/// Seats whose keys and names are kept: a full room, and some who came and went.
const SEATS: usize = 128;

/// What the host says, as far as it matters here.
#[derive(Deserialize)]
#[serde(
    tag = "action",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(super) enum Heard {
    Joined(Box<Joined>),
    PeerJoined {
        peer: Peer,
    },
    PeerLeft {
        client_id: String,
        #[serde(default)]
        reason: Option<LeaveReason>,
    },
    PeerRole {
        client_id: String,
        role: Role,
    },
    Chat {
        line: ChatLine,
    },
    Access {
        access: Access,
    },
    MeetingEnded,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined {
    pub(super) room_id: String,
    pub(super) client_id: String,
    peers: Vec<Peer>,
    title: String,
    host: String,
    started_at: u64,
    chat: Vec<ChatLine>,
    #[serde(default)]
    access: Access,
    #[serde(default)]
    pub(super) private: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Peer {
    client_id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    identity: Option<Identity>,
}

/// What is known of a meeting.
#[derive(Debug, Clone, Default)]
pub(super) struct Knowledge {
    pub(super) title: String,
    /// The name of the host, and after a takeover of the one before.
    pub(super) host: String,
    pub(super) started_at: u64,
    pub(super) access: Access,
    pub(super) private: bool,
    /// The name by which the own page joined.
    pub(super) own_name: Option<String>,
    /// Keys and names of seats by client id.
    seats: BTreeMap<String, (String, Option<String>)>,
    /// Lines that are not signed.
    chat: VecDeque<ChatLine>,
    chat_bytes: usize,
}

impl Knowledge {
    /// What a host knows of its own meeting before anybody is there.
    pub(super) fn of(hosted: &HostedMeeting) -> Self {
        Self {
            title: hosted.title.clone(),
            host: hosted.host.clone(),
            started_at: hosted.started_at,
            access: hosted.access.clone(),
            private: hosted.private,
            ..Self::default()
        }
    }

    /// What a host knew before it was started again.
    pub(super) fn kept(kept: &KeptMeeting) -> Self {
        Self {
            title: kept.title.clone(),
            host: kept.name.clone(),
            started_at: kept.started_at,
            access: kept.access.clone(),
            private: kept.private,
            own_name: Some(kept.name.clone()),
            ..Self::default()
        }
    }

    /// A seat was taken; `key` is our own. Lines for the log come back.
    pub(super) fn joined(
        &mut self,
        joined: Joined,
        key: &str,
        name: Option<String>,
    ) -> Vec<ChatLine> {
        self.title = joined.title;
        self.host = joined.host;
        self.started_at = joined.started_at;
        self.access = joined.access;
        self.private = joined.private;
        self.own_name.clone_from(&name);
        self.seat(joined.client_id, key.to_owned(), name);
        for peer in joined.peers {
            self.peer(peer);
        }
        let lines = joined.chat.into_iter();
        lines.filter_map(|line| self.line(line)).collect()
    }

    /// Something was said that changes what is known. A line for the log comes back.
    pub(super) fn hear(&mut self, heard: Heard) -> Option<ChatLine> {
        match heard {
            Heard::PeerJoined { peer } => self.peer(peer),
            Heard::Chat { line } => return self.line(line),
            Heard::Access { access } => self.access = access,
            Heard::Joined(_)
            | Heard::PeerLeft { .. }
            | Heard::PeerRole { .. }
            | Heard::MeetingEnded
            | Heard::Other => {}
        }
        None
    }

    /// The key of whoever has, or had, this seat.
    pub(super) fn key_of(&self, client_id: &str) -> Option<PublicKey> {
        let (key, _) = self.seats.get(client_id)?;
        PublicKey::from_text(key).ok()
    }

    /// Client id and name of whoever has this key.
    pub(super) fn seat_of(&self, key: &str) -> Option<(&str, Option<&str>)> {
        let mut seats = self.seats.iter();
        let (client, (_, name)) = seats.find(|(_, (known, _))| known == key)?;
        Some((client, name.as_deref()))
    }

    pub(super) fn chat(&self) -> Vec<ChatLine> {
        self.chat.iter().cloned().collect()
    }

    fn peer(&mut self, peer: Peer) {
        if let Some(identity) = peer.identity {
            self.seat(peer.client_id, identity.key, peer.name);
        }
    }

    fn seat(&mut self, client_id: String, key: String, name: Option<String>) {
        let fits = self.seats.len() < SEATS || self.seats.contains_key(&client_id);
        if fits && client_id.len() <= ROOM_ID_CHARS {
            self.seats.insert(client_id, (key, name));
        }
    }

    /// As bounded as in a room. What is signed is the log's, and comes back.
    fn line(&mut self, line: ChatLine) -> Option<ChatLine> {
        if line.signed.is_some() {
            return Some(line);
        }
        if self.chat.iter().any(|known| known.id == line.id) {
            return None;
        }
        self.chat_bytes += line.text.len();
        self.chat.push_back(line);
        while (self.chat.len() > CHAT_LINES || self.chat_bytes > CHAT_BYTES)
            && let Some(oldest) = self.chat.pop_front()
        {
            self.chat_bytes -= oldest.text.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_is_bounded_and_kept_once() {
        let mut knowledge = Knowledge::default();
        for n in 0..=CHAT_LINES {
            for _ in 0..2 {
                let line = format!(
                    r#"{{"seq":1,"action":"chat","roomId":"m","line":{{"id":"line-{n}","from":"a","text":"x","at":{n}}}}}"#
                );
                knowledge.hear(serde_json::from_str(&line).unwrap());
            }
        }
        let kept = knowledge.chat();
        assert_eq!(kept.len(), CHAT_LINES);
        assert_eq!(kept.first().map(|line| line.at), Some(1));
    }

    #[test]
    fn what_is_not_of_interest_is_passed_over() {
        let signal = r#"{"seq":4,"action":"signal","roomId":"m","from":"a","type":"offer","data":{"sdp":"v=0"}}"#;
        assert!(matches!(serde_json::from_str(signal), Ok(Heard::Other)));
        let ended = r#"{"seq":4,"action":"meeting-ended","roomId":"m"}"#;
        assert!(matches!(
            serde_json::from_str(ended),
            Ok(Heard::MeetingEnded)
        ));
    }
}
