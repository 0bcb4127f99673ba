//! `cargo xtask bench discovery`: how long a meeting takes to get into the list of another computer, beside a plain use of the library.
//!
//! Two network namespaces, two real programs. *New*: somebody is looking, and a program that hosts is started; from its start, and from
//! when it says that it hosts, to the line in the list. *Running*: a meeting is there for a while, and a program that looks is started;
//! from its start to the line.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::network::{Network, Program};
use crate::check::FEATURES;
use crate::setup::ui;
use crate::shell::{cargo, show, target};

/// Enough for a median that a single slow start does not move.
const ROUNDS: usize = 10;
/// Nothing takes that long; a line that has not come by then does not come.
const LONGEST: Duration = Duration::from_secs(20);
/// A meeting that is running has said what it says at its start (at 0, 1 and 3 s).
const RUNNING: Duration = Duration::from_secs(4);

/// Milliseconds of each round.
#[derive(Default)]
struct Times {
    new_from_start: Vec<f64>,
    new_from_hosting: Vec<f64>,
    running: Vec<f64>,
}

pub(crate) fn bench(args: &[String]) -> Result<ExitCode> {
    let rounds = match args {
        [] => ROUNDS,
        [flag, number] if flag == "--rounds" => {
            number.parse().context("--rounds takes a number")?
        }
        _ => bail!("`cargo xtask help` has the arguments"),
    };
    ui::build()?;
    // With the features of all other tasks, so that nothing is built twice.
    let mut build = vec!["build", "--quiet", "--package", "landline"];
    build.extend([
        "--package",
        "landline-node",
        "--package",
        "landline-discovery",
    ]);
    build.extend(["--bins", "--examples"]);
    build.extend(FEATURES);
    show(&mut cargo(&build))?;
    let network = Network::new()?;
    let (mut ours, mut plain) = (Times::default(), Times::default());
    for round in 0..rounds {
        let host = node(&["host", "--json", "--port", "0"]);
        let look = node(&["list", "--json", "--seconds", "60"]);
        measure(&network, &mut ours, [&host, &host], &look)?;
        // As with ours, the second one is another meeting than the first.
        let [first, second] =
            ["first", "second"].map(|which| example(&["advertise", &format!("{which}-{round}")]));
        measure(
            &network,
            &mut plain,
            [&first, &second],
            &example(&["browse"]),
        )?;
    }
    report(&ours, &plain, rounds)
}

fn measure(
    network: &Network,
    times: &mut Times,
    hosts: [&[String]; 2],
    look: &[String],
) -> Result<()> {
    let start = |name: &str, program: &[String]| -> Result<Program> {
        let program: Vec<&str> = program.iter().map(String::as_str).collect();
        network.start(name, &program)
    };
    // Somebody who is looking already, as a first meeting shows.
    let first = start("a", hosts[0])?;
    let looking = start("b", look)?;
    let (_, id) = first.told(None, LONGEST)?;
    looking.told(Some(&id), LONGEST)?;
    drop(first);
    std::thread::sleep(RUNNING);
    looking.forget();
    let hosting = start("a", hosts[1])?;
    let (said, id) = hosting.told(None, LONGEST)?;
    let (seen, _) = looking.told(Some(&id), LONGEST)?;
    times
        .new_from_start
        .push(milliseconds(hosting.started, seen));
    times.new_from_hosting.push(milliseconds(said, seen));
    drop(looking);
    std::thread::sleep(RUNNING);
    let looking = start("b", look)?;
    let (seen, _) = looking.told(Some(&id), LONGEST)?;
    times.running.push(milliseconds(looking.started, seen));
    Ok(())
}

/// 0 if it was seen before.
fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1e3
}

fn report(ours: &Times, plain: &Times, rounds: usize) -> Result<ExitCode> {
    let rows = [
        (
            "new, from the start of the program",
            &ours.new_from_start,
            &plain.new_from_start,
        ),
        (
            "new, from when it hosts",
            &ours.new_from_hosting,
            &plain.new_from_hosting,
        ),
        (
            "running, from the start of the program",
            &ours.running,
            &plain.running,
        ),
    ];
    println!(
        "A meeting in the list of another computer, in ms; median (least to most) of {rounds} rounds\n"
    );
    println!("{:<40} {:>24} {:>24}", "", "landline", "mdns-sd, defaults");
    let mut lines = Vec::new();
    for (what, ours, plain) in rows {
        println!("{what:<40} {:>24} {:>24}", shown(ours), shown(plain));
        lines.push(json!({ "what": what, "landline": ours, "plain": plain }));
    }
    let folder = target().join("bench");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(
        folder.join("discovery.json"),
        serde_json::to_string_pretty(&lines)?,
    )?;
    Ok(ExitCode::SUCCESS)
}

fn shown(times: &[f64]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let last = sorted.len().saturating_sub(1);
    format!(
        "{:.0} ({:.0} to {:.0})",
        at(sorted.len() / 2),
        at(0),
        at(last)
    )
}

fn node(args: &[&str]) -> Vec<String> {
    program("landline-node", args)
}

fn example(args: &[&str]) -> Vec<String> {
    program("examples/plain", args)
}

fn program(name: &str, args: &[&str]) -> Vec<String> {
    let path = target().join("debug").join(name);
    std::iter::once(path.to_string_lossy().into_owned())
        .chain(args.iter().map(|&arg| arg.to_owned()))
        .collect()
}
