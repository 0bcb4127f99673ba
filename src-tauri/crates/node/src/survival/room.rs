//! The room of the meeting: opening it here, finding it elsewhere, and who in it is a member.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use landline_protocol::{Access, AccessMode};
use landline_signaling::{Inheritance, Inherited, MeetingHandle, Roster};
use landline_succession::letter::Refused;
use landline_succession::rulings::Rule;
use landline_succession::{Claim, Input, Kind, Member};
use landline_trust::PublicKey;

use super::driver::{Driver, parse};
use super::lines::told;
use super::ordered::{mode_of, wire_role};
use super::ruled::Counts;
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
        self.counts = Counts::of(self.survivor.rulings());
        let meeting = node.hosting.meeting.borrow().clone();
        self.lines = meeting.as_ref().map(MeetingHandle::lines);
        self.roster = meeting.map(|meeting| meeting.roster());
        if let Some(roster) = &mut self.roster {
            roster.mark_changed();
        }
        if claim.header().epoch > 0 {
            self.shared.cut_unless(node.dialer.face.fingerprint());
        }
    }

    fn succession(&self, claim: &Claim, node: &Inner) -> Succession {
        let knowledge = self.shared.knowledge();
        let rulings = self.survivor.rulings();
        let own = self.credentials.key.public();
        let kept = self.kept.as_ref();
        // Who was started again takes its own seat as who opens the room.
        let members = claim.record().members().iter();
        let members = members.filter(|member| kept.is_none() || member.key != own);
        let seats = members.map(inherited);
        let removed = rulings.rules().filter_map(|rule| match rule {
            Rule::Ban(key, true) => Some(key.to_string()),
            _ => None,
        });
        let roles = rulings.roles();
        let roles = roles.map(|(key, role)| (key.to_string(), wire_role(role)));
        let (mut roles, mut removed): (Vec<_>, Vec<_>) = (roles.collect(), removed.collect());
        // Rulings are not kept; what they came to is, and is ruled again.
        let mut way_in = access(mode_of(rulings), &knowledge.access);
        if let Some(kept) = kept {
            roles.extend(kept.roles.iter().cloned());
            removed.extend(kept.removed.iter().cloned());
            way_in = kept.access.clone();
        }
        let meeting = self.credentials.meeting;
        let lines = self.survivor.log().lines();
        let mut chat: Vec<_> = lines
            .map(|line| told(line, meeting, &self.survivor, &knowledge))
            .collect();
        chat.extend(knowledge.chat());
        let name = knowledge.own_name.clone();
        Succession {
            meeting_id: self.shared.meeting_id.clone(),
            title: knowledge.title.clone(),
            name: name.unwrap_or_else(|| node.computer_name.clone()),
            started_at: knowledge.started_at,
            access: way_in,
            epoch: claim.header().epoch,
            private: knowledge.private,
            host_seat: kept.map(|_| self.shared.client.clone()),
            inherited: Inheritance {
                seats: seats.collect(),
                roles,
                removed,
                chat,
            },
        }
    }

    /// Another half comes to the room that is open here.
    pub(super) async fn take_half(&self, members: &[Member]) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        let meeting = node.hosting.meeting.borrow().clone();
        if let Some(meeting) = meeting {
            tracing::info!(
                members = members.len(),
                "another half of the meeting comes here"
            );
            meeting
                .inherit(members.iter().map(inherited).collect())
                .await;
        }
    }

    /// Another node is the host.
    pub(super) async fn follow(&mut self, claim: &Claim) {
        self.roster = None;
        self.lines = None;
        let was_hosting = self.orders.hosting.swap(false, Ordering::Relaxed);
        // Before the room closes: its pages dial anew at once.
        self.know_place(claim);
        self.orders.elsewhere.cancel();
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if was_hosting {
            tracing::info!("another node hosts the meeting now");
            node.hosting.give_way().await;
        }
        let fingerprint = Fingerprint::from(claim.header().fingerprint);
        self.shared.cut_unless(fingerprint);
    }

    /// The host has told other addresses than before. A connection to one that is no more is of no use, and nothing says so.
    fn follow_move(&mut self, claim: &Claim) {
        let host = claim.record().member(claim.host());
        let Some(Kind::App {
            fingerprint,
            addresses,
            ..
        }) = host.map(|host| &host.kind)
        else {
            return;
        };
        let now = (Fingerprint::from(*fingerprint), parse(addresses));
        let Some(before) = self.host_at.replace(now.clone()) else {
            return;
        };
        if before == now || before.0 != now.0 {
            return;
        }
        let has = |addresses: &[SocketAddr], address: SocketAddr| {
            addresses.iter().any(|known| known.ip() == address.ip())
        };
        let (old, new) = (&before.1, &now.1);
        let is_gone = |address| has(old, address) && !has(new, address);
        if self.shared.cut_if(now.0, is_gone) {
            tracing::info!("the host has another address now");
            self.joined_at = None;
        }
    }

    /// Pages that dial anew are to reach this host. Where the page joined, the list of meetings knows better than a record.
    pub(super) fn know_place(&mut self, claim: &Claim) {
        let Some(node) = self.node.upgrade() else {
            return;
        };
        if self.orders.is_hosting() || *claim.host() == self.credentials.key.public() {
            return;
        }
        self.follow_move(claim);
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
        self.room_ruled(&before, roster);
        let seated = roster.seats.iter().filter_map(|seat| {
            let key = PublicKey::from_text(&seat.key).ok()?;
            Some((key, seat.client_id.clone()))
        });
        self.feed(Input::Seated(seated.collect()));
        self.admit(roster);
    }
}

/// How one comes in at the next host. Whether a meeting that is not closed needs a code is no matter of rulings: that was heard.
fn access(mode: AccessMode, heard: &Access) -> Access {
    match mode {
        AccessMode::Open if heard.code.is_some() => Access {
            mode: AccessMode::Code,
            ..heard.clone()
        },
        mode => Access {
            mode,
            ..Access::default()
        },
    }
}

fn inherited(member: &Member) -> Inherited {
    Inherited {
        client_id: member.client.clone(),
        key: member.key.to_string(),
    }
}
