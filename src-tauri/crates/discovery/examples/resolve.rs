//! Asks for the addresses of hosts: names on standard input, one a line. Prints one JSON object a line: `started`, `state` and
//! `resolved`. Ends with standard input.

use std::error::Error;

use landline_discovery::Discovery;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let discovery = Discovery::new(Vec::new());
    let mut state = discovery.state();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    println!("{}", json!({ "event": "started" }));
    loop {
        tokio::select! {
            changed = state.changed() => {
                changed?;
                let state = state.borrow_and_update().clone();
                println!("{}", json!({ "event": "state", "state": state }));
            }
            line = lines.next_line() => {
                let Some(name) = line? else { return Ok(()) };
                let discovery = discovery.clone();
                tokio::spawn(async move {
                    let addresses = discovery.resolve_host(&name).await;
                    println!("{}", json!({ "event": "resolved", "name": name, "addresses": addresses }));
                });
            }
        }
    }
}
