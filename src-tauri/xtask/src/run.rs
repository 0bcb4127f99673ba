//! `cargo xtask run`: builds Landline and starts it.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::setup::{Purpose, system, ui};
use crate::shell::{cargo, program, show, target};

/// With a display the app, else a host without a window.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    if has_display() {
        system::install(Purpose::App)?;
        ui::build()?;
        build(&["--package", "landline", "--features", "custom-protocol"])?;
        println!("Landline is starting. Closing its window ends it.");
        return start("landline", args);
    }
    println!(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so there is no window:"
    );
    println!(
        "landline-node hosts a meeting, and others join by its link, its code or from their list."
    );
    system::install(Purpose::Headless)?;
    ui::build()?;
    build(&["--package", "landline-node"])?;
    let mut all = vec!["host".to_owned()];
    all.extend_from_slice(args);
    start("landline-node", &all)
}

fn build(what: &[&str]) -> Result<()> {
    println!("cargo build: the first time takes some minutes");
    let mut args = vec!["build"];
    args.extend(what);
    show(&mut cargo(&args))
}

/// Becomes the program, so that Ctrl-C and signals reach it and nobody else.
#[cfg(unix)]
fn start(name: &str, args: &[String]) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    let error = program(&built(name), args).exec();
    Err(error).with_context(|| format!("{name} cannot be started"))
}

#[cfg(not(unix))]
fn start(name: &str, args: &[String]) -> Result<ExitCode> {
    let status = program(&built(name), args)
        .status()
        .with_context(|| format!("{name} cannot be started"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn built(name: &str) -> String {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    target()
        .join("debug")
        .join(file)
        .to_string_lossy()
        .into_owned()
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
