//! One connection of A's that the man in the middle has: what he makes of each message, either way. No socket.

use std::time::Instant;

use landline_trust::identity::Identity;
use landline_trust::rounds::Participant;
use serde_json::{Value, json};

use super::persona::Persona;
use super::plan::{Cunning, Face, Loot, Plan};
use crate::support::stranger::bytes;
use data_encoding::HEXLOWER;

pub(crate) struct Session {
    plan: Plan,
    meeting_id: String,
    pub(crate) loot: Loot,
    pub(crate) to_a: Vec<String>,
    pub(crate) to_host: Vec<String>,
    /// Of the host, and its challenge.
    fingerprint: Vec<u8>,
    nonce: Vec<u8>,
    /// Whom he plays towards the host: A.
    me: Persona,
    /// A itself, as it proves itself.
    a: Option<Identity>,
    /// Whom he plays towards A, or could: everybody who is there.
    cast: Vec<(Persona, Face)>,
    /// Who they are.
    real: Vec<Participant>,
    /// Who A thinks that they are.
    shown: Vec<Participant>,
    /// A's `joined`, for as long as he keeps it back.
    held: Option<Value>,
    barging: bool,
}

impl Session {
    pub(crate) fn new(plan: Plan, meeting_id: &str) -> Self {
        Self {
            plan,
            meeting_id: meeting_id.to_owned(),
            loot: Loot::default(),
            to_a: Vec::new(),
            to_host: Vec::new(),
            fingerprint: Vec::new(),
            nonce: Vec::new(),
            me: Persona::new(meeting_id, ""),
            a: None,
            cast: Vec::new(),
            real: Vec::new(),
            shown: Vec::new(),
            held: None,
            barging: false,
        }
    }

    /// Whether there is still something to be had when A has hung up.
    pub(crate) const fn goes_on(&self) -> bool {
        self.barging
    }

    pub(crate) fn hears_a(&mut self, text: &str) {
        let mut said: Value = serde_json::from_str(text).unwrap();
        match said["action"].as_str().unwrap() {
            "join" => self.joins(&mut said),
            "verify" => {
                if self.plan.cunning == Cunning::Mirror
                    && let Some(number) = said["data"]["nonce"].as_str()
                {
                    self.me.number = bytes(&json!(number)).try_into().ok();
                }
                let a = self.me.client_id.clone();
                for (persona, _) in self.played() {
                    persona.hears(&a, &said["data"]);
                }
                if !self.carries() {
                    return;
                }
            }
            "signal" if self.plan.rewrites => {
                let line = self.me.fingerprint_line();
                let to = said["to"].as_str().unwrap();
                if let Some(data) = answer_to(&said, &self.line_of(to)) {
                    let answer = json!({"action": "signal", "roomId": self.meeting_id, "from": to, "type": "answer", "data": data});
                    self.to_a.push(answer.to_string());
                }
                rewrite(&mut said["data"], &line);
            }
            "pake-start" => {
                self.loot.proofs += 1;
                if self.plan.barges {
                    said["key"] = json!(self.me.key());
                }
            }
            _ => {}
        }
        self.to_host.push(said.to_string());
    }

