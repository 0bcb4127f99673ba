//! What one participant sends, given back to it after a while: sound and picture by the same delay, so that lips fit. Pure: time is
//! passed in.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use landline_engine::frame::FrameOut;

use super::signals::Source;
use super::vp8;

/// Long enough to hear that it is an echo and not the room, short enough to wait for.
pub(crate) const DELAY: Duration = Duration::from_secs(1);
/// Frames and packets on their way: the delay at 60 pictures and 50 packets a second, twice.
const MAX_ITEMS: usize = 256;
/// Their bytes: the delay at 8 Mbit/s, four times.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Without a picture for so long, the camera is off.
const DARK: Duration = Duration::from_secs(2);

/// Something to be given back now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Back {
    Video {
        key: bool,
        timestamp: u32,
        /// Of the last key frame.
        size: (u16, u16),
        payload: Bytes,
    },
    Audio {
        timestamp: u32,
        payload: Bytes,
    },
}

/// Key frames are asked for no oftener.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// What the sender of the original has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Nothing,
    KeyFrame,
}

/// The delay line of one participant.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// With the time at which each is due, rising.
    waiting: VecDeque<(Duration, Back)>,
    bytes: usize,
    /// Of the picture that comes in; none until a key frame has come, and after something was lost.
    size: Option<(u16, u16)>,
    /// When a picture was last given back; none while the camera is dark.
    lit: Option<Duration>,
    /// When a key frame was last asked for.
    asked: Option<Duration>,
}

impl Echo {
    /// Takes a frame of the participant.
    pub(crate) fn push(&mut self, now: Duration, source: Source, frame: &FrameOut) -> Ask {
        match frame {
            FrameOut::Video {
                key,
                gap,
                timestamp,
                payload,
                ..
            } if source == Source::Camera => self.push_video(now, *key, *gap, *timestamp, payload),
            FrameOut::Audio {
                timestamp, payload, ..
            } if source == Source::Microphone => {
                let (timestamp, payload) = (*timestamp, payload.clone());
                self.wait(now, Back::Audio { timestamp, payload });
                Ask::Nothing
            }
            _ => Ask::Nothing,
        }
    }

    fn push_video(
        &mut self,
        now: Duration,
        key: bool,
        gap: bool,
        timestamp: u32,
        payload: &Bytes,
    ) -> Ask {
        if key {
            self.size = vp8::key_frame_size(payload);
        } else if gap {
            self.size = None;
        }
        let Some(size) = self.size else {
            return self.ask(now);
        };
        let payload = payload.clone();
        let back = Back::Video {
            key,
            timestamp,
            size,
            payload,
        };
        if self.wait(now, back) {
            return Ask::Nothing;
        }
        self.size = None;
        self.ask(now)
    }

    fn ask(&mut self, now: Duration) -> Ask {
        if self.asked.is_some_and(|asked| now < asked + ASK_AGAIN) {
            return Ask::Nothing;
        }
        self.asked = Some(now);
        Ask::KeyFrame
    }

    /// False if there was no room.
    fn wait(&mut self, now: Duration, back: Back) -> bool {
        let bytes = back.bytes();
        if self.waiting.len() >= MAX_ITEMS || self.bytes + bytes > MAX_BYTES {
            return false;
        }
        self.bytes += bytes;
        self.waiting.push_back((now + DELAY, back));
        true
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// A frame that is due. To be asked until there is none.
    pub(crate) fn pop(&mut self, now: Duration) -> Option<Back> {
        self.waiting.front().filter(|(due, _)| *due <= now)?;
        let (_, back) = self.waiting.pop_front()?;
        self.bytes -= back.bytes();
        if matches!(back, Back::Video { .. }) {
            self.lit = Some(now);
        }
        Some(back)
    }

    /// Says once that no picture has been given back for a while.
    pub(crate) fn went_dark(&mut self, now: Duration) -> bool {
        let dark = self.lit.is_some_and(|lit| now >= lit + DARK);
        if dark {
            self.lit = None;
        }
        dark
    }
}

impl Back {
    fn bytes(&self) -> usize {
        match self {
            Self::Video { payload, .. } | Self::Audio { payload, .. } => payload.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];

    fn video(key: bool, gap: bool, timestamp: u32) -> FrameOut {
        FrameOut::Video {
            receiver: 1,
            key,
            gap,
            timestamp,
            arrival_ms: 0,
            payload: Bytes::copy_from_slice(if key { &KEY } else { &[0x11] }),
        }
    }

    fn audio(timestamp: u32) -> FrameOut {
        FrameOut::Audio {
            receiver: 2,
            gap: false,
            timestamp,
            arrival_ms: 0,
            payload: Bytes::from_static(b"opus"),
        }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn sound_and_picture_come_back_in_their_order_after_the_same_delay() {
        let mut echo = Echo::default();
        assert_eq!(
            echo.push(ms(0), Source::Camera, &video(true, false, 7)),
            Ask::Nothing
        );
        assert_eq!(
            echo.push(ms(5), Source::Microphone, &audio(9)),
            Ask::Nothing
        );
        assert_eq!((echo.due(), echo.pop(ms(999))), (Some(DELAY), None));
        assert!(matches!(
            echo.pop(ms(1_000)),
            Some(Back::Video {
                size: (640, 360),
                timestamp: 7,
                ..
            })
        ));
        assert_eq!(echo.pop(ms(1_000)), None);
        assert!(matches!(
            echo.pop(ms(1_005)),
            Some(Back::Audio { timestamp: 9, .. })
        ));
        assert_eq!((echo.due(), echo.bytes), (None, 0));
    }

    #[test]
    fn nothing_is_given_back_that_cannot_be_shown() {
        let mut echo = Echo::default();
        assert_eq!(
            echo.push(ms(0), Source::Camera, &video(false, false, 0)),
            Ask::KeyFrame
        );
        assert_eq!(
            echo.push(ms(0), Source::Camera, &video(true, true, 1)),
            Ask::Nothing
        );
        assert_eq!(
            echo.push(ms(9), Source::Camera, &video(false, true, 2)),
            Ask::Nothing
        );
        assert_eq!(
            echo.push(ms(500), Source::Camera, &video(false, false, 3)),
            Ask::KeyFrame
        );
        assert_eq!(
            echo.push(ms(0), Source::Screen, &video(true, false, 4)),
            Ask::Nothing
        );
        assert_eq!(echo.waiting.len(), 1);
    }

    #[test]
    fn a_flood_finds_no_room() {
        let mut echo = Echo::default();
        echo.push(ms(0), Source::Camera, &video(true, false, 0));
        for timestamp in 0..1_000 {
            echo.push(ms(0), Source::Microphone, &audio(timestamp));
        }
        assert_eq!(echo.waiting.len(), MAX_ITEMS);
        assert_eq!(
            echo.push(ms(0), Source::Camera, &video(false, false, 0)),
            Ask::KeyFrame
        );
    }

    #[test]
    fn a_camera_that_was_switched_off_is_noticed_once() {
        let mut echo = Echo::default();
        assert!(!echo.went_dark(ms(9_000)));
        echo.push(ms(0), Source::Camera, &video(true, false, 0));
        echo.pop(ms(1_000));
        assert!(!echo.went_dark(ms(2_999)));
        assert!(echo.went_dark(ms(3_000)));
        assert!(!echo.went_dark(ms(3_001)));
    }
}
