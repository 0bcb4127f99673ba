//! Real multicast between two network namespaces: what a person sees in the list must follow what happens on the network,
//! in the times that were promised. Skipped, with a message, where namespaces are not permitted.
#![allow(clippy::expect_used, reason = "a test may end here")]
#![cfg(target_os = "linux")]

mod lab;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::{Lab, Program, report};
use serde_json::Value;

/// A meeting that runs is listed within this time of starting to look.
const RUNNING: Duration = Duration::from_millis(500);
/// A meeting appears, and disappears, within this time.
const CHANGE: Duration = Duration::from_secs(2);
/// For what has no promise.
const EVENTUALLY: Duration = Duration::from_secs(10);

/// The meeting with this id, if the line lists it.
fn listed(line: &Value, id: &str) -> Option<Value> {
    line["meetings"]
        .as_array()?
        .iter()
        .find(|meeting| meeting["meetingId"] == id)
        .cloned()
}

/// The line is a list without this meeting.
fn unlisted(line: &Value, id: &str) -> Option<()> {
    (line["event"] == "meetings" && listed(line, id).is_none()).then_some(())
}

fn state<'a>(line: &'a Value, wanted: &str) -> Option<&'a Value> {
    Some(&line["state"]).filter(|state| state["state"] == wanted)
}

fn event(line: &Value, wanted: &str) -> Option<()> {
    (line["event"] == wanted).then_some(())
}

fn started(program: &Program) -> Instant {
    program
        .wait("the program starts", EVENTUALLY, |line| {
            event(line, "started").or(event(line, "ready"))
        })
        .0
}

/// Prints a measured time, and fails if it is above its limit.
fn measured(what: &str, from: Instant, to: Instant, limit: Duration) {
    let took = to.saturating_duration_since(from);
    report(&format!(
        "MEASURED {what}: {} ms (limit {} ms)",
        took.as_millis(),
        limit.as_millis()
    ));
    assert!(took <= limit, "{what}: {took:?}");
}

/// Browses in `b` until it is on the network.
fn browsing(lab: &Lab) -> Program {
    let browse = lab.example("b", "browse", &[]);
    browse.wait("browsing", EVENTUALLY, |line| state(line, "on").map(|_| ()));
    browse
}

#[test]
fn a_meeting_is_listed_at_its_start_follows_its_changes_and_goes_with_its_end() {
    let Some(lab) = Lab::new() else { return };
    let browse = browsing(&lab);
    let mut host = lab.example("a", "advertise", &["m1", "Standup", "4100"]);
    let begun = started(&host);
    let (at, meeting) = browse.wait("listed", EVENTUALLY, |line| listed(line, "m1"));
    measured("a new meeting is listed", begun, at, CHANGE);
    assert_eq!(meeting["title"], "Standup");
    assert_eq!(meeting["host"], "Ada");
    assert_eq!(meeting["addresses"][0], "10.77.0.1");
    assert_eq!(meeting["port"], 4100);
    assert_eq!(meeting["fingerprint"], "ab".repeat(32));
    assert_eq!(meeting["startedAt"], 1_760_000_000_000_u64);

    let changed = Instant::now();
    for participants in 2..=20 {
        host.say(&format!("{participants} false"));
    }
    host.say("21 true");
    let (at, _) = browse.wait("changed", EVENTUALLY, |line| {
        listed(line, "m1")
            .filter(|meeting| meeting["participants"] == 21 && meeting["locked"] == true)
    });
    measured("a change is listed", changed, at, CHANGE);

    let ended = Instant::now();
    host.terminate();
    let (at, ()) = browse.wait("gone", EVENTUALLY, |line| unlisted(line, "m1"));
    measured("an ended meeting is gone", ended, at, CHANGE);
    let (at, ()) = host.wait("stopped", EVENTUALLY, |line| event(line, "stopped"));
    measured("stopping takes", ended, at, Duration::from_secs(1));
}

#[test]
fn a_running_meeting_is_listed_at_once() {
    let Some(lab) = Lab::new() else { return };
    let mut host = lab.example("a", "advertise", &["m1", "Standup"]);
    browsing(&lab).wait("listed", EVENTUALLY, |line| listed(line, "m1"));
    for round in 1..=6 {
        // Somebody comes in at this very moment: a host answers no plain question within a second of having said the same
        // unasked (RFC 6762 §6).
        host.say(&format!("{round} false"));
        let browse = lab.example("b", "browse", &[]);
        let looked = started(&browse);
        let (at, _) = browse.wait("listed", EVENTUALLY, |line| listed(line, "m1"));
        measured(
            &format!("a running meeting is listed, round {round}"),
            looked,
            at,
            RUNNING,
        );
    }
}

