//! What waits for one connection. Bounded in messages and bytes; who does not read loses the connection and costs nobody else anything.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landline_rooms::Frame;
use tokio::sync::Notify;

/// Places that an empty queue keeps; a burst may have needed many.
const KEPT: usize = 4;

#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    /// Told when `end` is set.
    ended: Notify,
    most_frames: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    end: Option<End>,
}

/// How a queue ends. Nothing is added afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// What waits is sent, then the connection is closed with this code.
    Close(CloseCode),
    /// More than fits: the other side does not read, so nothing more can be said to it.
    Overflow,
}

/// Close codes of the WebSocket (RFC 6455 §7.4) and ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseCode {
    Normal = 1000,
    HostLeft = 1001,
    Policy = 1008,
    TooLarge = 1009,
    MeetingEnded = 4000,
    SeatTaken = 4001,
    Removed = 4002,
}

/// The next thing to do for a connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Frame(Frame),
    End(End),
}

impl Queue {
    pub(crate) fn new(most_frames: usize, most_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            ended: Notify::new(),
            most_frames,
            most_bytes,
        }
    }

    /// Adds a frame without waiting. False if there is no room for it, which ends the queue.
    pub(crate) fn push(&self, frame: Frame) -> bool {
        let mut state = self.lock();
        if state.end.is_some() {
            return true;
        }
        let fits =
            state.frames.len() < self.most_frames && state.bytes + frame.size() <= self.most_bytes;
        if fits {
            state.bytes += frame.size();
            state.frames.push_back(frame);
        } else {
            *state = State {
                end: Some(End::Overflow),
                ..State::default()
            };
            self.ended.notify_one();
        }
        drop(state);
        self.changed.notify_one();
        fits
    }

    /// Lets what waits go out, then closes. The first end counts.
    pub(crate) fn close(&self, code: CloseCode) {
        self.lock().end.get_or_insert(End::Close(code));
        self.ended.notify_one();
        self.changed.notify_one();
    }

    /// The next frame, or the end. For one task only.
    pub(crate) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.changed.notified().await;
        }
    }

    pub(crate) fn try_next(&self) -> Option<Next> {
        let mut state = self.lock();
        if let Some(frame) = state.frames.pop_front() {
            state.bytes -= frame.size();
            if state.frames.is_empty() && state.frames.capacity() > KEPT {
                state.frames = VecDeque::new();
            }
            return Some(Next::Frame(frame));
        }
        state.end.map(Next::End)
    }

    /// Resolves when there is no more use in waiting for the other side: at once when it does not read, and `linger` after
    /// the connection was to be closed. Whoever is writing to it at the time is to be given up.
    pub(crate) async fn hopeless(&self, linger: Duration) {
        let end = loop {
            let end = self.lock().end;
            match end {
                Some(end) => break end,
                None => self.ended.notified().await,
            }
        };
        if end != End::Overflow {
            tokio::time::sleep(linger).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landline_protocol::ErrorCode;

    use crate::meeting::error_frame;

    fn frame() -> Frame {
        error_frame(ErrorCode::BadMessage)
    }

    #[test]
    fn too_many_or_too_large_end_it_and_free_what_waits() {
        let size = frame().size();
        for (queue, fit) in [
            (Queue::new(3, usize::MAX), 3),
            (Queue::new(usize::MAX, size * 2 + 1), 2),
        ] {
            for _ in 0..fit {
                assert!(queue.push(frame()));
            }
            assert!(!queue.push(frame()));
            assert!(queue.lock().frames.is_empty());
            assert_eq!(queue.try_next(), Some(Next::End(End::Overflow)));
            assert!(queue.push(frame()), "what comes after the end is nothing");
            assert_eq!(queue.lock().frames.len(), 0);
        }
    }

    #[test]
    fn what_waits_goes_out_before_the_end() {
        let queue = Queue::new(3, usize::MAX);
        queue.push(frame());
        queue.close(CloseCode::HostLeft);
        queue.close(CloseCode::Policy);
        queue.push(frame());
        assert_eq!(queue.try_next(), Some(Next::Frame(frame())));
        let end = Some(Next::End(End::Close(CloseCode::HostLeft)));
        assert_eq!(queue.try_next(), end);
        assert_eq!(queue.try_next(), end);
    }

    #[test]
    fn what_was_taken_makes_room() {
        let queue = Queue::new(1, frame().size());
        for _ in 0..100 {
            assert!(queue.push(frame()));
            assert_eq!(queue.try_next(), Some(Next::Frame(frame())));
        }
    }
}
