//! How many tests a tool says it ran (cargo in text, Vitest and Playwright in JSON), and what it says of those that failed.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

/// Tests by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    pub(crate) const fn passed(passed: u64) -> Self {
        Self {
            passed,
            failed: 0,
            skipped: 0,
        }
    }

    pub(crate) const fn failed(failed: u64) -> Self {
        Self {
            passed: 0,
            failed,
            skipped: 0,
        }
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed", self.passed)?;
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Adds up the `test result:` lines of `cargo test`.
pub(crate) fn cargo(output: &str) -> Count {
    let mut total = Count::default();
    for line in output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result:"))
    {
        for part in line.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => total.passed += number,
                "failed" => total.failed += number,
                "ignored" => total.skipped += number,
                _ => {}
            }
        }
    }
    total
}

/// Lines kept of each test that failed: its name, the message and where it was.
const LINES_OF_A_FAILURE: usize = 16;
/// Failures that are told; with more, something is wrong that all of them share.
const FAILURES_TOLD: usize = 6;

/// What cargo, Vitest or Playwright say of the tests that failed, shortened: a proof prints it after everything else, because
/// what it printed before may be long.
pub(crate) fn failures(output: &str) -> Vec<String> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    let plain = without_colours(output);
    for line in plain.lines() {
        if starts_failure(line) {
            found.push(vec![line.trim()]);
        } else if let Some(lines) = found.last_mut()
            && lines.len() < LINES_OF_A_FAILURE
            && !line.trim().is_empty()
        {
            lines.push(line.trim_end());
        }
    }
    found.truncate(FAILURES_TOLD);
    found.iter().map(|lines| lines.join("\n")).collect()
}

/// Vitest writes its colours into files too (ECMA-48 §8.3.117).
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// The heading of a failure: `---- name stdout ----`, ` FAIL  file > name`, `  1) [project] › file › name`.
fn starts_failure(line: &str) -> bool {
    let trimmed = line.trim();
    let numbered = trimmed
        .split_once(") [")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let of_cargo = trimmed.starts_with("---- ") && trimmed.ends_with(" ----");
    numbered || of_cargo || trimmed.starts_with("FAIL  ")
}

/// Reads the report of `vitest --reporter=json`.
pub(crate) fn vitest(report: &str) -> Result<Count> {
    let report: Value = serde_json::from_str(report).context("the report of Vitest is not JSON")?;
    let number = |key: &str| report.get(key).and_then(Value::as_u64).unwrap_or(0);
    Ok(Count {
        passed: number("numPassedTests"),
        failed: number("numFailedTests"),
        skipped: number("numPendingTests") + number("numTodoTests"),
    })
}

/// Reads the report of Playwright's JSON reporter.
pub(crate) fn playwright(report: &str) -> Result<Count> {
    let report: Value =
        serde_json::from_str(report).context("the report of Playwright is not JSON")?;
    let number = |key: &str| {
        report
            .pointer(&format!("/stats/{key}"))
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    Ok(Count {
        passed: number("expected"),
        failed: number("unexpected") + number("flaky"),
        skipped: number("skipped"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_test_programs_are_added_up() {
        let output = "running 3 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s\n";
        assert_eq!(
            cargo(output),
            Count {
                passed: 7,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_flaky_test_counts_as_failed() {
        let report = r#"{"stats":{"expected":4,"skipped":1,"unexpected":2,"flaky":1}}"#;
        assert_eq!(
            playwright(report).unwrap(),
            Count {
                passed: 4,
                failed: 3,
                skipped: 1
            }
        );
    }

    #[test]
    fn the_report_of_vitest_is_read() {
        let report = r#"{"numTotalTests":9,"numPassedTests":7,"numFailedTests":1,"numPendingTests":1,"numTodoTests":0}"#;
        assert_eq!(
            vitest(report).unwrap(),
            Count {
                passed: 7,
                failed: 1,
                skipped: 1
            }
        );
    }

    #[test]
    fn what_the_tools_say_of_a_failure_is_found_and_shortened() {
        let cargo = "test a ... FAILED\n\nfailures:\n\n---- rooms::tests::a stdout ----\n\nthread 'a' panicked at x.rs:1:\nleft: 1\n";
        assert_eq!(
            failures(cargo),
            ["---- rooms::tests::a stdout ----\nthread 'a' panicked at x.rs:1:\nleft: 1"]
        );
        let playwright = "  ✘  9 [browser] › e2e/a.spec.ts:3:1 › b (2s)\n\n  1) [browser] › e2e/a.spec.ts:3:1 › b ───\n\n    Error: c\n";
        assert_eq!(
            failures(playwright),
            ["1) [browser] › e2e/a.spec.ts:3:1 › b ───\n    Error: c"]
        );
        assert_eq!(
            failures(" FAIL  src/a.test.ts > b\nAssertionError: c\n").len(),
            1
        );
        let coloured = "\u{1b}[41m\u{1b}[1m FAIL \u{1b}[22m\u{1b}[49m src/a.test.ts > b\n\u{1b}[31mAssertionError\u{1b}[39m: c\n";
        assert_eq!(
            failures(coloured),
            ["FAIL  src/a.test.ts > b\nAssertionError: c"]
        );
        assert!(failures("12 passed\n").is_empty());
        let long = format!("---- a stdout ----\n{}", "line\n".repeat(100));
        assert_eq!(
            failures(&long).first().map(|text| text.lines().count()),
            Some(LINES_OF_A_FAILURE)
        );
        assert_eq!(failures(&long.repeat(100)).len(), FAILURES_TOLD);
    }

    #[test]
    fn a_report_cut_short_is_an_error() {
        assert!(vitest("{").is_err());
        assert!(playwright("").is_err());
    }
}
