//! Hellos and pulses: who is heard, and what is told to everybody all the time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use landline_trust::PublicKey;

use crate::ids::TermId;
use crate::letter::{Body, Presence};
use crate::limits::{
    BEAT_EVERY, CANDIDATE_FRESH, COUNTS, HELLO_LEAST, LOST_AFTER, NEIGHBOURS, PULSES,
};
use crate::message::{Hello, Message};
use crate::pulse::{Beat, Pulse};
use crate::record::Member;
use crate::suspicion::{Heard, Neighbour, is_lost};

use super::{Output, Standing, Survivor};

impl Survivor {
    pub(super) fn reached(&mut self, key: PublicKey, now: Duration) {
        if let Some(neighbour) = self.neighbour(key, now) {
            neighbour.reached = Some(now);
            self.urgent = true;
        }
    }

    /// Nothing, if there are too many who are heard.
    pub(super) fn neighbour(&mut self, key: PublicKey, now: Duration) -> Option<&mut Neighbour> {
        if key == self.me.key {
            return None;
        }
        if self.neighbours.len() >= NEIGHBOURS && !self.neighbours.contains_key(&key) {
            let silent = self
                .neighbours
                .iter()
                .find(|(_, neighbour)| !neighbour.is_heard(now))
                .map(|(key, _)| *key)?;
            self.neighbours.remove(&silent);
        }
        Some(self.neighbours.entry(key).or_default())
    }

    pub(super) fn hello(&mut self, from: PublicKey, hello: &Hello, now: Duration) {
        let Some(neighbour) = self.neighbour(from, now) else {
            return;
        };
        let is_new = !neighbour.is_heard(now);
        neighbour.heard = Some(now);
        neighbour.hears_us = hello.hears_you;
        neighbour.hello = Some(hello.clone());
        self.urgent |= is_new;
        // Of somebody who does not hear us, nothing counts: a way that goes one way will not carry a connection.
        if !hello.hears_you {
            return;
        }
        for pulse in hello.host.iter().chain(&hello.others) {
            self.pulse(from, pulse, now);
        }
        self.want_record(from, hello, now);
        self.want_state(from, hello, now);
    }

    fn pulse(&mut self, from: PublicKey, pulse: &Arc<Pulse>, now: Duration) {
        if pulse.meeting != self.meeting || pulse.key == self.me.key {
            return;
        }
        if self.term() == Some(pulse.term) {
            match pulse.beat {
                Beat::Host { .. } => self.host_pulse(pulse, now),
                Beat::Candidate => self.candidate_pulse(pulse, now),
            }
        } else if pulse.is_host() && !self.is_ended(pulse.term) {
            self.rival_pulse(from, pulse, now);
        }
    }

    fn host_pulse(&mut self, pulse: &Arc<Pulse>, now: Duration) {
        let of_host = self
            .claim
            .as_ref()
            .is_some_and(|claim| *claim.host() == pulse.key);
        if !of_host || !self.is_news(pulse) {
            return;
        }
        self.heard = Some(Heard {
            pulse: pulse.clone(),
            at: now,
        });
        self.heard_at = now;
        self.urgent = true;
        if matches!(self.standing, Standing::Candidate { .. }) {
            self.standing = Standing::Member;
        }
        if let Beat::Host { merge: Some(merge) } = pulse.beat
            && self.standing == Standing::Member
            && let Some(presence) =
                Presence::sign(self.meeting, pulse.term, merge, self.signer.as_ref())
        {
            self.write_to(pulse.key, Body::Present(presence), now);
        }
    }

    fn candidate_pulse(&mut self, pulse: &Arc<Pulse>, now: Duration) {
        let newer = self
            .candidates
            .get(&pulse.key)
            .is_none_or(|heard| heard.pulse.count < pulse.count);
        // Only apps of the record can be one, so there are few.
        if newer
            && self.rank(&pulse.key).is_some()
            && !self.rulings.is_banned(&pulse.key)
            && pulse.verifies(self.signer.as_ref())
        {
            let pulse = pulse.clone();
            self.candidates.insert(pulse.key, Heard { pulse, at: now });
            self.urgent |= self.has_lost(now);
        }
    }