#[test]
fn a_host_that_vanished_goes_when_a_dial_failed() {
    let Some(lab) = Lab::new() else { return };
    let mut host = lab.example("a", "advertise", &["m1", "Standup"]);
    let steady = lab.example("a", "advertise", &["m2", "Other", "4200"]);
    let mut browse = browsing(&lab);
    browse.wait("listed", EVENTUALLY, |line| {
        listed(line, "m1").and(listed(line, "m2"))
    });
    host.kill();
    let reported = Instant::now();
    browse.say("m1");
    browse.say("m2");
    let (at, other) = browse.wait("gone", EVENTUALLY, |line| {
        unlisted(line, "m1").map(|()| listed(line, "m2"))
    });
    measured(
        "a vanished host is gone after a failed dial",
        reported,
        at,
        Duration::from_secs(4),
    );
    assert!(other.is_some(), "the one that still answers stays");

    let back = lab.example("a", "advertise", &["m1", "Standup", "4300"]);
    let begun = started(&back);
    let (at, meeting) = browse.wait("listed again", EVENTUALLY, |line| listed(line, "m1"));
    measured("a host that came back is listed", begun, at, CHANGE);
    assert_eq!(meeting["port"], 4300);
    drop((steady, back));
}

#[test]
fn a_host_that_came_back_after_a_crash_replaces_its_former_self() {
    let Some(lab) = Lab::new() else { return };
    let mut host = lab.example("a", "advertise", &["m1", "Standup", "4100"]);
    let browse = browsing(&lab);
    browse.wait("listed", EVENTUALLY, |line| listed(line, "m1"));
    host.kill();
    let back = lab.example("a", "advertise", &["m1", "Standup", "4300"]);
    let begun = started(&back);
    let (at, _) = browse.wait("the new one", EVENTUALLY, |line| {
        listed(line, "m1").filter(|meeting| meeting["port"] == 4300)
    });
    measured("the returning host is listed", begun, at, CHANGE);
    back.terminate();
    let mut listings = 0;
    browse.wait("the new one goes", EVENTUALLY, |line| {
        listings += usize::from(listed(line, "m1").is_some());
        // What remains is the one that crashed without goodbye: it shows until its records expire or a dial fails.
        listed(line, "m1")
            .filter(|meeting| meeting["port"] == 4100)
            .map(|_| ())
    });
    assert!(listings <= 2, "one row a meeting");
}

#[test]
fn interfaces_that_go_and_come_are_followed() {
    let Some(lab) = Lab::new() else { return };
    let host = lab.example("a", "advertise", &["m1", "Standup"]);
    let browse = browsing(&lab);
    browse.wait("listed", EVENTUALLY, |line| listed(line, "m1"));

    let down = Instant::now();
    lab.in_namespace("b", &["link", "set", "eth0", "down"]);
    let (at, ()) = browse.wait("no network", EVENTUALLY, |line| {
        state(line, "no-network").map(|_| ())
    });
    measured("a lost network is told", down, at, CHANGE);
    browse.wait("the list is empty", EVENTUALLY, |line| unlisted(line, "m1"));

    let up = Instant::now();
    lab.in_namespace("b", &["link", "set", "eth0", "up"]);
    lab.default_route("b");
    let (at, ()) = browse.wait("on again", EVENTUALLY, |line| state(line, "on").map(|_| ()));
    measured("a regained network is told", up, at, CHANGE);
    let (at, _) = browse.wait("listed again", EVENTUALLY, |line| listed(line, "m1"));
    measured(
        "after it the meeting is listed",
        up,
        at,
        Duration::from_secs(4),
    );

    // The host's side: a second network card.
    let plugged = Instant::now();
    lab.plug("a", "eth1", "10.77.0.11/24");
    let has = |meeting: &Value, address: &str| {
        meeting["addresses"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == address))
    };
    let (at, _) = browse.wait("the second address", EVENTUALLY, |line| {
        listed(line, "m1").filter(|meeting| has(meeting, "10.77.0.11"))
    });
    measured(
        "an address that came is listed",
        plugged,
        at,
        Duration::from_secs(4),
    );

    let unplugged = Instant::now();
    lab.in_namespace("a", &["link", "del", "eth1"]);
    let (at, _) = browse.wait("one address", EVENTUALLY, |line| {
        listed(line, "m1").filter(|meeting| !has(meeting, "10.77.0.11"))
    });
    measured(
        "an address that went is not listed",
        unplugged,
        at,
        Duration::from_secs(8),
    );
    drop(host);
}

#[test]
fn addresses_of_containers_are_not_told() {
    let Some(lab) = Lab::new() else { return };
    // On the same bridge, so that a packet sent there by mistake would be heard.
    lab.plug("a", "docker0", "172.17.0.1/16");
    let browse = browsing(&lab);
    let host = lab.example("a", "advertise", &["m1", "Standup"]);
    let (_, own) = host.wait("on", EVENTUALLY, |line| state(line, "on").cloned());
    assert!(!own.to_string().contains("docker0"), "{own}");
    let mut addresses = Vec::new();
    browse.wait("both announcements", EVENTUALLY, |line| {
        let meeting = listed(line, "m1")?;
        addresses.extend(meeting["addresses"].as_array().cloned().unwrap_or_default());
        addresses
            .iter()
            .any(|one| one.as_str().is_some_and(|one| one.starts_with("fe80")))
            .then_some(())
    });
    assert!(addresses.iter().any(|one| one == "10.77.0.1"));
    assert!(
        !addresses.iter().any(|one| one == "172.17.0.1"),
        "{addresses:?}"
    );
}

