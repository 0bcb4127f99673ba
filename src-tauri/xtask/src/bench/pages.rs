//! Lets `ui/e2e/bench` measure: prepares what it needs, and tells it what to measure.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::setup::{Purpose, stamp, system, ui};
use crate::shell::{cargo, node_tool, program, root, show};

/// Brings system, UI, the program and the baseline up to date. Programs as they are shipped: figures of a debug build say nothing.
pub(super) fn prepare() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("processor time is read from /proc: this one runs on Linux only");
    }
    system::install(Purpose::Bench)?;
    ui::build()?;
    show(&mut cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "landline-node",
    ]))?;
    baseline()
}

/// Runs the measurements of one file. Its words are looked for in whole paths, the folder of the repository included.
pub(super) fn measure(file: &str, options: &Value) -> Result<()> {
    let args = ["test", "--config", "e2e/bench/playwright.config.ts", file];
    let mut command = node_tool("playwright", &args);
    command.env("LANDLINE_PROFILE", "release");
    show(command.env("LANDLINE_BENCH", options.to_string()))
}

/// The baseline's Node packages, if they changed since the last time.
fn baseline() -> Result<()> {
    let folder = baseline_folder();
    let stamp = folder.join("node_modules/.landline-stamp");
    let digest = stamp::digest(
        &["package.json", "package-lock.json", ".npmrc"].map(|name| folder.join(name)),
    )?;
    if stamp::is_current(&stamp, &digest) {
        return Ok(());
    }
    println!("npm ci: Node packages of the baseline");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    show(program(npm, ["ci", "--no-fund", "--no-audit"]).current_dir(&folder))?;
    stamp::write(&stamp, &digest)
}

pub(super) fn baseline_folder() -> std::path::PathBuf {
    root().join("bench/baseline")
}

/// The value after a flag, for the reader of a command line.
pub(super) fn number(flag: &str, value: Option<&String>, least: u32, most: u32) -> Result<u32> {
    let number = value.and_then(|text| text.parse().ok());
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        _ => bail!("{flag} takes a number from {least} to {most}"),
    }
}

/// Numbers between commas.
pub(super) fn numbers(
    flag: &str,
    value: Option<&String>,
    least: u32,
    most: u32,
) -> Result<Vec<u32>> {
    let Some(text) = value else {
        bail!("{flag} takes numbers between commas");
    };
    let parts = text.split(',').map(str::to_owned);
    parts
        .map(|part| number(flag, Some(&part), least, most))
        .collect()
}

pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
