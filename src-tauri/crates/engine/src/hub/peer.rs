//! One connection of a client, and what its transceivers send.

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime};

use landline_protocol::engine_api::Encoding;
use serde_json::{Map, Value, json};

use crate::session::Session;

/// What a transceiver of a connection sends.
#[derive(Debug, Default)]
pub(super) struct Sender {
    pub(super) track: Option<u32>,
    pub(super) encoding: Encoding,
    /// The path does not carry the layer that would be enough.
    pub(super) limited: bool,
    /// The layer that goes out.
    pub(super) layer: Option<u8>,
    /// The layer that it should be: changed at that one's next key frame.
    pub(super) wanted: Option<u8>,
    /// Nothing can be sent before a key frame.
    pub(super) broken: bool,
}

impl Sender {
    pub(super) fn set_encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
        if self.sending().is_none() {
            // What comes before the next decision is not sent either.
            self.layer = None;
            self.wanted = None;
        }
    }

    /// The track that it sends; none while it is told to send nothing.
    pub(super) fn sending(&self) -> Option<u32> {
        self.track
            .filter(|_| self.encoding.active && self.encoding.max_framerate != Some(0))
    }
}

pub(super) struct Peer {
    pub(super) session: Session,
    pub(super) senders: BTreeMap<u32, Sender>,
    /// What its estimator was last told: to send at least, and to make room for, bit/s.
    pub(super) told: (u64, u64),
}

impl Peer {
    /// Objects with `id`, `type`, `timestamp` and members (W3C webrtc-stats), with what only the hub knows of senders.
    pub(super) fn stats(&mut self, now: Instant, wall: SystemTime) -> Vec<Map<String, Value>> {
        let mut entries = self.session.stats(now, wall);
        let transceivers = self.session.jsep.transceivers();
        for entry in &mut entries {
            if entry.get("type").and_then(Value::as_str) != Some("outbound-rtp") {
                continue;
            }
            let mid = entry.get("mid").and_then(Value::as_str);
            let of_mid = transceivers
                .iter()
                .find(|it| mid.is_some() && it.mid.as_deref() == mid);
            let Some(sender) = of_mid.and_then(|it| self.senders.get(&it.transceiver)) else {
                continue;
            };
            entry.insert("active".to_owned(), json!(sender.encoding.active));
            if entry.get("kind").and_then(Value::as_str) == Some("video") {
                let reason = if sender.limited { "bandwidth" } else { "none" };
                entry.insert("qualityLimitationReason".to_owned(), json!(reason));
            }
        }
        entries
    }
}
