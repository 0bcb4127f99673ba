//! A meeting without a network: people with their state machines, a clock that is told to go on, and messages that a test delays,
//! drops or makes up.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use landline_trust::rounds::{Me, Message, Participant, Rounds, Status};
use landline_trust::{PublicKey, SigningKey, Verified};

pub(crate) const MEETING: &str = "0123456789abcdef0123456789abcdef";
const STEP: Duration = Duration::from_millis(100);

/// Chance that a seed repeats (`SplitMix64`).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.roll(100) < chance
    }

    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| u8::try_from(self.roll(256)).unwrap())
    }
}

/// Keys are slow to make: each number has one for the whole test program.
pub(crate) fn key(number: usize) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    &KEYS.get_or_init(|| (0..16).map(|_| SigningKey::generate().unwrap()).collect())[number]
}

/// One participant.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) key: usize,
    pub(crate) fingerprint: [u8; 32],
    pub(crate) rounds: Rounds,
    /// Whether it is in the room.
    pub(crate) here: bool,
}

impl Person {
    pub(crate) fn new(id: &str, key_number: usize, dice: &mut Dice) -> Self {
        Self {
            id: id.to_owned(),
            key: key_number,
            fingerprint: dice.bytes(),
            rounds: Rounds::new(MEETING, key(key_number).public()),
            here: true,
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        key(self.key).public()
    }

    /// As others see it, if nobody lies.
    pub(crate) fn shown(&self) -> Participant {
        Participant {
            client_id: self.id.clone(),
            identity: Some(Verified {
                key: self.public(),
                fingerprint: self.fingerprint,
            }),
        }
    }

    pub(crate) fn me(&self) -> Me {
        Me {
            client_id: self.id.clone(),
            fingerprint: self.fingerprint,
        }
    }

    /// The page is loaded anew: nothing is remembered but the key and, sometimes, the certificate.
    pub(crate) fn reload(&mut self, dice: &mut Dice) {
        self.rounds = Rounds::new(MEETING, self.public());
        if dice.percent(50) {
            self.fingerprint = dice.bytes();
        }
    }
}

/// What is under way.
pub(crate) struct Letter {
    pub(crate) to: usize,
    pub(crate) from: String,
    pub(crate) message: Message,
}

/// People, and what is under way between them.
pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) people: Vec<Person>,
    pub(crate) dice: Dice,
    post: BTreeMap<(Duration, u64), Letter>,
    count: u64,
}

impl World {
    pub(crate) fn new(seed: u64, people: usize) -> Self {
        let mut dice = Dice(seed);
        let people = (0..people)
            .map(|n| Person::new(&format!("p{n}"), n, &mut dice))
            .collect();
        Self {
            now: Duration::ZERO,
            people,
            dice,
            post: BTreeMap::new(),
            count: 0,
        }
    }

    pub(crate) fn post(&mut self, delay_ms: u64, letter: Letter) {
        self.count += 1;
        let at = self.now + Duration::from_millis(delay_ms);
        self.post.insert((at, self.count), letter);
    }

    /// Lets one step pass: what is due arrives, whoever has something to do does it. Returns what was sent, by whom.
    pub(crate) fn step(&mut self) -> Vec<(usize, Message)> {
        self.now += STEP;
        let later = self.post.split_off(&(self.now, u64::MAX));
        for letter in std::mem::replace(&mut self.post, later).into_values() {
            let person = &mut self.people[letter.to];
            if person.here {
                person
                    .rounds
                    .receive(self.now, &letter.from, letter.message);
            }
        }
        let mut sent = Vec::new();
        for (place, person) in self.people.iter_mut().enumerate() {
            if person.here {
                let messages = person
                    .rounds
                    .tick(self.now, key(person.key), self.dice.bytes())
                    .unwrap();
                sent.extend(messages.into_iter().map(|message| (place, message)));
            }
        }
        sent
    }

    /// Everybody is told who is here, as an honest server does.
    pub(crate) fn tell_rosters(&mut self) {
        let shown: Vec<Participant> = self
            .people
            .iter()
            .filter(|person| person.here)
            .map(Person::shown)
            .collect();
        for person in self.people.iter_mut().filter(|person| person.here) {
            let others: Vec<Participant> = shown
                .iter()
                .filter(|other| other.client_id != person.id)
                .cloned()
                .collect();
            let me = person.me();
            person.rounds.roster(&me, &others);
        }
    }

    pub(crate) fn code(&self, place: usize) -> Option<[u8; 5]> {
        match self.people[place].rounds.view(self.now).status {
            Status::Code { code, .. } => Some(code),
            Status::Alone | Status::Waiting { .. } => None,
        }
    }
}
