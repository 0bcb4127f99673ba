//! What a script's steps do.

use crate::record::Kind;
use crate::rulings::{Role, Rule};
use crate::{Input, Standing};

use super::script::Step;
use super::world::{Known, Life, What, World};

impl World {
    fn pick(&mut self, fits: impl Fn(&Self, usize) -> bool) -> Option<usize> {
        let who: Vec<usize> = (0..self.people.len())
            .filter(|&person| fits(self, person))
            .collect();
        self.dice.pick(&who)
    }

    fn any(&mut self) -> Option<usize> {
        self.pick(|world, person| world.people[person].runs())
    }

    fn host(&mut self) -> Option<usize> {
        self.pick(|world, person| world.people[person].hosts())
    }

    pub(super) fn step(&mut self, step: Step) {
        self.tell(|| format!("--- {step:?}"));
        match step {
            Step::Split(bits) => self.split(bits),
            Step::Sparse(seed) => {
                let mut dice = super::dice::Dice::new(seed);
                let cut_of_hundred = dice.between(20, 70);
                for a in 0..self.people.len() {
                    for b in 0..a {
                        if dice.chance(cut_of_hundred) {
                            self.network.cut(a, b);
                        }
                    }
                }
            }
            Step::CutPair | Step::OneWay => {
                if let (Some(a), Some(b)) = (self.any(), self.any())
                    && a != b
                {
                    self.tell(|| format!("p{a} p{b}"));
                    if step == Step::CutPair {
                        self.network.cut(a, b);
                    } else {
                        self.network.cut_one_way(a, b);
                    }
                }
            }
            Step::Heal => self.network.heal(),
            Step::Weather(loss, delay) => {
                self.network.loss = loss;
                self.network.delay = delay;
            }
            Step::Quiet => self.network.quiet(),
            Step::Restart(after) => {
                let who = self.pick(|world, p| world.people[p].runs() && world.people[p].is_app);
                self.restart(who, after);
            }
            Step::RestartHost(after) => {
                let who = self.host();
                self.restart(who, after);
            }
            Step::Kill => {
                let who = self.any();
                self.kill(who);
            }
            Step::KillHost => {
                let who = self.host();
                self.kill(who);
            }
            Step::Pause(length) => {
                let who = self.any();
                self.pause(who, length);
            }
            Step::PauseHost(length) => {
                let who = self.host();
                self.pause(who, length);
            }
            Step::Leave => {
                let who = self.any();
                self.leave(who);
            }
            Step::LeaveHost => {
                let who = self.host();
                self.leave(who);
            }
            Step::Ban => self.ban(),
            Step::Role => self.role(),
            Step::Say => self.say(),
            Step::Arrive => {
                let is_app = self.dice.chance(60);
                self.newcomer(is_app, self.now);
            }
            Step::Lock(on) => self.input(0, Input::Rule(Rule::Lock(on))),
            Step::Move(wired) => {
                let who = self.pick(|world, p| world.people[p].runs() && world.people[p].is_app);
                if let Some(who) = who {
                    let kind = Kind::App {
                        fingerprint: [u8::try_from(who).unwrap(); 32],
                        addresses: vec![format!("10.0.1.{who}:4000")],
                        wired: Some(wired),
                    };
                    self.input(who, Input::Moved(kind));
                }
            }
            Step::Forget => {
                if let (Some(host), Some(whom)) = (self.host(), self.any()) {
                    self.tell(|| format!("p{host} forgets p{whom}"));
                    let key = self.people[whom].key;
                    self.input(host, Input::Gone(key));
                }
            }
            Step::BannedReturns => {
                if let Some(who) = self.pick(|world, person| world.people[person].refused) {
                    self.begin(who);
                }
            }
            Step::Admit(host, who) => {
                let key = self.people[who].key;
                self.input(host, Input::Admit(key));
            }
        }
    }

    fn split(&mut self, bits: u64) {
        for a in 0..self.people.len() {
            for b in 0..a {
                if (bits >> a) & 1 != (bits >> b) & 1 {
                    self.network.cut(a, b);
                }
            }
        }
    }

    fn restart(&mut self, who: Option<usize>, after: u64) {
        let Some(who) = who else { return };
        self.tell(|| format!("p{who}"));
        self.end(who);
        self.at(self.now + after, What::Begin(who));
    }

    fn kill(&mut self, who: Option<usize>) {
        // Somebody has to be left to look at.
        let running = self.people.iter().filter(|one| one.runs()).count();
        if let Some(who) = who
            && running > 1
        {
            self.tell(|| format!("p{who}"));
            self.end(who);
        }
    }

    fn pause(&mut self, who: Option<usize>, length: u64) {
        if let Some(who) = who {
            self.tell(|| format!("p{who}"));
            self.people[who].life = Life::Halted(Vec::new());
            self.at(self.now + length, What::Resume(who));
        }
    }

    fn leave(&mut self, who: Option<usize>) {
        if let Some(who) = who {
            self.tell(|| format!("p{who}"));
            self.input(who, Input::Leave);
        }
    }

    fn ban(&mut self) {
        let by = self.pick(|world, person| {
            let one = &world.people[person];
            // A host alone rules as well, but what it rules goes with its chain.
            let is_lasting = |survivor: &crate::Survivor| {
                let granted = Rule::Role(one.key, Role::Moderator);
                survivor.rulings().role(&one.key) >= Role::Moderator
                    && (person == 0 || survivor.rulings().rules().any(|rule| *rule == granted))
            };
            one.runs() && one.survivor.as_ref().is_some_and(is_lasting)
        });
        // Nobody but a host removes the founder, and here no lasting one does.
        let whom = self.pick(|world, person| {
            person != 0 && Some(person) != by && !matches!(world.people[person].life, Life::Absent)
        });
        if let (Some(by), Some(whom)) = (by, whom) {
            self.tell(|| format!("p{by} removes p{whom}"));
            let what = (whom, by);
            self.bans.push(Known { what, holders: 0 });
            let key = self.people[whom].key;
            self.input(by, Input::Rule(Rule::Ban(key, true)));
        }
    }

    fn role(&mut self) {
        let whom = self.pick(|world, person| person != 0 && world.people[person].runs());
        let may = self.people[0].runs() && self.people[0].standing() != Standing::Outside;
        if let Some(whom) = whom.filter(|_| may) {
            let role = if self.dice.chance(70) {
                Role::Moderator
            } else {
                Role::Participant
            };
            self.tell(|| format!("p{whom} becomes {role:?}"));
            let what = (whom, role);
            self.roles.push(Known { what, holders: 0 });
            let key = self.people[whom].key;
            self.input(0, Input::Rule(Rule::Role(key, role)));
        }
    }

    fn say(&mut self) {
        let Some(who) = self.pick(|world, person| {
            world.people[person].runs() && world.people[person].standing() != Standing::Outside
        }) else {
            return;
        };
        let text = format!("line {}", self.lines.len());
        self.tell(|| format!("p{who} says {text:?}"));
        self.lines.push(Known {
            what: text.clone(),
            holders: 1 << who,
        });
        self.input(who, Input::Say { text, unix_ms: 0 });
    }
}
