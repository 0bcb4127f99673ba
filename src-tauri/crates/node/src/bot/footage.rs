//! What a test participant sends unless it is given a file: a moving picture in three sizes, and a tone (assets/bot/README.md).

use std::sync::Arc;

use bytes::Bytes;

use super::ivf::Ivf;
use super::reel::{Film, FilmError, Sound};

const LARGE: &[u8] = include_bytes!("../../assets/bot/picture-640x360.ivf");
const MIDDLE: &[u8] = include_bytes!("../../assets/bot/picture-320x180.ivf");
const SMALL: &[u8] = include_bytes!("../../assets/bot/picture-160x90.ivf");
const TONE: &[u8] = include_bytes!("../../assets/bot/tone.ivf");

/// Picture and sound. Cheap to clone: the frames are shared.
#[derive(Debug, Clone)]
pub struct Footage {
    pub(crate) film: Film,
    pub(crate) sound: Sound,
}

impl Footage {
    /// The test picture.
    ///
    /// # Errors
    /// [`FilmError`]; only if the files in this program are damaged.
    pub fn test_picture() -> Result<Arc<Self>, FilmError> {
        let film = |bytes| Film::of(&Ivf::read(&Bytes::from_static(bytes))?);
        let film = Film::together(film(LARGE)?, [film(MIDDLE)?, film(SMALL)?])?;
        Ok(Arc::new(Self {
            film,
            sound: tone()?,
        }))
    }

    /// The frames of an IVF file in one size, and the tone.
    ///
    /// # Errors
    /// [`FilmError`], with a sentence for people.
    pub fn of_file(file: &Bytes) -> Result<Arc<Self>, FilmError> {
        Self::of_files(file, &[])
    }

    /// The same picture in several IVF files, each in another size, frame for frame alike; and the tone.
    ///
    /// # Errors
    /// [`FilmError`], with a sentence for people.
    pub fn of_files(first: &Bytes, others: &[Bytes]) -> Result<Arc<Self>, FilmError> {
        let film = |file| Film::of(&Ivf::read(file)?);
        let others = others.iter().map(film).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self {
            film: Film::together(film(first)?, others)?,
            sound: tone()?,
        }))
    }
}

fn tone() -> Result<Sound, FilmError> {
    Sound::of(&Ivf::read(&Bytes::from_static(TONE))?)
}

#[cfg(test)]
mod tests {
    use super::super::reel::Playhead;
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_test_picture_has_three_sizes_and_a_key_frame_each_second() {
        let footage = Footage::test_picture().unwrap();
        let sizes = footage.film.sizes.iter().map(|it| (it.width, it.height));
        assert!(sizes.eq([(640, 360), (320, 180), (160, 90)]));
        assert!(
            footage
                .film
                .sizes
                .is_sorted_by(|a, b| a.bitrate > b.bitrate)
        );
        let mut playhead = Playhead::of_film(&footage.film, 0);
        let keys = (0..240u32).filter(|at| {
            let now = Duration::from_nanos(u64::from(*at) * 33_333_334);
            let due = playhead.take(now).unwrap();
            assert!(
                footage
                    .film
                    .sizes
                    .iter()
                    .all(|size| size.frame(due.index).is_some())
            );
            due.key
        });
        assert!(keys.eq([0, 30, 60, 90, 120, 150, 180, 210]));
    }

    #[test]
    fn the_tone_has_fifty_packets_a_second() {
        let footage = Footage::test_picture().unwrap();
        let mut playhead = Playhead::of_sound(&footage.sound, 0);
        for at in 0..400u32 {
            let due = playhead.take(Duration::from_millis(20) * at).unwrap();
            assert_eq!(due.timestamp, at * 960);
            assert!(
                footage
                    .sound
                    .packet(due.index)
                    .is_some_and(|it| !it.is_empty())
            );
        }
    }
}
