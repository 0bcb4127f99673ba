//! `landline-node host`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Context as _;
use landline_node::{Fingerprint, HostOptions, Node, NodeConfig, guest_url};
use landline_protocol::node_api::{HostedMeeting, Target};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;

use crate::arguments::HostArguments;
use crate::{output, stop};

/// Time for the last messages to the own pages, once one of them has ended the meeting.
const FAREWELL: Duration = Duration::from_millis(500);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    meeting_id: &'a str,
    title: &'a str,
    guest_url: &'a str,
    local_url: &'a str,
    fingerprint: &'a str,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

pub(crate) async fn run(arguments: HostArguments) -> anyhow::Result<()> {
    let asked = stop::asked()?;
    let node = Node::start(NodeConfig {
        port: arguments.port,
        ..NodeConfig::default()
    })
    .await?;
    let options = HostOptions {
        title: arguments.title.unwrap_or_default(),
        name: arguments.name.unwrap_or_else(|| node.settings().name),
        meeting_id: arguments.id,
        access: arguments.access.into(),
        private: arguments.private,
    };
    let hosted = node.host(options).await.context("cannot host")?;
    let target = Target::Meeting {
        meeting_id: hosted.meeting_id.clone(),
    };
    let local_url = node.local_url(Some(&target)).await?;
    let guest = best_guest_url(&hosted)?;
    if arguments.json {
        output::json(&Ready {
            meeting_id: &hosted.meeting_id,
            title: &hosted.title,
            guest_url: &guest,
            local_url: &local_url,
            fingerprint: &hosted.fingerprint,
            port: hosted.port,
            code: hosted.access.code.as_deref(),
        })?;
    } else {
        let wished = arguments.port;
        output::line(&for_people(&hosted, wished, &guest, &local_url)?)?;
    }
    let mut meeting = node.hosted();
    tokio::select! {
        () = asked => {}
        // Ended from its own page, which has yet to hear that it worked, and its room that it ended.
        _ = meeting.wait_for(Option::is_none) => tokio::time::sleep(FAREWELL).await,
    }
    node.shutdown().await;
    Ok(())
}

/// The first link; without a network one that works on this computer.
fn best_guest_url(hosted: &HostedMeeting) -> anyhow::Result<String> {
    if let Some(url) = hosted.guest_urls.first() {
        return Ok(url.clone());
    }
    let fingerprint: Fingerprint = hosted.fingerprint.parse()?;
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let secret = hosted.access.secret.as_deref();
    Ok(guest_url(
        ip,
        hosted.port,
        &hosted.meeting_id,
        &fingerprint,
        secret,
    ))
}

fn for_people(
    hosted: &HostedMeeting,
    wished: u16,
    guest: &str,
    local_url: &str,
) -> anyhow::Result<String> {
    let fingerprint: Fingerprint = hosted.fingerprint.parse()?;
    let address = guest
        .trim_start_matches("https://")
        .split('/')
        .next()
        .unwrap_or_default();
    let mut text = format!("{} is open, hosted by {}.\n\n", hosted.title, hosted.host);
    if hosted.port_changed {
        writeln!(
            text,
            "Port {wished} is taken, {} is used instead.\n",
            hosted.port
        )?;
    }
    if hosted.guest_urls.is_empty() {
        writeln!(
            text,
            "This computer is on no network: nobody else can join yet.\n"
        )?;
    }
    writeln!(
        text,
        "With Landline:     it is in the list, or join by the address {address}"
    )?;
    writeln!(text, "In a browser:      {guest}")?;
    writeln!(text, "On this computer:  {local_url}\n")?;
    if let Some(code) = &hosted.access.code {
        writeln!(text, "The code to come in:  {code}\n")?;
    }
    text.push_str(&qr_code(guest, std::io::stdout().is_terminal())?);
    write!(
        text,
        "\nA browser will warn that the connection is not private: the certificate is this computer's own, and no authority\n\
         vouches for it. \"Advanced\", then \"Proceed\" leads on. It is the right one if its SHA-256 fingerprint is\n\n  {}\n\n\
         Ctrl-C ends the hosting.",
        fingerprint.with_colons()
    )?;
    Ok(text)
}

/// In half blocks, with the quiet zone that scanners need; on a terminal dark on white whatever its colours are.
fn qr_code(content: &str, coloured: bool) -> anyhow::Result<String> {
    let code = QrCode::with_error_correction_level(content, EcLevel::L)?;
    let image = code
        .render::<Dense1x2>()
        .quiet_zone(true)
        .dark_color(Dense1x2::Dark)
        .light_color(Dense1x2::Light)
        .build();
    let mut text = String::new();
    for line in image.lines() {
        if coloured {
            writeln!(text, "\x1b[38;5;16;48;5;231m{line}\x1b[0m")?;
        } else {
            writeln!(text, "{line}")?;
        }
    }
    Ok(text)
}
