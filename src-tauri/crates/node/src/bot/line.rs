//! A bot's use of the data channel that a link carries beside media (docs/PROTOCOL.md, "Between pages"; the page has the same in
//! `ui/src/rtc/line/line.ts`). It says hello and what it shows, hears what the other side shows, and its signals. Pure: time is passed
//! in.
//!
//! opening → (the channel opens, we say hello) greeting → (the other's hello) ready; any → off, for good. Off is the use, not the link.

use std::time::Duration;

use bytes::Bytes;
use landline_protocol::client::SignalType;
use landline_protocol::engine_api::ChannelOptions;
use serde_json::{Value, json};

use super::pieces::{Assembly, Taken, cut};
use super::views::Views;

pub(crate) const LABEL: &str = "landline";
/// The same on both sides: the channel is not announced.
const CHANNEL_ID: u16 = 15;
/// Envelopes of one participant: as many at once, and then as many a second.
const BURST: f64 = 1_536.0;
const PER_SECOND: f64 = 256.0;

/// How the channel is made.
pub(crate) fn options() -> ChannelOptions {
    ChannelOptions {
        ordered: true,
        negotiated: true,
        id: Some(CHANNEL_ID),
        ..ChannelOptions::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Opening,
    Greeting,
    Ready,
    Off,
}

/// What came by a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Nothing,
    /// It can be used from now on.
    Ready,
    Views(Views),
    /// The most that may be sent by this link, sound included, in bit/s; none for no limit.
    Limit(Option<u32>),
    Signal(SignalType, Value),
    /// A breach: it is not used any more, and its channel is to be closed.
    Off(&'static str),
}

#[derive(Debug)]
pub(crate) struct Line {
    /// The engine's id of its channel.
    pub(crate) channel: u32,
    state: State,
    assembly: Assembly,
    /// Envelopes that may still come.
    left: f64,
    at: Duration,
}

impl Line {
    pub(crate) fn new(channel: u32) -> Self {
        Self {
            channel,
            state: State::Opening,
            assembly: Assembly::default(),
            left: BURST,
            at: Duration::ZERO,
        }
    }

    /// The channel is open. Gives what is to be sent.
    pub(crate) fn opened(&mut self) -> Vec<Bytes> {
        if self.state != State::Opening {
            return Vec::new();
        }
        self.state = State::Greeting;
        cut(&json!({"is": "hello"}).to_string())
    }

    /// Pieces of an envelope; none while the other side has not said hello.
    pub(crate) fn say(&self, envelope: &str) -> Vec<Bytes> {
        if self.state == State::Ready {
            cut(envelope)
        } else {
            Vec::new()
        }
    }

    /// Takes a message of the channel.
    pub(crate) fn take(&mut self, now: Duration, binary: bool, piece: &[u8]) -> Heard {
        if self.state == State::Off {
            return Heard::Nothing;
        }
        if !binary {
            return self.end("text where bytes are expected");
        }
        match self.assembly.take(piece) {
            Taken::More => Heard::Nothing,
            Taken::Malformed(why) => self.end(why),
            Taken::Frame if self.state == State::Ready => Heard::Nothing,
            Taken::Frame => self.end("a frame before hello"),
            Taken::Envelope(_) if !self.may(now) => self.end("too many envelopes"),
            Taken::Envelope(text) => self.hear(&text),
        }
    }

    fn hear(&mut self, text: &str) -> Heard {
        let Some(envelope) = serde_json::from_str::<Value>(text).ok() else {
            return self.end("no envelope");
        };
        let Some(is) = envelope.get("is").and_then(Value::as_str) else {
            return self.end("no envelope");
        };
        match (is, self.state) {
            ("hello", State::Ready) => Heard::Nothing,
            ("hello", _) => {
                self.state = State::Ready;
                Heard::Ready
            }
            ("views", State::Ready) => match Views::read(&envelope) {
                Some(views) => Heard::Views(views),
                None => self.end("views that make no sense"),
            },
            ("limit", State::Ready) => match limit(&envelope) {
                Some(bitrate) => Heard::Limit(bitrate),
                None => self.end("a limit that makes no sense"),
            },
            ("signal", State::Ready) => match signal(envelope) {
                Some((signal_type, data)) => Heard::Signal(signal_type, data),
                None => self.end("a signal that makes no sense"),
            },
            // Chat, tunnels, what is passed on, and what a newer version says.
            (_, State::Ready) => Heard::Nothing,
            _ => self.end("something before hello"),
        }
    }

    fn may(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + passed * PER_SECOND).min(BURST);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }

    fn end(&mut self, why: &'static str) -> Heard {
        self.state = State::Off;
        self.assembly = Assembly::default();
        Heard::Off(why)
    }
}

