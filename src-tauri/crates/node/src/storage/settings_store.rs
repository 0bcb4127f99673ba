//! The settings of this installation, in memory and in `settings.json`.
//!
//! Invariant: what is in memory holds, whether or not it could be written. A file that cannot be understood is kept aside.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use landline_protocol::decode::clean_name;
use landline_protocol::node_api::Notice;
use landline_protocol::settings::Settings;
use tokio::sync::watch;

use crate::storage::files;

const FILE: &str = "settings.json";
/// Longest device id, interface name or ICE server URL: browsers' device ids have 64 digits, URLs stay far below.
const TEXT_CHARS: usize = 512;
/// Entries of a list: nobody has more interfaces or servers in use.
const LIST_ENTRIES: usize = 64;

/// The settings. Changes are told to every page by [`SettingsStore::changes`].
#[derive(Debug)]
pub(crate) struct SettingsStore {
    path: Option<PathBuf>,
    current: watch::Sender<Settings>,
    notices: Mutex<Vec<Notice>>,
}

impl SettingsStore {
    /// Reads the settings in `dir`; without one they live as long as the process.
    pub(crate) fn open(dir: Option<&Path>) -> Self {
        let mut notices = Vec::new();
        let path = dir.map(|dir| dir.join(FILE));
        let settings = path.as_deref().map_or_else(Settings::default, |path| {
            read(path).unwrap_or_else(|error| {
                tracing::warn!(%error, "the settings cannot be read; defaults are used");
                if let Err(error) = files::keep_aside(path) {
                    tracing::warn!(%error, "the damaged settings cannot be kept aside");
                }
                notices.push(Notice::SettingsCorrupt);
                Settings::default()
            })
        });
        if !dir.is_some_and(files::is_writable) {
            notices.push(Notice::SettingsReadOnly);
        }
        Self {
            path,
            current: watch::Sender::new(bounded(settings)),
            notices: Mutex::new(notices),
        }
    }

    pub(crate) fn get(&self) -> Settings {
        self.current.borrow().clone()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Settings> {
        self.current.subscribe()
    }

    /// What is to be told to the person; each thing once.
    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the settings and writes them. Blocks for the time of one small write.
    pub(crate) fn set(&self, settings: Settings) {
        let settings = bounded(settings);
        let changed = self.current.send_if_modified(|current| {
            let changed = *current != settings;
            current.clone_from(&settings);
            changed
        });
        if !changed {
            return;
        }
        if let Err(error) = self.write(&settings) {
            tracing::warn!(%error, "the settings cannot be written");
            let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
            if !notices.contains(&Notice::SettingsReadOnly) {
                notices.push(Notice::SettingsReadOnly);
            }
        }
    }

    fn write(&self, settings: &Settings) -> std::io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        files::replace(path, &serde_json::to_vec_pretty(settings)?)
    }
}

fn read(path: &Path) -> std::io::Result<Settings> {
    match files::read(path)? {
        None => Ok(Settings::default()),
        Some(bytes) => Ok(serde_json::from_slice(&bytes)?),
    }
}

/// A page may send anything; the file stays small.
fn bounded(mut settings: Settings) -> Settings {
    settings.name = clean_name(&settings.name).unwrap_or_default();
    for id in [
        &mut settings.microphone_id,
        &mut settings.camera_id,
        &mut settings.speaker_id,
    ] {
        id.take_if(|id| id.chars().count() > TEXT_CHARS);
    }
    for list in [&mut settings.ice_servers, &mut settings.interfaces] {
        list.retain(|entry| entry.chars().count() <= TEXT_CHARS);
        list.truncate(LIST_ENTRIES);
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Settings {
        Settings {
            name: name.into(),
            ..Settings::default()
        }
    }

    #[test]
    fn settings_are_found_again_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        SettingsStore::open(Some(dir.path())).set(named("Ana"));
        let store = SettingsStore::open(Some(dir.path()));
        assert_eq!(store.get().name, "Ana");
        assert_eq!(store.take_notices(), []);
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_said_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "{\"name\":").unwrap();
        let store = SettingsStore::open(Some(dir.path()));
        assert_eq!(store.get(), Settings::default());
        assert_eq!(store.take_notices(), [Notice::SettingsCorrupt]);
        assert_eq!(store.take_notices(), []);
        let aside = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .find(|entry| {
                let name = entry.file_name().into_string().unwrap();
                name.starts_with("settings.corrupt-")
            })
            .unwrap();
        assert_eq!(std::fs::read(aside.path()).unwrap(), b"{\"name\":");
        store.set(named("Ana"));
        assert_eq!(SettingsStore::open(Some(dir.path())).get().name, "Ana");
    }

    #[test]
    fn fields_of_other_versions_do_not_damage_a_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), r#"{"name":"Ana","newField":1}"#).unwrap();
        let store = SettingsStore::open(Some(dir.path()));
        assert_eq!(store.get(), named("Ana"));
        assert_eq!(store.take_notices(), []);
    }

    #[test]
    fn settings_that_cannot_be_written_hold_and_are_said() {
        let dir = tempfile::tempdir().unwrap();
        // A file where the folder should be cannot be written into, whoever runs the test.
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let store = SettingsStore::open(Some(&file.join("folder")));
        store.set(named("Ana"));
        assert_eq!(store.get().name, "Ana");
        assert!(store.take_notices().contains(&Notice::SettingsReadOnly));
    }

    #[test]
    fn what_a_page_sends_is_bounded() {
        let store = SettingsStore::open(None);
        store.set(Settings {
            name: "x".repeat(1_000),
            camera_id: Some("x".repeat(1_000)),
            ice_servers: vec!["stun:a".into(); 1_000],
            ..Settings::default()
        });
        let settings = store.get();
        assert_eq!(settings.name.len(), landline_protocol::limits::NAME_CHARS);
        assert_eq!(settings.camera_id, None);
        assert_eq!(settings.ice_servers.len(), LIST_ENTRIES);
    }
}
