//! `landline-node bot`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use landline_node::address::{Address, is_meeting_id};
use landline_node::bot::{self, BotEvent, BotOptions, Footage};
use landline_node::{Node, NodeConfig};
use landline_protocol::node_api::Target;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::arguments::BotArguments;
use crate::{output, stop};

/// Largest file that is read: an hour at 2 Mbit/s.
const FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Lines that wait for a slow reader; some seconds of every bot.
const EVENTS: usize = 256;

pub(crate) async fn run(arguments: BotArguments) -> anyhow::Result<()> {
    let asked = stop::asked()?;
    let target = target(&arguments.meeting)?;
    let footage = match arguments.video.split_first() {
        Some((first, others)) => from_files(first, others)?,
        None => Footage::test_picture()?,
    };
    let node = Node::start(NodeConfig {
        port: 0,
        ..NodeConfig::default()
    })
    .await?;
    let options = BotOptions {
        name: arguments.name,
        count: arguments.count,
        echo: arguments.echo,
        mesh: arguments.mesh,
        speak: arguments.speak,
        views: arguments.views,
        report: arguments.report,
        ..BotOptions::new(target, footage)
    };
    let stop = CancellationToken::new();
    let (events, mut told) = mpsc::channel::<BotEvent>(EVENTS);
    let stopping = stop.clone();
    let seconds = arguments.seconds;
    let timer = tokio::spawn(async move {
        tokio::select! {
            () = asked => {}
            () = async {
                match seconds {
                    Some(seconds) => tokio::time::sleep(seconds).await,
                    None => std::future::pending().await,
                }
            } => {}
        }
        stopping.cancel();
    });
    let print = async {
        while let Some(event) = told.recv().await {
            output::json(&event)?;
        }
        anyhow::Ok(())
    };
    // Nobody reads any more: the bots have nobody to be there for.
    let print = async {
        let printed = print.await;
        stop.cancel();
        printed
    };
    let (ended, printed) = tokio::join!(bot::run(&node, options, events, stop.clone()), print);
    timer.abort();
    node.shutdown().await;
    ended?;
    printed
}

/// What a person gives as `--meeting`: an id, a guest link, or an address.
fn target(text: &str) -> anyhow::Result<Target> {
    // An id of ours has no dot and no colon; a name of a computer without either is taken for an id.
    if is_meeting_id(text) {
        return Ok(Target::Meeting {
            meeting_id: text.to_owned(),
        });
    }
    Address::parse(text)?;
    Ok(Target::Address {
        text: text.to_owned(),
    })
}

fn from_files(first: &Path, others: &[PathBuf]) -> anyhow::Result<Arc<Footage>> {
    let read = |path: &Path| {
        let size = std::fs::metadata(path)?.len();
        anyhow::ensure!(size <= FILE_BYTES, "the file is larger than 1 GB");
        Ok(Bytes::from(std::fs::read(path)?))
    };
    let named = |path: &Path| read(path).with_context(|| path.display().to_string());
    let rest = others
        .iter()
        .map(|path| named(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Footage::of_files(&named(first)?, &rest).with_context(|| first.display().to_string())
}
