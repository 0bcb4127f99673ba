//! Which round is due, and when. Time is the caller's: any `Duration` that only grows.
//!
//! A round begins when the roster changed, when a member is in a later round over the same roster, or when a member contradicted
//! itself; at most one in [`ROUND_AFTER`], and none while people compare a code.

use std::collections::VecDeque;
use std::time::Duration;

use ring::error::Unspecified;

use crate::key::{PublicKey, SigningKey};

use super::early::Early;
use super::message::{Body, Message};
use super::pace::Pace;
use super::roster::{Member, Participant, Roster};
use super::round::{Round, Told, is_of_member};

/// Least time from the begin of one round to the begin of the next: bounds how many guesses somebody in between gets, and how much
/// work a hostile member can make.
pub const ROUND_AFTER: Duration = Duration::from_secs(2);
/// Longest time that one code stays because somebody compares: a window left open must not keep newcomers from a code.
pub const MAX_COMPARING: Duration = Duration::from_mins(2);
/// Time until the next try when the system gave no random numbers for a signature.
const SIGN_AFTER: Duration = Duration::from_secs(1);
/// Rosters whose next round number is remembered: people come and go, and a roster may be there again.
const MAX_REMEMBERED: usize = 16;

/// Our own place in the room. From ourselves, never from the server's roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub client_id: String,
    /// SHA-256 of the DTLS certificate of our links.
    pub fingerprint: [u8; 32],
}

/// What people see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub status: Status,
    /// Client ids of those whom no code covers: they show no identity, or a bad one.
    pub unverifiable: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nobody else here has an identity.
    Alone,
    /// There is no code yet.
    Waiting {
        /// Client ids of those who have not committed, or not revealed, or who saw other commitments than we did. Empty while the
        /// next round is about to begin.
        missing: Vec<String>,
    },
    Code {
        /// Five numbers below 64.
        code: [u8; 5],
        /// Client ids of the others whom it covers.
        with: Vec<String>,
        /// No other round is due. False while people compare a code of a roster that has changed since.
        current: bool,
    },
}

/// The state machine. `meeting_id` and our key stay for its life.
#[derive(Debug)]
pub struct Rounds {
    meeting_id: String,
    key: PublicKey,
    roster: Option<Roster>,
    unverifiable: Vec<String>,
    round: Option<Round>,
    /// Our last message of this round, and when it goes out again.
    last: Option<(Message, Pace)>,
    /// Lowest number that the next round over the present round's roster may have, if one is due.
    wanted: Option<u32>,
    /// Next number for each roster that had rounds, so that a number is not used twice.
    remembered: VecDeque<([u8; 32], u32)>,
    began: Option<Duration>,
    coded: Option<Duration>,
    comparing: Option<Duration>,
    /// No signature is tried before.
    not_before: Duration,
    early: Early,
}

impl Rounds {
    /// For one meeting. `key` is the one that signs.
    #[must_use]
    pub fn new(meeting_id: &str, key: PublicKey) -> Self {
        Self {
            meeting_id: meeting_id.to_owned(),
            key,
            roster: None,
            unverifiable: Vec::new(),
            round: None,
            last: None,
            wanted: None,
            remembered: VecDeque::new(),
            began: None,
            coded: None,
            comparing: None,
            not_before: Duration::ZERO,
            early: Early::default(),
        }
    }

    /// Who is in the room now. Best called when all identities of a new roster were verified: each difference is another round.
    pub fn roster(&mut self, me: &Me, others: &[Participant]) {
        let me = Member {
            client_id: me.client_id.clone(),
            key: self.key,
            fingerprint: me.fingerprint,
        };
        let (roster, unverifiable) = Roster::new(&self.meeting_id, &me, others);
        self.roster = Some(roster);
        self.unverifiable = unverifiable;
    }

    /// People began to compare the code, or ended.
    pub const fn comparing(&mut self, now: Duration, on: bool) {
        self.comparing = match (on, self.comparing) {
            (false, _) => None,
            (true, Some(since)) => Some(since),
            (true, None) => Some(now),
        };
    }

    /// A message came; `from` as stamped by the server, which is not believed.
    pub fn receive(&mut self, now: Duration, from: &str, message: Message) {
        let Some(round) = &mut self.round else {
            return self.early.put(from, message);
        };
        if message.roster != round.roster().hash {
            return self.early.put(from, message);
        }
        if message.round > round.number() {
            let known = self.wanted.is_some_and(|wanted| message.round <= wanted);
            if known || round.is_of_member(from, &message) {
                self.wanted = self.wanted.max(Some(message.round));
                self.early.put(from, message);
            }
            return;
        }
        let behind = message.round < round.number();
        let told = if behind {
            Told::Again
        } else {
            round.take(from, &message)
        };
        match told {
            Told::Nothing | Told::News => {}
            Told::Again => {
                if let Some((_, pace)) = &mut self.last
                    && message.asks()
                {
                    pace.ask();
                }
            }
            // After the last number there is none; the roster would have to change.
            Told::Contradiction => {
                self.wanted = self.wanted.max(round.number().checked_add(1));
            }
        }
        if round.code().is_some() && self.coded.is_none() {
            self.coded = Some(now);
        }
    }

