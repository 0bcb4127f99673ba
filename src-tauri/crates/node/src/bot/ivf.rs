//! IVF files: a header and one record for each encoded frame, as libvpx and ffmpeg write them. Pure, and safe with any bytes.

use bytes::Bytes;

/// Bytes before the first frame, and before each.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 12;
/// Most frames that are read: an hour at 30 a second.
pub const MAX_FRAMES: usize = 108_000;
/// Largest frame: what the engine takes.
pub const MAX_FRAME_BYTES: usize = landline_protocol::engine_api::FRAME_PAYLOAD;

/// A file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ivf {
    /// What is in it, four characters, for example `VP80`.
    pub codec: [u8; 4],
    pub width: u16,
    pub height: u16,
    /// Units of [`IvfFrame::time`] in a second, as a fraction.
    pub rate: u32,
    pub scale: u32,
    /// At least one.
    pub frames: Vec<IvfFrame>,
}

/// One encoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IvfFrame {
    /// In units of the file, from its beginning.
    pub time: u64,
    pub data: Bytes,
}

/// Why bytes are no IVF file that can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IvfError {
    #[error("this is not an IVF file")]
    NotIvf,
    #[error("the IVF file does not say how fast it runs")]
    Rate,
    #[error("the IVF file holds no frame")]
    Empty,
    #[error("the IVF file is cut off in the middle of a frame")]
    CutOff,
    #[error("frame {0} of the IVF file is too large")]
    TooLarge(usize),
    #[error("the IVF file has more than {MAX_FRAMES} frames")]
    TooMany,
}

impl Ivf {
    /// Reads a file. Frames share its memory.
    ///
    /// # Errors
    /// [`IvfError`], with a sentence for people.
    pub fn read(file: &Bytes) -> Result<Self, IvfError> {
        let head = file.get(..HEADER).ok_or(IvfError::NotIvf)?;
        if head.get(..4) != Some(b"DKIF") {
            return Err(IvfError::NotIvf);
        }
        let (rate, scale) = (u32_at(head, 16), u32_at(head, 20));
        if rate == 0 || scale == 0 {
            return Err(IvfError::Rate);
        }
        // What the header says of its own length; writers that leave it out mean the usual one.
        let start = usize::from(u16_at(head, 6)).max(HEADER);
        Ok(Self {
            codec: array_at(head, 8),
            width: u16_at(head, 12),
            height: u16_at(head, 14),
            rate,
            scale,
            frames: frames(file, start)?,
        })
    }
}

fn frames(file: &Bytes, start: usize) -> Result<Vec<IvfFrame>, IvfError> {
    let mut frames = Vec::new();
    let mut at = start;
    while at < file.len() {
        let head = file.get(at..at + FRAME_HEADER).ok_or(IvfError::CutOff)?;
        let length = usize::try_from(u32_at(head, 0)).unwrap_or(usize::MAX);
        if length > MAX_FRAME_BYTES {
            return Err(IvfError::TooLarge(frames.len()));
        }
        if frames.len() == MAX_FRAMES {
            return Err(IvfError::TooMany);
        }
        at += FRAME_HEADER;
        if file.len() - at < length {
            return Err(IvfError::CutOff);
        }
        // A writer that dropped a frame leaves an empty one: nothing to show.
        if length > 0 {
            frames.push(IvfFrame {
                time: u64::from_le_bytes(array_at(head, 4)),
                data: file.slice(at..at + length),
            });
        }
        at += length;
    }
    if frames.is_empty() {
        return Err(IvfError::Empty);
    }
    Ok(frames)
}

/// Zeroes where there are no bytes.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes
        .get(at..at + N)
        .and_then(|part| part.try_into().ok())
        .unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(frames: &[(u64, &[u8])]) -> Vec<u8> {
        let mut bytes = b"DKIF\0\0\x20\0VP80\x80\x02\x68\x01".to_vec();
        bytes.extend(30u32.to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend([0; 8]);
        for (time, data) in frames {
            bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
            bytes.extend(time.to_le_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn a_file_gives_its_size_rate_and_frames() {
        let bytes = Bytes::from(file(&[(0, b"first"), (1, b""), (2, b"third")]));
        let ivf = Ivf::read(&bytes).unwrap();
        assert_eq!((&ivf.codec, ivf.width, ivf.height), (b"VP80", 640, 360));
        assert_eq!((ivf.rate, ivf.scale), (30, 1));
        let frames: Vec<_> = ivf
            .frames
            .iter()
            .map(|it| (it.time, &it.data[..]))
            .collect();
        assert_eq!(frames, [(0, &b"first"[..]), (2, b"third")]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = file(&[(0, b"first")]);
        let read = |bytes: &[u8]| Ivf::read(&Bytes::copy_from_slice(bytes)).unwrap_err();
        assert_eq!(read(b""), IvfError::NotIvf);
        assert_eq!(read(&[b'x'; 64]), IvfError::NotIvf);
        assert_eq!(read(&good[..good.len() - 1]), IvfError::CutOff);
        assert_eq!(read(&good[..HEADER + 3]), IvfError::CutOff);
        assert_eq!(read(&good[..HEADER]), IvfError::Empty);
        let mut still = good.clone();
        still[16] = 0;
        assert_eq!(read(&still), IvfError::Rate);
        let mut large = good;
        large[HEADER..HEADER + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&large), IvfError::TooLarge(0));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..400), head in any::<bool>()) {
            let mut bytes = if head { file(&[(0, b"x")]) } else { Vec::new() };
            bytes.extend(tail);
            if let Ok(ivf) = Ivf::read(&Bytes::from(bytes.clone())) {
                let held: usize = ivf.frames.iter().map(|it| it.data.len()).sum();
                prop_assert!(!ivf.frames.is_empty() && held < bytes.len());
            }
        }
    }
}
