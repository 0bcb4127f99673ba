//! How what the room says gets to whom it is for.

use std::sync::Arc;

use landline_protocol::{ErrorCode, MeetingSummary, ServerMessage};

use crate::output::{ConnectionId, Frame, Output, body_of, error};
use crate::room::{Now, Room};
use crate::seat::{SeatNumber, Wire};

impl Room {
    /// Tells all but `except`: clients of version 1 `full`, minimal ones `minimal`. Each is written once, if at all.
    pub(crate) fn announce(
        &mut self,
        except: SeatNumber,
        full: &ServerMessage,
        minimal: Option<&ServerMessage>,
    ) {
        let (mut full_body, mut minimal_body) = (None, None);
        for number in self.numbers_but(Some(except)) {
            match self.seats.get(&number).map(|seat| &seat.wire) {
                Some(Wire::Full(_)) => {
                    let body = full_body.get_or_insert_with(|| body_of(full)).clone();
                    self.post(number, Some(&body), None);
                }
                Some(Wire::Minimal) => {
                    if let Some(message) = minimal {
                        let body = minimal_body.get_or_insert_with(|| body_of(message)).clone();
                        self.post(number, None, Some(&body));
                    }
                }
                None => {}
            }
        }
    }

    /// Gives a seat its message: `full` to a client of version 1, `minimal` to a minimal one.
    pub(crate) fn post(
        &mut self,
        number: SeatNumber,
        full: Option<&Arc<str>>,
        minimal: Option<&Arc<str>>,
    ) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let connection = seat.connection();
        let frame = match &mut seat.wire {
            Wire::Full(progress) => full.map(|body| progress.outbox.push(body)),
            Wire::Minimal => minimal.map(|body| Frame {
                seq: None,
                body: Arc::clone(body),
            }),
        };
        if let (Some(connection), Some(frame)) = (connection, frame) {
            self.put(Output::Send { connection, frame });
        }
    }

    pub(crate) fn numbers_but(&self, except: Option<SeatNumber>) -> Vec<SeatNumber> {
        self.seats
            .keys()
            .copied()
            .filter(|number| Some(*number) != except)
            .collect()
    }

    pub(crate) fn refuse(&mut self, connection: ConnectionId, code: ErrorCode) {
        self.reply(connection, &error(code));
    }

    /// Sends something that is not counted.
    pub(crate) fn reply(&mut self, connection: ConnectionId, message: &ServerMessage) {
        self.put(Output::Send {
            connection,
            frame: Frame::plain(message),
        });
    }

    pub(crate) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn acknowledge_due(&mut self, number: SeatNumber, now: Now) {
        let Some(seat) = self.seats.get_mut(&number) else {
            return;
        };
        let (Some(connection), Wire::Full(progress)) = (seat.connection(), &mut seat.wire) else {
            return;
        };
        if let Some(seq) = progress.received.take_due(now.monotonic) {
            self.reply(connection, &ServerMessage::Ack { seq });
        }
    }

    pub(crate) fn tell_summary(&mut self) {
        let here = || {
            self.seats
                .values()
                .filter(|seat| seat.connection().is_some())
        };
        let participants = u32::try_from(here().count()).unwrap_or(u32::MAX);
        let full = self.seats.len() >= self.config.limits.participants;
        let same = participants == self.summary.participants
            && self.access.mode == self.summary.access
            && full == self.summary.full
            && here()
                .filter_map(|seat| seat.name.as_ref())
                .eq(self.summary.names.iter());
        if !same {
            self.summary = MeetingSummary {
                participants,
                full,
                access: self.access.mode,
                locked: self.access.is_guarded(),
                names: here().filter_map(|seat| seat.name.clone()).collect(),
                ..self.summary.clone()
            };
            self.put(Output::SummaryChanged);
        }
    }
}
