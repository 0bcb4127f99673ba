//! `landline-node ui`.

use landline_node::{Node, NodeConfig};
use serde::Serialize;

use crate::arguments::UiArguments;
use crate::{output, stop};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    local_url: &'a str,
}

pub(crate) async fn run(arguments: UiArguments) -> anyhow::Result<()> {
    let asked = stop::asked()?;
    let node = Node::start(NodeConfig::default()).await?;
    let local_url = node.local_url(None).await?;
    if arguments.json {
        output::json(&Ready {
            local_url: &local_url,
        })?;
    } else {
        output::line(&format!(
            "Landline for a browser of this computer, until Ctrl-C. The link is a key: keep it to yourself.\n\n  {local_url}"
        ))?;
    }
    asked.await;
    node.shutdown().await;
    Ok(())
}
