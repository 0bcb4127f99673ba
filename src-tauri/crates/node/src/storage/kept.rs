//! The meeting that this node hosts, kept so that it can be opened again after a crash: the last claim, and what the room needs
//! besides.
//!
//! Invariant: at most one meeting, in one file that nobody else may read: codes and secrets are in it. It is gone when the meeting
//! has ended or another node has it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use landline_protocol::{Access, Role};
use landline_succession::Claim;
use serde::{Deserialize, Serialize};

use crate::storage::files;

const FILE: &str = "meeting.json";
/// Largest file written. The longest claim has some 150 kB, and as much again in base64; the rest are keys of people.
const BYTES: usize = 512 * 1024;

/// A meeting as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptMeeting {
    pub(crate) meeting_id: String,
    pub(crate) title: String,
    /// The host's name.
    pub(crate) name: String,
    pub(crate) started_at: u64,
    pub(crate) access: Access,
    #[serde(default)]
    pub(crate) private: bool,
    /// Keys of people who are more than participants.
    pub(crate) roles: Vec<(String, Role)>,
    /// Keys that were sent out.
    pub(crate) removed: Vec<String>,
    /// In base64.
    claim: String,
    /// The program ended in order while nobody could take the meeting over.
    #[serde(default)]
    pub(crate) closed: bool,
}

impl KeptMeeting {
    pub(crate) fn claim(&self) -> Option<Claim> {
        let bytes = BASE64.decode(self.claim.as_bytes()).ok()?;
        Claim::decode(&bytes).ok()
    }

    pub(crate) fn set_claim(&mut self, claim: &[u8]) {
        self.claim = BASE64.encode(claim);
    }

    /// With everything but the claim.
    pub(crate) fn new(meeting_id: String, title: String, name: String) -> Self {
        Self {
            meeting_id,
            title,
            name,
            started_at: 0,
            access: Access::default(),
            private: false,
            roles: Vec::new(),
            removed: Vec::new(),
            claim: String::new(),
            closed: false,
        }
    }
}

/// The file.
#[derive(Debug)]
pub(crate) struct Kept {
    path: Option<PathBuf>,
    /// What the file should say, and whether it does.
    wanted: Mutex<(Option<KeptMeeting>, bool)>,
    /// Held while it is written, so that an older one never replaces a newer one.
    writing: Mutex<()>,
}

impl Kept {
    pub(crate) fn open(dir: Option<&Path>) -> Self {
        let path = dir.map(|dir| dir.join(FILE));
        let kept = path.as_deref().and_then(|path| {
            read(path).unwrap_or_else(|error| {
                tracing::warn!(%error, "the interrupted meeting cannot be read");
                if let Err(error) = files::keep_aside(path) {
                    tracing::warn!(%error, "the damaged file cannot be kept aside");
                }
                None
            })
        });
        Self {
            path,
            wanted: Mutex::new((kept, true)),
            writing: Mutex::default(),
        }
    }

    pub(crate) fn get(&self) -> Option<KeptMeeting> {
        self.wanted().0.clone()
    }

    /// Keeps this one from now on.
    pub(crate) fn put(self: &Arc<Self>, meeting: KeptMeeting) {
        self.change(|kept| *kept = Some(meeting));
        self.write_soon();
    }

    /// The meeting has ended, or is another's.
    pub(crate) fn forget(self: &Arc<Self>, meeting_id: &str) {
        self.change(|kept| {
            if kept.as_ref().is_some_and(|it| it.meeting_id == meeting_id) {
                *kept = None;
            }
        });
        self.write_soon();
    }

    /// The program ends in order. Waits until that is written.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.change(|kept| {
            if let Some(kept) = kept {
                kept.closed = true;
            }
        });
        let kept = Arc::clone(self);
        if let Err(error) = tokio::task::spawn_blocking(move || kept.flush()).await {
            tracing::warn!(%error, "the meeting was not kept");
        }
    }

    fn change(&self, change: impl FnOnce(&mut Option<KeptMeeting>)) {
        let mut wanted = self.wanted();
        let before = wanted.0.clone();
        change(&mut wanted.0);
        wanted.1 &= wanted.0 == before;
    }

    fn write_soon(self: &Arc<Self>) {
        if !self.wanted().1 {
            let kept = Arc::clone(self);
            // Nothing waits for it: a slow disk must not make a host fall silent.
            drop(tokio::task::spawn_blocking(move || kept.flush()));
        }
    }

    fn flush(&self) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let meeting = {
            let mut wanted = self.wanted();
            if std::mem::replace(&mut wanted.1, true) {
                return;
            }
            wanted.0.clone()
        };
        let Some(path) = &self.path else { return };
        if let Err(error) = write(path, meeting.as_ref()) {
            tracing::warn!(%error, "the meeting could not be opened again after a crash");
        }
    }

    fn wanted(&self) -> MutexGuard<'_, (Option<KeptMeeting>, bool)> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> std::io::Result<Option<KeptMeeting>> {
    match files::read(path)? {
        None => Ok(None),
        Some(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
    }
}

fn write(path: &Path, meeting: Option<&KeptMeeting>) -> std::io::Result<()> {
    let Some(meeting) = meeting else {
        return files::remove(path);
    };
    let bytes = serde_json::to_vec(meeting)?;
    if bytes.len() > BYTES {
        return Err(std::io::Error::other("too large"));
    }
    files::replace(path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(id: &str) -> KeptMeeting {
        let mut meeting = KeptMeeting::new(id.into(), "Weekly".into(), "Ada".into());
        meeting.set_claim(b"claim");
        meeting
    }

    fn on_disk(dir: &Path) -> Option<KeptMeeting> {
        Kept::open(Some(dir)).get()
    }

    #[tokio::test]
    async fn one_meeting_is_kept_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::open(Some(dir.path())));
        kept.put(meeting("a"));
        kept.put(meeting("b"));
        kept.flush();
        assert_eq!(on_disk(dir.path()), Some(meeting("b")));
        kept.forget("a");
        kept.close().await;
        assert!(on_disk(dir.path()).unwrap().closed);
        kept.forget("b");
        kept.flush();
        assert_eq!(on_disk(dir.path()), None);
        assert!(!dir.path().join(FILE).exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_the_code_of_the_meeting() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::open(Some(dir.path())));
        kept.put(meeting("a"));
        kept.flush();
        let mode = std::fs::metadata(dir.path().join(FILE)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_meeting_that_is_too_large_or_damaged_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Arc::new(Kept::open(Some(dir.path())));
        let mut large = meeting("a");
        large.removed = vec!["k".repeat(BYTES)];
        kept.put(large);
        kept.flush();
        assert_eq!(on_disk(dir.path()), None);
        std::fs::write(dir.path().join(FILE), "{\"meetingId\":").unwrap();
        assert_eq!(on_disk(dir.path()), None);
    }
}
