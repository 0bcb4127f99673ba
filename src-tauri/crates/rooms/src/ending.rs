//! How a room ends: for all, or because its host goes away.

use landline_protocol::ServerMessage;

use crate::output::{CloseReason, ConnectionId, Output, body_of};
use crate::room::Room;

impl Room {
    /// Ends the meeting for all: everybody is told, then connections are closed.
    pub fn end(&mut self) {
        let ended = body_of(&ServerMessage::MeetingEnded {
            room_id: self.config.meeting_id.clone(),
        });
        for number in self.numbers_but(None) {
            self.post(number, Some(&ended), None);
        }
        self.close_all(CloseReason::MeetingEnded);
    }

    /// The same, because the host asked for it over the wire.
    pub(crate) fn end_for_all(&mut self) {
        self.end();
        self.put(Output::Ended);
    }

    /// The host goes away in good order: connections are closed, nobody is told that the meeting ended.
    pub fn close(&mut self) {
        self.close_all(CloseReason::HostLeft);
    }

    fn close_all(&mut self, reason: CloseReason) {
        let mut connections: Vec<ConnectionId> = self.connections.keys().copied().collect();
        connections.sort_unstable();
        for connection in connections {
            self.put(Output::Close { connection, reason });
        }
        self.connections.clear();
        self.seats.clear();
        self.by_id.clear();
        self.tell_summary();
    }
}
