//! `cargo xtask soak`: people come and go for minutes, and memory has to be where it was. `cargo xtask soak meeting`: a meeting that
//! goes on while people come, go and are killed, the host too, at random. A short form of each is among the tests of `cargo xtask test`.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::check::FEATURES;
use crate::setup::{Purpose, system, ui};
use crate::shell::{artifacts, cargo, node_tool, show};

/// Long enough for a leak of 10 kB a person to show.
const CROWD_MINUTES: f64 = 10.0;
/// Some 50 rounds, in each of which everything happens once.
const MEETING_MINUTES: f64 = 60.0;

/// What is soaked, and for how long.
#[derive(Debug, PartialEq)]
enum Soak {
    /// One host, and crowds that come and go.
    Crowds { minutes: f64 },
    /// One meeting, and everything that may happen to it. The same seed draws the same events.
    Meeting { minutes: f64, seed: u32 },
}

pub(crate) fn soak(args: &[String]) -> Result<ExitCode> {
    let soak = read(args)?;
    system::install(Purpose::Test)?;
    ui::build()?;
    // Both with the features of all other tasks, so that nothing is built twice.
    let mut build = vec![
        "build",
        "--package",
        "landline",
        "--package",
        "landline-node",
    ];
    build.extend(FEATURES);
    show(&mut cargo(&build))?;
    match soak {
        Soak::Crowds { minutes } => crowds(minutes),
        Soak::Meeting { minutes, seed } => meeting(minutes, seed),
    }
}

fn crowds(minutes: f64) -> Result<ExitCode> {
    println!("People come and go for {minutes} minutes.");
    // Words are looked for in whole paths, the folder of the repository included.
    let mut command = playwright("calls", "e2e/window/soak.spec");
    show(command.env("LANDLINE_SOAK_MINUTES", minutes.to_string()))?;
    let file = artifacts().join("soak.json");
    let report = std::fs::read_to_string(&file)
        .with_context(|| format!("{} is missing: was the test skipped?", file.display()))?;
    println!("{report}");
    println!("Memory is where it was.");
    Ok(ExitCode::SUCCESS)
}

fn meeting(minutes: f64, seed: u32) -> Result<ExitCode> {
    println!("A meeting of {minutes} minutes, seed {seed}.");
    let file = artifacts().join("endurance.log");
    // Of an earlier run; there may be none.
    std::fs::remove_file(&file).ok();
    let mut command = playwright("browser", "e2e/endurance.spec");
    command.env("LANDLINE_ENDURANCE_MINUTES", minutes.to_string());
    show(command.env("LANDLINE_ENDURANCE_SEED", seed.to_string()))?;
    if !file.is_file() {
        bail!("{} is missing: was the test skipped?", file.display());
    }
    println!("All is where it was, and no link was stuck.");
    Ok(ExitCode::SUCCESS)
}

fn playwright(project: &str, spec: &str) -> std::process::Command {
    let project = format!("--project={project}");
    let args = [
        "test",
        "--config",
        "e2e/playwright.config.ts",
        &project,
        // The limits of a test run are shorter.
        "--global-timeout=0",
        spec,
    ];
    node_tool("playwright", &args)
}

fn read(args: &[String]) -> Result<Soak> {
    let (is_meeting, rest) = match args.split_first() {
        Some((first, rest)) if first == "meeting" => (true, rest),
        _ => (false, args),
    };
    let (mut minutes, mut seed) = (None, None);
    for pair in rest.chunks(2) {
        match pair {
            [flag, number] if flag == "--minutes" => match number.parse() {
                Ok(told) if (0.5..=1_440.0).contains(&told) => minutes = Some(told),
                _ => bail!("--minutes takes a number from 0.5 to 1440"),
            },
            [flag, number] if flag == "--seed" && is_meeting => match number.parse() {
                Ok(told) => seed = Some(told),
                Err(_) => bail!("--seed takes a whole number below 2^32"),
            },
            _ => bail!("`cargo xtask help` has the arguments"),
        }
    }
    Ok(if is_meeting {
        Soak::Meeting {
            minutes: minutes.unwrap_or(MEETING_MINUTES),
            seed: seed.unwrap_or_else(any_seed),
        }
    } else {
        Soak::Crowds {
            minutes: minutes.unwrap_or(CROWD_MINUTES),
        }
    })
}

/// Another one each time; it is said.
fn any_seed() -> u32 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(1, |since| since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str) -> Option<Soak> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        read(&words).ok()
    }

    #[test]
    fn without_arguments_there_is_a_time_and_nonsense_is_refused() {
        assert_eq!(told(""), Some(Soak::Crowds { minutes: 10.0 }));
        assert_eq!(told("--minutes 1.5"), Some(Soak::Crowds { minutes: 1.5 }));
        for bad in [
            "--minutes",
            "--minutes 0",
            "--minutes NaN",
            "10",
            "--seed 1",
            "meeting --seed -1",
            "meeting 10",
            "meeting --minutes",
        ] {
            assert_eq!(told(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_meeting_has_a_seed_of_its_own_or_the_one_that_is_told() {
        assert!(matches!(
            told("meeting"),
            Some(Soak::Meeting { minutes: 60.0, .. })
        ));
        let both = Some(Soak::Meeting {
            minutes: 2.0,
            seed: 7,
        });
        assert_eq!(told("meeting --seed 7 --minutes 2"), both);
    }
}
