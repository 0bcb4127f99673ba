//! WebSocket frames (RFC 6455 §5.2) as a client writes and reads them. Small on purpose: what the client does for a message must
//! not be what is measured.

/// Text that is complete in one frame.
const TEXT: u8 = 0x81;
pub(crate) const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const MASKED: u8 = 0x80;
/// The length follows in two bytes, or in eight.
const LONG: u8 = 0x7e;
const LONGER: u8 = 0x7f;
/// One mask for all: chance is for proxies in between, which are not there.
pub(crate) const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A text as a frame.
pub(crate) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

/// The answer to a ping.
pub(crate) fn pong() -> Vec<u8> {
    frame(PONG, b"")
}

fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..126), _) => frame.push(MASKED | short),
        (_, Ok(long)) => {
            frame.push(MASKED | LONG);
            frame.extend(long.to_be_bytes());
        }
        _ => {
            frame.push(MASKED | LONGER);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// What a server has sent, as its bytes come in.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
}

impl Incoming {
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        if self.taken == self.bytes.len() {
            self.bytes.clear();
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame: its first byte and what it carries.
    pub(crate) fn next(&mut self) -> Option<(u8, &[u8])> {
        let rest = self.bytes.get(self.taken..)?;
        let (&head, &length) = (rest.first()?, rest.get(1)?);
        let (start, length) = match length {
            126 => (
                4,
                u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?).into(),
            ),
            127 => {
                let length = u64::from_be_bytes(rest.get(2..10)?.try_into().ok()?);
                (10, usize::try_from(length).ok()?)
            }
            short => (2, usize::from(short)),
        };
        let end = self.taken + start + length;
        let payload = self.bytes.get(self.taken + start..end)?;
        self.taken = end;
        Some((head, payload))
    }

    /// Everything is taken: no memory is kept.
    pub(crate) fn shrink(&mut self) {
        if self.taken == self.bytes.len() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server writes it.
    fn from_server(payload: &[u8]) -> Vec<u8> {
        let mut masked = frame(TEXT, payload);
        let head = masked.len() - payload.len() - MASK.len();
        masked.drain(head..head + MASK.len());
        masked[1] &= 0x7f;
        for (byte, mask) in masked[head..].iter_mut().zip(MASK.iter().cycle()) {
            *byte ^= mask;
        }
        masked
    }

    #[test]
    fn frames_of_every_length_are_read_in_any_pieces() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let bytes = [from_server(&payload), from_server(b"{}")].concat();
            for piece in [1, 7, bytes.len()] {
                let mut incoming = Incoming::default();
                let mut lengths = Vec::new();
                for part in bytes.chunks(piece) {
                    incoming.put(part);
                    while let Some((head, payload)) = incoming.next() {
                        assert_eq!(head, TEXT);
                        lengths.push(payload.len());
                    }
                }
                assert_eq!(lengths, [length, 2]);
            }
        }
    }
}
