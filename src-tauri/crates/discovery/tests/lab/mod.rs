//! Two computers on one network, as Linux network namespaces joined by a bridge, and programs that run in them.
//!
//! Everything lives in namespaces named `ll-<pid>-…`, the bridge too, so deleting them leaves nothing; that happens on drop,
//! also when a test fails. Needs root and `ip`; [`Lab::new`] says so and returns nothing where that is not given.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Tests measure time, so they take turns; and the names are used again.
static TURN: Mutex<()> = Mutex::new(());

/// Two namespaces, `a` and `b`, each with an `eth0` on one bridge: 10.77.0.1 and 10.77.0.2.
pub(crate) struct Lab {
    prefix: String,
    _turn: MutexGuard<'static, ()>,
}

impl Lab {
    /// Nothing where namespaces are not permitted; the reason is printed.
    pub(crate) fn new() -> Option<Self> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let lab = Self {
            prefix: format!("ll-{}", std::process::id()),
            _turn: turn,
        };
        if let Err(reason) = lab.try_ip(&["netns", "add", &lab.namespace("hub")]) {
            report(&format!(
                "SKIPPED: network namespaces cannot be made here ({reason}); run as root on Linux with iproute2"
            ));
            return None;
        }
        let hub = lab.namespace("hub");
        lab.ip(&["-n", &hub, "link", "add", "bridge", "type", "bridge"]);
        lab.ip(&["-n", &hub, "link", "set", "bridge", "up"]);
        for (name, address) in [("a", "10.77.0.1/24"), ("b", "10.77.0.2/24")] {
            lab.ip(&["netns", "add", &lab.namespace(name)]);
            lab.in_namespace(name, &["link", "set", "lo", "up"]);
            lab.plug(name, "eth0", address);
            lab.default_route(name);
        }
        Some(lab)
    }

    pub(crate) fn namespace(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Gives a namespace one more interface on the bridge.
    pub(crate) fn plug(&self, name: &str, interface: &str, address: &str) {
        let (namespace, hub) = (self.namespace(name), self.namespace("hub"));
        let port = format!("{name}-{interface}");
        self.ip(&[
            "link", "add", interface, "netns", &namespace, "type", "veth", "peer", "name", &port,
            "netns", &hub,
        ]);
        self.ip(&["-n", &hub, "link", "set", &port, "master", "bridge", "up"]);
        self.in_namespace(name, &["addr", "add", address, "dev", interface]);
        self.in_namespace(name, &["link", "set", interface, "up"]);
    }

    /// Multicast needs a route; a network with DHCP brings one.
    pub(crate) fn default_route(&self, name: &str) {
        self.in_namespace(name, &["route", "replace", "default", "via", "10.77.0.254"]);
    }

    /// `ip` with these arguments in a namespace. Panics if it fails.
    pub(crate) fn in_namespace(&self, name: &str, args: &[&str]) {
        let namespace = self.namespace(name);
        self.ip(&[&["-n", namespace.as_str()], args].concat());
    }

    fn ip(&self, args: &[&str]) {
        if let Err(reason) = self.try_ip(args) {
            panic!("ip {args:?}: {reason}");
        }
    }

    #[expect(clippy::unused_self, reason = "only a lab may change the network")]
    fn try_ip(&self, args: &[&str]) -> Result<(), String> {
        let output = Command::new("ip")
            .args(args)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }

    /// Runs an example of this crate in a namespace.
    pub(crate) fn example(&self, name: &str, example: &str, args: &[&str]) -> Program {
        let path = example_path(example);
        assert!(
            path.exists(),
            "{} is missing: cargo build -p landline-discovery --examples",
            path.display()
        );
        self.run(name, &path, args)
    }

    /// Runs a program that prints one JSON object a line.
    pub(crate) fn run(&self, name: &str, program: &Path, args: &[&str]) -> Program {
        let mut child = Command::new("ip")
            .args(["netns", "exec", &self.namespace(name)])
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ip starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send((Instant::now(), value)).is_err() {
                    return;
                }
            }
        });
        Program {
            stdin: child.stdin.take(),
            child,
            lines,
            kept: RefCell::default(),
        }
    }
}

/// Prints past the test harness, which shows what a test prints only when it fails.
pub(crate) fn report(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Drop for Lab {
    fn drop(&mut self) {
        for name in ["a", "b", "hub"] {
            // Those that were never made cannot be deleted; nothing is to be done about any other trouble.
            let _ = self.try_ip(&["netns", "del", &self.namespace(name)]);
        }
    }
}

/// `target/debug/examples/…` beside `target/debug/deps/<this test>`.
fn example_path(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test.ancestors().nth(2).expect("a target directory");
    profile.join("examples").join(example)
}

/// A program in a namespace; killed when dropped.
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<(Instant, Value)>,
    /// Lines that were read and not asked for yet.
    kept: RefCell<VecDeque<(Instant, Value)>>,
}

impl Program {
    /// Waits for a line for which `wanted` gives something, at most `within`. Earlier lines of the same `event` are dropped,
    /// those of others are kept for later questions.
    pub(crate) fn wait<T>(
        &self,
        what: &str,
        within: Duration,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> (Instant, T) {
        let deadline = Instant::now() + within;
        let mut kept = self.kept.borrow_mut();
        let mut next = 0;
        loop {
            while let Some((at, line)) = kept.get(next) {
                if let Some(found) = wanted(line) {
                    let (at, event) = (*at, line["event"].clone());
                    let later = kept.split_off(next + 1);
                    kept.retain(|(_, line)| line["event"] != event);
                    kept.extend(later);
                    return (at, found);
                }
                next += 1;
            }
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => kept.push_back(line),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{what}: not within {within:?}; lines: {kept:#?}")
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{what}: the program ended; lines: {kept:#?}")
                }
            }
        }
    }

    /// Writes a line to standard input.
    pub(crate) fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        writeln!(stdin, "{line}").expect("the program reads");
    }

    /// Ends standard input.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.is_ok_and(|status| status.success()));
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program can be waited for");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
