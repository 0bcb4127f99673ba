//! `cargo xtask check`: what can be proven in under three minutes, without browsers and without networks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::count::{self, Count};
use crate::lint;
use crate::setup::{Purpose, system, ui};
use crate::shell::{artifacts, cargo, node_tool, root, target};
use crate::steps::{AfterFailure, Ran, Steps, capture, capture_any, tail};

/// The set of features that every build of a proof shares, so that nothing is compiled twice.
pub(crate) const FEATURES: [&str; 2] = ["--features", "landline/custom-protocol"];

/// Runs the quick proof and stops at the first failure.
pub(crate) fn check() -> Result<ExitCode> {
    system::install(Purpose::App)?;
    let mut steps = Steps::new(AfterFailure::Stop, Vec::new());
    prepare(&mut steps);
    quick(&mut steps);
    steps.step("cargo unit tests", || {
        cargo_tests("cargo-unit", &["--lib", "--bins"])
    });
    Ok(steps.finish())
}

/// What everything else needs.
pub(crate) fn prepare(steps: &mut Steps) {
    steps.required("ui build", || ui::build().map(|()| None));
}

/// The steps that `check` and `test` share, cheapest first.
pub(crate) fn quick(steps: &mut Steps) {
    steps.step("format", || {
        capture("format", &mut cargo(&["fmt", "--all", "--check"]))
            .context("mend it: cargo fmt --all")
            .map(|_| None)
    });
    steps.step("directions", || lint::directions().map(|()| None));
    steps.step("hygiene", || lint::hygiene().map(|()| None));
    steps.step("licences", || lint::licences().map(|()| None));
    steps.step("svelte-check", || {
        let tsconfig = ["--fail-on-warnings", "--tsconfig", "./tsconfig.json"];
        capture("svelte-check", &mut node_tool("svelte-check", &tsconfig)).map(|_| None)
    });
    steps.step("eslint", || {
        capture(
            "eslint",
            &mut node_tool("eslint", &["--max-warnings", "0", "."]),
        )
        .map(|_| None)
    });
    steps.step("vitest", vitest);
    steps.step("clippy", || {
        let mut args = vec!["clippy", "--workspace", "--all-targets", "--quiet"];
        args.extend(FEATURES);
        args.extend(["--", "-D", "warnings"]);
        capture("clippy", &mut cargo(&args)).map(|_| None)
    });
    steps.step("generated types", generated_types);
}

/// Cargo tests with some more arguments, counted.
pub(crate) fn cargo_tests(log: &str, more: &[&str]) -> Result<Option<Ran>> {
    let mut args = vec!["test", "--workspace", "--no-fail-fast"];
    args.extend(FEATURES);
    args.extend(more);
    // Tests write the generated types; not over those that `generated_types` compares.
    let elsewhere = target().join("types-of-tests");
    let (text, success) = capture_any(log, cargo(&args).env("TS_RS_EXPORT_DIR", &elsewhere))?;
    counted(log, &text, success, count::cargo(&text))
}

/// A count, if program and count agree; else the end of the output.
pub(crate) fn counted(log: &str, text: &str, success: bool, count: Count) -> Result<Option<Ran>> {
    if success {
        if count.passed == 0 {
            bail!("{log} ran no tests; all of its output: ui/artifacts/logs/{log}.log");
        }
        return Ok(Some(Ran {
            count,
            failures: Vec::new(),
        }));
    }
    if count.failed == 0 {
        bail!(
            "{}\nall of its output: ui/artifacts/logs/{log}.log",
            tail(text)
        );
    }
    println!(
        "FAILED\n{}\nall of its output: ui/artifacts/logs/{log}.log",
        tail(text)
    );
    Ok(Some(Ran {
        count,
        failures: count::failures(text),
    }))
}

fn vitest() -> Result<Option<Ran>> {
    let report = artifacts().join("vitest.json");
    fs::remove_file(&report).ok();
    let output = format!("--outputFile.json={}", report.display());
    let args = ["run", "--reporter=default", "--reporter=json", &output];
    let (text, success) = capture_any("vitest", &mut node_tool("vitest", &args))?;
    let count = fs::read_to_string(&report)
        .ok()
        .map(|text| count::vitest(&text))
        .transpose()?
        .unwrap_or_default();
    counted("vitest", &text, success, count)
}

/// The TypeScript types in the repository are those that the Rust sources make.
fn generated_types() -> Result<Option<Ran>> {
    let fresh = target().join("types-fresh");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut args = vec!["test", "--package", "landline-protocol", "--lib", "--quiet"];
    args.push("export_bindings");
    capture(
        "generated-types",
        cargo(&args).env("TS_RS_EXPORT_DIR", &fresh),
    )?;
    let differences = differences(
        &texts(&root().join("ui/src/protocol/generated"))?,
        &texts(&fresh)?,
    );
    if differences.is_empty() {
        return Ok(None);
    }
    bail!(
        "  {}\nmend it: cargo test -p landline-protocol, delete those no longer made, commit",
        differences.join("\n  ")
    )
}

fn texts(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?
    {
        let path = entry?.path();
        if path.is_file() {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            texts.insert(name, fs::read_to_string(&path)?.replace("\r\n", "\n"));
        } else {
            let prefix = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            texts.extend(
                self::texts(&path)?
                    .into_iter()
                    .map(|(name, text)| (format!("{prefix}/{name}"), text)),
            );
        }
    }
    Ok(texts)
}

fn differences(kept: &BTreeMap<String, String>, fresh: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in fresh {
        match kept.get(name) {
            None => found.push(format!("{name} is new")),
            Some(old) if old != text => found.push(format!("{name} has changed")),
            Some(_) => {}
        }
    }
    found.extend(
        kept.keys()
            .filter(|name| !fresh.contains_key(*name))
            .map(|name| format!("{name} is no longer made")),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files
            .iter()
            .map(|&(name, text)| (name.to_owned(), text.to_owned()))
            .collect()
    }

    #[test]
    fn new_changed_and_vanished_types_are_told() {
        let kept = files(&[("A.ts", "1"), ("B.ts", "1"), ("C.ts", "1")]);
        let fresh = files(&[("A.ts", "1"), ("B.ts", "2"), ("D.ts", "1")]);
        assert_eq!(
            differences(&kept, &fresh),
            ["B.ts has changed", "D.ts is new", "C.ts is no longer made"]
        );
    }

    #[test]
    fn a_program_that_ran_no_test_has_not_passed() {
        assert!(counted("x", "", true, Count::default()).is_err());
    }
}
