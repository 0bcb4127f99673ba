//! The program as others run it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use landline_protocol::node_api::{ChannelClosed, NodeEvent, NodeRequest, Target};
use serde_json::Value;
use support::{Page, folder, node_in, soon};

/// The program, killed if the test ends early.
struct Program(Child, BufReader<ChildStdout>);

impl Program {
    fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_landline-node"))
            .args(arguments)
            .env("LANDLINE_CONFIG_DIR", dir)
            .env("RUST_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self(child, stdout)
    }

    /// The first line of its output.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line
    }

    fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Asks it to end, as a service manager does, and waits.
    fn terminate(&mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        let kill = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(kill.unwrap().success());
        (self.0.wait().unwrap(), asked.elapsed())
    }

    fn log(&mut self) -> String {
        let mut log = String::new();
        let stderr = self.0.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A plain request, so that the test shares nothing with what it tests.
fn get(url: &str) -> String {
    let authority = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(
        stream,
        "GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test]
async fn host_tells_programs_what_they_need_and_ends_in_order() {
    let (here, there) = (folder(), folder());
    let arguments = [
        "host", "--json", "--port", "0", "--title", "Stand-up", "--name", "Ana",
    ];
    let mut program = Program::start(here.path(), &arguments);
    let ready = program.json();
    let keys: Vec<_> = ready.as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "meetingId",
        "title",
        "guestUrl",
        "localUrl",
        "fingerprint",
        "port",
    ]
    .map(str::to_owned);
    expected.sort();
    assert_eq!(keys, expected);
    let text = |key: &str| ready[key].as_str().unwrap().to_owned();
    assert_eq!(text("title"), "Stand-up");
    let port = ready["port"].as_u64().unwrap();
    let (id, fp) = (text("meetingId"), text("fingerprint"));
    // On no network the link leads to this machine.
    assert_eq!(
        text("guestUrl"),
        format!("https://127.0.0.1:{port}/#m={id}&fp={fp}")
    );
    assert!(text("localUrl").ends_with(&format!("&m={id}")));
    let page = get(&text("localUrl"));
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("<title>Landline"),
        "{page}"
    );

    let mut guest = Page::of(&node_in(there.path(), 0).await);
    let target = Target::Address {
        text: text("guestUrl"),
    };
    let channel = guest.open(target.clone()).await;
    guest.join(channel, &id, "Ben").await;
    let (status, took) = tokio::task::spawn_blocking(move || {
        let ended = program.terminate();
        let log = program.log();
        // Secrets stay out of the log, whatever is logged.
        let token = ready["localUrl"]
            .as_str()
            .unwrap()
            .split("token=")
            .nth(1)
            .unwrap();
        assert!(!log.contains(token.split('&').next().unwrap()));
        ended
    })
    .await
    .unwrap();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    let reason = guest.event(|event| match event {
        NodeEvent::ChannelClosed { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(reason.await, ChannelClosed::HostLeft);
    assert!(guest.ask(NodeRequest::Look { target }).await.is_err());
}

#[tokio::test]
async fn a_meeting_is_opened_again_under_its_id_and_port() {
    let (here, there) = (folder(), folder());
    let mut program = Program::start(here.path(), &["host", "--json", "--port", "0"]);
    let first = program.json();
    let kept = here.path().join("meeting.json");
    soon(async {
        while !kept.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    drop(program);
    let id = first["meetingId"].as_str().unwrap();
    let port = first["port"].to_string();
    let arguments = ["host", "--json", "--port", &port, "--id", id];
    let mut program = Program::start(here.path(), &arguments);
    let again = program.json();
    for key in ["meetingId", "port", "fingerprint", "guestUrl"] {
        assert_eq!(again[key], first[key], "{key}");
    }
    assert_ne!(again["localUrl"], first["localUrl"]);

    // Nobody else can open it.
    let mut other = Program::start(there.path(), &["host", "--json", "--id", id]);
    assert!(!other.0.wait().unwrap().success());
    assert!(other.log().contains("by its last host alone"));
    // Another program that wishes the same port gets the next.
    let mut other = Program::start(there.path(), &["host", "--json", "--port", &port]);
    assert_ne!(other.json()["port"], again["port"]);
}

#[test]
fn people_get_address_link_qr_code_and_what_the_browser_will_say() {
    let here = folder();
    let arguments = ["host", "--port", "0", "--name", "Ana"];
    let mut program = Program::start(here.path(), &arguments);
    assert_eq!(program.line(), "Meeting of Ana is open, hosted by Ana.\n");
    assert!(program.terminate().0.success());
    let mut text = String::new();
    program.1.read_to_string(&mut text).unwrap();
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("In a browser:"))
        .unwrap()
        .trim();
    let fingerprint = link.split("&fp=").nth(1).unwrap();
    let parsed: landline_node::Fingerprint = fingerprint.parse().unwrap();
    assert!(text.contains(&parsed.with_colons()));
    assert!(text.contains("This computer is on no network"));
    assert!(text.contains("http://127.0.0.1:"));
    // A square of half blocks, two modules a line, with four modules of quiet zone on each side.
    let lines: Vec<_> = text.lines().collect();
    let drawn = |line: &&str| line.contains(['\u{2580}', '\u{2584}', '\u{2588}']);
    let first = lines.iter().position(drawn).unwrap();
    let last = lines.iter().rposition(drawn).unwrap();
    let width = lines[first].chars().count();
    assert_eq!(width, (last - first + 1 + 4) * 2 - 1);
    for quiet in [first - 2, first - 1, last + 1, last + 2] {
        assert_eq!(lines[quiet], " ".repeat(width));
    }
    assert!(lines[first].starts_with("    \u{2588}") && lines[first].ends_with("\u{2588}    "));
}

#[test]
fn ui_serves_browser_mode_until_it_is_asked_to_end() {
    let here = folder();
    let mut program = Program::start(here.path(), &["ui", "--json"]);
    let ready = program.json();
    assert_eq!(ready.as_object().unwrap().len(), 1);
    let url = ready["localUrl"].as_str().unwrap();
    assert!(url.contains("/#token="));
    assert!(get(url).starts_with("HTTP/1.1 200"));
    let (status, took) = program.terminate();
    assert!(
        status.success() && took < Duration::from_secs(2),
        "{status} {took:?}"
    );
}

#[test]
fn asked_by_a_signal_it_says_how_many_tasks_it_has_and_goes_on() {
    let here = folder();
    let mut program = Program::start(here.path(), &["ui", "--json"]);
    program.json();
    let asked = Command::new("kill")
        .args(["-USR1", &program.0.id().to_string()])
        .status();
    assert!(asked.unwrap().success());
    // Ends with the program, which a signal that nobody waits for would end.
    let mut log = BufReader::new(program.0.stderr.take().unwrap()).lines();
    let tasks = log.find_map(|line| {
        let line = line.unwrap();
        let rest = line.strip_prefix("landline-node: ")?;
        rest.strip_suffix(" tasks")?.parse::<usize>().ok()
    });
    assert!(tasks.unwrap() > 0);
    assert!(program.terminate().0.success());
}

#[test]
fn list_ends_by_itself_and_prints_nothing_but_meetings() {
    let here = folder();
    let mut program = Program::start(here.path(), &["list", "--json", "--seconds", "0.2"]);
    assert_eq!(program.line(), "");
    assert!(program.0.wait().unwrap().success());
    assert!(program.log().contains("this computer is on no network"));
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() {
    let here = folder();
    for arguments in [&["host", "--id", "a b"][..], &["sing"], &[]] {
        let mut program = Program::start(here.path(), arguments);
        assert_eq!(program.0.wait().unwrap().code(), Some(2), "{arguments:?}");
    }
}
