//! What waits for a page: bounded, pure. Events and channel messages are never dropped, a page that leaves them lying is ended.

use std::collections::{HashMap, VecDeque};

use landline_protocol::engine_api::EngineEvent;

use crate::frame::FrameOut;

/// Something for the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Event(EngineEvent),
    Frame(FrameOut),
}

/// A page that has not read so many events has stopped.
const EVENTS: usize = 4_096;
/// As the limit of messages to the engine.
const CHANNEL_BYTES: usize = 16 * 1024 * 1024;
/// A second of video of one sender: what is older helps nobody.
const VIDEO_FRAMES: usize = 30;
/// All senders' pictures together.
const VIDEO_BYTES: usize = 32 * 1024 * 1024;
/// A second of 20 ms packets of one sender.
const AUDIO_PACKETS: usize = 50;

#[derive(Debug, Default)]
struct Receiver {
    video_frames: usize,
    audio_packets: usize,
    /// The next frame has something missing before it.
    gap: bool,
    /// Nothing but a key frame is of use.
    broken: bool,
}

#[derive(Debug, Default)]
pub(crate) struct OutputQueue {
    control: VecDeque<Output>,
    channel_bytes: usize,
    events: usize,
    media: VecDeque<FrameOut>,
    video_bytes: usize,
    receivers: HashMap<u32, Receiver>,
    ended: bool,
}

/// What a frame's arrival asks of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    Taken,
    /// The page does not keep up with this receiver: its sender has to make a key frame.
    KeyFrameNeeded(u32),
}

impl OutputQueue {
    pub(crate) fn event(&mut self, event: EngineEvent) {
        if self.ended {
            return;
        }
        if self.events >= EVENTS {
            self.end();
            return;
        }
        self.events += 1;
        self.control.push_back(Output::Event(event));
    }

    pub(crate) fn frame(&mut self, mut frame: FrameOut) -> Pushed {
        if self.ended {
            return Pushed::Taken;
        }
        let mut pushed = Pushed::Taken;
        match &mut frame {
            FrameOut::Channel { payload, .. } => {
                if self.channel_bytes + payload.len() > CHANNEL_BYTES && self.channel_bytes > 0 {
                    self.end();
                    return pushed;
                }
                self.channel_bytes += payload.len();
                self.control.push_back(Output::Frame(frame));
                return pushed;
            }
            FrameOut::Video {
                receiver,
                key,
                gap,
                payload,
                ..
            } => {
                let id = *receiver;
                let full = self
                    .receivers
                    .get(&id)
                    .is_some_and(|r| r.video_frames >= VIDEO_FRAMES);
                if full || (self.video_bytes + payload.len() > VIDEO_BYTES && self.video_bytes > 0)
                {
                    self.drop_video(id);
                    pushed = Pushed::KeyFrameNeeded(id);
                }
                let receiver = self.receivers.entry(id).or_default();
                if receiver.broken && !*key {
                    return pushed;
                }
                *gap |= std::mem::take(&mut receiver.gap);
                receiver.broken = false;
                receiver.video_frames += 1;
                self.video_bytes += payload.len();
            }
            FrameOut::Audio { receiver, gap, .. } => {
                let id = *receiver;
                let full = self
                    .receivers
                    .get(&id)
                    .is_some_and(|r| r.audio_packets >= AUDIO_PACKETS);
                if full {
                    let oldest = self.media.iter().position(
                        |f| matches!(f, FrameOut::Audio { receiver, .. } if *receiver == id),
                    );
                    if let Some(oldest) = oldest {
                        self.media.remove(oldest);
                    }
                }
                let receiver = self.receivers.entry(id).or_default();
                if full {
                    *gap = true;
                } else {
                    receiver.audio_packets += 1;
                }
            }
        }
        self.media.push_back(frame);
        pushed
    }

