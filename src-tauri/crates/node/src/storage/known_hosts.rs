//! Certificates seen at bare addresses: trust on first use.
//!
//! Invariant: at most [`ENTRIES`], the least recently seen goes first. On a network with changing addresses the same number
//! belongs to another computer sooner or later, so an entry not seen for [`KEPT`] is forgotten, and the next visit counts as
//! a first one again, which is said to the person.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::storage::files;

const FILE: &str = "known-hosts.json";
/// Hosts remembered: far more than one person meets.
const ENTRIES: usize = 1_000;
/// How long an address is remembered after its last visit: longer than any usual lease.
const KEPT: Duration = Duration::from_hours(30 * 24);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// `host:port`, as typed.
    address: String,
    fingerprint: String,
    /// In seconds since 1970.
    seen_at: u64,
}

/// Which certificate was seen where.
#[derive(Debug)]
pub(crate) struct KnownHosts {
    path: Option<PathBuf>,
    /// The least recently seen first.
    entries: Mutex<Vec<Entry>>,
}

impl KnownHosts {
    pub(crate) fn open(dir: Option<&Path>) -> Self {
        let path = dir.map(|dir| dir.join(FILE));
        let entries = path.as_deref().map_or_else(Vec::new, |path| {
            read(path).unwrap_or_else(|error| {
                tracing::warn!(%error, "the list of known hosts cannot be read; it is begun anew");
                if let Err(error) = files::keep_aside(path) {
                    tracing::warn!(%error, "the damaged list cannot be kept aside");
                }
                Vec::new()
            })
        });
        Self {
            path,
            entries: Mutex::new(entries),
        }
    }

    /// The certificate expected at `address`.
    pub(crate) fn expected(&self, address: &str, now: SystemTime) -> Option<Fingerprint> {
        let oldest = files::seconds_since_1970(now).saturating_sub(KEPT.as_secs());
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .find(|entry| entry.address == address && entry.seen_at >= oldest)
            .and_then(|entry| entry.fingerprint.parse().ok())
    }

    /// Remembers what was seen. Blocks for the time of one small write.
    pub(crate) fn remember(&self, address: &str, fingerprint: &Fingerprint, now: SystemTime) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.address != address);
        entries.push(Entry {
            address: address.to_owned(),
            fingerprint: fingerprint.to_string(),
            seen_at: files::seconds_since_1970(now),
        });
        let surplus = entries.len().saturating_sub(ENTRIES);
        entries.drain(..surplus);
        // Written under the lock, so that an older list never replaces a newer one.
        let Some(path) = &self.path else { return };
        if let Err(error) = serde_json::to_vec_pretty(&*entries)
            .map_err(std::io::Error::from)
            .and_then(|bytes| files::replace(path, &bytes))
        {
            tracing::warn!(%error, "the list of known hosts cannot be written");
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<Entry>> {
    match files::read(path)? {
        None => Ok(Vec::new()),
        Some(bytes) => Ok(serde_json::from_slice(&bytes)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_after_its_first_visit_and_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let seen = Fingerprint::of(b"a");
        let hosts = KnownHosts::open(Some(dir.path()));
        assert_eq!(hosts.expected("10.0.0.1:4717", now), None);
        hosts.remember("10.0.0.1:4717", &seen, now);
        let hosts = KnownHosts::open(Some(dir.path()));
        assert_eq!(hosts.expected("10.0.0.1:4717", now), Some(seen));
        assert_eq!(hosts.expected("10.0.0.1:4718", now), None);
    }

    #[test]
    fn an_address_not_visited_for_long_counts_as_new() {
        let now = SystemTime::now();
        let hosts = KnownHosts::open(None);
        hosts.remember("a:1", &Fingerprint::of(b"a"), now);
        assert!(hosts.expected("a:1", now + KEPT).is_some());
        let later = now + KEPT + Duration::from_secs(2);
        assert_eq!(hosts.expected("a:1", later), None);
    }

    #[test]
    fn the_list_is_bounded_and_forgets_the_least_recently_seen() {
        let now = SystemTime::now();
        let hosts = KnownHosts::open(None);
        for n in 0..=ENTRIES {
            hosts.remember(&format!("host:{n}"), &Fingerprint::of(b"a"), now);
            hosts.remember("host:0", &Fingerprint::of(b"a"), now);
        }
        assert_eq!(hosts.expected("host:1", now), None);
        assert!(hosts.expected("host:0", now).is_some());
        assert_eq!(hosts.entries.lock().unwrap().len(), ENTRIES);
    }

    #[test]
    fn a_damaged_list_is_kept_aside_and_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "[{").unwrap();
        let hosts = KnownHosts::open(Some(dir.path()));
        assert_eq!(hosts.expected("a:1", SystemTime::now()), None);
        assert!(std::fs::read_dir(dir.path()).unwrap().any(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .starts_with("known-hosts.corrupt-")
        }));
    }
}
