//! The benchmark of the room's server: ours and the plain relay, in turns, in one run.

use std::time::Duration;

use anyhow::Result;

use crate::hold;
use crate::load::{self, Load};
use crate::process::more_files;
use crate::seat::fill;
use crate::subject::{Kind, Subject};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// One short run, and an error where a figure that does not depend on the machine is missed.
    #[arg(long)]
    short: bool,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 10_000])]
    rates: Vec<u32>,
    #[arg(long, default_value_t = 0)]
    idle: usize,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    more_files(32_768)?;
    for kind in [Kind::Landline, Kind::Node] {
        let subject = Subject::start(kind, 50)?;
        let mut rooms = fill(&subject.listening, 4)?;
        for &rate in &options.rates {
            let load = Load { rate, time: Duration::from_secs(options.seconds) };
            println!("{} {}", kind.name(), serde_json::to_string(&load::run(&subject, &mut rooms, load)?)?);
        }
    }
    if options.idle > 0 {
        for kind in [Kind::Landline, Kind::Node] {
            println!("{} {:?}", kind.name(), hold::run(kind, options.idle)?);
        }
    }
    let _ = options.short;
    Ok(())
}
