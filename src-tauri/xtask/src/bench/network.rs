//! Two computers on one network, as Linux network namespaces joined by a bridge, and programs in them whose lines have a time.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Two namespaces, `a` and `b`. They are deleted with this value.
pub(super) struct Network {
    prefix: String,
}

impl Network {
    pub(super) fn new() -> Result<Self> {
        let network = Self {
            prefix: format!("llb-{}", std::process::id()),
        };
        let hub = network.name("hub");
        ip(&["netns", "add", &hub])
            .context("network namespaces need root on Linux, and iproute2")?;
        ip(&["-n", &hub, "link", "add", "bridge", "type", "bridge"])?;
        ip(&["-n", &hub, "link", "set", "bridge", "up"])?;
        for (name, address) in [("a", "10.78.0.1/24"), ("b", "10.78.0.2/24")] {
            let (of, port) = (network.name(name), format!("port-{name}"));
            ip(&["netns", "add", &of])?;
            ip(&["-n", &of, "link", "set", "lo", "up"])?;
            ip(&[
                "link", "add", "eth0", "netns", &of, "type", "veth", "peer", "name", &port,
                "netns", &hub,
            ])?;
            ip(&["-n", &hub, "link", "set", &port, "master", "bridge", "up"])?;
            ip(&["-n", &of, "addr", "add", address, "dev", "eth0"])?;
            ip(&["-n", &of, "link", "set", "eth0", "up"])?;
            // Multicast needs a route; a network with DHCP brings one.
            ip(&[
                "-n",
                &of,
                "route",
                "replace",
                "default",
                "via",
                "10.78.0.254",
            ])?;
        }
        Ok(network)
    }

    /// Starts a program that prints one JSON object a line.
    pub(super) fn start(&self, name: &str, program: &[&str]) -> Result<Program> {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.name(name)])
            .args(program);
        let started = Instant::now();
        let mut child = command
            // None is kept on disk: each is a node of its own.
            .env(
                "LANDLINE_CONFIG_DIR",
                std::env::temp_dir().join(self.name(name)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("no standard output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(line) = serde_json::from_str(&line)
                    && sender.send((Instant::now(), line)).is_err()
                {
                    return;
                }
            }
        });
        Ok(Program {
            child,
            lines,
            started,
        })
    }

    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in ["a", "b", "hub"] {
            // One that was never made cannot be deleted.
            let _ = ip(&["netns", "del", &self.name(name)]);
            let _ = std::fs::remove_dir_all(std::env::temp_dir().join(self.name(name)));
        }
    }
}

/// A program that is ended with this value.
pub(super) struct Program {
    child: Child,
    lines: Receiver<(Instant, Value)>,
    pub(super) started: Instant,
}

impl Program {
    /// When it first said something of this meeting, or of any, and of which.
    pub(super) fn told(
        &self,
        meeting: Option<&str>,
        within: Duration,
    ) -> Result<(Instant, String)> {
        let end = Instant::now() + within;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let (at, line) = self
                .lines
                .recv_timeout(left)
                .context("nothing was said in time")?;
            let Some(id) = line.get("meetingId").and_then(Value::as_str) else {
                continue;
            };
            if meeting.is_none_or(|meeting| meeting == id) {
                return Ok((at, id.to_owned()));
            }
        }
    }
}

impl Program {
    /// What it has said so far is of no interest.
    pub(super) fn forget(&self) {
        while self.lines.try_recv().is_ok() {}
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ctrl-C, so that a host says goodbye; killed if it does not go.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        drop(self.child.stdin.take());
        for _ in 0..40 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ip(args: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(args).output()?;
    if !output.status.success() {
        bail!(
            "ip {args:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
