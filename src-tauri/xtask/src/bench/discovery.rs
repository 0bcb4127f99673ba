//! `cargo xtask bench discovery`: how long a meeting takes to get into the list of another computer.

use std::process::ExitCode;

use anyhow::{Result, bail};

pub(crate) fn bench(args: &[String]) -> Result<ExitCode> {
    bail!("not measured yet: {args:?}")
}
