//! The servers that are measured, as processes: ours, and the plain relay on Node.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::process::Pid;
use crate::serve::{Listening, Room};

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Landline,
    /// The same over TLS.
    LandlineTls,
    Node,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Landline => "landline",
            Self::LandlineTls => "landline, TLS",
            Self::Node => "node relay",
        }
    }
}

/// A server that runs until this is dropped.
pub(crate) struct Subject {
    child: Child,
    /// Ours ends with it.
    _stdin: ChildStdin,
    pub(crate) listening: Listening,
}

impl Subject {
    /// Starts a server with so many rooms and waits until it listens.
    pub(crate) fn start(kind: Kind, rooms: usize) -> Result<Self> {
        let mut command = match kind {
            Kind::Node => {
                let mut command = Command::new("node");
                command.arg(relay()).arg("0");
                command
            }
            Kind::Landline | Kind::LandlineTls => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args(["serve", "--rooms", &rooms.to_string()]);
                if kind == Kind::LandlineTls {
                    command.arg("--tls");
                }
                command
            }
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", kind.name()))?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let listening = match kind {
            Kind::Landline | Kind::LandlineTls => serde_json::from_str(&line)?,
            Kind::Node => {
                let Port { port } = serde_json::from_str(&line)?;
                let room = |number| Room {
                    id: format!("{number:032x}"),
                    port,
                };
                Listening {
                    rooms: (0..rooms).map(room).collect(),
                    certificate: None,
                }
            }
        };
        Ok(Self {
            child,
            _stdin: stdin,
            listening,
        })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid(self.child.id())
    }

    /// Waits until it has nothing more to do: what it used in the last moment is less than a hundredth of a core.
    pub(crate) fn settle(&self, longest: Duration) -> Result<()> {
        const LOOK_EVERY: Duration = Duration::from_millis(500);
        let mut waited = Duration::ZERO;
        let mut before = self.pid().cpu()?;
        loop {
            std::thread::sleep(LOOK_EVERY);
            waited += LOOK_EVERY;
            let now = self.pid().cpu()?;
            if now.saturating_sub(before) < LOOK_EVERY / 50 {
                return Ok(());
            }
            if waited > longest {
                bail!("the server does not come to rest");
            }
            before = now;
        }
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // Fails only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Deserialize)]
struct Port {
    port: u16,
}

fn relay() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../bench/relay/relay.mjs"
    ))
}
