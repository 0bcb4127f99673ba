//! Buffers that were used a moment ago. A message passes through two, one when it comes and one when it goes; taking them from the
//! allocator each time costs more than the message does otherwise, and keeping them with each connection costs memory while it is silent.

use std::cell::RefCell;

/// Kept by each thread: few, since a task gives its buffer back before the next one runs, unless its client does not read.
const KEPT: usize = 8;
/// A larger one is not kept.
const BYTES: usize = 64 * 1024;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer.
pub(crate) fn take() -> Vec<u8> {
    SPARE.with_borrow_mut(Vec::pop).unwrap_or_default()
}

/// Takes a buffer back that is not needed any more.
pub(crate) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() == 0 || buffer.capacity() > BYTES {
        return;
    }
    buffer.clear();
    SPARE.with_borrow_mut(|spare| {
        if spare.len() < KEPT {
            spare.push(buffer);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_and_few_and_small_ones_are_kept() {
        give(vec![1; 100]);
        let again = take();
        assert!(again.is_empty() && again.capacity() >= 100);
        give(vec![0; BYTES + 1]);
        assert_eq!(take().capacity(), 0);
        for _ in 0..KEPT * 2 {
            give(vec![0; 10]);
        }
        assert_eq!(
            (0..KEPT * 2).filter(|_| take().capacity() > 0).count(),
            KEPT
        );
    }
}
