//! Every task of the project in one place: `cargo xtask run`, `check`, `test`, …
//!
//! - [`setup`]: system packages, Node packages, the built UI
//! - [`run`]: the app, or a host without a window
//! - [`check`], [`test`]: the quick and the whole proof, as [`steps`]
//! - [`soak`]: people come and go for minutes, or a meeting goes on for hours, and what programs hold is watched
//! - [`fuzz`]: hostile bytes for the engine and for succession
//! - [`bench`]: what is measured beside a baseline
//! - [`simulate`]: thousands of meetings that lose their hosts, or the story of one
//! - [`deb`]: the Debian package, made and looked into
//! - [`lint`]: rules that no other tool knows: who may depend on whom, what may not stand in the repository
//! - [`count`]: how many tests a tool says it ran
//! - [`shell`]: programs started from here

use std::process::ExitCode;

use anyhow::Result;

mod bench;
mod check;
mod count;
mod deb;
mod fuzz;
mod lint;
mod run;
mod setup;
mod shell;
mod simulate;
mod soak;
mod steps;
mod test;

const HELP: &str = "\
Tasks of Landline. Each does its own set-up: on Debian and Ubuntu missing system packages are installed by apt (said before,
with reasons), elsewhere it says what to install; Node packages and the UI are brought up to date.

Usage: cargo xtask <TASK>

  run [ARGS]        build and start Landline; where there is no display, host a meeting with `landline-node host ARGS`
  check             the quick proof, under three minutes: format, lints, unit tests, generated types, UI
  test [--only S]   the whole proof: check, all cargo tests, real browsers, the real window, the Debian package.
                    --only runs the steps whose name contains S (repeatable)
  soak [--minutes N]
                    people come and go for ten minutes or so many, and memory has to be where it was; figures as JSON
  soak meeting [--minutes N] [--seed N]
                    a meeting of an hour or so long: people, programs and hosts come, go and are killed at random, and what is left
                    has to hold what it held. The seed is said, and draws the same events again
  fuzz [--seconds N]
                    hostile bytes for each reader of the engine and of succession, for a minute or so long each, with cargo-fuzz
  bench mesh [--people 2,4,6] [--bots 7,11,15] [--encoders] [--seconds N] [--runs N] [--video FILE.y4m]
                    real browsers in meetings beside a mesh as it is usually made: pictures a second, freezes, processor time; one
                    browser among bots; what encoding for eleven costs beside encoding for one
  bench join [--runs N] [--video FILE.y4m]
                    from the click on Join to the first picture, beside the same
  bench signaling [ARGS] | discovery [ARGS]
                    figures of docs/PERFORMANCE.md, each beside a baseline in the same run; a table, and JSON in target/bench
  simulate [--seeds N] [--seed N]
                    meetings in a bad network: 10,000 or so many seeds, or one seed and all that happens in it
  setup             only the set-up that `test` needs
  ui                only Node packages and the built UI, in ui/dist
  help              this text

Pictures and logs of a test run are kept in ui/artifacts.
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = args.collect();
    match perform(&task, &rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask {task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &str, rest: &[String]) -> Result<ExitCode> {
    match task {
        "run" => run::run(rest),
        "check" => check::check(),
        "test" => test::test(rest),
        "soak" => soak::soak(rest),
        "bench" => bench::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "simulate" => simulate::simulate(rest),
        "setup" => {
            setup::system::install(setup::Purpose::Test)?;
            setup::ui::build()?;
            Ok(ExitCode::SUCCESS)
        }
        "ui" => {
            setup::ui::build()?;
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => {
            anyhow::bail!("there is no such task as {unknown:?}; `cargo xtask help` lists them")
        }
    }
}
