//! What may not stand in any file of the repository: paths and hosts of one machine, files that do too much, things left over.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::{ask, program};

/// More lines than this, and a file does more than one thing.
const MOST_LINES: usize = 400;
/// Largest file: pictures of the documentation and icons fit.
const MOST_BYTES: u64 = 1024 * 1024;
/// Files that are long for a good reason: made by tools, or texts.
const MAY_BE_LONG: [&str; 7] = [
    "Cargo.lock",
    "ui/package-lock.json",
    "bench/baseline/package-lock.json",
    "docs/",
    "README.md",
    "LICENSE",
    "icons/",
];
/// The one file with unsafe code, glue to C functions that have no bindings.
const UNSAFE: &str = "src-tauri/src/webview/linux/features.rs";
/// Sources: where left-over words count.
const SOURCES: [&str; 6] = [".rs", ".ts", ".js", ".svelte", ".yml", ".css"];

/// Findings over all files that are, or would be, committed.
pub(super) fn lint(root: &Path) -> Result<Vec<String>> {
    let list = ask(&mut program(
        "git",
        ["ls-files", "--cached", "--others", "--exclude-standard"],
    ))
    .context("git ls-files failed")?;
    let mut findings = Vec::new();
    for file in list.lines() {
        let path = root.join(file);
        // Deleted but not committed yet, or a link.
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        if !about.is_file() {
            continue;
        }
        if about.len() > MOST_BYTES {
            findings.push(format!("{file}: {} kB is a lot", about.len() / 1024));
        }
        // What is not text is a picture.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        findings.extend(read(file, &text));
    }
    Ok(findings)
}

/// Findings in one file.
fn read(file: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES && !MAY_BE_LONG.iter().any(|name| file.starts_with(name)) {
        findings.push(format!(
            "{file}: {lines} lines, at most {MOST_LINES}: does it do more than one thing?"
        ));
    }
    let is_rust = file != UNSAFE && file.rsplit_once('.').is_some_and(|(_, end)| end == "rs");
    let is_source = SOURCES.iter().any(|ending| file.ends_with(ending));
    for (number, line) in text.lines().enumerate() {
        let mut say = |what: &str| findings.push(format!("{file}:{}: {what}", number + 1));
        if has_machine_path(line) {
            say("a path of one machine");
        }
        if has_registry(line) {
            say("the host of a package registry");
        }
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            say("an unfinished merge");
        }
        if is_rust && is_unsafe(line) {
            say("unsafe code");
        }
        if is_source && left_over().iter().any(|word| line.contains(word.as_str())) {
            say("left over");
        }
    }
    findings
}

/// Words that say that something is not finished or was switched off. Put together here, so that this file does not hold them.
fn left_over() -> [String; 6] {
    [
        ["todo", "!("],
        ["unimplemented", "!("],
        ["FIX", "ME"],
        ["test.", "only("],
        ["@ts-", "ignore"],
        ["@ts-", "nocheck"],
    ]
    .map(|parts| parts.concat())
}

/// Rust's keyword, or the lint that forbids it switched off. Compilers check the same; this holds even where the lint's level is
/// changed by a file itself.
fn is_unsafe(line: &str) -> bool {
    let code = line.trim_start();
    if code.starts_with("//") {
        return false;
    }
    let keyword = ["un", "safe"].concat();
    let switched_off = format!("{keyword}_code");
    code.contains(&switched_off)
        || code.match_indices(&keyword).any(|(at, _)| {
            let before = code.get(..at).and_then(|text| text.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                return false;
            }
            let rest = code
                .get(at + keyword.len()..)
                .unwrap_or_default()
                .trim_start();
            ["{", "(", "fn ", "impl", "extern ", "trait "]
                .iter()
                .any(|next| rest.starts_with(next))
        })
}

/// Folders in which only somebody's own machine keeps things.
fn has_machine_path(line: &str) -> bool {
    ["work", "root", "farm"].iter().any(|name| {
        let path = format!("/{name}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().next_back());
            // In the middle of a longer path, or of an address, it is another folder.
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
        })
    })
}

/// Where packages come from is every machine's own business.
fn has_registry(line: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        line.match_indices(scheme).any(|(at, _)| {
            let host = line.get(at + scheme.len()..).unwrap_or_default();
            ["registry", "static", "index", "files"].iter().any(|name| {
                host.strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix('.'))
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_registries_are_found() {
        for line in [
            ["see /wo", "rk/main"],
            ["\"/ro", "ot/.cargo\""],
            ["http", "s://registry.example.org/a"],
            ["http", "s://static.example.org"],
        ] {
            assert_eq!(read("a.md", &line.concat()).len(), 1, "{line:?}");
        }
    }

    #[test]
    fn ordinary_paths_and_addresses_are_not_found() {
        for line in [
            "ui/network/a.ts",
            "https://example.org/root/a",
            "src/work/a.rs",
            "https://github.com/x/static",
        ] {
            assert_eq!(read("a.md", line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn long_files_are_found_unless_a_tool_made_them() {
        let text = "x\n".repeat(MOST_LINES + 1);
        assert_eq!(read("src/a.rs", &text).len(), 1);
        assert!(read("Cargo.lock", &text).is_empty());
    }

    #[test]
    fn code_without_the_compilers_promises_is_found_in_all_files_but_one() {
        for line in [
            ["let x = un", "safe { read() };"],
            ["#![allow(un", "safe_code)]"],
        ] {
            let line = line.concat();
            assert_eq!(read("src/a.rs", &line).len(), 1, "{line}");
            assert_eq!(read(UNSAFE, &line), Vec::<String>::new());
        }
        assert_eq!(
            read("src/a.rs", "/// An unsafe network."),
            Vec::<String>::new()
        );
        assert_eq!(read("docs/a.md", "unsafe code"), Vec::<String>::new());
    }

    #[test]
    fn what_was_left_over_is_found_in_sources_only() {
        let line = ["// FIX", "ME later"].concat();
        assert_eq!(read("a.rs", &line).len(), 1);
        assert!(read("CONTRIBUTING.md", &line).is_empty());
    }
}
