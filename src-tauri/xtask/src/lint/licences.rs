//! Where dependencies come from, and under which licences: from the two public registries alone, pinned by checksum, and under licences
//! that ask for no more than naming them, or (MPL-2.0) for the changes to their own files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{ask, cargo};

/// SPDX names. MPL-2.0: used unchanged. OFL-1.1: the typeface.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "Unicode-3.0",
    "Zlib",
];
/// Lock files of Node packages: of the UI, and of what it is measured beside.
const NODE_LOCKS: [&str; 2] = ["ui/package-lock.json", "bench/baseline/package-lock.json"];
/// What cargo calls crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Reads all lock files; one line for each thing that is not as it should be.
pub(super) fn lint(root: &Path) -> Result<Vec<String>> {
    let metadata =
        ask(&mut cargo(&["metadata", "--format-version", "1"])).context("cargo metadata failed")?;
    let mut findings = crates(&serde_json::from_str(&metadata)?)?;
    for file in NODE_LOCKS {
        let lock = fs::read_to_string(root.join(file))
            .with_context(|| format!("{file} cannot be read"))?;
        findings.extend(packages(&serde_json::from_str(&lock)?)?);
    }
    Ok(findings)
}

fn crates(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata names no packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(Value::as_str);
        let name = text("name").unwrap_or("?");
        match text("source") {
            // Ours.
            None => continue,
            Some(CRATES_IO) => {}
            Some(source) => findings.push(format!("{name} comes from {source}")),
        }
        findings.extend(unlicensed(name, text("license")));
    }
    Ok(findings)
}

fn packages(lock: &Value) -> Result<Vec<String>> {
    let packages = lock
        .get("packages")
        .and_then(Value::as_object)
        .context("package-lock.json names no packages")?;
    let mut findings = Vec::new();
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        let name = path.rsplit("node_modules/").next().unwrap_or(path);
        let text = |key: &str| package.get(key).and_then(Value::as_str);
        // The registry's address is left out of the lock file; whatever stands there comes from elsewhere.
        if let Some(resolved) = text("resolved") {
            findings.push(format!("{name} comes from {resolved}"));
        }
        if text("integrity").is_none() {
            findings.push(format!("{name} has no checksum"));
        }
        findings.extend(unlicensed(name, text("license")));
    }
    Ok(findings)
}

fn unlicensed(name: &str, licence: Option<&str>) -> Option<String> {
    match licence {
        Some(expression) if is_allowed(expression) => None,
        Some(expression) => Some(format!("{name} is under {expression}")),
        None => Some(format!("{name} names no licence")),
    }
}

/// Whether an SPDX expression leaves a choice of which all parts are allowed. `/` is what cargo had for `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words };
    // All words must have been understood.
    reader.any() == Some(true) && reader.words.is_empty()
}

/// SPDX 2.3, annex D: `WITH` binds closest, then `AND`, then `OR`. None: not an expression.
struct Reader<'a> {
    words: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Option<bool> {
        let mut allowed = self.all()?;
        while self.take("OR") {
            allowed |= self.all()?;
        }
        Some(allowed)
    }

    fn all(&mut self) -> Option<bool> {
        let mut allowed = self.one()?;
        while self.take("AND") {
            allowed &= self.one()?;
        }
        Some(allowed)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let allowed = self.any()?;
            return self.take(")").then_some(allowed);
        }
        let name = self.next()?;
        let name = if self.take("WITH") {
            format!("{name} WITH {}", self.next()?)
        } else {
            name.to_owned()
        };
        Some(ALLOWED.contains(&name.as_str()))
    }

    fn take(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.next();
        }
        there
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_choice_with_one_allowed_way_is_enough_and_all_parts_of_it_have_to_be() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "ISC AND (Apache-2.0 OR ISC)",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "GPL-3.0 WITH LLVM-exception",
            "MIT OR",
            "(MIT",
            "MIT MIT",
            "mine",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }

    #[test]
    fn sources_and_checksums_are_looked_at() {
        let metadata = json!({"packages": [
            {"name": "ours", "source": null, "license": null},
            {"name": "good", "source": CRATES_IO, "license": "MIT"},
            {"name": "git", "source": "git+https://example.org/x", "license": "MIT"},
            {"name": "none", "source": CRATES_IO, "license": null},
        ]});
        assert_eq!(
            crates(&metadata).unwrap(),
            [
                "git comes from git+https://example.org/x",
                "none names no licence"
            ]
        );
        let lock = json!({"packages": {
            "": {},
            "node_modules/good": {"integrity": "sha512-x", "license": "MIT"},
            "node_modules/a/node_modules/b": {"license": "MIT", "resolved": "https://example.org"},
        }});
        assert_eq!(
            packages(&lock).unwrap(),
            ["b comes from https://example.org", "b has no checksum"]
        );
    }
}
