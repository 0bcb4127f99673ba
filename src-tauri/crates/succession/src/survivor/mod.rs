//! One participant's part in the survival of its meeting.
//!
//! Feed a [`Survivor`] its [`Input`]s with the time, then drain [`Survivor::poll_output`] and do what it says; call it with
//! [`Input::Tick`] when [`Survivor::next_deadline`] is reached. Time is a `Duration` since any fixed moment, by a clock that goes
//! on while the machine sleeps.
//!
//! - `begin`: the founder, a newcomer, a restarted app
//! - `hearing`: hellos, pulses, who is lost
//! - `following`: claims of hosts, whom to follow, when to take over
//! - `hosting`: records, who comes and goes
//! - `succeeding`: taking over, handing over, leaving
//! - `merging`: with another half
//! - `letters`, `syncing`: what is said to one, and what all have
//! - `io`: inputs and outputs

mod begin;
mod following;
mod hearing;
mod hosting;
mod io;
mod letters;
mod merging;
mod succeeding;
mod syncing;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use landline_trust::{PublicKey, Statement};

use crate::chain::Claim;
use crate::chat::Log;
use crate::handover::Handover;
use crate::ids::{Hash, KeyId, MeetingId, TermId, first16};
use crate::letter::Refused;
use crate::limits::{ASK_FOR, HELLO_LEAST, LOST_AFTER};
use crate::merge::Merge;
use crate::message::Message;
use crate::pulse::MergeId;
use crate::record::Member;
use crate::rulings::Rulings;
use crate::signer::{Signer, Verified};
use crate::suspicion::{Heard, Neighbour, has_jumped};

pub use io::{Config, Input, Output};

/// What this participant is to the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Knows the meeting's id and follows nobody yet.
    Outside,
    /// Follows a host, heard or lost.
    Member,
    /// Has lost the host and asks whether it may take over.
    Candidate {
        since: Duration,
    },
    Host,
    /// A host whose clock jumped: it listens before it speaks.
    Asking {
        until: Duration,
    },
    /// A host that has handed over and waits for its successor.
    Leaving {
        until: Duration,
    },
    /// Not in the meeting any more.
    Gone,
}

/// Another host of the same meeting.
#[derive(Debug)]
struct Rival {
    claim: Arc<Claim>,
    heard: Option<Heard>,
}

/// Said again until the winner's record lists us.
#[derive(Debug)]
struct Yielded {
    to: PublicKey,
    handover: Arc<Handover>,
    claim: Arc<Claim>,
}

/// The state machine.
pub struct Survivor {
    signer: Box<dyn Signer>,
    meeting: MeetingId,
    /// As this participant wants to be listed.
    me: Member,
    entropy: Hash,
    drawn: u64,
    standing: Standing,
    claim: Option<Arc<Claim>>,
    /// The last claim whose record lists us.
    ticket: Option<Arc<Claim>>,
    /// Of the host of `claim`: our own, if that is us.
    heard: Option<Heard>,
    /// When the host was last heard, or the wait for it began.
    heard_at: Duration,
    candidates: BTreeMap<PublicKey, Heard>,
    rivals: BTreeMap<TermId, Rival>,
    handovers: VecDeque<Arc<Handover>>,
    /// The highest count heard of each term lately: an old pulse is no news, however it comes.
    counts: VecDeque<(TermId, u64)>,
    neighbours: BTreeMap<PublicKey, Neighbour>,
    verified: Verified,
    log: Log,
    rulings: Rulings,
    letters: VecDeque<(PublicKey, u64)>,
    /// Waiting to be let in.
    knocking: BTreeMap<PublicKey, Member>,
    merge: Option<Merge>,
    next_merge: Duration,
    yielded: Option<Yielded>,
    next_enter: Duration,
    last_hello: Duration,
    next_hello: Duration,
    next_beat: Duration,
    count: u64,
    /// Something that others should know soon.
    urgent: bool,
    /// When this was last called.
    looked: Duration,
    route: Option<PublicKey>,
    ready: bool,
    outputs: VecDeque<Output>,
    #[cfg(test)]
    pub(crate) mutation: Option<crate::simulation::Mutation>,
}

impl Survivor {
    /// Something happened, or a deadline was reached.
    pub fn handle(&mut self, input: Input, now: Duration) {
        if self.standing == Standing::Gone {
            return;
        }
        if has_jumped(self.looked, now) {
            self.clock_jumped(now);
        }
        self.looked = self.looked.max(now);
        match input {
            Input::Tick => {}
            Input::Woke => self.clock_jumped(now),
            Input::Reached(key) => self.reached(key, now),
            Input::Received { from, message } => self.receive(from, message, now),
            Input::Say { text, unix_ms } => self.say(text, unix_ms, now),
            Input::Rule(rule) => self.rule(rule, now),
            Input::Admit(key) => self.admit(&key, now),
            Input::Decline(key, why) => self.decline(key, why, now),
            Input::Seated(seats) => self.seat(&seats, now),
            Input::Gone(key) => self.forget(&key, now),
            Input::Moved(kind) => {
                self.me.kind = kind;
                self.relist(now);
            }
            Input::Leave => self.leave(now),
        }
        self.work(now);
    }

    /// What to do next; until there is nothing.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Survivor::handle`] at the latest. `None`: not in the meeting any more.
    pub fn next_deadline(&self) -> Option<Duration> {
        let mut next = self.next_hello;
        if self.urgent {
            next = next.min(self.last_hello + HELLO_LEAST);
        }
        match self.standing {
            Standing::Gone => return None,
            Standing::Host => next = next.min(self.next_beat),
            Standing::Member if !self.is_own_term() => {
                let lost = self.heard_at + LOST_AFTER;
                // Once lost, the next hello is soon enough.
                if lost > self.looked {
                    next = next.min(lost);
                }
            }
            Standing::Asking { until } | Standing::Leaving { until } => next = next.min(until),
            Standing::Outside | Standing::Member | Standing::Candidate { .. } => {}
        }
        Some(next)
    }