/// A number larger than any is as good as none.
#[expect(
    clippy::option_option,
    reason = "no limit is something else than nonsense"
)]
fn limit(envelope: &Value) -> Option<Option<u32>> {
    match envelope.get("bitrate")? {
        Value::Null => Some(None),
        bitrate => Some(Some(u32::try_from(bitrate.as_u64()?).unwrap_or(u32::MAX))),
    }
}

fn signal(mut envelope: Value) -> Option<(SignalType, Value)> {
    let signal_type = serde_json::from_value(envelope.get_mut("type")?.take()).ok()?;
    let data = envelope.get_mut("data").map(Value::take);
    Some((signal_type, data.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(line: &mut Line, envelope: &str) -> Heard {
        let pieces = cut(envelope);
        let heard = pieces
            .iter()
            .map(|piece| line.take(Duration::ZERO, true, piece));
        heard.last().unwrap()
    }

    const VIEWS: &str = r#"{"is":"views","camera":{"height":180,"framesPerSecond":30},"screen":{"height":0,"framesPerSecond":0}}"#;

    fn ready() -> Line {
        let mut line = Line::new(1);
        assert_eq!(line.opened(), cut(r#"{"is":"hello"}"#));
        assert_eq!(tell(&mut line, r#"{"is":"hello"}"#), Heard::Ready);
        line
    }

    #[test]
    fn each_says_hello_and_then_what_it_shows() {
        let mut line = ready();
        assert!(line.opened().is_empty(), "once");
        assert!(
            matches!(tell(&mut line, VIEWS), Heard::Views(views) if views.camera.height == 180)
        );
        assert_eq!(line.say("{}"), cut("{}"));
        assert!(Line::new(1).say("{}").is_empty());
        // The other side may be faster than our own channel.
        let mut early = Line::new(1);
        assert_eq!(tell(&mut early, r#"{"is":"hello"}"#), Heard::Ready);
    }

    #[test]
    fn a_limit_is_heard_and_taken_back() {
        let mut line = ready();
        let mut told = |bitrate: &str| {
            tell(
                &mut line,
                &format!(r#"{{"is":"limit","bitrate":{bitrate}}}"#),
            )
        };
        assert_eq!(told("85000"), Heard::Limit(Some(85_000)));
        assert_eq!(told("null"), Heard::Limit(None));
        assert_eq!(told("99999999999"), Heard::Limit(Some(u32::MAX)));
        assert!(matches!(told("-1"), Heard::Off(_)));
    }

    #[test]
    fn a_signal_is_heard_and_everything_else_is_passed_over() {
        let mut line = ready();
        let heard = tell(
            &mut line,
            r#"{"is":"signal","type":"offer","data":{"sdp":"x"}}"#,
        );
        assert_eq!(heard, Heard::Signal(SignalType::Offer, json!({"sdp": "x"})));
        for other in [
            r#"{"is":"near","ids":["a"]}"#,
            r#"{"is":"of a newer version"}"#,
            r#"{"is":"chat","id":1}"#,
        ] {
            assert_eq!(tell(&mut line, other), Heard::Nothing, "{other}");
        }
        assert_eq!(
            line.take(Duration::ZERO, true, &[3, b'x']),
            Heard::Nothing,
            "a frame"
        );
    }

    #[test]
    fn a_breach_ends_its_use() {
        let off = |heard: &Heard| matches!(heard, Heard::Off(_));
        assert!(off(&tell(&mut Line::new(1), VIEWS)), "before hello");
        for breach in [
            "",
            "[]",
            r#"{"is":1}"#,
            r#"{"is":"views"}"#,
            r#"{"is":"limit"}"#,
        ] {
            let mut line = ready();
            assert!(off(&tell(&mut line, &format!("{breach} "))), "{breach}");
            assert_eq!(tell(&mut line, VIEWS), Heard::Nothing);
        }
        assert!(off(&ready().take(Duration::ZERO, false, b"text")));
    }

    #[test]
    fn who_says_too_much_is_not_heard_any_more() {
        let mut line = ready();
        let said = (0..2_000).take_while(|_| !matches!(tell(&mut line, VIEWS), Heard::Off(_)));
        assert_eq!(said.count(), 1_535);
        let mut line = ready();
        for second in 0..20 {
            for piece in std::iter::repeat_n(cut(VIEWS), 200).flatten() {
                let heard = line.take(Duration::from_secs(second), true, &piece);
                assert!(matches!(heard, Heard::Views(_)));
            }
        }
    }
}
