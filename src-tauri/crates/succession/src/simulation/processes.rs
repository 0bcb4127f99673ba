//! Processes that begin, look for the meeting, go on after a halt, and end.

use crate::record::Kind;
use crate::{Config, Input, Survivor};

use super::world::{Life, SECOND, What, World};

impl World {
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
    pub(super) fn browse(&mut self) {
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
    pub(super) fn seek(&mut self, person: usize) {
        let one = &self.people[person];
        let is_listed = one
            .survivor
            .as_ref()
            .and_then(Survivor::followed)
            .is_some_and(|claim| claim.record().member(&one.key).is_some());
        if one.refused || matches!(one.life, Life::Ended) {
            return;
        }
        let hosts: Vec<usize> = (0..self.people.len())
            .filter(|&host| {
                host != person && self.people[host].hosts() && self.network.is_open(person, host)
            })
            .collect();
        if !is_listed
            && one.runs()
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

    pub(super) fn resume(&mut self, person: usize) {
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

    pub(super) fn end(&mut self, person: usize) {
        self.people[person].life = Life::Ended;
        self.people[person].incarnation += 1;
        self.people[person].listens = false;
        self.forget(person);
    }
}
