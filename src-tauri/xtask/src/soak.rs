//! `cargo xtask soak`: people come and go for minutes, and memory has to be where it was. A short form of it is among the tests of
//! `cargo xtask test`.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::check::FEATURES;
use crate::setup::{Purpose, system, ui};
use crate::shell::{artifacts, cargo, node_tool, show};

/// Long enough for a leak of 10 kB a person to show.
const MINUTES: f64 = 10.0;

pub(crate) fn soak(args: &[String]) -> Result<ExitCode> {
    let minutes = minutes(args)?;
    system::install(Purpose::Test)?;
    ui::build()?;
    let mut build = vec![
        "build",
        "--package",
        "landline",
        "--package",
        "landline-node",
    ];
    build.extend(FEATURES);
    show(&mut cargo(&build))?;
    println!("People come and go for {minutes} minutes.");
    let args = [
        "test",
        "--config",
        "e2e/playwright.config.ts",
        "--project=calls",
        // The limits of a test run are shorter.
        "--global-timeout=0",
        "soak",
    ];
    let mut command = node_tool("playwright", &args);
    show(command.env("LANDLINE_SOAK_MINUTES", minutes.to_string()))?;
    let file = artifacts().join("soak.json");
    let report = std::fs::read_to_string(&file)
        .with_context(|| format!("{} is missing: was the test skipped?", file.display()))?;
    println!("{report}");
    println!("Memory is where it was.");
    Ok(ExitCode::SUCCESS)
}

fn minutes(args: &[String]) -> Result<f64> {
    match args {
        [] => Ok(MINUTES),
        [flag, number] if flag == "--minutes" => match number.parse() {
            Ok(minutes) if (0.5..=1_440.0).contains(&minutes) => Ok(minutes),
            _ => bail!("--minutes takes a number from 0.5 to 1440"),
        },
        _ => bail!("the only argument is --minutes N; `cargo xtask help`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_ten_unless_told_and_nonsense_is_refused() {
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            minutes(&words).ok()
        };
        assert_eq!(read(&[]), Some(10.0));
        assert_eq!(read(&["--minutes", "1.5"]), Some(1.5));
        for bad in [
            &["--minutes"][..],
            &["--minutes", "0"],
            &["--minutes", "NaN"],
            &["10"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
