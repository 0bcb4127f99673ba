//! `cargo xtask fuzz`: hostile bytes for the engine's frames, descriptions and packets, for the frames of a room's WebSocket, and
//! for succession's messages and claims, which libFuzzer makes from what it reaches. `cargo xtask test` runs the same functions on seeded bytes.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::shell::{ask, cargo, root, show, target};

/// Crates with fuzz targets.
const CRATES: [&str; 3] = ["engine", "signaling", "succession"];
/// For each target: what random bytes reach soon, they have reached by then.
const SECONDS: u32 = 60;
/// A packet is at most 1,500 bytes; inputs hold several.
const LONGEST_INPUT: u32 = 8_192;

pub(crate) fn fuzz(args: &[String]) -> Result<ExitCode> {
    let seconds = seconds(args)?;
    install()?;
    for one in CRATES {
        let mut targets = targets(one)?;
        targets.sort();
        for name in targets {
            println!("\n{one}: {name}, for {seconds} s");
            show(
                fuzzer(one)
                    .args(["run", "--target-dir"])
                    .arg(target().join("fuzz"))
                    .args([name.as_str(), "--"])
                    .arg(format!("-max_total_time={seconds}"))
                    .arg(format!("-max_len={LONGEST_INPUT}")),
            )?;
        }
    }
    println!("\nNothing crashed.");
    Ok(ExitCode::SUCCESS)
}

/// Sanitizers are for nightly Rust only by name: the stable compiler has them, and this variable lets it say so.
fn fuzzer(one: &str) -> Command {
    let mut command = cargo(&["fuzz"]);
    command.current_dir(folder(one)).env("RUSTC_BOOTSTRAP", "1");
    command
}

fn install() -> Result<()> {
    if ask(fuzzer(CRATES[0]).arg("--version")).is_some() {
        return Ok(());
    }
    println!("cargo-fuzz is missing and is installed from crates.io.");
    show(&mut cargo(&["install", "--locked", "cargo-fuzz"]))
}

fn folder(one: &str) -> PathBuf {
    root().join("src-tauri/crates").join(one)
}

fn targets(one: &str) -> Result<Vec<String>> {
    let folder = folder(one).join("fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?
    {
        let path = entry?.path();
        if let Some(name) = path.file_stem() {
            targets.push(name.to_string_lossy().into_owned());
        }
    }
    Ok(targets)
}

fn seconds(args: &[String]) -> Result<u32> {
    match args {
        [] => Ok(SECONDS),
        [flag, number] if flag == "--seconds" => match number.parse() {
            Ok(seconds) if (1..=86_400).contains(&seconds) => Ok(seconds),
            _ => bail!("--seconds takes a whole number from 1 to 86400"),
        },
        _ => bail!("the only argument is --seconds N; `cargo xtask help`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_entry_in_the_manifest() {
        for one in CRATES {
            let manifest = fs::read_to_string(folder(one).join("fuzz/Cargo.toml")).unwrap();
            let targets = targets(one).unwrap();
            assert!(!targets.is_empty());
            for target in targets {
                assert!(
                    manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")),
                    "{one}: {target}"
                );
            }
        }
    }

    #[test]
    fn seconds_are_a_minute_unless_told_and_nonsense_is_refused() {
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            seconds(&words).ok()
        };
        assert_eq!(read(&[]), Some(60));
        assert_eq!(read(&["--seconds", "5"]), Some(5));
        for bad in [&["--seconds"][..], &["--seconds", "0"], &["5"]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
