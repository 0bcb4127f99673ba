//! WebSocket frames (RFC 6455 §5) of a client, as bytes come in, and of the server, as they go out. No socket.
//!
//! A connection that says nothing holds nothing here: what has been read is given back. Nothing is read of a message that is larger than
//! the limit.

use std::str;

use crate::spare;

/// A message, or something about the connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Text(&'a str),
    /// A message of bytes, with its size.
    Binary(usize),
    /// To be answered with the same.
    Ping(&'a [u8]),
    Pong,
    Close,
}

/// Why nothing more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Not what the standard says.
    Protocol,
    /// Larger than the limit.
    TooLarge,
}

/// Longest payload of a frame that is about the connection (RFC 6455 §5.5).
const CONTROL_BYTES: usize = 125;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// What came of a client and was not taken yet.
#[derive(Debug)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// Taken of `bytes`.
    taken: usize,
    /// A message that came in pieces so far, and what it is; `CONTINUATION`: none.
    pieces: Vec<u8>,
    kind: u8,
    /// `pieces` were handed out.
    done: bool,
    /// Most bytes of a message.
    most: usize,
}

/// The head of a frame.
#[derive(Debug, Clone, Copy)]
struct Head {
    is_final: bool,
    code: u8,
    mask: [u8; 4],
    /// Where the payload is in `bytes`.
    start: usize,
    end: usize,
}

impl Frames {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            taken: 0,
            pieces: Vec::new(),
            kind: CONTINUATION,
            done: false,
            most,
        }
    }

    /// Takes what was read.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.tidy();
        if self.bytes.capacity() == 0 {
            self.bytes = spare::take();
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives back what was taken, and the memory when nothing is left.
    pub(crate) fn tidy(&mut self) {
        if self.taken == self.bytes.len() {
            spare::give(std::mem::take(&mut self.bytes));
        } else if self.taken > 0 {
            self.bytes.drain(..self.taken);
        }
        self.taken = 0;
        if self.done {
            self.pieces = Vec::new();
            self.kind = CONTINUATION;
            self.done = false;
        }
    }

    /// The next message. None: more has to come.
    pub(crate) fn next(&mut self) -> Result<Option<Heard<'_>>, Bad> {
        if self.done {
            self.pieces.clear();
            self.kind = CONTINUATION;
            self.done = false;
        }
        loop {
            let Some(head) = self.head()? else {
                return Ok(None);
            };
            let Some(payload) = self.bytes.get_mut(head.start..head.end) else {
                return Ok(None);
            };
            unmask(payload, head.mask);
            self.taken = head.end;
            if head.code >= CLOSE {
                return Ok(Some(self.about_connection(head)));
            }
            if head.is_final && head.code != CONTINUATION {
                let payload = self.bytes.get(head.start..head.end).unwrap_or_default();
                return message(head.code, payload).map(Some);
            }
            if head.code != CONTINUATION {
                self.kind = head.code;
            }
            let payload = self.bytes.get(head.start..head.end).unwrap_or_default();
            self.pieces.extend_from_slice(payload);
            if head.is_final {
                self.done = true;
                return message(self.kind, &self.pieces).map(Some);
            }
        }
    }

    /// The head of the next frame, if it is there; it and its size are in order.
    fn head(&self) -> Result<Option<Head>, Bad> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let [first, second, after @ ..] = rest else {
            return Ok(None);
        };
        let (code, is_final) = (first & 0x0f, first & FINAL != 0);
        let is_known = matches!(code, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG);
        // No extension was agreed on, clients mask, and a message ends before another begins.
        let is_whole = code >= CLOSE || (code == CONTINUATION) == (self.kind != CONTINUATION);
        if first & 0x70 != 0 || !is_known || second & MASKED == 0 || !is_whole {
            return Err(Bad::Protocol);
        }
        let (length, after) = match (second & !MASKED, after) {
            (126, after) => match after.split_first_chunk() {
                Some((length, after)) => (usize::from(u16::from_be_bytes(*length)), after),
                None => return Ok(None),
            },
            (127, after) => match after.split_first_chunk() {
                Some((length, after)) => {
                    let long = u64::from_be_bytes(*length);
                    (usize::try_from(long).map_err(|_| Bad::TooLarge)?, after)
                }
                None => return Ok(None),
            },
            (short, after) => (usize::from(short), after),
        };
        if code >= CLOSE && (length > CONTROL_BYTES || !is_final) {
            return Err(Bad::Protocol);
        }
        if length > self.most.saturating_sub(self.pieces.len()) {
            return Err(Bad::TooLarge);
        }
        let Some((&mask, after)) = after.split_first_chunk() else {
            return Ok(None);
        };
        let start = self.bytes.len() - after.len();
        Ok(Some(Head {
            is_final,
            code,
            mask,
            start,
            end: start + length,
        }))
    }

    fn about_connection(&self, head: Head) -> Heard<'_> {
        let payload = self.bytes.get(head.start..head.end).unwrap_or_default();
        match head.code {
            PING => Heard::Ping(payload),
            PONG => Heard::Pong,
            _ => Heard::Close,
        }
    }
}

