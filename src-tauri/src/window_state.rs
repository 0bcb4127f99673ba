//! The window's size, kept as `window.json` in the configuration folder.
//!
//! Invariant: what is read back always fits the limits of the window, whatever stands in the file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const FILE: &str = "window.json";

/// The smallest window in which every screen works, in logical pixels.
pub(crate) const MIN_WIDTH: f64 = 390.0;
pub(crate) const MIN_HEIGHT: f64 = 560.0;
/// Larger than any desktop; a damaged file must not ask for more memory than a screen.
const MAX_SIDE: f64 = 16_384.0;
const DEFAULT_WIDTH: f64 = 1080.0;
const DEFAULT_HEIGHT: f64 = 760.0;

/// Size of the window's inside in logical pixels, when it is not maximized.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct WindowState {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) maximized: bool,
}

impl Default for WindowState {
    fn default() -> Self {
        Self {
            width: DEFAULT_WIDTH,
            height: DEFAULT_HEIGHT,
            maximized: false,
        }
    }
}

impl WindowState {
    /// What was kept in `folder`, or the default. A window's size is not worth a message to the person.
    pub(crate) fn load(folder: &Path) -> Self {
        let read = fs::read(folder.join(FILE))
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).map_err(io::Error::from));
        match read {
            Ok(state) => state.bounded(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => {
                tracing::warn!(%error, "window size cannot be read, the default is used");
                Self::default()
            }
        }
    }

    /// Keeps it in `folder`. A crash in between leaves the old file.
    pub(crate) fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let path: PathBuf = folder.join(FILE);
        let partial = folder.join(format!("{FILE}.partial"));
        fs::write(&partial, serde_json::to_vec(self)?)?;
        fs::rename(&partial, &path)
    }

    /// The window has a new size. A maximized window keeps the size to which it will be restored.
    #[must_use]
    pub(crate) fn resized(self, width: f64, height: f64, maximized: bool) -> Self {
        if maximized {
            return Self { maximized, ..self };
        }
        Self {
            width,
            height,
            maximized,
        }
        .bounded()
    }

    fn bounded(self) -> Self {
        // `clamp` keeps NaN; JSON has none, and a window that is asked for it is a default one.
        let side = |value: f64, min: f64, default: f64| {
            if value.is_finite() {
                value.clamp(min, MAX_SIDE)
            } else {
                default
            }
        };
        Self {
            width: side(self.width, MIN_WIDTH, DEFAULT_WIDTH),
            height: side(self.height, MIN_HEIGHT, DEFAULT_HEIGHT),
            maximized: self.maximized,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_size_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = WindowState::default().resized(800.0, 600.0, false);
        state.save(&folder.path().join("new")).unwrap();
        assert_eq!(WindowState::load(&folder.path().join("new")), state);
    }

    #[test]
    fn without_a_file_the_default_is_used() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WindowState::load(folder.path()), WindowState::default());
    }

    #[test]
    fn a_damaged_file_gives_the_default() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(WindowState::load(folder.path()), WindowState::default());
    }

    #[test]
    fn absurd_sizes_are_brought_into_the_limits() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), r#"{"width":1e300,"height":-5}"#).unwrap();
        let state = WindowState::load(folder.path());
        assert!((state.width - MAX_SIDE).abs() < f64::EPSILON);
        assert!((state.height - MIN_HEIGHT).abs() < f64::EPSILON);
    }

    #[test]
    fn maximizing_keeps_the_size_to_return_to() {
        let state = WindowState::default()
            .resized(800.0, 600.0, false)
            .resized(3840.0, 2100.0, true);
        assert!(state.maximized);
        assert!((state.width - 800.0).abs() < f64::EPSILON);
        assert!(!state.resized(820.0, 600.0, false).maximized);
    }
}
