//! `landline-node list`.

use std::collections::HashMap;
use std::sync::Arc;

use landline_node::{Node, NodeConfig};
use landline_protocol::node_api::{DiscoveryState, Meeting};
use serde::Serialize;

use crate::arguments::ListArguments;
use crate::{output, stop};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    meeting_id: &'a str,
    title: &'a str,
    host: &'a str,
    participants: u32,
    addresses: &'a [String],
    port: u16,
    fingerprint: &'a str,
    locked: bool,
}

pub(crate) async fn run(arguments: ListArguments) -> anyhow::Result<()> {
    let asked = stop::asked()?;
    let node = Node::start(NodeConfig::default()).await?;
    let watch = node.watch();
    let (mut found, state) = (watch.found(), watch.state());
    let mut printed = HashMap::new();
    let look = async {
        loop {
            let now = Arc::clone(&found.borrow_and_update());
            for meeting in now.iter() {
                // One without an address yet is not complete.
                if meeting.addresses.is_empty() {
                    continue;
                }
                let meeting = meeting.to_meeting(false);
                let last = printed.insert(meeting.meeting_id.clone(), meeting.clone());
                // People read each meeting once; programs are told of its changes too.
                if last.is_none_or(|last| arguments.json && last != meeting) {
                    print(&meeting, arguments.json)?;
                }
            }
            if found.changed().await.is_err() {
                return anyhow::Ok(());
            }
        }
    };
    tokio::select! {
        result = look => result?,
        () = tokio::time::sleep(arguments.seconds) => {}
        () = asked => {}
    }
    let trouble = match &*state.borrow() {
        DiscoveryState::Off | DiscoveryState::On { .. } if printed.is_empty() => {
            Some("no meeting was found".to_owned())
        }
        DiscoveryState::Off | DiscoveryState::On { .. } => None,
        DiscoveryState::NoNetwork => Some("this computer is on no network".to_owned()),
        DiscoveryState::Failed { message } => Some(message.clone()),
    };
    if let Some(trouble) = trouble {
        eprintln!("landline-node: {trouble}");
    }
    drop(watch);
    node.shutdown().await;
    Ok(())
}

fn print(meeting: &Meeting, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(&Line {
            meeting_id: &meeting.meeting_id,
            title: &meeting.title,
            host: &meeting.host,
            participants: meeting.participants,
            addresses: &meeting.addresses,
            port: meeting.port,
            fingerprint: &meeting.fingerprint,
            locked: meeting.locked,
        });
    }
    let title = if meeting.title.is_empty() {
        "A private meeting"
    } else {
        &meeting.title
    };
    let people = match meeting.participants {
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    let lock = if meeting.locked { ", locked" } else { "" };
    let address = meeting.addresses.first().map_or("", String::as_str);
    let bracketed = if address.contains(':') {
        format!("[{address}]")
    } else {
        address.to_owned()
    };
    let host = &meeting.host;
    let port = meeting.port;
    Ok(output::line(&format!(
        "{title}   hosted by {host}, {people}{lock}   {bracketed}:{port}"
    ))?)
}