    fn rival_pulse(&mut self, from: PublicKey, pulse: &Arc<Pulse>, now: Duration) {
        let Some(rival) = self.rivals.get(&pulse.term) else {
            self.ask(from, Some(pulse.term), now);
            return;
        };
        if *rival.claim.host() == pulse.key
            && self.is_news(pulse)
            && let Some(rival) = self.rivals.get_mut(&pulse.term)
        {
            rival.heard = Some(Heard {
                pulse: pulse.clone(),
                at: now,
            });
            self.urgent = true;
        }
    }

    /// Whether a host's pulse is well signed and newer than all heard of its term.
    fn is_news(&mut self, pulse: &Pulse) -> bool {
        let place = self.counts.iter().position(|(term, _)| *term == pulse.term);
        let heard = place.and_then(|place| self.counts.get(place));
        if heard.is_some_and(|(_, count)| *count >= pulse.count)
            || !pulse.verifies(self.signer.as_ref())
        {
            return false;
        }
        if let Some(known) = place.and_then(|place| self.counts.get_mut(place)) {
            known.1 = pulse.count;
            return true;
        }
        if self.counts.len() >= COUNTS {
            self.counts.pop_front();
        }
        self.counts.push_back((pulse.term, pulse.count));
        true
    }

    /// The neighbour may have a newer record of our term; or, where there is no host, of whatever is known.
    fn want_record(&mut self, from: PublicKey, hello: &Hello, now: Duration) {
        let version = match &self.claim {
            Some(claim) if claim.header().hash() == hello.record => return,
            Some(claim) => claim.header().version,
            None => 0,
        };
        let wanted = match &hello.host {
            Some(pulse) if Some(pulse.term) == self.term() => {
                pulse.version > version && !self.is_own_term()
            }
            Some(_) => false,
            None => self.has_lost(now) && self.fellow(&from).is_some(),
        };
        if wanted {
            self.ask(from, None, now);
        }
    }

    fn ask(&mut self, from: PublicKey, term: Option<TermId>, now: Duration) {
        if let Some(neighbour) = self.neighbours.get_mut(&from)
            && Neighbour::is_due(neighbour.asked, HELLO_LEAST, now)
        {
            neighbour.asked = Some(now);
            self.send(from, Message::AskClaim(term));
        }
    }

    pub(super) fn term(&self) -> Option<TermId> {
        self.claim.as_ref().map(|claim| claim.term())
    }

    /// This participant itself hears its host no more, in any way.
    pub(super) fn has_lost(&self, now: Duration) -> bool {
        match self.standing {
            Standing::Outside => true,
            Standing::Member | Standing::Candidate { .. } => {
                is_lost(self.heard_at, now)
                    || self
                        .claim
                        .as_ref()
                        .is_some_and(|claim| self.rulings.is_banned(claim.host()))
            }
            Standing::Host
            | Standing::Asking { .. }
            | Standing::Leaving { .. }
            | Standing::Gone => false,
        }
    }

    /// Says hello to everybody, with a new beat if one is due.
    pub(super) fn greet(&mut self, now: Duration) {
        self.beat(now);
        let hello = self.own_hello(now);
        let mut to: BTreeSet<PublicKey> = self
            .neighbours
            .iter()
            .filter(|(_, neighbour)| neighbour.is_heard(now) || neighbour.was_reached(now))
            .map(|(key, _)| *key)
            .collect();
        if let Some(claim) = &self.claim {
            to.extend(claim.record().members().iter().map(|member| member.key));
        }
        to.remove(&self.me.key);
        for key in to {
            let hears_you = self
                .neighbours
                .get(&key)
                .is_some_and(|neighbour| neighbour.is_heard(now));
            let hello = Hello {
                hears_you,
                ..hello.clone()
            };
            self.send(key, Message::Hello(hello));
        }
        self.last_hello = now;
        self.next_hello = now + BEAT_EVERY;
        self.urgent = false;
        self.find_route(now);
    }

