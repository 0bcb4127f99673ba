//! app → node → {signaling → {rooms, succession → trust}, discovery, engine} → protocol. Only the app knows tauri; only signaling knows axum; rooms
//! knows neither a clock nor a socket.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{ask, cargo};

/// A crate of the workspace and the crates that it may depend on.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("landline", &["landline-node", "landline-protocol"]),
    (
        "landline-node",
        &[
            "landline-signaling",
            "landline-discovery",
            "landline-engine",
            "landline-succession",
            "landline-trust",
            "landline-protocol",
        ],
    ),
    (
        "landline-signaling",
        &[
            "landline-rooms",
            "landline-succession",
            "landline-trust",
            "landline-protocol",
        ],
    ),
    ("landline-discovery", &["landline-protocol"]),
    ("landline-engine", &["landline-protocol"]),
    ("landline-rooms", &["landline-protocol"]),
    (
        "landline-succession",
        &["landline-trust", "landline-protocol"],
    ),
    ("landline-trust", &["landline-protocol"]),
    ("landline-protocol", &[]),
    (
        "landline-bench",
        &["landline-signaling", "landline-protocol"],
    ),
    ("xtask", &[]),
];

/// Libraries that one crate alone may know. A name ending in `*` stands for all that begin so.
const OWNED: [(&str, &str); 6] = [
    ("tauri*", "landline"),
    ("wry*", "landline"),
    ("webkit2gtk*", "landline"),
    ("axum*", "landline-signaling"),
    ("mdns-sd", "landline-discovery"),
    ("str0m*", "landline-engine"),
];

/// Libraries without which a crate has to do.
const DENIED: [(&str, &[&str]); 4] = [
    (
        "landline-succession",
        &["tokio*", "socket2", "rand*", "mio", "hyper*"],
    ),
    ("landline-trust", &["tokio*", "socket2", "mio", "hyper*"]),
    (
        "landline-rooms",
        &["tokio*", "socket2", "rand*", "mio", "ring"],
    ),
    (
        "landline-protocol",
        &["tokio*", "socket2", "rand*", "mio", "ring", "hyper*"],
    ),
];

/// Folders of crates whose sources get time and sockets as arguments, if they need them at all.
const SANS_IO: [&str; 6] = [
    "rooms/src",
    "succession/src",
    "trust/src",
    "protocol/src",
    "engine/src/sdp",
    "engine/src/jsep",
];
/// How a clock, a socket, chance or a thread would come in.
const IO_WORDS: [&str; 6] = [
    "Instant::now",
    "SystemTime",
    "std::net",
    "std::thread",
    "std::fs",
    "std::env",
];

/// A crate and what it depends on outside its tests.
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) dependencies: Vec<String>,
}

/// Reads the workspace through cargo.
pub(super) fn read() -> Result<Vec<Crate>> {
    let text = ask(&mut cargo(&[
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))
    .context("cargo metadata failed")?;
    parse(&text)
}

fn parse(metadata: &str) -> Result<Vec<Crate>> {
    let metadata: Value = serde_json::from_str(metadata).context("cargo metadata gave no JSON")?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata names no packages")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    packages
        .iter()
        .map(|package| {
            let dependencies = package
                .get("dependencies")
                .and_then(Value::as_array)
                .context("a package without dependencies")?;
            Ok(Crate {
                name: text(package, "name").context("a package without a name")?,
                // Tests may use what they like: they are built on top of everything.
                dependencies: dependencies
                    .iter()
                    .filter(|dependency| text(dependency, "kind").as_deref() != Some("dev"))
                    .filter_map(|dependency| text(dependency, "name"))
                    .collect(),
            })
        })
        .collect()
}

/// Findings about dependencies.
pub(super) fn lint(crates: &[Crate]) -> Vec<String> {
    let mut findings = Vec::new();
    let ours: Vec<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    for Crate { name, dependencies } in crates {
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
            findings.push(format!(
                "{name}: no rule says what this crate may depend on"
            ));
            continue;
        };
        for dependency in dependencies {
            if ours.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
                findings.push(format!("{name} → {dependency}: against the direction"));
            }
            for (pattern, owner) in OWNED {
                if fits(pattern, dependency) && name != owner {
                    findings.push(format!("{name} → {dependency}: only {owner} may know it"));
                }
            }
            for (denied_to, patterns) in DENIED {
                if denied_to == name && patterns.iter().any(|pattern| fits(pattern, dependency)) {
                    findings.push(format!("{name} → {dependency}: this crate has no I/O"));
                }
            }
        }
    }
    findings
}

