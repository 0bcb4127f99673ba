//! Steps of a proof: each has a name, a time, and output that is shown only when it failed.
//!
//! A step ends as [`Outcome`]. What it printed is kept in `ui/artifacts/logs`, also when it went well.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::count::Count;
use crate::shell::{artifacts, describe};

/// No step takes this long, so one that does hangs.
const STEP_LIMIT: Duration = Duration::from_mins(20);
/// How often a running program is looked at: short against every step, long enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Lines shown of a step that failed; all of it is in its log.
const LINES_SHOWN: usize = 150;

/// What to do after a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterFailure {
    Stop,
    /// Run the others too, so that one sees everything at once.
    GoOn,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// A step before it failed, without which it makes no sense.
    NotRun,
}

/// The tests of a step.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) count: Count,
    /// What those that failed said, shortened.
    pub(crate) failures: Vec<String>,
}

struct Step {
    name: String,
    outcome: Outcome,
    ran: Option<Ran>,
    took: Duration,
}

/// A proof under way.
pub(crate) struct Steps {
    after_failure: AfterFailure,
    only: Vec<String>,
    done: Vec<Step>,
    started: Instant,
    stopped: bool,
}

impl Steps {
    /// `only`: parts of names; with any, other steps are left out.
    pub(crate) fn new(after_failure: AfterFailure, only: Vec<String>) -> Self {
        Self {
            after_failure,
            only,
            done: Vec::new(),
            started: Instant::now(),
            stopped: false,
        }
    }

    /// Does one step. `work` gives the number of tests it ran, if it ran any.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Option<Ran>>) {
        if !self.only.is_empty() && !self.only.iter().any(|part| name.contains(part.as_str())) {
            return;
        }
        if self.stopped {
            self.done.push(Step {
                name: name.to_owned(),
                outcome: Outcome::NotRun,
                ran: None,
                took: Duration::ZERO,
            });
            return;
        }
        print!("{name:<28} ");
        // Without it the name appears together with the result; no other harm.
        io::stdout().flush().ok();
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        let (outcome, ran) = match result {
            Ok(Some(ran)) if ran.count.failed > 0 => (Outcome::Failed, Some(ran)),
            Ok(ran) => (Outcome::Passed, ran),
            Err(error) => {
                println!("FAILED after {:.1} s\n{error:#}\n", took.as_secs_f64());
                (Outcome::Failed, None)
            }
        };
        if outcome == Outcome::Passed {
            let tests = ran
                .as_ref()
                .map(|ran| format!("  {}", ran.count))
                .unwrap_or_default();
            println!("ok {:>7.1} s{tests}", took.as_secs_f64());
        } else if self.after_failure == AfterFailure::Stop {
            self.stopped = true;
        }
        self.done.push(Step {
            name: name.to_owned(),
            outcome,
            ran,
            took,
        });
    }

    /// A step without which the later ones make no sense.
    pub(crate) fn required(&mut self, name: &str, work: impl FnOnce() -> Result<Option<Ran>>) {
        self.step(name, work);
        if self
            .done
            .last()
            .is_some_and(|step| step.outcome == Outcome::Failed)
        {
            self.stopped = true;
        }
    }

    /// Prints the table and the closing line: tests where a step ran tests, else the step itself.
    pub(crate) fn finish(self) -> ExitCode {
        let mut total = Count::default();
        let mut table = String::new();
        for step in &self.done {
            let word = match step.outcome {
                Outcome::Passed => "ok",
                Outcome::Failed => "FAILED",
                Outcome::NotRun => "not run",
            };
            let tests = step
                .ran
                .as_ref()
                .map(|ran| ran.count.to_string())
                .unwrap_or_default();
            // Writing to a String does not fail.
            let _ = writeln!(
                table,
                "  {:<28} {word:<8} {:>7.1} s  {tests}",
                step.name,
                step.took.as_secs_f64()
            );
            total.add(match (&step.outcome, &step.ran) {
                (Outcome::NotRun, _) => Count::default(),
                (_, Some(ran)) => ran.count,
                (Outcome::Passed, None) => Count::passed(1),
                (Outcome::Failed, None) => Count::failed(1),
            });
        }
        println!(
            "\n{table}  {:<28} {:<8} {:>7.1} s",
            "all",
            "",
            self.started.elapsed().as_secs_f64()
        );
        if total.skipped > 0 {
            println!(
                "  {} skipped; the reasons are above or in ui/artifacts/logs",
                total.skipped
            );
        }
        for failure in self.failures() {
            println!("\n{failure}");
        }
        println!("\n{} passed, {} failed", total.passed, total.failed);
        let all_ran = self.done.iter().all(|step| step.outcome == Outcome::Passed);
        if all_ran && total.failed == 0 && !self.done.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// What the tests that failed said, of all steps.
    fn failures(&self) -> impl Iterator<Item = &String> {
        let ran = self.done.iter().filter_map(|step| step.ran.as_ref());
        ran.flat_map(|ran| &ran.failures)
    }
}

/// Runs a program for a step and gives what it printed. Fails with the end of its output, which is also kept as `log`.
pub(crate) fn capture(log: &str, command: &mut Command) -> Result<String> {
    let (text, success) = capture_any(log, command)?;
    if !success {
        bail!(
            "{}\n{} failed; all of its output: ui/artifacts/logs/{log}.log",
            tail(&text),
            describe(command)
        );
    }
    Ok(text)
}

/// As [`capture`], but a program that fails is not an error: its output tells how many tests did.
pub(crate) fn capture_any(log: &str, command: &mut Command) -> Result<(String, bool)> {
    let folder = artifacts().join("logs");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{log}.log"));
    let file =
        File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .with_context(|| format!("{} cannot be started", describe(command)))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > STEP_LIMIT {
            child.kill()?;
            child.wait()?;
            bail!(
                "{} hangs: it was ended after {} minutes",
                describe(command),
                STEP_LIMIT.as_secs() / 60
            );
        }
        thread::sleep(LOOK_EVERY);
    };
    let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    Ok((text, status.success()))
}

/// The last lines of a long text.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LINES_SHOWN);
    lines.get(from..).unwrap_or_default().join("\n")
}
