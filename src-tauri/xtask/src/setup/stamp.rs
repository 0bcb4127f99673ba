//! A stamp says from what something was made, so that it is made again only when that changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A digest over names and contents of files, in a stable order. Folders stand for all files in them.
pub(crate) fn digest(paths: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Whether the stamp holds this digest.
pub(crate) fn is_current(stamp: &Path, digest: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == digest)
}

/// Writes the stamp. Do it last, when the work has succeeded.
pub(crate) fn write(stamp: &Path, digest: &str) -> Result<()> {
    fs::write(stamp, digest).with_context(|| format!("{} cannot be written", stamp.display()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_path_buf());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("xtask-stamp-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_changed_a_new_and_a_renamed_file_change_the_digest() {
        let folder = folder("changes");
        let digest_now = || digest(std::slice::from_ref(&folder)).unwrap();
        fs::write(folder.join("a"), "1").unwrap();
        let first = digest_now();
        assert_eq!(digest_now(), first);
        fs::write(folder.join("a"), "2").unwrap();
        let changed = digest_now();
        fs::write(folder.join("b"), "").unwrap();
        let added = digest_now();
        fs::rename(folder.join("b"), folder.join("c")).unwrap();
        let renamed = digest_now();
        fs::remove_dir_all(&folder).unwrap();
        let mut all = vec![first, changed, added, renamed];
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn a_missing_or_older_stamp_is_not_current() {
        let folder = folder("current");
        let stamp = folder.join("stamp");
        assert!(!is_current(&stamp, "x"));
        write(&stamp, "x").unwrap();
        assert!(is_current(&stamp, "x"));
        assert!(!is_current(&stamp, "y"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
