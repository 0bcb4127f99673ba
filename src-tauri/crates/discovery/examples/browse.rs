//! Prints the meetings on the network after each change, one JSON object a line: `started`, `state` and `meetings`. A line
//! on standard input, a meeting's id, reports that meeting as unreachable. Ends with standard input.

use std::error::Error;

use landline_discovery::Discovery;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let discovery = Discovery::new(Vec::new());
    println!("{}", json!({ "event": "started" }));
    let watch = discovery.watch();
    let (mut found, mut state) = (watch.found(), watch.state());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            changed = found.changed() => {
                changed?;
                let meetings: Vec<_> = found
                    .borrow_and_update()
                    .iter()
                    .map(|found| found.to_meeting(false))
                    .collect();
                println!("{}", json!({ "event": "meetings", "meetings": meetings }));
            }
            changed = state.changed() => {
                changed?;
                let state = state.borrow_and_update().clone();
                println!("{}", json!({ "event": "state", "state": state }));
            }
            line = lines.next_line() => match line? {
                Some(meeting_id) => watch.report_unreachable(&meeting_id),
                None => return Ok(()),
            },
        }
    }
}