    pub(crate) fn hears_host(&mut self, text: &str) {
        let mut told: Value = serde_json::from_str(text).unwrap();
        match told["action"].as_str().unwrap() {
            "challenge" => {
                self.nonce = bytes(&told["nonce"]);
                let fingerprint = told["fingerprint"].as_str().unwrap();
                self.fingerprint = HEXLOWER.decode(fingerprint.as_bytes()).unwrap();
                if self.barging {
                    let mut join =
                        json!({"action": "join", "roomId": self.meeting_id, "name": "A", "v": 1});
                    self.me.joins(&mut join, &self.fingerprint, &self.nonce);
                    return self.to_host.push(join.to_string());
                }
            }
            "joined" => return self.joined(told),
            "peer-joined" => {
                let id = told["peer"]["clientId"].as_str().unwrap().to_owned();
                if let Some(mut joined) = self.held.take() {
                    let peers = joined["peers"].as_array_mut().unwrap();
                    peers.push(told["peer"].take());
                    return self.joined(joined);
                }
                self.leaves(&id);
                self.comes(&mut told["peer"]);
            }
            "peer-left" => self.leaves(told["clientId"].as_str().unwrap()),
            "verify" => {
                let from = told["from"].as_str().unwrap();
                self.me.hears(from, &told["data"]);
                if !self.carries() {
                    return;
                }
            }
            "signal" if self.plan.rewrites => {
                let from = told["from"].as_str().unwrap();
                let line = self.line_of(from);
                if let Some(data) = answer_to(&told, &self.me.fingerprint_line()) {
                    let answer = json!({"action": "signal", "roomId": self.meeting_id, "to": from, "type": "answer", "data": data});
                    self.to_host.push(answer.to_string());
                }
                rewrite(&mut told["data"], &line);
            }
            "error" => {
                let code = told["code"].as_str().unwrap().to_owned();
                self.barging &= !self.loot.refused.contains("wrong-code");
                if self.plan.barges && code == "wrong-code" {
                    self.barging = true;
                    self.to_host
                        .push(json!({"action": "challenge"}).to_string());
                }
                self.loot.refused.insert(code);
            }
            _ => {}
        }
        self.to_a.push(told.to_string());
    }

    /// Shows A other identities of all who are there, without a word about their links.
    pub(crate) fn turns(&mut self) {
        for (persona, _) in &self.cast {
            let told = json!({
                "action": "peer-back", "roomId": self.meeting_id, "clientId": persona.client_id,
                "fresh": false, "identity": persona.identity(),
            });
            self.to_a.push(told.to_string());
        }
    }

