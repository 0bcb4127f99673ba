//! What a room wants done.

use std::sync::Arc;

use landline_protocol::{ChatLine, ErrorCode, ServerMessage, Signal, SignalType};
use serde::Serialize;
use serde_json::value::RawValue;

/// Room for what stands around the data of a signal: our room ids have 32 characters, client ids 12. More is no harm.
const AROUND_DATA: usize = 128;

/// One connection, numbered by the caller. Numbers are not used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What the caller has to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Send {
        connection: ConnectionId,
        frame: Frame,
    },
    /// Close it after what was sent. The room has forgotten it already.
    Close {
        connection: ConnectionId,
        reason: CloseReason,
    },
    /// A signed line was taken from a participant.
    Line(Box<ChatLine>),
    /// [`crate::Room::summary`] or [`crate::Room::access`] says something else than before.
    SummaryChanged,
    /// The host has ended the meeting: nothing follows.
    Ended,
}

/// One text frame. The body is written once and shared by all who get it; only the count is the receiver's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The receiver's count, put in front of the body's members.
    pub seq: Option<u32>,
    /// A JSON object with at least one member.
    pub body: Arc<str>,
}

impl Frame {
    pub(crate) fn plain(message: &ServerMessage) -> Self {
        Self {
            seq: None,
            body: body_of(message),
        }
    }

    /// The text that goes over the wire.
    pub fn text(&self) -> String {
        let (first, second) = self.parts();
        first + second
    }

    /// The same in two parts, of which the second, the long one, is not copied.
    pub fn parts(&self) -> (String, &str) {
        match (self.seq, self.body.strip_prefix('{')) {
            (Some(seq), Some(members)) => (format!("{{\"seq\":{seq},"), members),
            _ => (String::new(), &self.body),
        }
    }

    /// Bytes of [`Frame::text`], at most: a count takes up to 17.
    pub fn size(&self) -> usize {
        self.body.len() + if self.seq.is_some() { 17 } else { 0 }
    }
}

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The page said that it is closing.
    Closing,
    /// The host goes away in good order; the meeting may come back.
    HostLeft,
    /// The host has ended the meeting for all.
    MeetingEnded,
    /// Another connection has taken the seat.
    SeatTaken,
    /// It did not join in time, sent too much, or was not let in.
    Policy,
    /// Sent out of the meeting.
    Removed,
}

/// The JSON of a message.
pub(crate) fn body_of(message: &ServerMessage) -> Arc<str> {
    // Cannot fail: no member of these types has a key that is not a string.
    serde_json::to_string(message).unwrap_or_default().into()
}

/// The JSON of a signal as its receiver gets it: that of [`ServerMessage::Signal`], out of borrowed parts, since most of what a room
/// says is this. `data` is not read, and copied once.
pub(crate) fn signal_body(room_id: &str, from: &str, signal: &Signal) -> Arc<str> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Relayed<'a> {
        action: &'static str,
        room_id: &'a str,
        from: &'a str,
        #[serde(rename = "type")]
        signal_type: SignalType,
        data: &'a RawValue,
    }
    let mut text = Vec::with_capacity(signal.data.get().len() + AROUND_DATA);
    let relayed = Relayed {
        action: "signal",
        room_id,
        from,
        signal_type: signal.signal_type,
        data: &signal.data,
    };
    // Cannot fail, as above: what is written to is memory, and JSON is text.
    let written = serde_json::to_writer(&mut text, &relayed);
    debug_assert!(written.is_ok());
    str::from_utf8(&text).unwrap_or_default().into()
}

pub(crate) fn error(code: ErrorCode) -> ServerMessage {
    ServerMessage::Error {
        code,
        message: code.to_string(),
        retry_after_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_written_as_the_protocol_says() {
        let signal = Signal {
            room_id: "what the sender said".to_owned(),
            signal_type: SignalType::IceCandidate,
            to: None,
            data: RawValue::from_string(r#"{ "a": [1, "é\n"] }"#.to_owned()).unwrap(),
        };
        let message = ServerMessage::Signal {
            room_id: "a \"room\"".to_owned(),
            from: "k3v9x0q2m7ab".to_owned(),
            signal_type: signal.signal_type,
            data: Arc::from(signal.data.clone()),
        };
        let body = signal_body("a \"room\"", "k3v9x0q2m7ab", &signal);
        assert_eq!(body, body_of(&message));
    }

    #[test]
    fn the_count_is_the_first_member() {
        let frame = Frame {
            seq: Some(4),
            ..Frame::plain(&ServerMessage::Pong)
        };
        assert_eq!(frame.text(), r#"{"seq":4,"action":"pong"}"#);
        assert_eq!(
            Frame::plain(&ServerMessage::Pong).text(),
            r#"{"action":"pong"}"#
        );
    }

    #[test]
    fn the_size_is_never_below_the_text() {
        for seq in [None, Some(1), Some(u32::MAX)] {
            let frame = Frame {
                seq,
                ..Frame::plain(&ServerMessage::Pong)
            };
            assert!(frame.size() >= frame.text().len());
        }
    }
}
