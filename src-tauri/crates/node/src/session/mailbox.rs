//! What is waiting to be told to a page.
//!
//! Invariant: bounded, whether the page reads or not. States (the list, the settings, …) are told as they are now: a newer one takes
//! the place of an older one that was not fetched. Frames are never left out: when a page does not fetch them, its channel is
//! closed as lost, so that it resumes later and misses nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landline_protocol::node_api::{ChannelClosed, NodeEvent};
use tokio::sync::Notify;

/// Frames waiting: what a newcomer gets in a room of 32 within a few seconds.
const FRAMES: usize = 4_096;
/// Their bytes: a page that is blocked for seconds in a busy room stays below.
const FRAME_BYTES: usize = 8 * 1024 * 1024;
/// Items above which no further channel is opened, since each leaves a notice of its closing.
const CROWDED: usize = FRAMES + 256;

/// Events that are states: only the latest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Meetings,
    Discovery,
    Hosted,
    Settings,
    Open,
    Networks,
}

#[derive(Debug)]
enum Item {
    Frame {
        channel: u32,
        frame: String,
    },
    Closed {
        channel: u32,
        reason: ChannelClosed,
    },
    /// Its content lies in `latest`.
    State(State),
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    latest: HashMap<State, NodeEvent>,
    frames: usize,
    frame_bytes: usize,
    closed: bool,
}

/// The page does not fetch its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow;

/// The node's end.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

/// The page's end.
#[derive(Debug)]
pub struct NodeEvents(Arc<Mailbox>);

pub(super) fn mailbox() -> (Arc<Mailbox>, NodeEvents) {
    let mailbox = Arc::new(Mailbox::default());
    (Arc::clone(&mailbox), NodeEvents(mailbox))
}

impl NodeEvents {
    /// The next event, or none when the session has ended. Cancel safe.
    pub async fn recv(&mut self) -> Option<NodeEvent> {
        loop {
            {
                let mut waiting = self.0.lock();
                if let Some(event) = waiting.pop() {
                    return Some(event);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.0.arrived.notified().await;
        }
    }
}

impl Mailbox {
    /// Puts a state in, in the place of an older one.
    pub(super) fn tell(&self, event: NodeEvent) {
        let state = match event {
            NodeEvent::Meetings { .. } => State::Meetings,
            NodeEvent::Discovery { .. } => State::Discovery,
            NodeEvent::Hosted { .. } => State::Hosted,
            NodeEvent::Settings { .. } => State::Settings,
            NodeEvent::Open { .. } => State::Open,
            NodeEvent::Networks => State::Networks,
            NodeEvent::Frame { channel, frame } => {
                // Frames come through `frame`; a caller that mixes them up loses nothing.
                let _ = self.frame(channel, frame);
                return;
            }
            NodeEvent::ChannelClosed { channel, reason } => {
                self.close_channel(channel, reason);
                return;
            }
        };
        self.put(|waiting| {
            if waiting.latest.insert(state, event).is_none() {
                waiting.items.push_back(Item::State(state));
            }
        });
    }

    /// Puts a frame in.
    ///
    /// # Errors
    /// [`Overflow`]; then the frame, and those of its channel that were waiting, are gone, and the channel must be closed.
    pub(super) fn frame(&self, channel: u32, frame: String) -> Result<(), Overflow> {
        self.put(|waiting| {
            if waiting.frames < FRAMES && waiting.frame_bytes + frame.len() <= FRAME_BYTES {
                waiting.frames += 1;
                waiting.frame_bytes += frame.len();
                waiting.items.push_back(Item::Frame { channel, frame });
                Ok(())
            } else {
                waiting.forget_frames(channel);
                Err(Overflow)
            }
        })
    }

    /// Says that a channel is closed. No frame of it may follow.
    pub(super) fn close_channel(&self, channel: u32, reason: ChannelClosed) {
        self.put(|waiting| waiting.items.push_back(Item::Closed { channel, reason }));
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.lock().items.len() > CROWDED
    }

    /// The session has ended: nothing is told any more.
    pub(super) fn close(&self) {
        self.put(|waiting| {
            *waiting = Waiting {
                closed: true,
                ..Waiting::default()
            };
        });
    }

    fn put<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        let mut waiting = self.lock();
        let result = change(&mut waiting);
        if waiting.closed {
            waiting.items.clear();
            waiting.latest.clear();
        }
        drop(waiting);
        self.arrived.notify_one();
        result
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<NodeEvent> {
        loop {
            return Some(match self.items.pop_front()? {
                Item::Frame { channel, frame } => {
                    self.frames -= 1;
                    self.frame_bytes -= frame.len();
                    NodeEvent::Frame { channel, frame }
                }
                Item::Closed { channel, reason } => NodeEvent::ChannelClosed { channel, reason },
                Item::State(state) => match self.latest.remove(&state) {
                    Some(event) => event,
                    None => continue,
                },
            });
        }
    }

    fn forget_frames(&mut self, of: u32) {
        let (frames, bytes) = (&mut self.frames, &mut self.frame_bytes);
        self.items.retain(|item| match item {
            Item::Frame { channel, frame } if *channel == of => {
                *frames -= 1;
                *bytes -= frame.len();
                false
            }
            _ => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosted_nothing() -> NodeEvent {
        NodeEvent::Hosted { hosted: None }
    }

    fn meetings() -> NodeEvent {
        NodeEvent::Meetings { meetings: vec![] }
    }

    #[tokio::test]
    async fn states_are_told_once_and_frames_in_their_order() {
        let (mailbox, mut events) = mailbox();
        mailbox.frame(1, "a".into()).unwrap();
        mailbox.tell(meetings());
        mailbox.tell(hosted_nothing());
        mailbox.frame(1, "b".into()).unwrap();
        mailbox.tell(meetings());
        mailbox.close_channel(1, ChannelClosed::HostLeft);
        let frame = |frame: &str| NodeEvent::Frame {
            channel: 1,
            frame: frame.into(),
        };
        assert_eq!(events.recv().await, Some(frame("a")));
        assert_eq!(events.recv().await, Some(meetings()));
        assert_eq!(events.recv().await, Some(hosted_nothing()));
        assert_eq!(events.recv().await, Some(frame("b")));
        assert!(matches!(
            events.recv().await,
            Some(NodeEvent::ChannelClosed { .. })
        ));
        mailbox.close();
        assert_eq!(events.recv().await, None);
    }

    #[tokio::test]
    async fn a_page_that_fetches_nothing_loses_its_channel_and_no_other() {
        let (mailbox, mut events) = mailbox();
        mailbox.frame(2, "other".into()).unwrap();
        let taken = (0..2 * FRAMES)
            .take_while(|_| mailbox.frame(1, "x".into()).is_ok())
            .count();
        assert_eq!(taken, FRAMES - 1);
        mailbox.close_channel(1, ChannelClosed::Lost);
        let other = NodeEvent::Frame {
            channel: 2,
            frame: "other".into(),
        };
        assert_eq!(events.recv().await, Some(other));
        let closed = NodeEvent::ChannelClosed {
            channel: 1,
            reason: ChannelClosed::Lost,
        };
        assert_eq!(events.recv().await, Some(closed));
    }

    #[test]
    fn large_frames_are_bounded_by_their_bytes() {
        let (mailbox, _events) = mailbox();
        let frame = "x".repeat(1024 * 1024);
        let taken = (0..100)
            .take_while(|_| mailbox.frame(1, frame.clone()).is_ok())
            .count();
        assert_eq!(taken, 8);
        assert_eq!(mailbox.lock().frame_bytes, 0);
    }
}
