//! `cargo xtask bench signaling`: builds the load generator as it would be shipped and lets it measure.

use std::process::ExitCode;

use anyhow::Result;

use crate::setup::ui;
use crate::shell::{cargo, program, show, target};

/// Measures the room's server beside the plain relay of `bench/relay`, in one run.
pub(crate) fn bench(args: &[String]) -> Result<ExitCode> {
    prepare()?;
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder)?;
    let json = folder.join("signaling.json").to_string_lossy().into_owned();
    let mut words = vec!["signaling".to_owned(), "--json".to_owned(), json];
    words.extend_from_slice(args);
    show(&mut program(&generator(), words))?;
    Ok(ExitCode::SUCCESS)
}

/// The short form: what does not depend on the machine, asserted.
pub(crate) fn short() -> Result<String> {
    prepare()?;
    let mut command = program(&generator(), ["signaling", "--short"]);
    crate::steps::capture("bench-signaling", &mut command)
}

fn prepare() -> Result<()> {
    // The relay uses the `ws` of the UI's packages.
    ui::packages()?;
    show(&mut cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "landline-bench",
    ]))
}

fn generator() -> String {
    let name = format!("landline-bench{}", std::env::consts::EXE_SUFFIX);
    target()
        .join("release")
        .join(name)
        .to_string_lossy()
        .into_owned()
}
