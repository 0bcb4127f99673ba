//! Node packages and the built UI, brought up to date only when what they are made from changed.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::stamp;
use crate::shell::{ask, node_tool, program, root, show};

/// `engines` in ui/package.json.
const NODE_AT_LEAST: (u32, u32) = (20, 19);
/// What the UI is built from, in `ui/`.
const SOURCES: [&str; 7] = [
    "src",
    "public",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
];

/// Installs Node packages if `package-lock.json` changed since the last time.
pub(crate) fn packages() -> Result<()> {
    check_node()?;
    let ui = root().join("ui");
    let stamp = ui.join("node_modules/.landline-stamp");
    let digest = stamp::digest(&[
        ui.join("package.json"),
        ui.join("package-lock.json"),
        ui.join(".npmrc"),
    ])?;
    if stamp::is_current(&stamp, &digest) {
        return Ok(());
    }
    println!("npm ci: Node packages of the UI and its tests");
    show(npm(&["ci", "--no-fund", "--no-audit"]).current_dir(&ui))?;
    stamp::write(&stamp, &digest)
}

/// Builds the UI into `ui/dist` if its sources changed since the last time.
pub(crate) fn build() -> Result<()> {
    packages()?;
    let ui = root().join("ui");
    let stamp = ui.join("node_modules/.landline-built");
    let sources: Vec<_> = SOURCES.iter().map(|name| ui.join(name)).collect();
    let digest = stamp::digest(&sources)?;
    if ui.join("dist/index.html").is_file() && stamp::is_current(&stamp, &digest) {
        return Ok(());
    }
    println!("vite build: the UI, which the programs embed");
    show(&mut node_tool("vite", &["build", "--logLevel", "warn"]))?;
    stamp::write(&stamp, &digest)
}

fn npm(args: &[&str]) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, args)
}

fn check_node() -> Result<()> {
    let (major, minor) = NODE_AT_LEAST;
    let version = ask(&mut program("node", ["--version"])).with_context(|| {
        format!("Node.js is missing. Install {major}.{minor} or later: https://nodejs.org")
    })?;
    match parse_version(&version) {
        Some(found) if found >= NODE_AT_LEAST => Ok(()),
        _ => bail!(
            "Node.js {version} is too old. Install {major}.{minor} or later: https://nodejs.org"
        ),
    }
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number_not_by_text() {
        assert!(parse_version("v20.19.0").unwrap() >= NODE_AT_LEAST);
        assert!(parse_version("v22.3.1").unwrap() >= NODE_AT_LEAST);
        assert!(parse_version("v20.9.0").unwrap() < NODE_AT_LEAST);
        assert!(parse_version("v8.20.0").unwrap() < NODE_AT_LEAST);
        assert_eq!(parse_version("nonsense"), None);
    }
}