fn message(kind: u8, payload: &[u8]) -> Result<Heard<'_>, Bad> {
    if kind == BINARY {
        return Ok(Heard::Binary(payload.len()));
    }
    // Text is UTF-8 (§8.1).
    str::from_utf8(payload)
        .map(Heard::Text)
        .map_err(|_| Bad::Protocol)
}

/// §5.3, eight bytes at a time.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let long = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut words = payload.chunks_exact_mut(8);
    for word in &mut words {
        if let Ok(bytes) = <[u8; 8]>::try_from(&*word) {
            word.copy_from_slice(&(u64::from_ne_bytes(bytes) ^ long).to_ne_bytes());
        }
    }
    for (byte, mask) in words.into_remainder().iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// Adds a text, which comes in two parts, as one frame.
pub(crate) fn put_text(out: &mut Vec<u8>, first: &str, second: &str) {
    put_head(out, TEXT, first.len() + second.len());
    out.extend_from_slice(first.as_bytes());
    out.extend_from_slice(second.as_bytes());
}

pub(crate) fn put_ping(out: &mut Vec<u8>) {
    put_head(out, PING, 0);
}

pub(crate) fn put_pong(out: &mut Vec<u8>, payload: &[u8]) {
    put_head(out, PONG, payload.len());
    out.extend_from_slice(payload);
}

pub(crate) fn put_close(out: &mut Vec<u8>, code: u16) {
    put_head(out, CLOSE, 2);
    out.extend(code.to_be_bytes());
}

fn put_head(out: &mut Vec<u8>, code: u8, length: usize) {
    out.push(FINAL | code);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..126), _) => out.push(short),
        (_, Ok(long)) => {
            out.push(126);
            out.extend(long.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    /// As a client writes it.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_head(&mut out, 0, payload.len());
        out[0] = first;
        out[1] |= MASKED;
        out.extend(MASK);
        out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
        out
    }

    /// Everything that is heard when the bytes come in pieces of this size.
    fn heard(bytes: &[u8], piece: usize, most: usize) -> Result<Vec<String>, Bad> {
        let mut frames = Frames::new(most);
        let mut all = Vec::new();
        for part in bytes.chunks(piece) {
            frames.put(part);
            while let Some(heard) = frames.next()? {
                all.push(match heard {
                    Heard::Text(text) => text.to_owned(),
                    other => format!("{other:?}"),
                });
            }
        }
        frames.tidy();
        assert_eq!(frames.bytes.capacity(), 0, "who says nothing holds nothing");
        Ok(all)
    }

    #[test]
    fn texts_of_every_length_are_heard_whole() {
        for length in [0, 1, 7, 8, 125, 126, 65_535, 65_536] {
            let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let bytes = [frame(0x81, text.as_bytes()), frame(0x81, b"{}")].concat();
            for piece in [1, 3, 4_096, bytes.len()] {
                let all = heard(&bytes, piece, 100_000).unwrap();
                assert!(all == [text.clone(), "{}".to_owned()], "{length} {piece}");
            }
        }
    }

    #[test]
    fn a_message_in_pieces_is_one_and_a_ping_may_come_in_between() {
        let bytes = [
            frame(0x01, "a€".as_bytes().get(..2).unwrap()),
            frame(0x89, b"hi"),
            frame(0x00, "a€".as_bytes().get(2..).unwrap()),
            frame(0x80, b"!"),
            frame(0x82, b"xyz"),
        ]
        .concat();
        let all = heard(&bytes, 5, 100).unwrap();
        assert_eq!(all, ["Ping([104, 105])", "a€!", "Binary(3)"]);
    }

    #[test]
    fn what_the_standard_forbids_ends_it() {
        let mut unmasked = frame(0x81, b"");
        unmasked[1] = 0;
        let long = vec![0; 126];
        for (what, bytes) in [
            ("an extension", frame(0xc1, b"x")),
            ("an unknown code", frame(0x83, b"x")),
            ("no mask", unmasked),
            ("a long ping", frame(0x89, &long)),
            ("a ping in pieces", frame(0x09, b"")),
            ("the rest of nothing", frame(0x80, b"x")),
            (
                "two at once",
                [frame(0x01, b"x"), frame(0x81, b"x")].concat(),
            ),
            ("bytes that are no text", frame(0x81, &[0xff])),
        ] {
            assert_eq!(heard(&bytes, 999, 1_000), Err(Bad::Protocol), "{what}");
        }
    }

    #[test]
    fn a_message_above_the_limit_is_refused_by_its_head() {
        let whole = frame(0x81, &[b'x'; 101]);
        assert_eq!(heard(&whole[..8], 8, 100), Err(Bad::TooLarge));
        let pieces = [frame(0x01, &[b'x'; 60]), frame(0x00, &[b'x'; 60])].concat();
        assert_eq!(heard(&pieces, 1_000, 100), Err(Bad::TooLarge));
        let absurd = [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(heard(&absurd, 10, 100), Err(Bad::TooLarge));
    }

    proptest! {
        #[test]
        fn any_bytes_are_heard_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50) {
            let mut frames = Frames::new(200);
            for part in bytes.chunks(piece) {
                frames.put(part);
                loop {
                    match frames.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => return Ok(()),
                    }
                }
                prop_assert!(frames.bytes.len() <= 200 + 14 + piece && frames.pieces.len() <= 200);
            }
        }
    }
}