    /// Does what is due, and returns what is to be sent. `nonce`: 32 fresh random bytes, other ones at each call; `signer` has the
    /// key of [`Rounds::new`].
    ///
    /// # Errors
    /// The system gives no random numbers; [`Rounds::wake_at`] says when to try again.
    pub fn tick(
        &mut self,
        now: Duration,
        signer: &SigningKey,
        nonce: [u8; 32],
    ) -> Result<Vec<Message>, Unspecified> {
        if now < self.not_before {
            return Ok(Vec::new());
        }
        let mut out = Vec::new();
        match self.act(now, signer, nonce, &mut out) {
            Ok(()) => Ok(out),
            Err(error) => {
                self.not_before = now + SIGN_AFTER;
                Err(error)
            }
        }
    }

    /// When [`Rounds::tick`] has something to do next, if nothing else comes.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        let begin = self.is_due().then(|| self.may_begin());
        let again = self.last.as_ref().and_then(|(_, pace)| {
            let lacking = self.is_current() && self.coded.is_none();
            pace.next(lacking)
        });
        [begin, again]
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.max(self.not_before))
    }

    /// What people see now.
    #[must_use]
    pub fn view(&self, now: Duration) -> View {
        View {
            status: self.status(now),
            unverifiable: self.unverifiable.clone(),
        }
    }

    fn status(&self, now: Duration) -> Status {
        let Some(roster) = &self.roster else {
            return Status::Alone;
        };
        let round = self
            .round
            .as_ref()
            .filter(|_| self.is_current() || self.frozen_until().is_some_and(|until| now < until));
        if let Some(round) = round
            && let Some(code) = round.code()
        {
            return Status::Code {
                code,
                with: round.roster().others().map(str::to_owned).collect(),
                current: self.is_current() && !self.is_due(),
            };
        }
        if roster.members.len() < 2 {
            return Status::Alone;
        }
        let missing = match round {
            Some(round) => round.missing(),
            None => roster.others().map(str::to_owned).collect(),
        };
        Status::Waiting { missing }
    }

    fn act(
        &mut self,
        now: Duration,
        signer: &SigningKey,
        nonce: [u8; 32],
        out: &mut Vec<Message>,
    ) -> Result<(), Unspecified> {
        if self.is_due() && now >= self.may_begin() {
            self.begin(now, signer, nonce, out)?;
        }
        let current = self.is_current();
        let Some(round) = &mut self.round else {
            return Ok(());
        };
        if current && let Some(message) = round.reveal(signer)? {
            out.push(message.clone());
            self.last = Some((message, Pace::new(now)));
        }
        let has_code = round.code().is_some();
        if has_code && self.coded.is_none() {
            self.coded = Some(now);
        }
        if let Some((message, pace)) = &mut self.last
            && pace.next(current && !has_code).is_some_and(|at| now >= at)
        {
            if let Body::Reveal { done, .. } = &mut message.body {
                *done = has_code;
            }
            out.push(message.clone());
            pace.again(now);
        }
        Ok(())
    }

    fn begin(
        &mut self,
        now: Duration,
        signer: &SigningKey,
        nonce: [u8; 32],
        out: &mut Vec<Message>,
    ) -> Result<(), Unspecified> {
        let Some(roster) = &self.roster else {
            return Ok(());
        };
        let hash = roster.hash;
        let number = self.next_number(roster);
        let (round, message) =
            Round::begin(&self.meeting_id, roster.clone(), number, nonce, signer)?;
        out.push(message.clone());
        self.last = Some((message, Pace::new(now)));
        self.round = Some(round);
        self.wanted = None;
        self.coded = None;
        self.began = Some(now);
        self.remember(hash, number.saturating_add(1));
        for (from, message) in self.early.take(&hash, number) {
            self.receive(now, &from, message);
        }
        Ok(())
    }

    /// The number of the next round over `roster`: one that we have not used, and the highest that a member is known to be in.
    fn next_number(&self, roster: &Roster) -> u32 {
        let unused = self
            .remembered
            .iter()
            .find(|(hash, _)| *hash == roster.hash)
            .map_or(0, |(_, next)| *next);
        let wanted = self.wanted.filter(|_| self.is_current()).unwrap_or(0);
        let mut number = unused.max(wanted);
        for (from, message) in self.early.about(&roster.hash) {
            if message.round > number && is_of_member(&self.meeting_id, roster, from, message) {
                number = message.round;
            }
        }
        number
    }

    fn remember(&mut self, hash: [u8; 32], next: u32) {
        self.remembered.retain(|(known, _)| *known != hash);
        if self.remembered.len() >= MAX_REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back((hash, next));
    }

    /// The round is over the roster of now.
    fn is_current(&self) -> bool {
        match (&self.round, &self.roster) {
            (Some(round), Some(roster)) => round.roster().hash == roster.hash,
            _ => false,
        }
    }

    /// Another round has to begin, as soon as it may.
    fn is_due(&self) -> bool {
        let company = self
            .roster
            .as_ref()
            .is_some_and(|roster| roster.members.len() > 1);
        company && (!self.is_current() || self.wanted.is_some())
    }

    fn may_begin(&self) -> Duration {
        let after = self
            .began
            .map_or(Duration::ZERO, |began| began + ROUND_AFTER);
        after.max(self.frozen_until().unwrap_or_default())
    }

    /// Until when the code stays because people compare it.
    fn frozen_until(&self) -> Option<Duration> {
        Some(self.comparing?.max(self.coded?) + MAX_COMPARING)
    }
}
