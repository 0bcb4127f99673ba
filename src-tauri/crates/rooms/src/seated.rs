//! What a participant with a seat may say.

use std::sync::Arc;

use landline_protocol::{ClientMessage, ErrorCode, LeaveReason, MediaState, ServerMessage, Signal};

use serde_json::value::RawValue;

use crate::authority::Authority;
use crate::output::{ConnectionId, body_of, signal_body};
use crate::room::{Now, Room};
use crate::saying::Said;
use crate::seat::{SeatNumber, Wire};

impl Room {
    pub(crate) fn act_seated(
        &mut self,
        connection: ConnectionId,
        number: SeatNumber,
        seq: Option<u32>,
        message: ClientMessage,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        if self.is_minimal(number) && !is_minimal_action(&message) {
            // What a client without `v` is written for does not have these actions.
            return self.refuse(connection, ErrorCode::UnknownAction);
        }
        if let Some(Wire::Full(progress)) = self.seats.get_mut(&number).map(|seat| &mut seat.wire) {
            progress.restarted = false;
        }
        if let Some(seq) = seq.filter(|_| is_counted(&message))
            && !self.is_new(number, seq, now)
        {
            return;
        }
        if room_of(&message).is_some_and(|room| room != self.config.meeting_id) {
            return self.refuse(connection, ErrorCode::RoomNotFound);
        }
        match message {
            ClientMessage::Join(_) => self.refuse(connection, ErrorCode::AlreadyJoined),
            ClientMessage::Leave { .. } => self.vacate(number, LeaveReason::Left, now),
            ClientMessage::Signal(signal) => self.relay(connection, number, &signal),
            ClientMessage::Closing { .. } => self.page_closing(number, now),
            ClientMessage::State { state, .. } => self.set_state(number, state, now),
            ClientMessage::Chat {
                id, text, signed, ..
            } => {
                let said = Said { id, text, signed };
                if let Err(code) = self.say(number, said, now, authority) {
                    self.refuse(connection, code);
                }
            }
            ClientMessage::ChatHistory { lines, .. } => {
                self.take_history(number, lines, now, authority);
            }
            ClientMessage::Ack { seq } => {
                if !self.delivered(number, seq) {
                    self.refuse(connection, ErrorCode::BadMessage);
                }
            }
            ClientMessage::Ping => self.reply(connection, &ServerMessage::Pong),
            ClientMessage::Moderate { order, .. } => {
                self.moderate(connection, number, order, now, authority);
            }
            ClientMessage::Verify { data, .. } => self.relay_verify(number, data),
            ClientMessage::Challenge
            | ClientMessage::PakeStart { .. }
            | ClientMessage::PakeConfirm { .. } => {
                self.refuse(connection, ErrorCode::AlreadyJoined);
            }
        }
    }

    /// Which sources are on, as the seat says. The others are told soon, if it is news then.
    pub(crate) fn set_state(&mut self, number: SeatNumber, state: MediaState, now: Now) {
        if let Some(seat) = self.seats.get_mut(&number) {
            seat.state = Some(state);
        }
        self.tell_state_due(number, now);
    }

    pub(crate) fn tell_state_due(&mut self, number: SeatNumber, now: Now) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        if seat.state_due().is_some_and(|due| due <= now.monotonic) {
            seat.told.at = Some(now.monotonic);
            self.tell_state(number);
        }
    }

    /// Tells the others which sources are on, if they do not know.
    pub(crate) fn tell_state(&mut self, number: SeatNumber) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let Some(state) = seat.state.filter(|state| seat.told.state != Some(*state)) else {
            return;
        };
        seat.told.state = Some(state);
        let message = ServerMessage::PeerState {
            room_id: self.config.meeting_id.clone(),
            client_id: seat.client_id.to_string(),
            state,
        };
        self.announce(number, &message, None);
    }

    /// Tells minimal clients something for which the others have other words.
    pub(crate) fn announce_minimal(&mut self, except: SeatNumber, message: &ServerMessage) {
        let body = body_of(message);
        for number in self.numbers_but(Some(except)) {
            self.post(number, None, Some(&body));
        }
    }

    /// Carries a signal, unread, to its addressee or to all others. `from` is ours to say.
    fn relay(&mut self, connection: ConnectionId, number: SeatNumber, signal: &Signal) {
        let Some(seat) = self.seats.get(&number) else {
            return;
        };
        let body = || signal_body(&self.config.meeting_id, &seat.client_id, signal);
        let Some(to) = &signal.to else {
            let body = body();
            for other in self.numbers_but(Some(number)) {
                self.post(other, Some(&body), Some(&body));
            }
            return;
        };
        match self.by_id.get(to.as_str()) {
            Some(&addressee) if addressee != number => {
                let body = body();
                self.post(addressee, Some(&body), Some(&body));
            }
            _ => self.refuse(connection, ErrorCode::UnknownPeer),
        }
    }

    /// Carries a part of the agreement on the meeting's code, unread, to all others.
    fn relay_verify(&mut self, number: SeatNumber, data: Arc<RawValue>) {
        let Some(seat) = self.seats.get(&number) else {
            return;
        };
        let message = ServerMessage::Verify {
            room_id: self.config.meeting_id.clone(),
            from: seat.client_id.to_string(),
            data,
        };
        self.announce(number, &message, None);
    }

    fn is_minimal(&self, number: SeatNumber) -> bool {
        self.seats
            .get(&number)
            .is_some_and(|seat| matches!(seat.wire, Wire::Minimal))
    }

    /// False for a message that was done before. A minimal client's count, if it has one, means nothing.
    fn is_new(&mut self, number: SeatNumber, seq: u32, now: Now) -> bool {
        match self.seats.get_mut(&number).map(|seat| &mut seat.wire) {
            Some(Wire::Full(progress)) => progress.received.is_new(seq, now.monotonic),
            _ => true,
        }
    }

    fn delivered(&mut self, number: SeatNumber, seq: u32) -> bool {
        match self.seats.get_mut(&number).map(|seat| &mut seat.wire) {
            Some(Wire::Full(progress)) => progress.outbox.acknowledge(seq),
            _ => true,
        }
    }
}

const fn is_minimal_action(message: &ClientMessage) -> bool {
    matches!(
        message,
        ClientMessage::Join(_)
            | ClientMessage::Leave { .. }
            | ClientMessage::Signal(_)
            | ClientMessage::Ping
    )
}

/// Whether `seq` of this message is its sender's count.
const fn is_counted(message: &ClientMessage) -> bool {
    !matches!(
        message,
        ClientMessage::Join(_)
            | ClientMessage::Ack { .. }
            | ClientMessage::Ping
            | ClientMessage::Challenge
            | ClientMessage::PakeStart { .. }
            | ClientMessage::PakeConfirm { .. }
    )
}

fn room_of(message: &ClientMessage) -> Option<&str> {
    match message {
        ClientMessage::Leave { room_id }
        | ClientMessage::Closing { room_id }
        | ClientMessage::State { room_id, .. }
        | ClientMessage::Chat { room_id, .. }
        | ClientMessage::ChatHistory { room_id, .. }
        | ClientMessage::Moderate { room_id, .. }
        | ClientMessage::Verify { room_id, .. } => Some(room_id),
        ClientMessage::Signal(signal) => Some(&signal.room_id),
        ClientMessage::Join(_)
        | ClientMessage::Ack { .. }
        | ClientMessage::Ping
        | ClientMessage::Challenge
        | ClientMessage::PakeStart { .. }
        | ClientMessage::PakeConfirm { .. } => None,
    }
}