/// Why python-zeroconf cannot be used here, printed once a test.
fn python_zeroconf() -> bool {
    let there = Command::new("/usr/bin/python3")
        .args(["-c", "import zeroconf"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        report("SKIPPED: python-zeroconf is missing (Debian package python3-zeroconf)");
    }
    there
}

fn foreign(lab: &Lab, name: &str, args: &[&str]) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/foreign.py");
    let script = script.to_str().expect("the path is UTF-8");
    lab.run(
        name,
        Path::new("/usr/bin/python3"),
        &[&[script], args].concat(),
    )
}

#[test]
fn another_implementation_sees_our_meetings() {
    if !python_zeroconf() {
        return;
    }
    let Some(lab) = Lab::new() else { return };
    let other = foreign(&lab, "b", &["browse"]);
    started(&other);
    let host = lab.example("a", "advertise", &["m1", "Standup", "4100"]);
    let (_, host_name) = host.wait("ready", EVENTUALLY, |line| {
        line["hostName"].as_str().map(ToOwned::to_owned)
    });
    let (_, seen) = other.wait("added", EVENTUALLY, |line| {
        event(line, "added").map(|()| line.clone())
    });
    assert_eq!(seen["port"], 4100);
    assert_eq!(seen["server"], format!("{host_name}."));
    assert_eq!(seen["addresses"][0], "10.77.0.1");
    assert_eq!(
        seen["txt"],
        serde_json::json!({
            "v": "1", "id": "m1", "title": "Standup", "host": "Ada", "fp": "ab".repeat(32),
            "n": "1", "lock": "0", "t": "1760000000",
        })
    );
    host.terminate();
    let (_, gone) = other.wait("removed", EVENTUALLY, |line| {
        event(line, "removed").map(|()| line.clone())
    });
    assert_eq!(gone["name"], seen["name"]);
}

#[test]
fn we_see_meetings_of_another_implementation() {
    if !python_zeroconf() {
        return;
    }
    let Some(lab) = Lab::new() else { return };
    let browse = browsing(&lab);
    let other = foreign(&lab, "a", &["register", "theirs"]);
    let (_, meeting) = browse.wait("listed", EVENTUALLY, |line| listed(line, "theirs"));
    assert_eq!(meeting["title"], "Besprechung");
    assert_eq!(meeting["host"], "Zoë");
    assert_eq!(meeting["participants"], 2);
    assert_eq!(meeting["locked"], true);
    assert_eq!(meeting["addresses"], serde_json::json!(["10.77.0.1"]));
    started(&other);
    let mut other = other;
    other.hang_up();
    browse.wait("gone", EVENTUALLY, |line| unlisted(line, "theirs"));
}

#[test]
fn a_port_that_is_taken_is_told_in_words_and_used_when_it_is_free() {
    let Some(lab) = Lab::new() else { return };
    let mut holder = foreign(&lab, "b", &["hold"]);
    started(&holder);
    let host = lab.example("a", "advertise", &["m1", "Standup"]);
    started(&host);
    let browse = lab.example("b", "browse", &[]);
    let (_, failed) = browse.wait("failed", EVENTUALLY, |line| state(line, "failed").cloned());
    let message = failed["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("5353") && message.contains("another program"),
        "{message}"
    );

    let freed = Instant::now();
    holder.kill();
    let (at, ()) = browse.wait("on", EVENTUALLY, |line| state(line, "on").map(|_| ()));
    measured("a freed port is used", freed, at, CHANGE);
    browse.wait("listed", EVENTUALLY, |line| listed(line, "m1"));
}

#[test]
fn sockets_are_open_only_while_they_are_needed() {
    let Some(lab) = Lab::new() else { return };
    let mut idle = lab.example("b", "on_and_off", &[]);
    let sockets = |lab: &Lab| {
        let output = Command::new("ip")
            .args([
                "netns",
                "exec",
                &lab.namespace("b"),
                "cat",
                "/proc/net/udp",
                "/proc/net/udp6",
            ])
            .output()
            .expect("ip starts");
        // 14E9 is 5353.
        String::from_utf8_lossy(&output.stdout)
            .matches(":14E9 ")
            .count()
    };
    started(&idle);
    assert_eq!(sockets(&lab), 0, "nobody watches yet");
    for what in ["watch", "advertise"] {
        idle.say(what);
        idle.wait("on", EVENTUALLY, |line| state(line, "on").map(|_| ()));
        assert!(sockets(&lab) > 0, "{what}");
        idle.say("off");
        idle.wait("off", EVENTUALLY, |line| state(line, "off").map(|_| ()));
        let deadline = Instant::now() + CHANGE;
        while sockets(&lab) > 0 {
            assert!(Instant::now() < deadline, "{what}: a socket stays open");
            std::thread::yield_now();
        }
    }
}
