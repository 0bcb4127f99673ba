//! What waits for the engine's thread: bounded, pure. Requests and channel messages keep their order; of pictures the older
//! ones go first, and what cannot be decoded any more goes with them.

use std::collections::{HashSet, VecDeque};

use landline_protocol::engine_api::{EngineError, EngineErrorName, EngineReply, EngineRequest};
use tokio::sync::oneshot;

use crate::frame::FrameIn;

/// A page asks a few dozen things at once at most; more is an error of the page.
const REQUESTS: usize = 1_024;
/// The thread takes frames within a millisecond; so many wait only when the machine stands still, and are old then.
const VIDEO_FRAMES: usize = 60;
/// Room for a few key frames of a 4K screen.
const VIDEO_BYTES: usize = 8 * 1024 * 1024;
/// One second of 20 ms packets of two tracks.
const AUDIO_PACKETS: usize = 100;
/// As much as libwebrtc keeps for a data channel.
const CHANNEL_BYTES: usize = 16 * 1024 * 1024;
/// Key-frame requests are coalesced later anyway.
const KEY_REQUESTS: usize = 256;

pub(crate) type Answer = oneshot::Sender<Result<EngineReply, EngineError>>;

#[derive(Debug)]
pub(crate) enum Input {
    Request(EngineRequest, Answer),
    Frame(FrameIn),
}

#[derive(Debug, Default)]
pub(crate) struct InputQueue {
    items: VecDeque<Input>,
    requests: usize,
    video_frames: usize,
    video_bytes: usize,
    audio_packets: usize,
    channel_bytes: usize,
    key_requests: usize,
    /// Track and layer of which something was dropped: nothing of it is taken before its next key frame.
    broken: HashSet<(u32, u8)>,
    /// Of these, those whose key frame still has to be asked for.
    lost: Vec<(u32, u8)>,
    closed: bool,
}

/// What was waiting.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) items: VecDeque<Input>,
    /// Key frames are needed of these tracks and layers.
    pub(crate) lost: Vec<(u32, u8)>,
    pub(crate) closed: bool,
}

fn full(what: &str) -> EngineError {
    EngineError {
        name: EngineErrorName::QuotaExceededError,
        message: what.to_owned(),
    }
}

impl InputQueue {
    pub(crate) fn request(
        &mut self,
        request: EngineRequest,
        answer: Answer,
    ) -> Result<(), EngineError> {
        if self.closed {
            return Err(EngineError {
                name: EngineErrorName::InvalidStateError,
                message: "the engine session has ended".to_owned(),
            });
        }
        if self.requests >= REQUESTS {
            return Err(full("too many requests at once"));
        }
        self.requests += 1;
        self.items.push_back(Input::Request(request, answer));
        Ok(())
    }

    pub(crate) fn frame(&mut self, frame: FrameIn) -> Result<(), EngineError> {
        if self.closed {
            return Ok(());
        }
        match &frame {
            FrameIn::Video {
                track,
                layer,
                key,
                payload,
                ..
            } => {
                let stream = (*track, *layer);
                if *key {
                    self.broken.remove(&stream);
                } else if self.broken.contains(&stream) {
                    return Ok(());
                }
                let size = payload.len();
                while self.video_frames >= VIDEO_FRAMES
                    || (self.video_frames > 0 && self.video_bytes + size > VIDEO_BYTES)
                {
                    let oldest = self.items.iter().find_map(|item| match item {
                        Input::Frame(FrameIn::Video { track, layer, .. }) => Some((*track, *layer)),
                        _ => None,
                    });
                    let Some(oldest) = oldest else { break };
                    self.break_off(oldest);
                    if oldest == stream && !*key {
                        return Ok(());
                    }
                }
                if *key {
                    self.broken.remove(&stream);
                }
                self.video_frames += 1;
                self.video_bytes += size;
            }
            FrameIn::Audio { .. } => {
                if self.audio_packets >= AUDIO_PACKETS {
                    let oldest = self
                        .items
                        .iter()
                        .position(|item| matches!(item, Input::Frame(FrameIn::Audio { .. })));
                    if let Some(oldest) = oldest {
                        self.items.remove(oldest);
                        self.audio_packets -= 1;
                    }
                }
                self.audio_packets += 1;
            }
            FrameIn::Channel { payload, .. } => {
                if self.channel_bytes + payload.len() > CHANNEL_BYTES {
                    return Err(full("too much waits to be sent"));
                }
                self.channel_bytes += payload.len();
            }
            FrameIn::KeyRequest { .. } => {
                if self.key_requests >= KEY_REQUESTS {
                    return Ok(());
                }
                self.key_requests += 1;
            }
        }
        self.items.push_back(Input::Frame(frame));
        Ok(())
    }

