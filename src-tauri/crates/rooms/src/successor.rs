//! What is told beforehand: where the meeting goes on should its host be gone. A browser cannot find the next host, and a guest's page
//! cannot be loaded again from one that is gone.

use landline_protocol::ServerMessage;

use crate::output::body_of;
use crate::room::Room;

impl Room {
    /// The guest link of whoever hosts next; None: nobody could. Everybody is told if it is another one.
    pub fn set_successor(&mut self, link: Option<String>) {
        if self.successor == link {
            return;
        }
        self.successor = link;
        let message = ServerMessage::Successor {
            room_id: self.config.meeting_id.clone(),
            link: self.successor.clone(),
        };
        let body = body_of(&message);
        for number in self.numbers_but(None) {
            self.post(number, Some(&body), None);
        }
    }
}
