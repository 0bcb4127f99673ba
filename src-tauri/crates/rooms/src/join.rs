//! `join`: how a connection gets a seat.
//!
//! - *new*: an ordinary newcomer. Both counts start at 0, that is, the next message either way is 1.
//! - *resumed*: a seat of this process, and all that was missed can be sent again. Both counts go on.
//! - *restored*: the old id, and `peers` replaces what the client knew. Both counts start at 0 and `ack` is 0: whatever the
//!   client had sent before and not seen acknowledged may or may not have been done, and it decides itself what is worth
//!   sending again under a new count (a chat line is, its id makes it harmless). That happens to a seat of this process
//!   when its page was loaded anew or missed more than is kept or had the seat at the host of another half, and to a seat of
//!   the host's process before a restart.

use std::sync::Arc;

use landline_protocol::server::JoinedMore;
use landline_protocol::{
    ErrorCode, Join, JoinOutcome, Joined, PROTOCOL_VERSION, Peer, Resume, Role, ServerMessage,
    SignalType,
};
use serde_json::value::RawValue;

use crate::admission::{Admission, key_of};
use crate::authority::Authority;
use crate::bucket::Bucket;
use crate::output::{CloseReason, ConnectionId, Output};
use crate::room::{Now, Room, Stage};
use crate::seat::{Presence, Progress, Seat, SeatNumber, Told, Wire};

/// A new id that was used before is tried again this often. With 36¹² ids it never happens.
const ID_TRIES: usize = 64;

/// What a claim to a seat is worth.
enum Claim {
    /// To a seat of this process.
    Held(SeatNumber),
    /// To a seat of this process, by who had it at another host since: its counts are of there.
    HeldElsewhere(SeatNumber),
    /// To a seat given before the restart, or at another host.
    Remembered,
    Nothing,
}

impl Room {
    pub(crate) fn join(
        &mut self,
        connection: ConnectionId,
        join: Join,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        if join.room_id != self.config.meeting_id {
            return self.refuse(connection, ErrorCode::RoomNotFound);
        }
        if join.v.is_some_and(|v| v != PROTOCOL_VERSION) {
            return self.refuse(connection, ErrorCode::UnsupportedVersion);
        }
        if join.identity.is_some() && !authority.proves(connection, &join) {
            return self.refuse(connection, ErrorCode::BadIdentity);
        }
        let resume = join.resume.clone().filter(|_| join.v.is_some());
        let Some(resume) = resume else {
            return self.come_in(connection, join, now, authority);
        };
        match self.worth(&join, &resume, now, authority) {
            Claim::Held(number) => self.resume(connection, number, &join, &resume, now, authority),
            Claim::HeldElsewhere(number) => {
                if let Some(Wire::Full(progress)) =
                    self.seats.get_mut(&number).map(|seat| &mut seat.wire)
                {
                    progress.restart();
                    progress.gave_history = false;
                }
                self.resume(connection, number, &join, &resume, now, authority);
            }
            Claim::Remembered => self.take_seat(connection, join, Some(&resume), now, authority),
            Claim::Nothing => self.come_in(connection, join, now, authority),
        }
    }

    /// A newcomer comes in, or knocks, or neither.
    fn come_in(
        &mut self,
        connection: ConnectionId,
        join: Join,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        match self.admission(connection, &join, now, authority) {
            Ok(Admission::In) => self.take_seat(connection, join, None, now, authority),
            Ok(Admission::Knock) => self.knock(connection, join),
            Err(refusal) => self.reply(
                connection,
                &ServerMessage::Error {
                    code: refusal.code,
                    message: refusal.code.to_string(),
                    retry_after_ms: refusal.retry_after_ms,
                },
            ),
        }
    }

