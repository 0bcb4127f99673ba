//! One round over one roster. Invariants: what a member committed to first stays; our nonce leaves only when all commitments are
//! held; a code exists only if every member signed that it saw the same commitments as we did.
//!
//! committed → (all commitments) revealed → (all nonces, over the same commitments) code
//! In each of them a contradiction may show: then this round is of no use, and its owner begins the next.

use ring::error::Unspecified;

use crate::key::SigningKey;

use super::message::{Body, Message};
use super::proof::{self, Of};
use super::roster::Roster;

/// What one message told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Not from a member, or not signed by it.
    Nothing,
    News,
    /// What we knew.
    Again,
    /// A member said two different things: it lost its state (a page loaded anew), or it cheats.
    Contradiction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Revealed {
    nonce: [u8; 32],
    /// Hash over the commitments that this member saw.
    commitments: [u8; 32],
}

/// What we hold of one member.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    commitment: Option<[u8; 32]>,
    revealed: Option<Revealed>,
}

#[derive(Debug)]
pub(crate) struct Round {
    meeting_id: String,
    roster: Roster,
    number: u32,
    nonce: [u8; 32],
    /// As the members of the roster.
    slots: Vec<Slot>,
    /// Hash over all commitments, once all are held.
    commitments: Option<[u8; 32]>,
    contradicted: bool,
    code: Option<[u8; 5]>,
}

impl Round {
    /// Begins one, and the commit to be sent. `nonce` was never used before.
    pub(crate) fn begin(
        meeting_id: &str,
        roster: Roster,
        number: u32,
        nonce: [u8; 32],
        signer: &SigningKey,
    ) -> Result<(Self, Message), Unspecified> {
        let mut round = Self {
            meeting_id: meeting_id.to_owned(),
            slots: vec![Slot::default(); roster.members.len()],
            roster,
            number,
            nonce,
            commitments: None,
            contradicted: false,
            code: None,
        };
        let me = round
            .roster
            .members
            .get(round.roster.me)
            .ok_or(Unspecified)?;
        let commitment = proof::commitment(round.of(), me, &nonce);
        let statement = proof::commit_statement(round.of(), &me.client_id, &commitment);
        let signature = signer.sign(&statement)?;
        let message = Message {
            roster: round.roster.hash,
            round: number,
            body: Body::Commit { commitment },
            signature,
        };
        if let Some(slot) = round.slots.get_mut(round.roster.me) {
            slot.commitment = Some(commitment);
        }
        Ok((round, message))
    }

    pub(crate) const fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    pub(crate) const fn code(&self) -> Option<[u8; 5]> {
        self.code
    }

    /// Takes a message of this round from the member `from`.
    pub(crate) fn take(&mut self, from: &str, message: &Message) -> Told {
        let Some(place) = self.other(from) else {
            return Told::Nothing;
        };
        let told = match &message.body {
            Body::Commit { commitment } => self.take_commit(place, *commitment, message),
            Body::Reveal {
                nonce,
                commitments,
                done: _,
            } => {
                let revealed = Revealed {
                    nonce: *nonce,
                    commitments: *commitments,
                };
                self.take_reveal(place, revealed, message)
            }
        };
        let told = match told {
            Told::News if !self.agree() => Told::Contradiction,
            told => told,
        };
        self.contradicted |= told == Told::Contradiction;
        if told == Told::News {
            self.finish();
        }
        told
    }

    fn take_commit(&mut self, place: usize, commitment: [u8; 32], message: &Message) -> Told {
        match self.slots.get(place).and_then(|slot| slot.commitment) {
            Some(held) if held == commitment => Told::Again,
            _ if !signed_by(&self.roster, place, self.of(), message) => Told::Nothing,
            Some(_) => Told::Contradiction,
            None => {
                self.hold(place, |slot| slot.commitment = Some(commitment));
                Told::News
            }
        }
    }

    fn take_reveal(&mut self, place: usize, revealed: Revealed, message: &Message) -> Told {
        let slot = self.slots.get(place).copied().unwrap_or_default();
        if slot.revealed == Some(revealed) {
            return Told::Again;
        }
        let Some(member) = self.roster.members.get(place) else {
            return Told::Nothing;
        };
        if !signed_by(&self.roster, place, self.of(), message) {
            return Told::Nothing;
        }
        let commitment = proof::commitment(self.of(), member, &revealed.nonce);
        if slot.revealed.is_some() || slot.commitment.is_some_and(|held| held != commitment) {
            return Told::Contradiction;
        }
        // The commit before it may be lost: it is fixed from now on, which is all that it is for.
        self.hold(place, |slot| {
            slot.commitment = Some(commitment);
            slot.revealed = Some(revealed);
        });
        Told::News
    }

