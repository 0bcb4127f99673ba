//! `cargo xtask simulate`: meetings that outlive their hosts, in a seeded network that cuts, delays, reorders, restarts and halts.
//! Without arguments as many seeds as the proof asks for; `--seed N` tells one seed's story, for example of one that failed.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::check::counted;
use crate::count;
use crate::shell::{cargo, show};
use crate::steps::{Ran, capture_any};

/// In a proof. They take a minute, and may take three.
const SEEDS: u64 = 10_000;
/// The test that reads the variables below.
const TEST: &str = "simulation::tests::meetings_survive_what_happens_to_them";

#[derive(Debug, PartialEq, Eq)]
enum What {
    Seeds(u64),
    Story(u64),
}

pub(crate) fn simulate(args: &[String]) -> Result<ExitCode> {
    show(&mut command(&what(args)?))?;
    Ok(ExitCode::SUCCESS)
}

/// All seeds of a proof, as one test that is counted.
pub(crate) fn step() -> Result<(Option<Ran>, String)> {
    let (text, success) = capture_any("simulation", &mut command(&What::Seeds(SEEDS)))?;
    let count = counted("simulation", &text, success, count::cargo(&text))?;
    Ok((count, text))
}

fn command(what: &What) -> Command {
    let mut command = cargo(&["test", "--package", "landline-succession", "--lib"]);
    command.args(["--", "--exact", TEST, "--nocapture"]);
    match what {
        What::Seeds(seeds) => command.env("LANDLINE_SEEDS", seeds.to_string()),
        What::Story(seed) => command.env("LANDLINE_SEED", seed.to_string()),
    };
    command
}

fn what(args: &[String]) -> Result<What> {
    let number = |text: &String| text.parse::<u64>().ok();
    match args {
        [] => Ok(What::Seeds(SEEDS)),
        [flag, text] => match (flag.as_str(), number(text)) {
            ("--seeds", Some(seeds)) if seeds > 0 => Ok(What::Seeds(seeds)),
            ("--seed", Some(seed)) => Ok(What::Story(seed)),
            _ => bail!("--seeds takes how many, --seed which one"),
        },
        _ => bail!("one of --seeds N and --seed N; `cargo xtask help`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_ten_thousand_unless_told_and_nonsense_is_refused() {
        let read = |words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            what(&words).ok()
        };
        assert_eq!(read(""), Some(What::Seeds(SEEDS)));
        assert_eq!(read("--seeds 5"), Some(What::Seeds(5)));
        assert_eq!(read("--seed 0"), Some(What::Story(0)));
        for bad in [
            "--seeds",
            "--seeds 0",
            "--seed x",
            "5",
            "--seed 1 --seeds 2",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
