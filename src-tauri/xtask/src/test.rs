//! `cargo xtask test`: the whole proof, from a clean clone, within 40 minutes on two cores.
//!
//! One target folder and one set of features for all of it: cargo's tests, the programs that the browsers talk to, and the
//! package are built once.

use std::fs;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::bench;
use crate::check::{FEATURES, cargo_tests, counted, prepare, quick};
use crate::count;
use crate::deb;
use crate::setup::{Purpose, system};
use crate::shell::{artifacts, cargo, node_tool};
use crate::simulate;
use crate::steps::{AfterFailure, Ran, Steps, capture, capture_any};

/// Runs everything, and goes on after failures where that makes sense.
pub(crate) fn test(args: &[String]) -> Result<ExitCode> {
    let only = only(args)?;
    system::install(Purpose::Test)?;
    let mut steps = Steps::new(AfterFailure::GoOn, only);
    prepare(&mut steps);
    quick(&mut steps);
    steps.required("build", || {
        let mut args = vec!["build", "--workspace", "--all-targets"];
        args.extend(FEATURES);
        capture("build", &mut cargo(&args)).map(|_| None)
    });
    steps.step("cargo tests", || cargo_tests("cargo-tests", &[]));
    steps.step("simulation", || {
        let (count, text) = simulate::step()?;
        print_said(&text);
        Ok(count)
    });
    steps.step("signaling", || {
        print_said(&bench::signaling_short()?);
        Ok(None)
    });
    steps.step("browsers", || playwright("browser"));
    if cfg!(target_os = "linux") {
        steps.step("window", || playwright("window"));
        steps.step("calls", || playwright("calls"));
        steps.step("debian package", || deb::check().map(|()| None));
    }
    Ok(steps.finish())
}

fn only(args: &[String]) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match (arg.as_str(), rest.next()) {
            ("--only", Some(part)) => parts.push(part.clone()),
            _ => bail!("unknown argument {arg:?}; `cargo xtask help`"),
        }
    }
    Ok(parts)
}

fn playwright(project: &str) -> Result<Option<Ran>> {
    let args = [
        "test",
        "--config",
        "e2e/playwright.config.ts",
        "--project",
        project,
    ];
    let mut command = node_tool("playwright", &args);
    let report = artifacts().join(format!("playwright-{project}.json"));
    fs::remove_file(&report).ok();
    let log = format!("playwright-{project}");
    let (text, success) = capture_any(&log, command.env("LANDLINE_E2E_REPORT", &report))?;
    print_said(&text);
    let count = fs::read_to_string(&report)
        .ok()
        .map(|text| count::playwright(&text))
        .transpose()?
        .unwrap_or_default();
    counted(&log, &text, success, count)
}

/// Why tests were skipped, and what they measured, is said here too.
fn print_said(text: &str) {
    let mut said = Vec::new();
    for line in text.lines().map(str::trim) {
        let counts = line.starts_with("SKIPPED:") || line.starts_with("MEASURED:");
        if counts && !said.contains(&line) {
            print!("\n  {line}");
            said.push(line);
        }
    }
    if !said.is_empty() {
        print!("\n{:<28} ", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_can_be_chosen_and_nonsense_is_refused() {
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            only(&words("--only browsers --only deb")).unwrap(),
            ["browsers", "deb"]
        );
        assert!(only(&words("--only")).is_err());
        assert!(only(&words("browsers")).is_err());
    }
}
