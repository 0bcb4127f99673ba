//! What takes a role. Roles belong to keys: whoever has none is a participant.

use landline_protocol::{ErrorCode, MediaState, Moderation, Request, Role, ServerMessage};

use crate::authority::Authority;
use crate::output::{ConnectionId, body_of};
use crate::room::{Now, Room};
use crate::seat::{Seat, SeatNumber};

impl Room {
    pub(crate) fn moderate(
        &mut self,
        connection: ConnectionId,
        number: SeatNumber,
        order: Moderation,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        if let Err(code) = self.obey(number, order, now, authority) {
            self.refuse(connection, code);
        }
    }

    pub(crate) fn role_of(&self, number: SeatNumber) -> Role {
        self.people
            .role(self.seats.get(&number).and_then(Seat::key))
    }

    fn obey(
        &mut self,
        by: SeatNumber,
        order: Moderation,
        now: Now,
        authority: &mut dyn Authority,
    ) -> Result<(), ErrorCode> {
        let role = self.role_of(by);
        if role < needed(&order) {
            return Err(ErrorCode::NotAllowed);
        }
        match order {
            Moderation::Mute { to: Some(to) } => {
                let number = self.below(&to, by)?;
                self.turn_off(by, number, Request::Mute);
            }
            Moderation::Mute { to: None } => {
                for number in self.numbers_but(Some(by)) {
                    // A co-host does not silence the host.
                    if self.role_of(number) <= role {
                        self.turn_off(by, number, Request::Mute);
                    }
                }
            }
            Moderation::AskUnmute { to } => {
                let number = self.seat_of(&to)?;
                self.ask(by, number, Request::Unmute);
            }
            Moderation::StopShare { to } => {
                let number = self.below(&to, by)?;
                self.turn_off(by, number, Request::StopShare);
            }
            Moderation::Remove { to } => {
                let number = self.below(&to, by)?;
                if number == by || self.role_of(number) == role {
                    return Err(ErrorCode::NotAllowed);
                }
                self.expel(number, now, authority);
            }
            Moderation::SetRole { to, role } => {
                let number = self.seat_of(&to)?;
                if role == Role::Host || self.role_of(number) == Role::Host {
                    return Err(ErrorCode::NotAllowed);
                }
                self.give_role(number, role)?;
            }
            Moderation::HandOver { to } => {
                let number = self.seat_of(&to)?;
                if self.role_of(number) == Role::Host {
                    return Err(ErrorCode::NotAllowed);
                }
                self.give_role(number, Role::Host)?;
                self.give_role(by, Role::CoHost)?;
            }
            Moderation::Admit { id } => self.admit(id, now, authority),
            Moderation::Refuse { id } => self.turn_away(Some(id), now),
            Moderation::SetAccess { mode } => {
                let access = authority.access(mode);
                self.set_access(access, now, authority);
            }
            Moderation::End => self.end_for_all(),
        }
        Ok(())
    }

    fn seat_of(&self, client_id: &str) -> Result<SeatNumber, ErrorCode> {
        self.by_id
            .get(client_id)
            .copied()
            .ok_or(ErrorCode::UnknownPeer)
    }

    /// Somebody to whom `by` may do something: not above it.
    fn below(&self, client_id: &str, by: SeatNumber) -> Result<SeatNumber, ErrorCode> {
        let number = self.seat_of(client_id)?;
        if self.role_of(number) <= self.role_of(by) {
            Ok(number)
        } else {
            Err(ErrorCode::NotAllowed)
        }
    }

    /// A source counts as off from now on, for everybody, until its owner says that it is on again.
    fn turn_off(&mut self, by: SeatNumber, number: SeatNumber, request: Request) {
        let Some(state) = self.seats.get(&number).and_then(|seat| seat.state) else {
            // A minimal client does not say what is on, and does not know how to be asked.
            return;
        };
        let off = match request {
            Request::Mute if state.microphone => MediaState {
                microphone: false,
                ..state
            },
            Request::StopShare if state.screen => MediaState {
                screen: false,
                ..state
            },
            Request::Mute | Request::StopShare | Request::Unmute => return,
        };
        self.ask(by, number, request);
        if let Some(seat) = self.seats.get_mut(&number) {
            seat.state = Some(off);
        }
        self.tell_state(number);
    }

    fn ask(&mut self, by: SeatNumber, number: SeatNumber, request: Request) {
        let Some(sender) = self.seats.get(&by) else {
            return;
        };
        let asked = ServerMessage::Asked {
            room_id: self.config.meeting_id.clone(),
            by: sender.client_id.to_string(),
            request,
        };
        self.post(number, Some(&body_of(&asked)), None);
    }

    /// To all seats of that person's key.
    fn give_role(&mut self, number: SeatNumber, role: Role) -> Result<(), ErrorCode> {
        let key = self
            .seats
            .get(&number)
            .and_then(Seat::key)
            .map(str::to_owned)
            .ok_or(ErrorCode::BadIdentity)?;
        self.give_role_to(&key, role);
        Ok(())
    }

    /// Tells everybody, and a new moderator who is at the door.
    pub(crate) fn tell_role(
        &mut self,
        number: SeatNumber,
        client_id: String,
        before: Role,
        role: Role,
    ) {
        let message = ServerMessage::PeerRole {
            room_id: self.config.meeting_id.clone(),
            client_id,
            role,
        };
        let body = body_of(&message);
        for other in self.numbers_but(None) {
            self.post(other, Some(&body), None);
        }
        if before < Role::CoHost && role >= Role::CoHost {
            for knock in self.knocks() {
                let knock = ServerMessage::Knock {
                    room_id: self.config.meeting_id.clone(),
                    knock,
                };
                self.post(number, Some(&body_of(&knock)), None);
            }
        }
    }
}

/// The least role that may give an order.
const fn needed(order: &Moderation) -> Role {
    match order {
        Moderation::SetRole { .. } | Moderation::HandOver { .. } | Moderation::End => Role::Host,
        Moderation::Mute { .. }
        | Moderation::AskUnmute { .. }
        | Moderation::StopShare { .. }
        | Moderation::Remove { .. }
        | Moderation::Admit { .. }
        | Moderation::Refuse { .. }
        | Moderation::SetAccess { .. } => Role::CoHost,
    }
}
