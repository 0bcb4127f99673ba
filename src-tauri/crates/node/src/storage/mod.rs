//! What one installation keeps in its folder.
//!
//! - [`files`]: small files that are whole or not there
//! - [`identity`]: certificate, private key and resume key
//! - [`kept`]: the meeting that is hosted, for after a crash
//! - [`people`]: whom this installation has met
//! - [`settings_store`]: the person's settings
//! - [`known_hosts`]: certificates seen at bare addresses

pub(crate) mod files;
pub(crate) mod identity;
pub(crate) mod kept;
pub(crate) mod known_hosts;
pub(crate) mod people;
pub(crate) mod settings_store;

use std::path::PathBuf;

/// Overrides the folder, for tests and for several installations on one machine.
pub const CONFIG_DIR_VARIABLE: &str = "LANDLINE_CONFIG_DIR";

/// The folder of this installation: `$LANDLINE_CONFIG_DIR`, or the platform's place for configuration. None if the
/// platform knows none; then nothing is kept.
#[must_use]
pub fn config_dir() -> Option<PathBuf> {
    match std::env::var_os(CONFIG_DIR_VARIABLE) {
        Some(dir) if !dir.is_empty() => Some(PathBuf::from(dir)),
        _ => directories::ProjectDirs::from("app", "Landline", "Landline")
            .map(|dirs| dirs.config_dir().to_owned()),
    }
}