    fn worth(
        &self,
        join: &Join,
        resume: &Resume,
        now: Now,
        authority: &mut dyn Authority,
    ) -> Claim {
        let id = resume.client_id.as_str();
        // The key is proven by now. It is worth as much as the token of the host before, which this one cannot check.
        let inherited = self.inherits(id, key_of(join), now);
        let vouched = authority.vouches(id, join.name.as_deref(), &resume.token);
        if !inherited && !vouched {
            return Claim::Nothing;
        }
        if key_of(join).is_some_and(|key| self.people.is_removed(key)) {
            return Claim::Nothing;
        }
        if let Some(number) = self.by_id.get(id) {
            // The token is for this name, so the seat has it. Whoever has a key has to prove it again.
            let same = self.seats.get(number).is_some_and(|seat| {
                matches!(seat.wire, Wire::Full(_)) && seat.key() == key_of(join)
            });
            return match (same, vouched) {
                (true, true) => Claim::Held(*number),
                (true, false) => Claim::HeldElsewhere(*number),
                (false, _) => Claim::Nothing,
            };
        }
        // An id that was used in this process and has no seat was given up, and nothing follows a leave; unless it was only
        // lost here while its holder was in another half.
        if inherited || (self.restore_grace(now).is_some() && !self.used.contains(id)) {
            return Claim::Remembered;
        }
        Claim::Nothing
    }

    /// A seat that this process did not know: new, or one `remembered` from before the restart.
    pub(crate) fn take_seat(
        &mut self,
        connection: ConnectionId,
        join: Join,
        remembered: Option<&Resume>,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        if self.seats.len() >= self.config.limits.participants {
            return self.refuse(connection, ErrorCode::RoomFull);
        }
        let id = match remembered {
            Some(resume) => Some(Arc::from(resume.client_id.as_str())),
            None => self.reserved(&join).or_else(|| {
                (0..ID_TRIES)
                    .map(|_| Arc::<str>::from(authority.new_id()))
                    .find(|id| !self.used.contains(id))
            }),
        };
        let (Some(client_id), Some(open)) = (id, self.connections.get_mut(&connection)) else {
            return self.refuse(connection, ErrorCode::RoomFull);
        };
        self.used.insert(&client_id);
        if let Some(key) = key_of(&join) {
            self.people.let_in(key);
        }
        let role = self.people.role(key_of(&join));
        let seat = Seat {
            client_id,
            name: join.name,
            kind: join.kind,
            addr: open.addr.clone(),
            state: join.state,
            told: Told {
                state: join.state,
                at: None,
            },
            identity: join.identity,
            presence: Presence::Here(connection),
            wire: match join.v {
                Some(_) => Wire::Full(Progress::new(&self.config.limits, remembered.is_some())),
                None => Wire::Minimal,
            },
        };
        let (peer, minimal_peer) = (seat.peer(role), seat.minimal_peer());
        let number = self.add_seat(seat);
        if let Some(open) = self.connections.get_mut(&connection) {
            open.stage = Stage::Seated(number);
        }
        let outcome = if remembered.is_some() {
            JoinOutcome::Restored
        } else {
            JoinOutcome::New
        };
        let fresh = remembered.is_some_and(|resume| resume.fresh);
        self.welcome(connection, number, outcome, fresh, now, authority);
        let restored = remembered.is_some() && !fresh;
        let full = self.peer_joined(peer, restored);
        let minimal = self.peer_joined(minimal_peer, false);
        self.announce(number, &full, Some(&minimal));
    }

    /// The id that is kept for the host, if this is the host and it was not there yet.
    fn reserved(&self, join: &Join) -> Option<Arc<str>> {
        let id = self.config.host_seat.as_deref()?;
        let is_host = self.config.host_key.as_deref() == Some(key_of(join)?);
        (is_host && !self.used.contains(id)).then(|| Arc::from(id))
    }

    /// A seat of this process gets a new connection.
    fn resume(
        &mut self,
        connection: ConnectionId,
        number: SeatNumber,
        join: &Join,
        resume: &Resume,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        let Some(earlier) = self.detach(number) else {
            return;
        };
        let (Some(open), Some(seat)) = (
            self.connections.get_mut(&connection),
            self.seats.get_mut(&number),
        ) else {
            return;
        };
        open.bucket.inherit(earlier.bucket, now.monotonic);
        open.stage = Stage::Seated(number);
        seat.presence = Presence::Here(connection);
        self.roster_changed = true;
        seat.addr.clone_from(&open.addr);
        seat.kind = join.kind.or(seat.kind);
        let certificate_changed = seat.identity != join.identity;
        seat.identity.clone_from(&join.identity);
        let Wire::Full(progress) = &mut seat.wire else {
            return;
        };
        let known = !progress.restarted && progress.outbox.can_replay(resume.seq);
        let outcome = if known && !resume.fresh {
            progress.outbox.acknowledge(resume.seq);
            JoinOutcome::Resumed
        } else {
            progress.restart();
            JoinOutcome::Restored
        };
        let missed: Vec<_> = progress.outbox.frames().collect();
        self.welcome(connection, number, outcome, resume.fresh, now, authority);
        for frame in missed {
            self.put(Output::Send { connection, frame });
        }
        if resume.fresh || earlier.was_away || certificate_changed {
            self.tell_back(number, resume.fresh);
        }
        if let Some(state) = join.state {
            self.set_state(number, state, now);
        }
    }

