//! How a message travels over a line's data channel: in pieces, put together at the other end (docs/PROTOCOL.md, "Between pages"; the
//! page has the same in `ui/src/rtc/line/pieces.ts`). Pure.

use bytes::Bytes;
use landline_protocol::limits::MESSAGE_BYTES;

/// Bytes of one piece, the first one included: what all browsers and our engine take from each other (RFC 8831 §6.6).
const PIECE_BYTES: usize = 16 * 1024;
const LAST: u8 = 1;
const FRAME: u8 = 2;

/// Pieces of an envelope, in their order.
pub(super) fn cut(envelope: &str) -> Vec<Bytes> {
    let parts: Vec<&[u8]> = envelope.as_bytes().chunks(PIECE_BYTES - 1).collect();
    let count = parts.len();
    let piece = |(at, part): (usize, &[u8])| {
        let flags = if at + 1 == count { LAST } else { 0 };
        let mut piece = Vec::with_capacity(part.len() + 1);
        piece.push(flags);
        piece.extend_from_slice(part);
        Bytes::from(piece)
    };
    parts.into_iter().enumerate().map(piece).collect()
}

/// What came of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    More,
    Envelope(String),
    /// A frame of a tunnel, which nobody here has.
    Frame,
    /// The line is of no use after this.
    Malformed(&'static str),
}

/// Puts pieces together. Holds one message of at most [`MESSAGE_BYTES`].
#[derive(Debug, Default)]
pub(super) struct Assembly {
    frame: Option<bool>,
    bytes: Vec<u8>,
}

impl Assembly {
    pub(super) fn take(&mut self, piece: &[u8]) -> Taken {
        let Some((flags, part)) = piece.split_first() else {
            return Taken::Malformed("no piece");
        };
        if *flags > LAST | FRAME {
            return Taken::Malformed("no piece");
        }
        if piece.len() > PIECE_BYTES {
            return Taken::Malformed("a piece is too large");
        }
        let frame = flags & FRAME != 0;
        if self.frame.is_some_and(|begun| begun != frame) {
            return Taken::Malformed("a piece of something else");
        }
        let last = flags & LAST != 0;
        // A message that goes on with nothing would go on for ever.
        if !last && part.is_empty() {
            return Taken::Malformed("an empty piece");
        }
        if self.bytes.len() + part.len() > MESSAGE_BYTES {
            return Taken::Malformed("a message is too large");
        }
        self.bytes.extend_from_slice(part);
        if !last {
            self.frame = Some(frame);
            return Taken::More;
        }
        self.frame = None;
        match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(_) if frame => Taken::Frame,
            Ok(text) => Taken::Envelope(text),
            Err(_) => Taken::Malformed("not UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_cut_is_put_together_again() {
        let long = "é".repeat(PIECE_BYTES);
        for text in ["{}", long.as_str()] {
            let mut assembly = Assembly::default();
            let pieces = cut(text);
            let mut taken: Vec<Taken> = pieces.iter().map(|it| assembly.take(it)).collect();
            assert_eq!(taken.pop(), Some(Taken::Envelope(text.to_owned())));
            assert!(taken.iter().all(|it| *it == Taken::More));
        }
        assert_eq!(cut(&long).len(), 3);
    }

    #[test]
    fn what_is_no_piece_is_malformed() {
        let malformed = |pieces: &[&[u8]]| {
            let mut assembly = Assembly::default();
            let last = pieces.iter().map(|it| assembly.take(it)).last();
            matches!(last, Some(Taken::Malformed(_)))
        };
        let large = [[LAST].as_slice(), &[b'x'; PIECE_BYTES]].concat();
        assert!(malformed(&[b""]));
        assert!(malformed(&[&[4]]));
        assert!(malformed(&[&[0]]));
        assert!(malformed(&[&large]));
        assert!(malformed(&[&[0, b'x'], &[LAST | FRAME, b'x']]));
        assert!(malformed(&[&[LAST, 0xff]]));
        assert_eq!(Assembly::default().take(&[LAST | FRAME]), Taken::Frame);
    }

    #[test]
    fn a_message_without_end_is_given_up() {
        let mut assembly = Assembly::default();
        let piece = [[0].as_slice(), &[b'x'; PIECE_BYTES - 1]].concat();
        let taken = (0..100).map(|_| assembly.take(&piece));
        let given_up = taken.take_while(|it| *it == Taken::More).count();
        assert_eq!(given_up, MESSAGE_BYTES / (PIECE_BYTES - 1));
    }

    proptest! {
        #[test]
        fn any_pieces_are_taken_or_refused(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut assembly = Assembly::default();
            for piece in pieces {
                if let Taken::Malformed(_) = assembly.take(&piece) {
                    break;
                }
                prop_assert!(assembly.bytes.len() <= MESSAGE_BYTES);
            }
        }
    }
}
