//! The few things read from a VP8 frame: whether it is a key frame, and its size (RFC 6386 §9.1).

/// Width and height of a key frame; none for other frames, and for bytes that are no VP8.
#[must_use]
pub(super) fn key_frame_size(frame: &[u8]) -> Option<(u16, u16)> {
    const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
    let &[tag, _, _, a, b, c, w0, w1, h0, h1, ..] = frame else {
        return None;
    };
    if !is_key_tag(tag) || [a, b, c] != START_CODE {
        return None;
    }
    // The upper two bits ask for the picture to be stretched; nobody uses them.
    let size = |low, high| u16::from_le_bytes([low, high]) & 0x3fff;
    Some((size(w0, w1), size(h0, h1)))
}

/// Says whether a frame starts anew, by its tag alone.
#[must_use]
pub(super) fn is_key_frame(frame: &[u8]) -> bool {
    frame.first().copied().is_some_and(is_key_tag)
}

const fn is_key_tag(tag: u8) -> bool {
    tag & 1 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_frame_tells_its_size_and_other_bytes_do_not() {
        let key = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9];
        assert_eq!(key_frame_size(&key), Some((640, 360)));
        let delta = [0x11, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9];
        assert_eq!(key_frame_size(&delta), None);
        assert_eq!(key_frame_size(&key[..9]), None);
        assert_eq!(key_frame_size(&[]), None);
        assert!(is_key_frame(&key) && !is_key_frame(&delta) && !is_key_frame(&[]));
    }
}