    /// Drops everything of a track's layer that waits.
    fn break_off(&mut self, stream: (u32, u8)) {
        let (frames, bytes) = (&mut self.video_frames, &mut self.video_bytes);
        self.items.retain(|item| match item {
            Input::Frame(FrameIn::Video {
                track,
                layer,
                payload,
                ..
            }) if (*track, *layer) == stream => {
                *frames -= 1;
                *bytes -= payload.len();
                false
            }
            _ => true,
        });
        if self.broken.insert(stream) && !self.lost.contains(&stream) {
            self.lost.push(stream);
        }
    }

    /// Nothing more will come.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn take(&mut self) -> Taken {
        self.requests = 0;
        self.video_frames = 0;
        self.video_bytes = 0;
        self.audio_packets = 0;
        self.channel_bytes = 0;
        self.key_requests = 0;
        Taken {
            items: std::mem::take(&mut self.items),
            lost: std::mem::take(&mut self.lost),
            closed: self.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn video(track: u32, key: bool, size: usize) -> FrameIn {
        FrameIn::Video {
            track,
            layer: 0,
            key,
            timestamp: 0,
            width: 640,
            height: 480,
            payload: Bytes::from(vec![0; size]),
        }
    }

    fn videos(taken: &Taken, of: u32) -> usize {
        taken
            .items
            .iter()
            .filter(|i| matches!(i, Input::Frame(FrameIn::Video { track, .. }) if *track == of))
            .count()
    }

    #[test]
    fn a_standing_thread_costs_the_pictures_up_to_the_next_key_frame_and_no_more() {
        let mut queue = InputQueue::default();
        queue.frame(video(1, true, 10)).unwrap();
        for _ in 1..VIDEO_FRAMES {
            queue.frame(video(1, false, 10)).unwrap();
        }
        queue.frame(video(1, false, 10)).unwrap();
        queue.frame(video(1, false, 10)).unwrap();
        let taken = queue.take();
        assert_eq!(videos(&taken, 1), 0);
        assert_eq!(taken.lost, vec![(1, 0)]);
        queue.frame(video(1, false, 10)).unwrap();
        queue.frame(video(1, true, 10)).unwrap();
        queue.frame(video(1, false, 10)).unwrap();
        assert_eq!(videos(&queue.take(), 1), 2);
    }

    #[test]
    fn a_track_that_floods_takes_older_pictures_of_another_only_when_there_is_no_room() {
        let mut queue = InputQueue::default();
        queue.frame(video(1, true, 10)).unwrap();
        queue.frame(video(2, true, VIDEO_BYTES)).unwrap();
        let taken = queue.take();
        assert_eq!((videos(&taken, 1), videos(&taken, 2)), (0, 1));
        assert_eq!(taken.lost, vec![(1, 0)]);
    }

    #[test]
    fn sound_keeps_its_newest_second() {
        let mut queue = InputQueue::default();
        for timestamp in 0..150 {
            let frame = FrameIn::Audio {
                track: 1,
                timestamp,
                payload: Bytes::from_static(b"x"),
            };
            queue.frame(frame).unwrap();
        }
        let taken = queue.take();
        assert_eq!(taken.items.len(), AUDIO_PACKETS);
        let Some(Input::Frame(FrameIn::Audio { timestamp, .. })) = taken.items.front() else {
            panic!("no sound");
        };
        assert_eq!(*timestamp, 50);
    }

    #[test]
    fn channel_messages_are_refused_rather_than_dropped() {
        let mut queue = InputQueue::default();
        let message = |size| FrameIn::Channel {
            connection: 1,
            channel: 1,
            binary: true,
            payload: Bytes::from(vec![0; size]),
        };
        queue.frame(message(CHANNEL_BYTES)).unwrap();
        assert_eq!(
            queue.frame(message(1)).unwrap_err().name,
            EngineErrorName::QuotaExceededError
        );
        assert_eq!(queue.take().items.len(), 1);
    }
}
