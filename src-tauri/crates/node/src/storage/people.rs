//! People met before, by key.
//!
//! Invariant: at most [`ENTRIES`], those not seen for longest go first. What is kept says nothing about what was said.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use landline_protocol::node_api::{Acquaintance, Person};
use serde::{Deserialize, Serialize};

use crate::storage::files;

const FILE: &str = "people.json";
/// People remembered. With names of 64 characters the file stays below the megabyte that is read.
const ENTRIES: usize = 2_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    key: String,
    /// As they called themselves last.
    name: String,
    /// In how many meetings.
    met: u32,
    /// The last one, so that it counts once.
    meeting_id: String,
    /// Codes were compared at some time, and were the same.
    #[serde(default)]
    verified: bool,
}

/// Whom this installation has met.
#[derive(Debug)]
pub(crate) struct People {
    path: Option<PathBuf>,
    /// Those not seen for longest first.
    entries: Mutex<Vec<Entry>>,
}

impl People {
    pub(crate) fn open(dir: Option<&Path>) -> Self {
        let path = dir.map(|dir| dir.join(FILE));
        let entries = path.as_deref().map_or_else(Vec::new, |path| {
            read(path).unwrap_or_else(|error| {
                tracing::warn!(%error, "the list of people cannot be read; it is begun anew");
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

    /// What is known of these people, who are met in this meeting now. Blocks for the time of one small write.
    pub(crate) fn meet(&self, meeting_id: &str, people: &[Person]) -> Vec<Acquaintance> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let met = people
            .iter()
            .map(|person| meet(&mut entries, meeting_id, person))
            .collect();
        let surplus = entries.len().saturating_sub(ENTRIES);
        entries.drain(..surplus);
        // Written under the lock, so that an older list never replaces a newer one.
        if let Some(path) = &self.path
            && let Err(error) = serde_json::to_vec_pretty(&*entries)
                .map_err(std::io::Error::from)
                .and_then(|bytes| files::replace(path, &bytes))
        {
            tracing::warn!(%error, "the list of people cannot be written");
        }
        met
    }
}

fn meet(entries: &mut Vec<Entry>, meeting_id: &str, person: &Person) -> Acquaintance {
    let name_of_another = !person.name.is_empty()
        && entries
            .iter()
            .any(|entry| entry.key != person.key && entry.name == person.name);
    let known = entries.iter().position(|entry| entry.key == person.key);
    let before = known.map(|index| entries.remove(index));
    let here = before
        .as_ref()
        .is_some_and(|entry| entry.meeting_id == meeting_id);
    let total = before.as_ref().map_or(0, |entry| entry.met);
    let verified = before.is_some_and(|entry| entry.verified);
    let now = if here { total } else { total.saturating_add(1) };
    entries.push(Entry {
        key: person.key.clone(),
        name: person.name.clone(),
        met: now,
        meeting_id: meeting_id.to_owned(),
        verified: verified || person.verified,
    });
    Acquaintance {
        key: person.key.clone(),
        met: now.saturating_sub(1),
        verified,
        // Somebody who is known by key may share a name with another.
        name_of_another: name_of_another && total == 0,
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

    fn person(key: &str, name: &str) -> Person {
        Person {
            key: key.into(),
            name: name.into(),
            verified: false,
        }
    }

    #[test]
    fn a_meeting_counts_once_and_people_are_known_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let met = |meeting: &str| {
            People::open(Some(dir.path())).meet(meeting, &[person("k", "Ada")])[0].met
        };
        assert_eq!(met("m1"), 0);
        assert_eq!(met("m1"), 0, "the same meeting");
        assert_eq!(met("m2"), 1);
        assert_eq!(met("m3"), 2);
    }

    #[test]
    fn a_known_name_under_another_key_is_told() {
        let people = People::open(None);
        people.meet("m1", &[person("k1", "Ada")]);
        let eve = people.meet("m2", &[person("k2", "Ada")]);
        assert!(eve[0].name_of_another);
        assert!(!people.meet("m2", &[person("k1", "Ada")])[0].name_of_another);
        assert!(!people.meet("m2", &[person("k3", "Bob")])[0].name_of_another);
        people.meet("m2", &[person("k4", "")]);
        assert!(!people.meet("m2", &[person("k5", "")])[0].name_of_another);
    }

    #[test]
    fn who_was_verified_once_stays_so() {
        let people = People::open(None);
        let verified = Person {
            verified: true,
            ..person("k", "Ada")
        };
        people.meet("m1", &[verified]);
        assert!(people.meet("m2", &[person("k", "Ada")])[0].verified);
    }

    #[test]
    fn the_list_is_bounded() {
        let people = People::open(None);
        for n in 0..=ENTRIES {
            people.meet("m", &[person(&n.to_string(), "x")]);
        }
        assert_eq!(people.entries.lock().unwrap().len(), ENTRIES);
        assert_eq!(people.meet("n", &[person("0", "y")])[0].met, 0);
    }
}