    /// Does what is due in the rounds, on both sides.
    pub(crate) fn acts(&mut self) {
        let mut talk = self.loot.inside && self.held.is_none();
        while std::mem::take(&mut talk) {
            let mut said = Vec::new();
            for (persona, _) in self.played() {
                let from = persona.client_id.clone();
                said.extend(persona.says().into_iter().map(|data| (from.clone(), data)));
            }
            for (from, data) in said {
                talk = true;
                for (persona, _) in self.played().filter(|it| it.0.client_id != from) {
                    persona.hears(&from, &data);
                }
                let told = json!({"action": "verify", "roomId": self.meeting_id, "from": from, "data": data});
                self.to_a.push(told.to_string());
            }
        }
        let codes: Vec<_> = self.played().map(|(persona, _)| persona.code()).collect();
        self.loot.with_a = codes.first().copied().flatten();
        self.loot
            .with_a
            .take_if(|it| codes.iter().any(|other| *other != Some(*it)));
        let waits = self.plan.cunning == Cunning::Mirror && self.loot.with_a.is_none();
        if self.plan.a == Face::Swap && self.loot.inside && !waits {
            for data in self.me.says() {
                let said = json!({"action": "verify", "roomId": self.meeting_id, "data": data});
                self.to_host.push(said.to_string());
            }
            self.loot.with_others = self.me.code();
        }
        let both = self.loot.with_a.is_some() && self.loot.with_others.is_some();
        if self.plan.cunning == Cunning::Twice && both && !self.loot.again {
            self.loot.again = true;
            self.loot.with_others = None;
            self.me.forgets();
            self.acts();
        }
    }

    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let played = self.cast.iter().filter(|it| it.1 == Face::Swap);
        let me = Some(&self.me).filter(|_| self.plan.a == Face::Swap && self.loot.inside);
        let all = played.map(|it| &it.0).chain(me);
        all.filter_map(Persona::wake_at).min()
    }

    /// A's own `join`, on its way to the host.
    fn joins(&mut self, join: &mut Value) {
        self.a = serde_json::from_value(join["identity"].clone()).ok();
        match self.plan.a {
            Face::Keep => {}
            Face::Swap => self.me.joins(join, &self.fingerprint, &self.nonce),
            Face::Bend => join["identity"]["fingerprint"] = json!(HEXLOWER.encode(&self.me.dtls)),
            Face::Drop => {
                let members = join.as_object_mut().unwrap();
                members.retain(|name, _| name != "identity" && name != "proof");
            }
        }
    }

    fn joined(&mut self, mut joined: Value) {
        self.loot.inside = true;
        let id = joined["clientId"].as_str().unwrap();
        id.clone_into(&mut self.me.client_id);
        let peers = joined["peers"].as_array_mut().unwrap();
        if peers.len() < self.plan.crowd && !self.plan.hasty() {
            self.held = Some(joined);
            return;
        }
        for peer in peers {
            self.comes(peer);
        }
        self.to_a.push(joined.to_string());
    }

    /// Somebody is there: A is shown what he makes of them.
    fn comes(&mut self, peer: &mut Value) {
        let id = peer["clientId"].as_str().unwrap().to_owned();
        let face = match peer["name"].as_str() {
            Some("B") => self.plan.b,
            _ => self.plan.host,
        };
        let persona = Persona::new(&self.meeting_id, &id);
        self.real.push(self.known(&id, &peer["identity"]));
        match face {
            Face::Keep => {}
            Face::Swap => peer["identity"] = json!(persona.identity()),
            Face::Bend => peer["identity"]["fingerprint"] = json!(HEXLOWER.encode(&persona.dtls)),
            Face::Drop => {
                peer.as_object_mut().unwrap().remove("identity");
            }
        }
        self.shown.push(self.known(&id, &peer["identity"]));
        self.cast.push((persona, face));
        self.changes();
    }

    fn leaves(&mut self, id: &str) {
        self.real.retain(|it| it.client_id != id);
        self.shown.retain(|it| it.client_id != id);
        self.cast.retain(|it| it.0.client_id != id);
        self.changes();
    }

    fn changes(&mut self) {
        self.me.sees(&self.real);
        let a = self.a.as_ref().and_then(|it| it.verify(&self.meeting_id));
        let mut there = self.shown.clone();
        there.push(Participant {
            client_id: self.me.client_id.clone(),
            identity: a,
        });
        for (persona, _) in self.played() {
            persona.sees(&there);
        }
    }

    /// Which certificate is to be taken for that of B or the host.
    fn line_of(&self, id: &str) -> String {
        let persona = self.cast.iter().find(|it| it.0.client_id == id);
        persona.map_or_else(|| self.me.fingerprint_line(), |it| it.0.fingerprint_line())
    }

    fn played(&mut self) -> impl Iterator<Item = &mut (Persona, Face)> {
        self.cast.iter_mut().filter(|it| it.1 == Face::Swap)
    }

    /// Whether he passes messages of the rounds on.
    fn carries(&self) -> bool {
        self.plan.a == Face::Keep || self.plan.cunning == Cunning::Relay
    }

    fn known(&self, id: &str, identity: &Value) -> Participant {
        let identity: Option<Identity> = serde_json::from_value(identity.clone()).ok();
        Participant {
            client_id: id.to_owned(),
            identity: identity.and_then(|it| it.verify(&self.meeting_id)),
        }
    }
}

/// His fingerprint in the place of each.
fn rewrite(data: &mut Value, line: &str) {
    let Some(sdp) = data["sdp"].as_str() else {
        return;
    };
    let lines = sdp.split("\r\n").map(|old| match old {
        old if old.starts_with("a=fingerprint:") => line,
        old => old,
    });
    let rewritten: Vec<&str> = lines.collect();
    data["sdp"] = json!(rewritten.join("\r\n"));
}

/// An answer of his own to an offer, with his certificate.
fn answer_to(offer: &Value, line: &str) -> Option<Value> {
    if offer["type"] != "offer" {
        return None;
    }
    let mut data = offer["data"].clone();
    data["type"] = json!("answer");
    data["answers"] = data["id"].take();
    data["linkTo"] = data["link"].take();
    data["link"] = json!("middle");
    rewrite(&mut data, line);
    Some(data)
}
