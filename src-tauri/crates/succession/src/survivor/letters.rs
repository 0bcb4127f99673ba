//! Letters: to one participant, wherever in the part it is.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::letter::{Body, Letter};
use crate::limits::{HOPS, LETTERS};
use crate::message::Message;

use super::{Standing, Survivor};

impl Survivor {
    /// Signs and sends.
    pub(super) fn write_to(&mut self, to: PublicKey, body: Body, now: Duration) {
        let serial = self.draw_u64();
        let letter = Letter::sign(self.meeting, to, serial, body, self.signer.as_ref());
        if let Some(letter) = letter.map(Arc::new) {
            self.is_known(&letter);
            self.pass_on(&letter, HOPS, None, now);
        }
    }

    /// To the addressee if it answers, else to everybody who does.
    fn pass_on(
        &mut self,
        letter: &Arc<Letter>,
        hops: u8,
        except: Option<PublicKey>,
        now: Duration,
    ) {
        let answers = |key: &PublicKey| {
            self.neighbours
                .get(key)
                .is_some_and(|neighbour| neighbour.answers(now))
        };
        let to = if answers(&letter.to) {
            vec![letter.to]
        } else {
            let mut all = self.answering(now);
            all.retain(|key| Some(*key) != except && *key != letter.from);
            all
        };
        for key in to {
            let letter = letter.clone();
            self.send(key, Message::Letter { hops, letter });
        }
    }

    /// Whether it was seen before; it has been now.
    fn is_known(&mut self, letter: &Letter) -> bool {
        let name = (letter.from, letter.serial);
        // The serials differ, so few keys are compared.
        if self
            .letters
            .iter()
            .any(|(from, serial)| *serial == name.1 && *from == name.0)
        {
            return true;
        }
        if self.letters.len() >= LETTERS {
            self.letters.pop_front();
        }
        self.letters.push_back(name);
        false
    }

    pub(super) fn letter(
        &mut self,
        from: PublicKey,
        hops: u8,
        letter: &Arc<Letter>,
        now: Duration,
    ) {
        if letter.to == self.me.key {
            if letter.verifies(self.meeting, self.signer.as_ref()) && !self.is_known(letter) {
                self.open(letter, now);
            }
        } else if let Some(hops) = hops.checked_sub(1)
            && self.standing != Standing::Outside
            && !self.is_known(letter)
        {
            self.pass_on(letter, hops, Some(from), now);
        }
    }

    fn open(&mut self, letter: &Letter, now: Duration) {
        let from = letter.from;
        match &letter.body {
            Body::Enter {
                term,
                member,
                ticket,
            } => {
                if member.key == from {
                    self.enters(*term, member, ticket.as_ref(), now);
                }
            }
            Body::Refused(why) => {
                let is_host = self
                    .claim
                    .as_ref()
                    .is_some_and(|claim| *claim.host() == from);
                if is_host && self.standing == Standing::Member && !self.is_listed() {
                    self.refused(*why);
                }
            }
            Body::Leave => self.forget(&from, now),
            Body::Take { handover, claim } => self.taken(&from, handover, claim, now),
            Body::Propose { nonce, claim } => self.proposed(&from, *nonce, claim, now),
            Body::Accept {
                theirs,
                nonce,
                claim,
            } => self.accepted(&from, theirs, nonce, claim, now),
            Body::Present(presence) => {
                if presence.key == from {
                    self.is_present(presence.clone());
                }
            }
            Body::Tally { merge, present } => self.tallied(&from, merge, present.clone()),
            Body::Yield { handover, claim } => self.receive_half(&from, handover, claim, now),
        }
    }
}
