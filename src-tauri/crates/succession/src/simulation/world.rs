//! People, time, and what their survivors want done.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::ids::TermId;
use crate::record::Kind;
use crate::rulings::Rule;
use crate::signer::Signer;
use crate::{Config, Input, Message, Output, Standing, Survivor};

use super::Mutation;
use super::dice::Dice;
use super::keys::{self, PEOPLE};
use super::network::Network;
use super::script::Step;

const SECOND: u64 = 1_000_000;

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
    incarnation: u32,
    /// What the app keeps over a restart.
    saved: Option<Claim>,
    wake: u64,
    pub(super) listens: bool,
    /// In the life of its process, or by what that kept, it was in the meeting.
    pub(super) was_listed: bool,
    /// The last term in which it was.
    listed_in: Option<TermId>,
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
    seed: u64,
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
    disturbed: u64,
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

    fn signer(&self, person: usize) -> Box<dyn Signer> {
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

    fn happen(&mut self, what: What) {
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

    /// A process begins, for the first time or again.
    pub(super) fn begin(&mut self, person: usize) {
        let config = Config {
            client: self.people[person].client.clone(),
            kind: if self.people[person].is_app {
                Kind::App {
                    fingerprint: [u8::try_from(person).unwrap(); 32],
                    addresses: vec![format!("10.0.0.{person}:4000")],
                    wired: [None, Some(true), Some(false)][person % 3],
                }
            } else {
                Kind::Guest
            },
            entropy: self.dice.bytes(),
        };
        let (signer, time) = (self.signer(person), self.time());
        let saved = self.people[person].saved.clone();
        let survivor = match saved {
            Some(saved) => Survivor::restore(config, saved, signer, time).unwrap(),
            None if person == 0 && self.people[0].incarnation == 0 => {
                Survivor::found(config, [7; 16], self.seed, signer, time).unwrap()
            }
            None => {
                let founding = crate::Founding {
                    founder: self.people[0].key,
                    nonce: [7; 16],
                    start: self.seed,
                };
                Survivor::join(config, founding.id(), signer, time)
            }
        };
        let one = &mut self.people[person];
        one.life = Life::Runs;
        one.incarnation += 1;
        one.wake = u64::MAX;
        one.refused = false;
        one.was_listed = false;
        one.survivor = Some(survivor);
        let incarnation = one.incarnation;
        if let Some(survivor) = &mut one.survivor {
            survivor.mutation = self.options.mutation;
        }
        self.tell(|| format!("p{person} begins"));
        self.input(person, Input::Tick);
        self.at(self.now + 1_000, What::Seek(person, incarnation));
    }

    /// Hosts of the same meeting see each other in the list, and speak.
    fn browse(&mut self) {
        for a in 0..self.people.len() {
            for b in 0..a {
                let both = self.people[a].hosts() && self.people[b].hosts();
                if both && self.network.connect(a, b) {
                    self.at(self.now + 2_000, What::Reach(a, b));
                    self.at(self.now + 2_000, What::Reach(b, a));
                }
            }
        }
        self.at(self.now + SECOND, What::Browse);
    }

    /// Somebody who is not listed looks for the meeting, as its list of meetings shows it.
    fn seek(&mut self, person: usize) {
        let one = &self.people[person];
        let is_listed = one
            .survivor
            .as_ref()
            .and_then(Survivor::followed)
            .is_some_and(|claim| claim.record().member(&one.key).is_some());
        if is_listed || one.refused || matches!(one.life, Life::Ended) {
            return;
        }
        let hosts: Vec<usize> = (0..self.people.len())
            .filter(|&host| {
                host != person && self.people[host].hosts() && self.network.is_open(person, host)
            })
            .collect();
        if one.runs()
            && let Some(host) = self.dice.pick(&hosts)
        {
            if self.people[person].is_app {
                self.network.connect(person, host);
            } else {
                self.network.set_origin(person, host);
            }
            self.at(self.now + 2_000, What::Reach(person, host));
            self.at(self.now + 2_000, What::Reach(host, person));
        }
        let incarnation = self.people[person].incarnation;
        self.at(self.now + 1_000_000, What::Seek(person, incarnation));
    }

    fn resume(&mut self, person: usize) {
        let life = &mut self.people[person].life;
        if !matches!(life, Life::Halted(_)) {
            return;
        }
        let Life::Halted(mut waiting) = std::mem::replace(life, Life::Runs) else {
            return;
        };
        self.tell(|| format!("p{person} goes on"));
        if self.dice.chance(50) {
            self.input(person, Input::Tick);
        }
        // What was in the sockets comes at once, if it did not overflow.
        waiting.truncate(400);
        for what in waiting {
            self.happen(what);
        }
        self.input(person, Input::Tick);
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
            if output == Output::Ruled {
                self.note_rulings(person, &survivor);
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

    fn note_rulings(&mut self, person: usize, survivor: &Survivor) {
        let bit = 1 << person;
        for ban in &mut self.bans {
            if survivor.rulings().is_banned(&self.people[ban.what.0].key) {
                ban.holders |= bit;
            }
        }
        for role in &mut self.roles {
            let given = Rule::Role(self.people[role.what.0].key, role.what.1);
            if survivor.rulings().rules().any(|rule| *rule == given) {
                role.holders |= bit;
            }
        }
    }

    /// What a person's memory held is gone.
    pub(super) fn forget(&mut self, person: usize) {
        let bit: u32 = 1 << person;
        for line in &mut self.lines {
            line.holders &= !bit;
        }
        for ban in &mut self.bans {
            ban.holders &= !bit;
        }
        for role in &mut self.roles {
            role.holders &= !bit;
        }
        self.network.forget(person);
    }

    fn person_of(&self, key: &PublicKey) -> Option<usize> {
        self.people.iter().position(|one| one.key == *key)
    }

    /// Nobody leaves a host that it can hear, unless that host said so.
    fn check_loss(&mut self, person: usize, before: Option<(PublicKey, TermId)>) {
        let Some((host, term)) = before else { return };
        let Some(host) = self.person_of(&host).filter(|host| *host != person) else {
            return;
        };
        let still_hosts = self.people[host].hosts()
            && self.people[host]
                .survivor
                .as_ref()
                .and_then(Survivor::followed)
                .is_some_and(|claim| claim.term() == term);
        let undisturbed = self.now > self.disturbed + 4 * SECOND && self.network.is_quiet();
        let banned = self
            .bans
            .iter()
            .any(|ban| ban.what.0 == host || ban.what.0 == person);
        if still_hosts && undisturbed && !banned && self.network.is_connected(person, host, false) {
            self.broken
                .get_or_insert(format!("p{person} left p{host}, which it could hear"));
        }
    }

    fn output(
        &mut self,
        person: usize,
        output: Output,
        was: Standing,
        before: Option<(PublicKey, TermId)>,
    ) {
        match output {
            Output::Send { to, message } => self.send(person, &to, message),
            Output::Dial { to, .. } => {
                let Some(to) = self.person_of(&to) else {
                    return;
                };
                let answers = self.people[to].listens && self.people[to].runs();
                if answers && self.network.connect(person, to) {
                    self.at(self.now + 2_000, What::Reach(person, to));
                    self.at(self.now + 2_000, What::Reach(to, person));
                }
            }
            Output::Open(claim) => {
                self.counts.opened += 1;
                self.check_loss(person, before);
                self.tell(|| format!("p{person} opens epoch {}", claim.header().epoch));
            }
            Output::Follow(claim) => {
                self.counts.followed += 1;
                self.counts.merged += u64::from(was == Standing::Host);
                self.check_loss(person, before);
                let host = self.person_of(claim.host());
                self.tell(|| {
                    let epoch = claim.header().epoch;
                    format!("p{person} follows p{host:?} in epoch {epoch}")
                });
            }
            Output::Roster(claim) => {
                let (header, members) = (claim.header(), claim.record().members());
                self.tell(|| {
                    let who: Vec<_> = members.iter().map(|m| m.client.as_str()).collect();
                    let term = header.term();
                    format!(
                        "p{person} has {term:?} {}.{} {who:?}",
                        header.epoch, header.version
                    )
                });
                let others: Vec<usize> = members
                    .iter()
                    .filter_map(|member| self.person_of(&member.key))
                    .collect();
                // Those who are both in the meeting make a data channel.
                if others.contains(&person) {
                    self.people[person].was_listed = true;
                    self.people[person].listed_in = Some(header.term());
                    for other in others {
                        if other != person && self.people[other].runs() {
                            self.network.set_link(person, other);
                        }
                    }
                } else if self.people[person].listed_in == Some(header.term()) {
                    // Removed, though it may not know why.
                    self.people[person].was_listed = false;
                }
                if self.people[person].is_app {
                    self.people[person].saved = Some(Claim::clone(&claim));
                }
            }
            Output::Ready(listens) => self.people[person].listens = listens,
            Output::Knock(member) => {
                if let Some(who) = self.person_of(&member.key) {
                    self.tell(|| format!("p{person} lets in p{who}"));
                    self.at(self.now, What::Step(Step::Admit(person, who)));
                }
            }
            Output::Line(line) => {
                let known = self.lines.iter_mut().find(|known| known.what == line.text);
                known.unwrap().holders |= 1 << person;
            }
            Output::Refused(why) => {
                self.tell(|| format!("p{person} is refused: {why:?}"));
                self.end(person);
                self.people[person].refused = true;
            }
            Output::Left => {
                self.tell(|| format!("p{person} has left"));
                self.end(person);
            }
            Output::Route(_) | Output::Ruled => {}
        }
    }

    pub(super) fn end(&mut self, person: usize) {
        self.people[person].life = Life::Ended;
        self.people[person].incarnation += 1;
        self.people[person].listens = false;
        self.forget(person);
    }

    fn send(&mut self, from: usize, to: &PublicKey, message: Message) {
        let Some(to) = self.person_of(to) else { return };
        if matches!(self.people[to].life, Life::Ended | Life::Absent) {
            return;
        }
        let Some(delay) = self.network.carry(from, to) else {
            return;
        };
        self.counts.messages += 1;
        let message = if self.options.real {
            let bytes = message.encode();
            let read = Message::decode(&bytes).unwrap();
            assert_eq!(
                read.encode(),
                bytes,
                "what was read is written the same way"
            );
            read
        } else {
            message
        };
        let incarnation = self.people[to].incarnation;
        self.at(
            self.now + delay,
            What::Deliver {
                to,
                incarnation,
                from,
                message,
            },
        );
    }
}
