//! What a process has used, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Ticks of `/proc/PID/stat` a second: 100 on every Linux that there is (`sysconf(_SC_CLK_TCK)`).
const TICKS: u32 = 100;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Pid(pub(crate) u32);

impl Pid {
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    /// Time on a processor, in the system's part as well: of all its threads, to the nanosecond, where the kernel counts that
    /// (`schedstat`), else by ticks. Threads that have ended are not in the finer count; the servers measured here end none.
    pub(crate) fn cpu(self) -> Result<Duration> {
        self.fine().map_or_else(|| self.coarse(), Ok)
    }

    fn fine(self) -> Option<Duration> {
        let mut sum = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{}/task", self.0)).ok()? {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
            sum += Duration::from_nanos(nanoseconds);
        }
        (!sum.is_zero()).then_some(sum)
    }

    /// The same by ticks alone: threads that have ended count too.
    pub(crate) fn coarse(self) -> Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // The name, in brackets, may hold anything; user and system time are the 14th and 15th fields.
        let (_, rest) = text.rsplit_once(')').context("no name in stat")?;
        let mut fields = rest.split_whitespace().skip(11);
        let mut ticks = || -> Result<u32> {
            let field = fields.next().context("stat is short")?;
            Ok(field.parse()?)
        };
        let both = ticks()? + ticks()?;
        Ok(Duration::from_secs(1) * both / TICKS)
    }

    /// Memory that is in use, in bytes.
    pub(crate) fn resident(self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let kilobytes: u64 = text
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next())
            .context("no VmRSS")?
            .parse()?;
        Ok(kilobytes * 1024)
    }
}

/// As many files as the system lets us have; programs that we start have them too. How many that is.
pub(crate) fn most_files() -> u64 {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let most = Rlimit {
            current: maximum,
            maximum,
        };
        // What may be raised that far was raised before, or is now.
        let _ = setrlimit(Resource::Nofile, most);
        getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
    }
    #[cfg(not(unix))]
    {
        u64::MAX
    }
}
