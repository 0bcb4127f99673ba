//! Encoded pictures and sound that are played in a loop, and where a player is in them. Pure: time is passed in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::ivf::{Ivf, IvfError};
use super::vp8;

/// RTP clocks (RFC 7741 §4.1, RFC 7587 §4.1).
const VIDEO_CLOCK: u32 = 90_000;
const AUDIO_CLOCK: u32 = 48_000;
/// Whoever is later than this was suspended: what was missed is not made up for.
const LATE: Duration = Duration::from_millis(500);
/// A video encoder's rate is not in an IVF file; a file that would take more than this is played all the same.
const MAX_BITRATE: u64 = 50_000_000;

/// When each frame of a loop is due.
#[derive(Debug, Clone)]
struct Timeline {
    clock: u32,
    /// In ticks from the beginning of the loop, rising.
    starts: Arc<[u32]>,
    /// Ticks of one loop.
    length: u32,
    /// Frames from which one can begin.
    keys: Arc<[usize]>,
}

/// One size of a picture.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// bit/s, over the loop.
    pub(crate) bitrate: u32,
    frames: Arc<[Bytes]>,
}

impl Picture {
    pub(crate) fn frame(&self, index: usize) -> Option<&Bytes> {
        self.frames.get(index)
    }
}

/// A picture in one size or several, frame for frame the same.
#[derive(Debug, Clone)]
pub(crate) struct Film {
    /// The largest first.
    pub(crate) sizes: Arc<[Picture]>,
    timeline: Timeline,
}

/// Sound, in packets of equal length.
#[derive(Debug, Clone)]
pub(crate) struct Sound {
    packets: Arc<[Bytes]>,
    timeline: Timeline,
}

/// Why a file cannot be played as a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilmError {
    #[error(transparent)]
    Ivf(#[from] IvfError),
    #[error("the file holds {0}, and only VP8 can be sent")]
    NotVp8(String),
    #[error("the first frame of the file is no key frame, so nobody could show it")]
    NoKeyFrame,
    #[error("the file does not say how large its picture is")]
    NoSize,
    #[error("the times of frames in the file do not rise")]
    Times,
    #[error("the files are not the same picture frame for frame: times or key frames differ")]
    Apart,
}

impl Film {
    /// The frames of one file.
    pub(crate) fn of(ivf: &Ivf) -> Result<Self, FilmError> {
        if ivf.codec != *b"VP80" {
            let codec = ivf.codec.escape_ascii().to_string();
            return Err(FilmError::NotVp8(codec));
        }
        let frames: Arc<[Bytes]> = ivf.frames.iter().map(|it| it.data.clone()).collect();
        let first = frames.first().and_then(|it| vp8::key_frame_size(it));
        let (width, height) = first.ok_or(FilmError::NoKeyFrame)?;
        if width == 0 || height == 0 {
            return Err(FilmError::NoSize);
        }
        let keys = (0..frames.len())
            .filter(|at| frames.get(*at).is_some_and(|it| vp8::is_key_frame(it)))
            .collect();
        let (starts, length) = ticks(ivf, VIDEO_CLOCK).ok_or(FilmError::Times)?;
        let bits: u64 = frames.iter().map(|it| it.len() as u64 * 8).sum();
        let bitrate = (bits * u64::from(VIDEO_CLOCK) / u64::from(length)).min(MAX_BITRATE);
        let picture = Picture {
            width,
            height,
            bitrate: u32::try_from(bitrate).unwrap_or(u32::MAX),
            frames,
        };
        Ok(Self {
            sizes: Arc::new([picture]),
            timeline: Timeline {
                clock: VIDEO_CLOCK,
                starts: starts.into(),
                length,
                keys,
            },
        })
    }

    /// Several sizes as one. They have to agree in their times and key frames.
    pub(crate) fn together(
        first: Self,
        others: impl IntoIterator<Item = Self>,
    ) -> Result<Self, FilmError> {
        let mut sizes = first.sizes.to_vec();
        for other in others {
            if other.timeline.starts != first.timeline.starts
                || other.timeline.keys != first.timeline.keys
            {
                return Err(FilmError::Apart);
            }
            sizes.extend(other.sizes.iter().cloned());
        }
        sizes.sort_by_key(|size| std::cmp::Reverse(size.height));
        Ok(Self {
            sizes: sizes.into(),
            timeline: first.timeline,
        })
    }

    /// Pixels of the largest size.
    pub(crate) fn height(&self) -> u16 {
        self.sizes.first().map_or(0, |size| size.height)
    }
}