    /// Our nonce, when it may be shown for the first time.
    pub(crate) fn reveal(&mut self, signer: &SigningKey) -> Result<Option<Message>, Unspecified> {
        let Some(commitments) = self.commitments else {
            return Ok(None);
        };
        let mine = self
            .slots
            .get(self.roster.me)
            .and_then(|slot| slot.revealed);
        if mine.is_some() || self.contradicted {
            return Ok(None);
        }
        let me = self.roster.members.get(self.roster.me).ok_or(Unspecified)?;
        let nonce = self.nonce;
        let statement = proof::reveal_statement(self.of(), &me.client_id, &nonce, &commitments);
        let signature = signer.sign(&statement)?;
        self.hold(self.roster.me, |slot| {
            slot.revealed = Some(Revealed { nonce, commitments });
        });
        self.finish();
        Ok(Some(Message {
            roster: self.roster.hash,
            round: self.number,
            body: Body::Reveal {
                nonce,
                commitments,
                done: self.code.is_some(),
            },
            signature,
        }))
    }

    /// Client ids of those for whom this round waits: first for commitments, then for nonces over the same commitments.
    pub(crate) fn missing(&self) -> Vec<String> {
        let members = self.roster.members.iter().zip(&self.slots).enumerate();
        members
            .filter(|(place, _)| *place != self.roster.me)
            .filter(|(_, (_, slot))| match self.commitments {
                None => slot.commitment.is_none(),
                Some(ours) => slot.revealed.is_none_or(|seen| seen.commitments != ours),
            })
            .map(|(_, (member, _))| member.client_id.clone())
            .collect()
    }

    /// Whether `message`, of this or a later round over this roster, was signed by the member `from`.
    pub(crate) fn is_of_member(&self, from: &str, message: &Message) -> bool {
        is_of_member(&self.meeting_id, &self.roster, from, message)
    }

    fn of(&self) -> Of<'_> {
        Of {
            meeting_id: &self.meeting_id,
            roster: &self.roster.hash,
            number: self.number,
        }
    }

    fn other(&self, from: &str) -> Option<usize> {
        self.roster
            .place_of(from)
            .filter(|place| *place != self.roster.me)
    }

    fn hold(&mut self, place: usize, change: impl FnOnce(&mut Slot)) {
        if let Some(slot) = self.slots.get_mut(place) {
            change(slot);
        }
        if self.commitments.is_none() {
            let all: Option<Vec<&[u8; 32]>> = self
                .slots
                .iter()
                .map(|slot| slot.commitment.as_ref())
                .collect();
            self.commitments = all.map(|all| proof::commitments(self.of(), all.into_iter()));
        }
    }

    /// Whether all who revealed saw what we see, as far as we see it.
    fn agree(&self) -> bool {
        self.commitments.is_none_or(|ours| {
            self.slots
                .iter()
                .filter_map(|slot| slot.revealed)
                .all(|revealed| revealed.commitments == ours)
        })
    }

    fn finish(&mut self) {
        if self.contradicted || self.code.is_some() || !self.agree() {
            return;
        }
        let all: Option<Vec<_>> = self
            .slots
            .iter()
            .map(|slot| Some((slot.commitment.as_ref()?, &slot.revealed.as_ref()?.nonce)))
            .collect();
        self.code = all.map(|all| proof::code(self.of(), all.into_iter()));
    }
}

/// Whether `message` was signed by the member `from` of `roster`, ourselves excluded.
pub(crate) fn is_of_member(
    meeting_id: &str,
    roster: &Roster,
    from: &str,
    message: &Message,
) -> bool {
    let of = Of {
        meeting_id,
        roster: &roster.hash,
        number: message.round,
    };
    roster
        .place_of(from)
        .filter(|place| *place != roster.me)
        .is_some_and(|place| signed_by(roster, place, of, message))
}

fn signed_by(roster: &Roster, place: usize, of: Of<'_>, message: &Message) -> bool {
    roster.members.get(place).is_some_and(|member| {
        let statement = match &message.body {
            Body::Commit { commitment } => {
                proof::commit_statement(of, &member.client_id, commitment)
            }
            Body::Reveal {
                nonce,
                commitments,
                done: _,
            } => proof::reveal_statement(of, &member.client_id, nonce, commitments),
        };
        member.key.verifies(&statement, &message.signature)
    })
}
