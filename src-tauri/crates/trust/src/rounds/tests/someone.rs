//! People of the tests: a machine with its key, and a pen for messages that no honest machine would send.

use std::rc::Rc;
use std::time::Duration;

use crate::identity::Verified;
use crate::key::SigningKey;
use crate::rounds::machine::{Me, Rounds, Status};
use crate::rounds::message::{Body, Message};
use crate::rounds::proof::{self, Of};
use crate::rounds::roster::{Member, Participant};

const MEETING: &str = "meeting";

pub(super) struct Someone {
    pub(super) id: &'static str,
    pub(super) key: Rc<SigningKey>,
    pub(super) rounds: Rounds,
    pub(super) nonce: u8,
}

impl Someone {
    pub(super) fn new(id: &'static str) -> Self {
        Self::with_key(id, Rc::new(SigningKey::generate().unwrap()))
    }

    /// A window of an installation whose key has another one already.
    pub(super) fn with_key(id: &'static str, key: Rc<SigningKey>) -> Self {
        Self {
            id,
            rounds: Rounds::new(MEETING, key.public()),
            key,
            nonce: id.as_bytes()[0],
        }
    }

    pub(super) fn member(&self) -> Member {
        Member {
            client_id: self.id.to_owned(),
            key: self.key.public(),
            fingerprint: [1; 32],
        }
    }

    pub(super) fn shown(&self) -> Participant {
        Participant {
            client_id: self.id.to_owned(),
            identity: Some(Verified {
                key: self.key.public(),
                fingerprint: [1; 32],
            }),
        }
    }

    pub(super) fn sees(&mut self, others: &[Participant]) {
        let me = Me {
            client_id: self.id.to_owned(),
            fingerprint: [1; 32],
        };
        self.rounds.roster(&me, others);
    }

    pub(super) fn tick(&mut self, now: Duration) -> Vec<Message> {
        self.nonce = self.nonce.wrapping_add(1);
        self.rounds.tick(now, &self.key, [self.nonce; 32]).unwrap()
    }

    pub(super) fn hears(&mut self, now: Duration, from: &Someone, messages: &[Message]) {
        for message in messages {
            self.rounds.receive(now, from.id, message.clone());
        }
    }

    pub(super) fn status(&self, now: Duration) -> Status {
        self.rounds.view(now).status
    }

    pub(super) fn code(&self, now: Duration) -> Option<[u8; 5]> {
        match self.status(now) {
            Status::Code { code, .. } => Some(code),
            _ => None,
        }
    }

    /// A commit as this member would sign it, for a nonce and a number of the test's choice.
    pub(super) fn commit(&self, roster: [u8; 32], number: u32, nonce: [u8; 32]) -> Message {
        let of = of(&roster, number);
        let commitment = proof::commitment(of, &self.member(), &nonce);
        let statement = proof::commit_statement(of, self.id, &commitment);
        Message {
            roster,
            round: number,
            body: Body::Commit { commitment },
            signature: self.key.sign(&statement).unwrap(),
        }
    }

    pub(super) fn reveal(
        &self,
        roster: [u8; 32],
        nonce: [u8; 32],
        commitments: [u8; 32],
    ) -> Message {
        let statement = proof::reveal_statement(of(&roster, 0), self.id, &nonce, &commitments);
        Message {
            roster,
            round: 0,
            body: Body::Reveal {
                nonce,
                commitments,
                done: false,
            },
            signature: self.key.sign(&statement).unwrap(),
        }
    }
}

pub(super) fn of(roster: &[u8; 32], number: u32) -> Of<'_> {
    Of {
        meeting_id: MEETING,
        roster,
        number,
    }
}

pub(super) fn commitment(message: &Message) -> [u8; 32] {
    match message.body {
        Body::Commit { commitment } => commitment,
        Body::Reveal { .. } => panic!("no commit"),
    }
}

/// Ada and Bob in one room, before the first tick.
pub(super) fn two() -> (Someone, Someone) {
    let (mut ada, mut bob) = (Someone::new("ada"), Someone::new("bob"));
    ada.sees(&[bob.shown()]);
    bob.sees(&[ada.shown()]);
    (ada, bob)
}

/// Ada and Bob with a code of round 0, at time zero, and the last that Bob said.
pub(super) fn two_with_a_code() -> (Someone, Someone, Message) {
    let (mut ada, mut bob) = two();
    let now = Duration::ZERO;
    let mut last = None;
    for _ in 0..3 {
        let said = ada.tick(now);
        bob.hears(now, &ada, &said);
        let said = bob.tick(now);
        ada.hears(now, &bob, &said);
        last = said.last().cloned().or(last);
    }
    assert!(ada.code(now).is_some());
    (ada, bob, last.unwrap())
}
