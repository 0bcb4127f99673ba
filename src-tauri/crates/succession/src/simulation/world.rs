//! People, time, and what their survivors want done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::ids::TermId;
use crate::signer::Signer;
use crate::{Input, Message, Output, Standing, Survivor};

use super::Mutation;
use super::dice::Dice;
use super::keys::{self, PEOPLE};
use super::network::Network;
use super::script::Step;

pub(super) const SECOND: u64 = 1_000_000;

/// How a seed is run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Real signatures, and every message as bytes.
    pub(super) real: bool,
    pub(super) mutation: Option<Mutation>,
    /// Print what happens.
    pub(super) tells: bool,
}

/// What a process does.
#[derive(Debug)]
pub(super) enum Life {
    Absent,
    Runs,
    /// Halted; what came meanwhile.
    Halted(Vec<What>),
    /// Dead, or left, or removed.
    Ended,
}

/// One person and its app or browser.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own, and all are looked at separately"
)]
pub(super) struct Person {
    pub(super) key: PublicKey,
    pub(super) client: String,
    pub(super) is_app: bool,
    pub(super) life: Life,
    pub(super) survivor: Option<Survivor>,
    pub(super) incarnation: u32,
    /// What the app keeps over a restart.
    pub(super) saved: Option<Claim>,
    pub(super) wake: u64,
    pub(super) listens: bool,
    /// In the life of its process, or by what that kept, it was in the meeting.
    pub(super) was_listed: bool,
    /// The last term in which it was.
    pub(super) listed_in: Option<TermId>,
    /// The core said that it is over.
    pub(super) refused: bool,
}

impl Person {
    pub(super) fn runs(&self) -> bool {
        matches!(self.life, Life::Runs)
    }

    pub(super) fn standing(&self) -> Standing {
        self.survivor
            .as_ref()
            .map_or(Standing::Gone, Survivor::standing)
    }

    pub(super) fn hosts(&self) -> bool {
        self.runs() && self.standing() == Standing::Host
    }
}

/// Something that was said or ruled, and a bit for each running person who has it.
#[derive(Debug)]
pub(super) struct Known<T> {
    pub(super) what: T,
    pub(super) holders: u32,
}

#[derive(Debug)]
pub(super) enum What {
    Deliver {
        to: usize,
        incarnation: u32,
        from: usize,
        message: Message,
    },
    Wake(usize, u32),
    Reach(usize, usize),
    Seek(usize, u32),
    Begin(usize),
    Resume(usize),
    /// Hosts look at the list of meetings.
    Browse,
    Step(Step),
}

struct Event {
    at: u64,
    number: u64,
    what: What,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}
impl Eq for Event {}
impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// One seed's meeting.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) dice: Dice,
    pub(super) seed: u64,
    /// Microseconds.
    pub(super) now: u64,
    events: BinaryHeap<Reverse<Event>>,
    number: u64,
    pub(super) network: Network,
    pub(super) people: Vec<Person>,
    pub(super) lines: Vec<Known<String>>,
    /// Who was removed, by whom.
    pub(super) bans: Vec<Known<(usize, usize)>>,
    /// Who was made what by the founder.
    pub(super) roles: Vec<Known<(usize, crate::rulings::Role)>>,
    pub(super) counts: Counts,
    /// When network or processes were last interfered with.
    pub(super) disturbed: u64,
    /// A rule that holds at all times was broken.
    pub(super) broken: Option<String>,
}

/// What took place.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) opened: u64,
    pub(super) followed: u64,
    /// Hosts that gave way to another half.
    pub(super) merged: u64,
}

impl World {
    pub(super) fn new(seed: u64, options: Options) -> Self {
        Self {
            options,
            dice: Dice::new(seed ^ 0x776f_726c_6400),
            seed,
            now: 0,
            events: BinaryHeap::new(),
            number: 0,
            network: Network::new(seed),
            people: Vec::new(),
            lines: Vec::new(),
            bans: Vec::new(),
            roles: Vec::new(),
            counts: Counts::default(),
            disturbed: 0,
            broken: None,
        }
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if self.options.tells {
            println!("{:>9} ms  {}", self.now / 1_000, what());
        }
    }

    /// How everybody is, for a story's end.
    pub(super) fn tell_all(&self) {
        for (index, one) in self.people.iter().enumerate() {
            let Some(survivor) = one.survivor.as_ref().filter(|_| one.runs()) else {
                continue;
            };
            let near: Vec<usize> = survivor
                .answering(self.time())
                .iter()
                .filter_map(|key| self.person_of(key))
                .collect();
            self.tell(|| {
                let (standing, term) = (survivor.standing(), survivor.followed().map(|c| c.term()));
                let rivals = survivor.known_rivals(self.time());
                format!("p{index}: {standing:?} of {term:?}, hears {near:?}, knows {rivals:?}")
            });
        }
    }