    /// Takes the seat from the connection that has it, if any.
    fn detach(&mut self, number: SeatNumber) -> Option<Earlier> {
        match &self.seats.get(&number)?.presence {
            Presence::Away { bucket, .. } => Some(Earlier {
                bucket: bucket.clone(),
                was_away: true,
            }),
            Presence::Here(old) => {
                let old = *old;
                let bucket = self.connections.remove(&old)?.bucket;
                self.refuse(old, ErrorCode::SeatTaken);
                self.put(Output::Close {
                    connection: old,
                    reason: CloseReason::SeatTaken,
                });
                Some(Earlier {
                    bucket,
                    was_away: false,
                })
            }
        }
    }

    /// Tells the others that a participant is back. Minimal clients were not told that it was away; but of a page that
    /// was loaded anew they have to know, since its links are gone: they are told so in the words they have, a `hangup`
    /// of the old links and a `peer-joined` to offer to.
    fn tell_back(&mut self, number: SeatNumber, fresh: bool) {
        let Some(seat) = self.seats.get(&number) else {
            return;
        };
        let room_id = self.config.meeting_id.clone();
        let client_id = seat.client_id.to_string();
        let joined = self.peer_joined(seat.minimal_peer(), false);
        let hangup = ServerMessage::Signal {
            room_id: room_id.clone(),
            from: client_id.clone(),
            signal_type: SignalType::Hangup,
            data: Arc::from(RawValue::NULL.to_owned()),
        };
        let back = ServerMessage::PeerBack {
            room_id,
            client_id,
            fresh,
            identity: seat.identity.clone(),
        };
        self.announce(number, &back, fresh.then_some(&hangup));
        if fresh {
            self.announce_minimal(number, &joined);
        }
    }

    /// Answers a `join`. With `restored`, and if the page was not fresh, others may still come back as long as the grace lasts.
    fn welcome(
        &mut self,
        connection: ConnectionId,
        number: SeatNumber,
        outcome: JoinOutcome,
        fresh: bool,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        let role = self.role_of(number);
        let knocks = if role >= Role::CoHost {
            self.knocks()
        } else {
            Vec::new()
        };
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let id = seat.client_id.to_string();
        let token = authority.issue(&id, seat.name.as_deref());
        let ack = match &mut seat.wire {
            Wire::Full(progress) => Some(progress.received.acknowledge()),
            Wire::Minimal => None,
        };
        let grace = self
            .restore_grace(now)
            .filter(|_| outcome == JoinOutcome::Restored && !fresh)
            .map_or(0, |left| {
                u32::try_from(left.as_millis()).unwrap_or(u32::MAX)
            });
        let others = self.seats.iter().filter(|(other, _)| **other != number);
        let peers: Vec<Peer> = others
            .map(|(_, seat)| match ack {
                Some(_) => seat.peer(self.people.role(seat.key())),
                None => seat.minimal_peer(),
            })
            .collect();
        let more = ack.map(|ack| JoinedMore {
            v: PROTOCOL_VERSION,
            outcome,
            resume_token: token,
            ack,
            roster_grace_ms: grace,
            title: self.config.title.clone(),
            host: self.config.host.clone(),
            started_at: self.config.started_at,
            chat: self.chat.lines(),
            role,
            access: self.access.clone(),
            private: self.config.private,
            knocks,
            successor: self.successor.clone(),
        });
        let joined = ServerMessage::Joined(Joined {
            room_id: self.config.meeting_id.clone(),
            client_id: id,
            peers,
            more,
        });
        self.reply(connection, &joined);
    }

    fn peer_joined(&self, peer: Peer, restored: bool) -> ServerMessage {
        ServerMessage::PeerJoined {
            room_id: self.config.meeting_id.clone(),
            peer,
            restored,
        }
    }
}

/// What the connection that had the seat before leaves behind.
struct Earlier {
    bucket: Bucket,
    was_away: bool,
}
