//! What all have: chat and rulings. Neighbours whose sums differ tell each other what they have, and send what the other lacks.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chat::Line;
use crate::limits::{LINE_OVERHEAD, PIECE_BYTES, SHOW_OUT_EVERY, SYNC_EVERY};
use crate::message::{Hello, Message};
use crate::rulings::{Rule, Ruling};
use crate::suspicion::Neighbour;

use super::{Output, Survivor};

impl Survivor {
    pub(super) fn say(&mut self, text: String, unix_ms: u64, now: Duration) {
        let line = self
            .log
            .write(self.meeting, text, unix_ms, self.signer.as_ref());
        if let Some(line) = line {
            self.urgent = true;
            self.broadcast(&Message::Lines(vec![line]), None, now);
        }
    }

    /// All who are in the room hear it there; the host tells those who only hear of it from here.
    pub(super) fn overhear(&mut self, line: &Line, now: Duration) {
        let taken = self.log.take(self.meeting, line, self.signer.as_ref());
        if let Some(line) = taken {
            self.urgent = true;
            if self.speaks() {
                self.broadcast(&Message::Lines(vec![line]), None, now);
            }
        }
    }

    pub(super) fn rule(&mut self, rule: Rule, now: Duration) {
        let ruling = self.rulings.rule(self.meeting, rule, self.signer.as_ref());
        if let Some(ruling) = ruling {
            self.urgent = true;
            self.broadcast(&Message::Rulings(vec![ruling]), None, now);
            self.after_rulings(now);
        }
    }

    pub(super) fn want_state(&mut self, from: PublicKey, hello: &Hello, now: Duration) {
        let (chat, rulings) = (
            hello.chat != self.log.digest(),
            hello.rulings != self.rulings.digest(),
        );
        if !(chat || rulings) || !self.shares_with(&from) {
            return;
        }
        let Some(neighbour) = self.neighbours.get_mut(&from) else {
            return;
        };
        if Neighbour::is_due(neighbour.synced, SYNC_EVERY, now) {
            neighbour.synced = Some(now);
            let have = Message::Have {
                lines: chat.then(|| self.log.ids()),
                rulings: rulings.then(|| self.rulings.ids()),
            };
            self.send(from, have);
        }
    }

    /// Tells somebody who was removed, and may not know it.
    pub(super) fn show_out(&mut self, key: PublicKey, now: Duration) {
        let Some(neighbour) = self.neighbour(key, now) else {
            return;
        };
        if Neighbour::is_due(neighbour.synced, SHOW_OUT_EVERY, now) {
            neighbour.synced = Some(now);
            let rulings = self.rulings.lacking(&[]);
            self.send(key, Message::Rulings(rulings));
        }
    }

    pub(super) fn give(&mut self, to: PublicKey, lines: Option<&[u64]>, rulings: Option<&[u64]>) {
        if !self.shares_with(&to) {
            return;
        }
        let rulings = rulings.map(|have| self.rulings.lacking(have));
        if let Some(rulings) = rulings.filter(|rulings| !rulings.is_empty()) {
            self.send(to, Message::Rulings(rulings));
        }
        let lines = lines.map(|have| self.log.lacking(have));
        // In pieces that a data channel carries.
        let (mut piece, mut bytes) = (Vec::new(), 0);
        for line in lines.unwrap_or_default() {
            bytes += line.text.len() + LINE_OVERHEAD;
            if bytes > PIECE_BYTES && !piece.is_empty() {
                self.send(to, Message::Lines(std::mem::take(&mut piece)));
                bytes = line.text.len() + LINE_OVERHEAD;
            }
            piece.push(line);
        }
        if !piece.is_empty() {
            self.send(to, Message::Lines(piece));
        }
    }

    pub(super) fn lines(&mut self, from: PublicKey, lines: &[Arc<Line>], now: Duration) {
        if !self.shares_with(&from) {
            return;
        }
        let mut new = Vec::new();
        for line in lines {
            if let Some(line) = self.log.take(self.meeting, line, self.signer.as_ref()) {
                self.outputs.push_back(Output::Line(line.clone()));
                new.push(line);
            }
        }
        if new.is_empty() {
            return;
        }
        self.urgent = true;
        // The host passes on at once; between others the sums show it.
        if self.speaks() {
            self.broadcast(&Message::Lines(new), Some(from), now);
        }
    }

    /// From anybody: who was removed is told by people that it does not know. The author's signature counts.
    pub(super) fn take_rulings(&mut self, from: PublicKey, rulings: &[Arc<Ruling>], now: Duration) {
        let mut new = Vec::new();
        for ruling in rulings {
            if self
                .rulings
                .take(self.meeting, ruling, self.signer.as_ref())
            {
                new.push(ruling.clone());
            }
        }
        if new.is_empty() {
            return;
        }
        self.urgent = true;
        if self.speaks() {
            self.broadcast(&Message::Rulings(new), Some(from), now);
        }
        self.after_rulings(now);
    }
}