/// Findings about clocks and sockets where there are none.
pub(super) fn lint_clocks(root: &Path) -> Result<Vec<String>> {
    let crates = root.join("src-tauri/crates");
    let mut findings = Vec::new();
    let mut folders: Vec<_> = SANS_IO.iter().map(|name| crates.join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
        {
            let path = entry?.path();
            if is_of_tests(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&crates)?.to_string_lossy();
                findings.extend(io_words(&name, &fs::read_to_string(&path)?));
            }
        }
    }
    findings.sort();
    Ok(findings)
}

/// Tests may look at the clock.
fn is_of_tests(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| {
        let stem = stem.to_string_lossy();
        stem == "tests" || stem.ends_with("_tests")
    })
}

/// Lines of a source, comments aside and up to its tests, that reach outside.
fn io_words(file: &str, source: &str) -> Vec<String> {
    source
        .lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| {
            IO_WORDS
                .iter()
                .filter(|word| line.contains(**word))
                .map(move |word| {
                    format!(
                        "{file}:{}: {word}: time and the world come in as arguments here",
                        number + 1
                    )
                })
        })
        .collect()
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, dependencies: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn the_house_as_designed_is_in_order() {
        let crates = [
            one("landline", &["landline-node", "tauri", "tauri-build"]),
            one(
                "landline-node",
                &[
                    "landline-signaling",
                    "landline-discovery",
                    "tokio-tungstenite",
                ],
            ),
            one(
                "landline-signaling",
                &["landline-rooms", "landline-protocol", "axum"],
            ),
            one("landline-rooms", &["landline-protocol", "serde_json"]),
        ];
        assert_eq!(lint(&crates), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_upwards_or_past_a_layer_is_found() {
        let crates = [
            one("landline-rooms", &["landline-signaling"]),
            one("landline-signaling", &["landline-discovery"]),
            one("landline", &["landline-rooms"]),
            one("landline-discovery", &[]),
        ];
        assert_eq!(lint(&crates).len(), 3);
    }

    #[test]
    fn tauri_outside_the_app_and_axum_outside_signaling_are_found() {
        let findings = lint(&[one("landline-node", &["tauri-plugin-dialog", "axum"])]);
        assert_eq!(findings.len(), 2, "{findings:?}");
    }

    #[test]
    fn tokio_in_rooms_is_found() {
        assert_eq!(lint(&[one("landline-rooms", &["tokio-util"])]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_rule_is_found() {
        assert_eq!(lint(&[one("landline-new", &[])]).len(), 1);
    }

    #[test]
    fn a_clock_is_found_in_code_but_not_in_comments_or_tests() {
        let source = "// Instant::now is not used\nlet now = Instant::now();\n#[cfg(test)]\nmod tests { use std::net::IpAddr; }\n";
        let findings = io_words("rooms/lib.rs", source);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("rooms/lib.rs:2"), "{findings:?}");
    }

    #[test]
    fn dependencies_of_tests_do_not_count() {
        let metadata = r#"{"packages":[{"name":"a","dependencies":[{"name":"b","kind":null},{"name":"c","kind":"dev"}]}]}"#;
        assert_eq!(parse(metadata).unwrap()[0].dependencies, ["b"]);
    }
}
