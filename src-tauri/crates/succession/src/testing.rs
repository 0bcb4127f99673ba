//! A few people whose messages arrive at once, for tests that tell a short story. Real keys throughout.

use std::sync::Arc;
use std::time::Duration;

use landline_trust::{PublicKey, SigningKey};

use crate::chain::Claim;
use crate::ids::MeetingId;
use crate::message::Message;
use crate::record::{Kind, Member};
use crate::signer::Signer;
use crate::{Config, Input, Output, Standing, Survivor};

/// A signer that can be in several places.
#[derive(Clone)]
pub(crate) struct Key(Arc<SigningKey>);

impl Key {
    pub(crate) fn new() -> Self {
        Self(Arc::new(SigningKey::generate().unwrap()))
    }
}

impl Signer for Key {
    fn public(&self) -> landline_trust::PublicKey {
        self.0.public()
    }

    fn sign(&self, statement: &landline_trust::Statement) -> Option<landline_trust::Signature> {
        self.0.sign(statement).ok()
    }
}

pub(crate) fn app(key: &Key, joined: u64) -> Member {
    Member {
        key: key.public(),
        client: format!("c{joined}"),
        kind: Kind::App {
            fingerprint: [7; 32],
            addresses: vec!["10.0.0.1:1".into()],
            wired: None,
        },
        joined,
    }
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(crate) fn config(number: u8) -> Config {
    Config {
        client: format!("c{number}"),
        kind: app(&Key::new(), 0).kind,
        entropy: [number; 32],
    }
}

/// People whose messages arrive at once, ten times a second.
pub(crate) struct Room {
    pub(crate) people: Vec<(Key, Survivor, bool)>,
    /// Pairs between which nothing gets through.
    pub(crate) cut: Vec<(usize, usize)>,
    pub(crate) meeting: MeetingId,
    /// How often a host was asked to let somebody in.
    pub(crate) knocks: usize,
    /// The last way to the host that each was told.
    pub(crate) routes: Vec<Option<PublicKey>>,
    pub(crate) now: Duration,
}

impl Room {
    /// A founder and apps that have joined it.
    pub(crate) fn new(others: usize) -> Self {
        let key = Key::new();
        let founder = Survivor::found(config(0), [9; 16], 1, Box::new(key.clone()), ms(0)).unwrap();
        let id = founder.followed().unwrap().header().meeting;
        let mut room = Self {
            people: vec![(key, founder, true)],
            now: ms(0),
            cut: Vec::new(),
            routes: vec![None],
            meeting: id,
            knocks: 0,
        };
        for _ in 0..others {
            let came = room.arrive();
            room.reach(0, came);
            room.run(ms(2_000));
        }
        room
    }

    /// Somebody new, who knows the meeting's id and has no connection yet.
    pub(crate) fn arrive(&mut self) -> usize {
        let key = Key::new();
        let number = self.people.len();
        let config = config(u8::try_from(number).unwrap());
        let joins = Survivor::join(config, self.meeting, Box::new(key.clone()), self.now);
        self.people.push((key, joins, true));
        self.routes.push(None);
        number
    }

    fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cut.contains(&(a, b)) || self.cut.contains(&(b, a))
    }

    /// Two who do not speak yet have a connection from now on.
    pub(crate) fn reach(&mut self, a: usize, b: usize) {
        for (one, other) in [(a, b), (b, a)] {
            let key = self.people[other].0.public();
            self.give(one, Input::Reached(key));
        }
    }

    pub(crate) fn give(&mut self, person: usize, input: Input) {
        let (_, survivor, runs) = &mut self.people[person];
        if !*runs {
            return;
        }
        survivor.handle(input, self.now);
        let from = self.people[person].0.public();
        while let Some(output) = self.people[person].1.poll_output() {
            match output {
                Output::Send { to, message } => {
                    let place = self.people.iter().position(|(key, ..)| key.public() == to);
                    if let Some(place) = place
                        && !self.is_cut(person, place)
                    {
                        self.give(place, Input::Received { from, message });
                    }
                }
                Output::Knock(member) => {
                    self.knocks += 1;
                    self.give(person, Input::Admit(member.key));
                }
                Output::Route(route) => self.routes[person] = route,
                _ => {}
            }
        }
    }

    pub(crate) fn run(&mut self, length: Duration) {
        let end = self.now + length;
        while self.now < end {
            self.now += ms(100);
            for person in 0..self.people.len() {
                self.give(person, Input::Tick);
            }
        }
    }

    pub(crate) fn standing(&self, person: usize) -> Standing {
        self.people[person].1.standing()
    }

    pub(crate) fn epoch(&self, person: usize) -> u32 {
        self.people[person].1.followed().unwrap().header().epoch
    }

    /// Shows somebody a claim, with pulses that say it lives.
    pub(crate) fn show(&mut self, to: usize, host: &Key, claim: &Claim, pulses: u64) {
        let claim = Arc::new(claim.clone());
        let from = host.public();
        let shown = Message::Claim {
            claim: claim.clone(),
            handovers: vec![],
        };
        for count in 1..=pulses {
            let pulse = crate::pulse::Pulse::sign(
                claim.header().meeting,
                claim.term(),
                crate::pulse::Beat::Host { merge: None },
                0,
                count,
                host,
            );
            let hello = Message::Hello(crate::message::Hello {
                hears_you: true,
                host: pulse.map(Arc::new),
                others: vec![],
                record: claim.header().hash(),
                chat: 0,
                rulings: 0,
            });
            for message in [hello, shown.clone()] {
                self.give(to, Input::Received { from, message });
            }
            self.run(ms(500));
        }
    }
}
