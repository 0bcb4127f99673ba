//! Discovery on demand: lines on standard input are `watch`, `advertise` and `off`. Prints one JSON object a line: `started`
//! and `state`.

use std::error::Error;

use landline_discovery::{AdvertisedMeeting, Advertisement, Discovery, Watch};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

/// What keeps discovery on.
enum Use {
    Nothing,
    Watching(#[expect(dead_code, reason = "held for its life")] Watch),
    Advertising(Advertisement),
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let discovery = Discovery::new(Vec::new());
    let mut state = discovery.state();
    let mut current = Use::Nothing;
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
                let next = match line?.as_deref() {
                    Some("watch") => Use::Watching(discovery.watch()),
                    Some("advertise") => Use::Advertising(discovery.advertise(meeting())?),
                    Some(_) => Use::Nothing,
                    None => return Ok(()),
                };
                if let Use::Advertising(advertisement) = std::mem::replace(&mut current, next) {
                    advertisement.stop().await;
                }
            }
        }
    }
}

fn meeting() -> AdvertisedMeeting {
    AdvertisedMeeting {
        meeting_id: "m1".to_owned(),
        title: "Standup".to_owned(),
        host: "Ada".to_owned(),
        port: 40_123,
        fingerprint: "ab".repeat(32),
        participants: 1,
        locked: false,
        started_at: 1_760_000_000_000,
        private: false,
        epoch: 0,
    }
}
