//! `cargo xtask bench WHAT`: what is measured, each beside a baseline in the same run. docs/PERFORMANCE.md has the figures.
//!
//! - [`mesh`]: meetings of real browsers, beside a mesh as it is usually made
//! - [`join`]: from the click to the first picture, beside the same
//! - `clip`: the film that all cameras show; `pages`: the measurements themselves, in `ui/e2e/bench`
//! - [`signaling`]: what the room's server costs, beside a plain Node relay
//! - [`network`]: two computers on one network
//! - [`discovery`]: how long a meeting takes to get into a list, beside a plain use of the mDNS library

mod clip;
mod discovery;
mod join;
mod mesh;
mod network;
mod pages;
mod signaling;

use std::process::ExitCode;

use anyhow::{Result, bail};

pub(crate) use signaling::short as signaling_short;

/// Runs one benchmark with its own arguments.
pub(crate) fn bench(args: &[String]) -> Result<ExitCode> {
    let (what, rest) = match args.split_first() {
        Some((what, rest)) => (what.as_str(), rest),
        None => bail!("say what: `cargo xtask help`"),
    };
    match what {
        "mesh" => mesh::bench(rest),
        "join" => join::bench(rest),
        "signaling" => signaling::bench(rest),
        "discovery" => discovery::bench(rest),
        unknown => bail!("there is no such benchmark as {unknown:?}; `cargo xtask help`"),
    }
}
