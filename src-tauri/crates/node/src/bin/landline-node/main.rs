//! `landline-node`: hosts and lists meetings without a window, serves the UI to a browser on this machine, and joins without a person.
//!
//! - [`arguments`]: the command line
//! - [`host`], [`list`], [`ui`], [`bot`]: one command each
//! - [`output`]: standard output, which belongs to results; logs go to standard error
//! - [`stop`]: Ctrl-C and the polite signals
//! - [`figures`]: how many tasks there are, when somebody asks

mod arguments;
mod bot;
mod figures;
mod host;
mod list;
mod output;
mod stop;
mod ui;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use arguments::{Arguments, Command};

/// How long work that cannot be interrupted (the system's name resolver) may hold up the end.
const LEFT_OVER: Duration = Duration::from_millis(100);
/// What is logged unless `RUST_LOG` says otherwise. The mDNS library warns of every odd packet on the network.
const LOG: &str = "warn,mdns_sd=error";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| LOG.into()))
        .with_writer(std::io::stderr)
        .init();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("landline-node: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(async {
        figures::on_request()?;
        match command {
            Command::Host(arguments) => host::run(arguments).await,
            Command::List(arguments) => list::run(arguments).await,
            Command::Ui(arguments) => ui::run(arguments).await,
            Command::Bot(arguments) => Box::pin(bot::run(arguments)).await,
        }
    });
    runtime.shutdown_timeout(LEFT_OVER);
    result
}