    fn receive(&mut self, from: PublicKey, message: Message, now: Duration) {
        if from == self.me.key {
            return;
        }
        if self.rulings.is_banned(&from) && matches!(message, Message::Hello(_)) {
            self.show_out(from, now);
        }
        match message {
            Message::Hello(hello) => self.hello(from, &hello, now),
            Message::AskClaim(term) => self.show_claim(from, term),
            Message::Claim { claim, handovers } => self.claim(&claim, &handovers, now),
            Message::Have { lines, rulings } => {
                self.give(from, lines.as_deref(), rulings.as_deref());
            }
            Message::Lines(lines) => self.lines(from, &lines, now),
            Message::Rulings(rulings) => self.take_rulings(from, &rulings, now),
            Message::Letter { hops, letter } => self.letter(from, hops, &letter, now),
        }
    }

    /// What is due.
    fn work(&mut self, now: Duration) {
        if let Standing::Asking { until } = self.standing
            && now >= until
        {
            // Nobody has taken over.
            self.standing = Standing::Host;
            self.next_beat = now;
        }
        if let Standing::Leaving { until } = self.standing
            && now >= until
        {
            self.go();
            return;
        }
        self.consider(now);
        self.merge_on(now);
        let urgent = self.urgent && now >= self.last_hello + HELLO_LEAST;
        let beats = self.speaks() && now >= self.next_beat;
        if now >= self.next_hello || urgent || beats {
            self.greet(now);
            self.enter(now);
            self.dial(now);
            self.prune(now);
        }
        self.stand_ready();
    }

    /// The machine slept or the process was halted: nothing that was not heard meanwhile means anything.
    fn clock_jumped(&mut self, now: Duration) {
        self.heard_at = now;
        self.candidates.clear();
        self.merge = None;
        match self.standing {
            Standing::Host | Standing::Asking { .. } => {
                self.standing = Standing::Asking {
                    until: now + ASK_FOR,
                };
            }
            Standing::Candidate { .. } => self.standing = Standing::Member,
            Standing::Outside | Standing::Member | Standing::Leaving { .. } | Standing::Gone => {}
        }
        self.urgent = true;
    }

    /// A host that says so.
    fn speaks(&self) -> bool {
        matches!(self.standing, Standing::Host | Standing::Leaving { .. })
    }

    /// The term of the claim is our own: of now, or of before a restart.
    fn is_own_term(&self) -> bool {
        self.claim
            .as_ref()
            .is_some_and(|claim| *claim.host() == self.me.key)
            && !matches!(self.standing, Standing::Member | Standing::Candidate { .. })
    }

    fn draw(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let statement = Statement::new("draw")
            .field(&self.entropy)
            .field(&self.drawn.to_be_bytes());
        first16(&statement.hash())
    }

    fn draw_u64(&mut self) -> u64 {
        let drawn = self.draw();
        drawn
            .iter()
            .take(8)
            .fold(0, |sum, b| sum << 8 | u64::from(*b))
    }

    fn fellow(&self, key: &PublicKey) -> Option<&Member> {
        self.claim.as_ref()?.record().member(key)
    }

    /// A member that nobody removed: gets what was said in the meeting, of whatever half it is now.
    fn shares_with(&self, key: &PublicKey) -> bool {
        self.fellow(key).is_some() && !self.rulings.is_banned(key)
    }

    /// The host's record has this participant.
    pub fn is_listed(&self) -> bool {
        self.fellow(&self.me.key).is_some()
    }

    /// Place in the order; `None`: cannot host.
    fn rank(&self, key: &PublicKey) -> Option<usize> {
        self.claim.as_ref()?.header().rank(KeyId::of(key))
    }

    fn go(&mut self) {
        self.standing = Standing::Gone;
        self.outputs.push_back(Output::Left);
    }

    fn refused(&mut self, why: Refused) {
        self.standing = Standing::Gone;
        self.outputs.push_back(Output::Refused(why));
    }

    /// Neighbours whose path works both ways.
    pub(crate) fn answering(&self, now: Duration) -> Vec<PublicKey> {
        self.neighbours
            .iter()
            .filter(|(_, neighbour)| neighbour.answers(now))
            .map(|(key, _)| *key)
            .collect()
    }

    fn send(&mut self, to: PublicKey, message: Message) {
        self.outputs.push_back(Output::Send { to, message });
    }

    /// What it is to the meeting.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The host that is followed, with its record; of a host its own.
    pub fn followed(&self) -> Option<&Arc<Claim>> {
        self.claim.as_ref()
    }

    pub fn log(&self) -> &Log {
        &self.log
    }

    pub fn rulings(&self) -> &Rulings {
        &self.rulings
    }

    /// The merge that members of this host shall sign for.
    fn muster(&self) -> Option<MergeId> {
        self.merge.as_ref().and_then(Merge::muster)
    }

    /// Other hosts, how long ago each was heard, and whether it has ended: for stories.
    #[cfg(test)]
    pub(crate) fn known_rivals(&self, now: Duration) -> Vec<(TermId, Option<Duration>, bool)> {
        let heard = |rival: &Rival| {
            rival
                .heard
                .as_ref()
                .map(|heard| now.saturating_sub(heard.at))
        };
        self.rivals
            .iter()
            .map(|(term, rival)| (*term, heard(rival), self.is_ended(*term)))
            .collect()
    }

    #[cfg(test)]
    fn mutated(&self, mutation: crate::simulation::Mutation) -> bool {
        self.mutation == Some(mutation)
    }
}
