//! What a connection without a seat may say.

use landline_protocol::{ClientMessage, ErrorCode};

use crate::authority::{Authority, CodeProof};
use crate::output::ConnectionId;
use crate::room::{Now, Room};

impl Room {
    /// What may be said before `join`.
    pub(crate) fn act_joining(
        &mut self,
        connection: ConnectionId,
        message: ClientMessage,
        now: Now,
        authority: &mut dyn Authority,
    ) {
        match message {
            ClientMessage::Join(join) => self.join(connection, *join, now, authority),
            ClientMessage::Challenge => {
                let challenge = authority.challenge(connection);
                self.reply(connection, &challenge);
            }
            ClientMessage::PakeStart { room_id, .. }
            | ClientMessage::PakeConfirm { room_id, .. }
                if room_id != self.config.meeting_id =>
            {
                self.refuse(connection, ErrorCode::RoomNotFound);
            }
            ClientMessage::PakeStart { key, message, .. } => {
                let step = CodeProof::Start {
                    key: &key,
                    message: &message,
                };
                let answer = authority.prove(connection, step, &self.access, now.monotonic);
                self.reply(connection, &answer);
            }
            ClientMessage::PakeConfirm { tag, .. } => {
                let step = CodeProof::Confirm { tag: &tag };
                let answer = authority.prove(connection, step, &self.access, now.monotonic);
                self.reply(connection, &answer);
            }
            _ => self.refuse(connection, ErrorCode::NotJoined),
        }
    }

    /// Whoever knocked knocks no more.
    pub(crate) fn give_up(&mut self, connection: ConnectionId, now: Now) {
        if let Some(knocking) = self.open_door(connection, now) {
            self.knock_ended(knocking.id);
        }
    }
}