    pub(super) fn at(&mut self, at: u64, what: What) {
        self.number += 1;
        self.events.push(Reverse(Event {
            at,
            number: self.number,
            what,
        }));
    }

    /// Somebody who is not there yet. Nothing, if there are enough.
    pub(super) fn newcomer(&mut self, is_app: bool, begins: u64) -> Option<usize> {
        let index = self.people.len();
        if index >= PEOPLE {
            return None;
        }
        self.people.push(Person {
            key: self.signer(index).public(),
            client: format!("c{index}"),
            is_app,
            life: Life::Absent,
            survivor: None,
            incarnation: 0,
            saved: None,
            wake: u64::MAX,
            listens: false,
            was_listed: false,
            listed_in: None,
            refused: false,
        });
        self.at(begins, What::Begin(index));
        Some(index)
    }

    pub(super) fn signer(&self, person: usize) -> Box<dyn Signer> {
        keys::signer(person, self.seed, self.options.real)
    }

    pub(super) fn time(&self) -> Duration {
        Duration::from_micros(self.now)
    }

    /// Runs until that time.
    pub(super) fn run_until(&mut self, end: u64) {
        while let Some(Reverse(event)) = self.events.peek() {
            if event.at > end {
                break;
            }
            let Some(Reverse(event)) = self.events.pop() else {
                break;
            };
            self.now = self.now.max(event.at);
            self.happen(event.what);
        }
        self.now = end;
    }

    pub(super) fn happen(&mut self, what: What) {
        let whom = match &what {
            What::Deliver { to, .. } => Some(*to),
            What::Wake(person, _) | What::Reach(person, _) => Some(*person),
            _ => None,
        };
        if let Some(person) = whom
            && let Life::Halted(waiting) = &mut self.people[person].life
        {
            waiting.push(what);
            return;
        }
        match what {
            What::Deliver {
                to,
                incarnation,
                from,
                message,
            } => {
                if self.people[to].incarnation == incarnation {
                    let from = self.people[from].key;
                    self.input(to, Input::Received { from, message });
                }
            }
            What::Wake(person, incarnation) => {
                let now = self.now;
                let one = &mut self.people[person];
                if one.incarnation == incarnation && one.wake <= now {
                    one.wake = u64::MAX;
                    self.input(person, Input::Tick);
                }
            }
            What::Reach(person, other) => {
                let key = self.people[other].key;
                self.input(person, Input::Reached(key));
            }
            What::Seek(person, incarnation) => {
                if self.people[person].incarnation == incarnation {
                    self.seek(person);
                }
            }
            What::Begin(person) => {
                self.disturbed = self.now;
                self.begin(person);
            }
            What::Resume(person) => {
                self.disturbed = self.now;
                self.resume(person);
            }
            What::Browse => self.browse(),
            What::Step(step) => {
                if step.disturbs() {
                    self.disturbed = self.now;
                }
                self.step(step);
            }
        }
    }

    pub(super) fn input(&mut self, person: usize, input: Input) {
        let time = self.time();
        if !self.people[person].runs() {
            return;
        }
        let Some(mut survivor) = self.people[person].survivor.take() else {
            return;
        };
        let before = survivor.standing();
        let host = survivor
            .followed()
            .map(|claim| (*claim.host(), claim.term()));
        survivor.handle(input, time);
        if self.options.tells {
            let after = survivor.standing();
            if std::mem::discriminant(&before) != std::mem::discriminant(&after) {
                self.tell(|| format!("p{person}: {before:?} -> {after:?}"));
            }
        }
        while let Some(output) = survivor.poll_output() {
            match output {
                Output::Ruled => self.note_rulings(person, &survivor),
                Output::Roster(_) => self.check_listed(person, &survivor),
                _ => {}
            }
            self.output(person, output, before, host);
        }
        let deadline = survivor.next_deadline();
        let one = &mut self.people[person];
        one.survivor = Some(survivor);
        let incarnation = one.incarnation;
        if let Some(deadline) = deadline {
            let at = u64::try_from(deadline.as_micros()).unwrap().max(self.now);
            // A deadline that is not reached by its own work would be a loop.
            let at = if at == self.now { at + 1_000 } else { at };
            if at < one.wake {
                one.wake = at;
                self.at(at, What::Wake(person, incarnation));
            }
        }
    }

    pub(super) fn person_of(&self, key: &PublicKey) -> Option<usize> {
        self.people.iter().position(|one| one.key == *key)
    }
}
