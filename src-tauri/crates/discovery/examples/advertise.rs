//! Advertises a meeting until SIGTERM or Ctrl-C: `advertise MEETING_ID TITLE [PORT]`. Lines on standard input,
//! `PARTICIPANTS LOCKED`, change it. Prints one JSON object a line: `ready`, `state` and `stopped`.

use std::error::Error;

use landline_discovery::{AdvertisedMeeting, Discovery};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut args = std::env::args().skip(1);
    let meeting_id = args.next().ok_or("a meeting id is needed")?;
    let title = args.next().ok_or("a title is needed")?;
    let port = args.next().map_or(Ok(40_123), |port| port.parse())?;
    let discovery = Discovery::new(Vec::new());
    let mut state = discovery.state();
    let advertisement = discovery.advertise(AdvertisedMeeting {
        meeting_id,
        title,
        host: "Ada".to_owned(),
        port,
        fingerprint: "ab".repeat(32),
        participants: 1,
        locked: false,
        started_at: 1_760_000_000_000,
        private: false,
        epoch: 0,
    })?;
    println!(
        "{}",
        json!({ "event": "ready", "hostName": advertisement.host_name() })
    );
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            changed = state.changed() => {
                changed?;
                let state = state.borrow_and_update().clone();
                println!("{}", json!({ "event": "state", "state": state }));
            }
            line = lines.next_line() => {
                let Some(line) = line? else {
                    stop.await;
                    break;
                };
                let mut words = line.split_whitespace();
                let participants = words.next().unwrap_or("1").parse()?;
                advertisement.update(participants, words.next() == Some("true"));
            }
        }
    }
    advertisement.stop().await;
    println!("{}", json!({ "event": "stopped" }));
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