impl Sound {
    /// Opus packets in a file as our tool writes it.
    pub(crate) fn of(ivf: &Ivf) -> Result<Self, FilmError> {
        let (starts, length) = ticks(ivf, AUDIO_CLOCK).ok_or(FilmError::Times)?;
        let packets: Arc<[Bytes]> = ivf.frames.iter().map(|it| it.data.clone()).collect();
        Ok(Self {
            timeline: Timeline {
                clock: AUDIO_CLOCK,
                keys: (0..packets.len()).collect(),
                starts: starts.into(),
                length,
            },
            packets,
        })
    }

    pub(crate) fn packet(&self, index: usize) -> Option<&Bytes> {
        self.packets.get(index)
    }
}

/// Starts of the frames in ticks of `clock`, and the length of the whole; the last frame lasts as long as the mean of the others.
fn ticks(ivf: &Ivf, clock: u32) -> Option<(Vec<u32>, u32)> {
    let first = ivf.frames.first()?.time;
    let scale = u128::from(clock) * u128::from(ivf.scale);
    let starts = ivf
        .frames
        .iter()
        .map(|it| {
            let time = u128::from(it.time.checked_sub(first)?);
            u32::try_from(time * scale / u128::from(ivf.rate)).ok()
        })
        .collect::<Option<Vec<u32>>>()?;
    if !starts.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let last = *starts.last()?;
    let count = u32::try_from(starts.len()).ok()?;
    let mean = match count {
        1 => u32::try_from(scale / u128::from(ivf.rate)).ok()?,
        _ => last / (count - 1),
    };
    Some((starts, last.checked_add(mean.max(1))?))
}

/// Where a player is in a loop.
#[derive(Debug, Clone)]
pub(crate) struct Playhead {
    timeline: Timeline,
    next: usize,
    /// When the loop began that `next` belongs to, in ticks of the player's time. Negative if it began before.
    begun: i64,
}

/// A frame that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) index: usize,
    pub(crate) key: bool,
    /// Of the RTP clock, wrapping.
    pub(crate) timestamp: u32,
}

impl Playhead {
    /// Begins at `key`th frame from which one can begin, so that many players are not in step.
    pub(crate) fn of_film(film: &Film, key: usize) -> Self {
        Self::at_key(film.timeline.clone(), key)
    }

    pub(crate) fn of_sound(sound: &Sound, key: usize) -> Self {
        Self::at_key(sound.timeline.clone(), key)
    }

    fn at_key(timeline: Timeline, key: usize) -> Self {
        let next = key
            .checked_rem(timeline.keys.len())
            .and_then(|at| timeline.keys.get(at).copied())
            .unwrap_or(0);
        let mut playhead = Self {
            timeline,
            next,
            begun: 0,
        };
        playhead.begun = -playhead.start_of(next);
        playhead
    }

    /// The next frame, if it is due. `now`: since the player began. To be asked until there is none.
    pub(crate) fn take(&mut self, now: Duration) -> Option<Due> {
        let now = self.ticks(now);
        let due = self.due();
        if now < due {
            return None;
        }
        if now - due > self.ticks(LATE) {
            self.begun += now - due;
        }
        let index = self.next;
        let timestamp = self.due();
        self.next += 1;
        if self.next == self.timeline.starts.len() {
            self.next = 0;
            self.begun += i64::from(self.timeline.length);
        }
        Some(Due {
            index,
            key: self.timeline.keys.binary_search(&index).is_ok(),
            // Wraps, as RTP does.
            timestamp: timestamp.rem_euclid(1 << 32).try_into().unwrap_or(0),
        })
    }

    /// Goes on with the next frame from which one can begin, without a pause.
    pub(crate) fn jump_to_key(&mut self) {
        let due = self.due();
        let keys = &self.timeline.keys;
        let at = keys.partition_point(|key| *key < self.next);
        self.next = keys.get(at).or(keys.first()).copied().unwrap_or(0);
        self.begun = due - self.start_of(self.next);
    }

    fn due(&self) -> i64 {
        self.begun + self.start_of(self.next)
    }

    fn start_of(&self, index: usize) -> i64 {
        self.timeline
            .starts
            .get(index)
            .copied()
            .map_or(0, i64::from)
    }

    fn ticks(&self, time: Duration) -> i64 {
        let ticks = time.as_nanos() * u128::from(self.timeline.clock) / 1_000_000_000;
        i64::try_from(ticks).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
#[path = "reel_tests.rs"]
mod tests;
