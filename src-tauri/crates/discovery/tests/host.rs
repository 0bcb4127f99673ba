//! A browser hides its address behind a name that it answers for by multicast DNS; another machine finds it out. Skipped, with
//! a message, where namespaces are not permitted or python-zeroconf, which answers for the name here, is missing.
#![allow(clippy::expect_used, reason = "a test may end here")]
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "other tests use the rest")]
mod lab;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::{Lab, Program, report};
use serde_json::{Value, json};

const NAME: &str = "8c5a1cd0-7f3e-4a52-9b1d-0123456789ab.local";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000.local";
/// The name was announced a moment ago, and is answered for again at once all the same.
const FOUND: Duration = Duration::from_millis(500);
/// What `resolve_host` promises, with some time for the programs.
const GIVEN_UP: Duration = Duration::from_millis(2_500);
const EVENTUALLY: Duration = Duration::from_secs(10);

fn python_zeroconf() -> bool {
    let there = Command::new("/usr/bin/python3")
        .args(["-c", "import zeroconf"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        report("SKIPPED: python-zeroconf is missing; install python3-zeroconf");
    }
    there
}

fn ready(program: &Program) {
    program.wait("the program starts", EVENTUALLY, |line| {
        (line["event"] == "started").then_some(())
    });
}

fn answer(program: &Program, name: &str) -> (Instant, Value) {
    program.wait("an answer", EVENTUALLY, |line| {
        (line["event"] == "resolved" && line["name"] == name).then(|| line["addresses"].clone())
    })
}

#[test]
fn the_address_behind_a_browsers_name_is_found_and_nothing_listens_afterwards() {
    if !python_zeroconf() {
        return;
    }
    let Some(lab) = Lab::new() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/foreign.py");
    let script = script.to_str().expect("the path is UTF-8");
    let browser = lab.run(
        "a",
        Path::new("/usr/bin/python3"),
        &[script, "answer", NAME],
    );
    ready(&browser);

    let mut resolve = lab.example("b", "resolve", &[]);
    ready(&resolve);
    let asked = Instant::now();
    // Two who ask for the same name, as two connections to one browser do.
    resolve.say(NAME);
    resolve.say(NAME);
    let (at, addresses) = answer(&resolve, NAME);
    assert_eq!(addresses, json!(["10.77.0.1"]));
    assert_eq!(answer(&resolve, NAME).1, json!(["10.77.0.1"]));
    let took = at.saturating_duration_since(asked);
    report(&format!(
        "MEASURED a name is resolved: {} ms",
        took.as_millis()
    ));
    assert!(took < FOUND, "{took:?}");
    resolve.wait("off again", EVENTUALLY, |line| {
        (line["state"]["state"] == "off").then_some(())
    });

    let asked = Instant::now();
    resolve.say(NOBODY);
    let (at, addresses) = answer(&resolve, NOBODY);
    assert_eq!(addresses, json!([]));
    assert!(at.saturating_duration_since(asked) < GIVEN_UP);
}
