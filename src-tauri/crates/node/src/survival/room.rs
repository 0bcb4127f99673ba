//! The room of the meeting: opening it here, finding it elsewhere, and who in it is a member.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use landline_signaling::{Inheritance, Inherited, Roster};
use landline_succession::letter::Refused;
use landline_succession::rulings::Rule;
use landline_succession::{Claim, Input, Kind, Member};
use landline_trust::PublicKey;

use super::driver::{Driver, parse};
use crate::contacts::Whereabouts;
use crate::fingerprint::Fingerprint;
use crate::hosting::Succession;
use crate::node::Inner;

/// Nodes that say that they are in the meeting and have no seat in the room yet.
const KNOCKING: usize = 16;

impl Driver {
    /// This node is the host now, or from the start.
    pub(super) async fn open(&mut self, claim: &Claim) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if claim.header().epoch > 0 {
            let succession = self.succession(claim, &node);
            if let Err(error) = node.hosting.succeed(succession).await {
                tracing::warn!(%error.message, "the meeting cannot be hosted here");
                self.feed(Input::Leave);
                return;
            }
            tracing::info!(epoch = claim.header().epoch, "took the meeting over");
            let own = Whereabouts::Own;
            node.dialer.moves.set(&self.shared.meeting_id, own);
        }
        self.orders.hosting.store(true, Ordering::Relaxed);
        self.before = Roster::default();
        self.told = None;
        let meeting = node.hosting.meeting.borrow().clone();
        self.roster = meeting.map(|meeting| meeting.roster());
        if let Some(roster) = &mut self.roster {
            roster.mark_changed();
        }
        if claim.header().epoch > 0 {
            self.shared.cut_unless(node.dialer.fingerprint);
        }
    }

    fn succession(&self, claim: &Claim, node: &Inner) -> Succession {
        let knowledge = self.shared.knowledge();
        let seats = claim.record().members().iter().map(|member| Inherited {
            client_id: member.client.clone(),
            key: member.key.to_string(),
        });
        let removed = self
            .survivor
            .rulings()
            .rules()
            .filter_map(|rule| match rule {
                Rule::Ban(key, true) => Some(key.to_string()),
                _ => None,
            });
        let name = knowledge.own_name.clone();
        Succession {
            meeting_id: self.shared.meeting_id.clone(),
            title: knowledge.title.clone(),
            name: name.unwrap_or_else(|| node.computer_name.clone()),
            started_at: knowledge.started_at,
            access: knowledge.access.clone(),
            inherited: Inheritance {
                seats: seats.collect(),
                roles: knowledge.roles(),
                removed: removed.collect(),
                chat: knowledge.chat(),
            },
        }
    }

    /// Another node is the host.
    pub(super) async fn follow(&mut self, claim: &Claim) {
        self.roster = None;
        self.know_place(claim);
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if self.orders.hosting.swap(false, Ordering::Relaxed) {
            tracing::info!("another node hosts the meeting now");
            node.hosting.give_way().await;
            self.know_place(claim);
        }
        let fingerprint = Fingerprint::from(claim.header().fingerprint);
        self.shared.cut_unless(fingerprint);
    }

    /// Pages that dial anew are to reach this host. Where the page joined, the list of meetings knows better than a record.
    pub(super) fn know_place(&self, claim: &Claim) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if self.orders.is_hosting() || *claim.host() == self.credentials.key.public() {
            return;
        }
        let fingerprint = Fingerprint::from(claim.header().fingerprint);
        let host = claim.record().member(claim.host());
        let whereabouts = match host.map(|host| &host.kind) {
            Some(Kind::App { addresses, .. }) if self.joined_at != Some(fingerprint) => {
                Whereabouts::At {
                    fingerprint,
                    addresses: parse(addresses),
                }
            }
            _ => Whereabouts::AsJoined,
        };
        node.dialer.moves.set(&self.shared.meeting_id, whereabouts);
    }

    /// A node says that it is in the meeting. It is, if its page has a seat in the room.
    pub(super) fn knock(&mut self, member: Member) {
        self.knocking.push(member);
        if self.knocking.len() > KNOCKING {
            let first = self.knocking.remove(0);
            self.feed(Input::Decline(first.key, Refused::Declined));
        }
        let roster = self.roster.as_ref().map(|roster| roster.borrow().clone());
        self.admit(&roster.unwrap_or_default());
    }

    fn admit(&mut self, roster: &Roster) {
        let is_seated = |member: &Member| {
            let key = member.key.to_string();
            let mut seats = roster.seats.iter();
            seats.any(|seat| seat.client_id == member.client && seat.key == key)
        };
        let (seated, waiting) = std::mem::take(&mut self.knocking)
            .into_iter()
            .partition::<Vec<_>, _>(is_seated);
        self.knocking = waiting;
        for member in seated {
            self.feed(Input::Admit(member.key));
        }
    }

    /// The room has changed. An app that is only away stays in the record.
    pub(super) fn seats(&mut self, roster: &Roster) {
        let before = std::mem::replace(&mut self.before, roster.clone());
        let own = self.credentials.key.public();
        let is_in = |key: &str| roster.seats.iter().any(|seat| seat.key == key);
        // An app that lost its connection may be in another half of the meeting. A guest without a seat is gone.
        let is_guest = |key: &str| {
            self.survivor.followed().is_some_and(|claim| {
                let mut members = claim.record().members().iter();
                members.any(|member| !member.is_app() && member.key.to_string() == key)
            })
        };
        let left = before
            .seats
            .iter()
            .filter(|seat| !is_in(&seat.key))
            .filter(|seat| !seat.away || is_guest(&seat.key));
        let mut gone: BTreeSet<PublicKey> = left
            .filter_map(|seat| PublicKey::from_text(&seat.key).ok())
            .collect();
        if let Some(claim) = self.survivor.followed() {
            // Came again as somebody new.
            gone.extend(claim.record().members().iter().filter_map(|member| {
                let key = member.key.to_string();
                let mut seats = roster.seats.iter().filter(|seat| seat.key == key);
                let is_other = is_in(&key) && seats.all(|seat| seat.client_id != member.client);
                is_other.then_some(member.key)
            }));
        }
        for key in gone.into_iter().filter(|key| *key != own) {
            self.feed(Input::Gone(key));
        }
        for key in &roster.removed {
            if !before.removed.contains(key)
                && let Ok(key) = PublicKey::from_text(key)
                && !self.survivor.rulings().is_banned(&key)
            {
                self.feed(Input::Rule(Rule::Ban(key, true)));
            }
        }
        let seated = roster.seats.iter().filter_map(|seat| {
            let key = PublicKey::from_text(&seat.key).ok()?;
            Some((key, seat.client_id.clone()))
        });
        self.feed(Input::Seated(seated.collect()));
        self.admit(roster);
    }
}