    fn beat(&mut self, now: Duration) {
        let Some((term, version)) = self
            .claim
            .as_ref()
            .map(|claim| (claim.term(), claim.header().version))
        else {
            return;
        };
        let beat = match self.standing {
            Standing::Host | Standing::Leaving { .. } if now >= self.next_beat => Beat::Host {
                merge: self.muster(),
            },
            Standing::Candidate { .. } => Beat::Candidate,
            _ => return,
        };
        self.count += 1;
        let pulse = Pulse::sign(
            self.meeting,
            term,
            beat,
            version,
            self.count,
            self.signer.as_ref(),
        );
        let Some(pulse) = pulse.map(Arc::new) else {
            return;
        };
        let heard = Heard { pulse, at: now };
        if beat == Beat::Candidate {
            self.candidates.insert(self.me.key, heard);
        } else {
            self.heard = Some(heard);
            self.heard_at = now;
            self.next_beat = now + BEAT_EVERY;
        }
    }

    fn own_hello(&self, now: Duration) -> Hello {
        let passes_on = match self.standing {
            Standing::Outside | Standing::Asking { .. } | Standing::Gone => false,
            Standing::Host | Standing::Leaving { .. } => true,
            Standing::Member | Standing::Candidate { .. } => !self.has_lost(now),
        };
        let host = self.heard.as_ref().filter(|_| passes_on);
        let rivals = self
            .rivals
            .values()
            .filter(|rival| !self.is_ended(rival.claim.term()))
            .filter_map(|rival| rival.heard.as_ref())
            .filter(|heard| heard.is_fresh(LOST_AFTER, now));
        // The earliest alone: nobody waits for the others.
        let candidate = self
            .candidates
            .iter()
            .filter(|(_, heard)| self.has_lost(now) && heard.is_fresh(CANDIDATE_FRESH, now))
            .min_by_key(|(key, _)| self.rank(key).unwrap_or(usize::MAX))
            .map(|(_, heard)| heard);
        Hello {
            hears_you: false,
            host: host.map(|heard| heard.pulse.clone()),
            others: candidate
                .into_iter()
                .chain(rivals)
                .take(PULSES)
                .map(|heard| heard.pulse.clone())
                .collect(),
            record: self
                .claim
                .as_ref()
                .map_or([0; 32], |claim| claim.header().hash()),
            chat: self.log.digest(),
            rulings: self.rulings.digest(),
        }
    }

    /// Who carries our signaling, if the host itself is not reached: whoever has the newest news of it.
    fn find_route(&mut self, now: Duration) {
        let Some(claim) = &self.claim else { return };
        let (host, term) = (*claim.host(), claim.term());
        let answers = |key: &PublicKey| {
            self.neighbours
                .get(key)
                .is_some_and(|neighbour| neighbour.answers(now))
        };
        if self.standing != Standing::Member || self.has_lost(now) {
            return;
        }
        let news = |neighbour: &Neighbour| {
            let pulse = neighbour.hello.as_ref()?.host.as_ref()?;
            (pulse.term == term).then_some(pulse.count)
        };
        let is_app = |key: &PublicKey| self.fellow(key).is_some_and(Member::is_app);
        let route = if answers(&host) {
            None
        } else {
            self.neighbours
                .iter()
                .filter(|(key, neighbour)| neighbour.answers(now) && is_app(key))
                .filter_map(|(key, neighbour)| Some((news(neighbour)?, *key)))
                .max()
                .map(|(_, key)| key)
        };
        if route != self.route {
            self.route = route;
            self.outputs.push_back(Output::Route(route));
        }
    }
}
