//! What survivors want done, and what is noted of it.

use landline_trust::PublicKey;

use crate::chain::Claim;
use crate::ids::TermId;
use crate::rulings::Rule;
use crate::{Message, Output, Standing, Survivor};

use super::script::Step;
use super::world::{Life, SECOND, What, World};

impl World {
    pub(super) fn note_rulings(&mut self, person: usize, survivor: &Survivor) {
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

    /// A host lists nobody of whom it knows that somebody removed them.
    pub(super) fn check_listed(&mut self, person: usize, survivor: &Survivor) {
        let Some(claim) = survivor.followed() else {
            return;
        };
        let listed = claim.record().members();
        let removed = listed
            .iter()
            .find(|member| survivor.rulings().is_banned(&member.key));
        if survivor.standing() == Standing::Host
            && let Some(removed) = removed
        {
            let client = &removed.client;
            self.broken
                .get_or_insert(format!("p{person} lists {client}, who was removed"));
        }
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

    pub(super) fn output(
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
            Output::Route(_) | Output::Ruled | Output::Merged(_) => {}
        }
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
        if self.network.doubles() {
            let message = message.clone();
            self.at(
                self.now + delay * 2,
                What::Deliver {
                    to,
                    incarnation,
                    from,
                    message,
                },
            );
        }
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
