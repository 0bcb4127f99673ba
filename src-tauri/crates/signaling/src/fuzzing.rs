//! What fuzzers call, and tests with seeded bytes: whatever a client sends must be heard or refused, never crash.

use crate::frames::{Bad, Frames, Heard};

/// Small, so that inputs reach it.
const MOST: usize = 1_000;

/// Bytes of a client: the same is heard of them in pieces of any size, and no message is larger than the limit.
///
/// # Panics
/// If that is not so.
pub fn fuzz_frames(data: &[u8]) {
    let Some((&piece, bytes)) = data.split_first() else {
        return;
    };
    let whole = heard(bytes, bytes.len().max(1));
    assert_eq!(whole, heard(bytes, usize::from(piece).max(1)));
}

/// What is heard, and how it ends.
fn heard(bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Result<(), Bad>) {
    let mut frames = Frames::new(MOST);
    let mut all = Vec::new();
    for part in bytes.chunks(piece) {
        frames.put(part);
        loop {
            match frames.next() {
                Ok(Some(heard)) => all.push(written(&heard)),
                Ok(None) => break,
                Err(bad) => return (all, Err(bad)),
            }
        }
    }
    (all, Ok(()))
}

fn written(heard: &Heard<'_>) -> Vec<u8> {
    let (kind, bytes) = match heard {
        Heard::Text(text) => (b't', text.as_bytes().to_vec()),
        Heard::Binary(size) => {
            assert!(*size <= MOST);
            (b'b', size.to_be_bytes().to_vec())
        }
        Heard::Ping(payload) => (b'i', payload.to_vec()),
        Heard::Pong => (b'o', Vec::new()),
        Heard::Close => (b'c', Vec::new()),
    };
    assert!(bytes.len() <= MOST);
    [vec![kind], bytes].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Frames as a client may write them, right or nearly so.
    fn frame() -> impl Strategy<Value = Vec<u8>> {
        let first = prop_oneof![4 => prop::sample::select(vec![0x81, 0x01, 0x00, 0x80, 0x89, 0x82]), 1 => any::<u8>()];
        (
            first,
            any::<[u8; 4]>(),
            prop::collection::vec(any::<u8>(), 0..200),
        )
            .prop_map(|(first, mask, payload)| {
                let length = u8::try_from(payload.len()).unwrap();
                let head = if length < 126 {
                    vec![first, 0x80 | length]
                } else {
                    vec![first, 0xfe, 0, length]
                };
                [head, mask.to_vec(), payload].concat()
            })
    }

    proptest! {
        #[test]
        fn anything_is_heard_or_refused(data in prop::collection::vec(any::<u8>(), 0..2_000)) {
            fuzz_frames(&data);
        }

        #[test]
        fn frames_are_heard_the_same_in_any_pieces(piece in any::<u8>(), frames in prop::collection::vec(frame(), 0..12)) {
            fuzz_frames(&[vec![piece], frames.concat()].concat());
        }
    }
}
