//! Measures what Landline's server and discovery cost. `cargo xtask bench` builds and runs it; it is not shipped.
//!
//! - [`signaling`]: the benchmark of the room's server: runs, medians, the table
//! - [`subject`]: the servers that are measured, ours and the plain relay, as processes
//! - [`serve`]: our server as such a process
//! - [`seat`], [`frames`], [`pipe`]: a client's connection, its WebSocket, its socket with or without TLS
//! - [`load`]: signals at a fixed rate, and how long each takes
//! - [`hold`]: connections that do nothing
//! - [`process`]: what a process uses

mod frames;
mod hold;
mod load;
mod pipe;
mod process;
mod seat;
mod serve;
mod signaling;
mod subject;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Landline's server; not shipped")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The room's server beside a plain Node relay.
    Signaling(signaling::Options),
    /// Our server, as a process to be measured. Says where it listens, and ends with its standard input.
    Serve(serve::Options),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Signaling(options) => signaling::run(&options),
        Command::Serve(options) => serve::run(&options),
    }
}
