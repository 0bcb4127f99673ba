//! Logs go to stderr. `RUST_LOG` says what, as in every Rust program.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// One line a life-cycle step of ours; of libraries only what they recovered from.
const DEFAULT_FILTER: &str =
    "warn,landline=info,landline_node=info,landline_signaling=info,landline_discovery=info";

/// Starts logging. A filter that cannot be read is said and replaced by the default.
pub(crate) fn start() {
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(text) => EnvFilter::try_new(&text).unwrap_or_else(|error| {
            eprintln!("RUST_LOG: {error}");
            EnvFilter::new(DEFAULT_FILTER)
        }),
        Err(_) => EnvFilter::new(DEFAULT_FILTER),
    };
    let outcome = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    if let Err(error) = outcome {
        eprintln!("no logs: {error}");
    }
}