    fn drop_video(&mut self, of: u32) {
        let bytes = &mut self.video_bytes;
        self.media.retain(|frame| match frame {
            FrameOut::Video {
                receiver, payload, ..
            } if *receiver == of => {
                *bytes -= payload.len();
                false
            }
            _ => true,
        });
        let receiver = self.receivers.entry(of).or_default();
        receiver.video_frames = 0;
        receiver.gap = true;
        receiver.broken = true;
    }

    /// Nothing more comes of this receiver.
    pub(crate) fn forget(&mut self, receiver: u32) {
        if self
            .receivers
            .get(&receiver)
            .is_some_and(|r| r.video_frames == 0 && r.audio_packets == 0)
        {
            self.receivers.remove(&receiver);
        }
    }

    pub(crate) fn control(&mut self) -> Option<Output> {
        let output = self.control.pop_front()?;
        match &output {
            Output::Event(_) => self.events -= 1,
            Output::Frame(FrameOut::Channel { payload, .. }) => self.channel_bytes -= payload.len(),
            Output::Frame(_) => {}
        }
        Some(output)
    }

    pub(crate) fn media(&mut self) -> Option<FrameOut> {
        let frame = self.media.pop_front()?;
        match &frame {
            FrameOut::Video {
                receiver, payload, ..
            } => {
                self.video_bytes -= payload.len();
                if let Some(receiver) = self.receivers.get_mut(receiver) {
                    receiver.video_frames = receiver.video_frames.saturating_sub(1);
                }
            }
            FrameOut::Audio { receiver, .. } => {
                if let Some(receiver) = self.receivers.get_mut(receiver) {
                    receiver.audio_packets = receiver.audio_packets.saturating_sub(1);
                }
            }
            FrameOut::Channel { .. } => {}
        }
        Some(frame)
    }

    /// What waits can still be read.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    pub(crate) fn ended(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn video(key: bool, timestamp: u32) -> FrameOut {
        FrameOut::Video {
            receiver: 7,
            key,
            gap: false,
            timestamp,
            arrival_ms: 0,
            payload: Bytes::from_static(b"frame"),
        }
    }

    #[test]
    fn a_slow_page_gets_the_next_key_frame_marked_and_nothing_it_cannot_decode() {
        let mut queue = OutputQueue::default();
        for n in 0..VIDEO_FRAMES {
            assert_eq!(queue.frame(video(n == 0, 0)), Pushed::Taken);
        }
        assert_eq!(queue.frame(video(false, 1)), Pushed::KeyFrameNeeded(7));
        assert_eq!(queue.frame(video(false, 2)), Pushed::Taken);
        assert_eq!(queue.media(), None);
        assert_eq!(queue.frame(video(true, 3)), Pushed::Taken);
        let Some(FrameOut::Video { gap, timestamp, .. }) = queue.media() else {
            panic!("no frame");
        };
        assert!(gap);
        assert_eq!(timestamp, 3);
    }

    #[test]
    fn sound_drops_its_oldest_packet_and_says_so() {
        let mut queue = OutputQueue::default();
        for timestamp in 0..=u32::try_from(AUDIO_PACKETS).unwrap() {
            queue.frame(FrameOut::Audio {
                receiver: 3,
                gap: false,
                timestamp,
                arrival_ms: 0,
                payload: Bytes::from_static(b"x"),
            });
        }
        let all: Vec<_> = std::iter::from_fn(|| queue.media()).collect();
        assert_eq!(all.len(), AUDIO_PACKETS);
        assert!(matches!(
            all.first(),
            Some(FrameOut::Audio { timestamp: 1, .. })
        ));
        assert!(matches!(
            all.last(),
            Some(FrameOut::Audio { gap: true, .. })
        ));
    }

    #[test]
    fn a_page_that_reads_no_events_is_ended() {
        let mut queue = OutputQueue::default();
        for _ in 0..=EVENTS {
            queue.event(EngineEvent::KeyFrame { track: 1, layer: 0 });
        }
        assert!(queue.ended());
        assert_eq!(
            std::iter::from_fn(|| queue.control()).count(),
            EVENTS,
            "what came before can still be read"
        );
    }
}
