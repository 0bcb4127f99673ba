//! The Debian package: made with debug programs, then looked into, because a package that installs but lacks the
//! webview's codecs shows nothing.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::shell::{ask, node_tool, program, root, target};
use crate::steps::capture;

/// What has to be in it.
const FILES: [&str; 4] = [
    "usr/bin/landline",
    "usr/bin/landline-node",
    "usr/share/applications/",
    "usr/share/icons/hicolor/",
];
/// What it has to depend on.
const DEPENDS: [&str; 5] = [
    "libwebkit2gtk-4.1-0",
    "libgtk-3-0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
];

/// What it has to recommend: sharing a screen goes through the desktop's portal and its media server, and nothing else needs them.
const RECOMMENDS: [&str; 2] = ["gstreamer1.0-pipewire", "xdg-desktop-portal"];

/// Makes the package and checks what is in it.
pub(crate) fn check() -> Result<()> {
    let started = SystemTime::now();
    let args = ["build", "--debug", "--bundles", "deb", "--ci"];
    capture("tauri-build", node_tool("tauri", &args).current_dir(root()))?;
    let package = newest()?;
    if fs::metadata(&package)?.modified()? < started {
        bail!(
            "tauri build made no new package; {} is older",
            package.display()
        );
    }
    let file = package.to_string_lossy().into_owned();
    let contents = ask(&mut program("dpkg-deb", ["--contents", &file]))
        .context("dpkg-deb cannot list the package")?;
    let depends = ask(&mut program("dpkg-deb", ["--field", &file, "Depends"]))
        .context("dpkg-deb cannot read the package")?;
    let recommends = ask(&mut program("dpkg-deb", ["--field", &file, "Recommends"]))
        .context("dpkg-deb cannot read the package")?;
    let mut findings = missing(&contents, &depends);
    findings.extend(lacking(&recommends, &RECOMMENDS, "recommendation"));
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{file} lacks\n  {}", findings.join("\n  "))
}

fn newest() -> Result<PathBuf> {
    let folder = target().join("debug/bundle/deb");
    fs::read_dir(&folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| fs::metadata(path).and_then(|about| about.modified()).ok())
        .with_context(|| format!("no package in {}", folder.display()))
}

fn missing(contents: &str, depends: &str) -> Vec<String> {
    // The path is the last word; some packers write it with `./` before it. Folders alone are nothing.
    let paths: Vec<&str> = contents
        .lines()
        .filter(|line| !line.trim_start().starts_with('d'))
        .filter_map(|line| line.split_whitespace().last())
        .map(|path| path.trim_start_matches("./"))
        .collect();
    let mut findings = Vec::new();
    for file in FILES {
        let there = if file.ends_with('/') {
            paths.iter().any(|path| path.starts_with(file))
        } else {
            paths.contains(&file)
        };
        if !there {
            findings.push(format!("the file {file}"));
        }
    }
    findings.extend(lacking(depends, &DEPENDS, "dependency"));
    findings
}

/// Those that a field of the package does not name.
fn lacking(field: &str, wanted: &[&str], what: &str) -> Vec<String> {
    let names: Vec<&str> = field
        .split([',', '|'])
        .filter_map(|part| part.split_whitespace().next())
        .collect();
    wanted
        .iter()
        .filter(|name| !names.contains(name))
        .map(|name| format!("the {what} {name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENTS: &str = "\
        -rwxr-xr-x 0/0 9 2026-01-01 10:00 ./usr/bin/landline\n\
        -rwxr-xr-x 0/0 9 2026-01-01 10:00 ./usr/bin/landline-node\n\
        drwxr-xr-x 0/0 0 2026-01-01 10:00 ./usr/share/applications/\n\
        -rw-r--r-- 0/0 9 2026-01-01 10:00 usr/share/applications/Landline.desktop\n\
        -rw-r--r-- 0/0 9 2026-01-01 10:00 ./usr/share/icons/hicolor/128x128/apps/landline.png\n";

    #[test]
    fn a_whole_package_lacks_nothing() {
        let depends = "libwebkit2gtk-4.1-0 (>= 2.40), libgtk-3-0, gstreamer1.0-plugins-base, gstreamer1.0-plugins-good, \
            gstreamer1.0-plugins-bad, gstreamer1.0-pipewire | gstreamer1.0-pulseaudio";
        assert_eq!(missing(CONTENTS, depends), Vec::<String>::new());
    }

    #[test]
    fn an_empty_folder_and_a_forgotten_dependency_are_found() {
        let contents: Vec<&str> = CONTENTS
            .lines()
            .filter(|line| !line.contains(".desktop") && !line.contains(".png"))
            .collect();
        let findings = missing(&contents.join("\n"), "libwebkit2gtk-4.1-0, libgtk-3-0");
        assert_eq!(findings.len(), 5, "{findings:?}");
    }

    #[test]
    fn a_forgotten_recommendation_is_found() {
        let field = "gstreamer1.0-pipewire";
        assert_eq!(
            lacking(field, &RECOMMENDS, "recommendation"),
            ["the recommendation xdg-desktop-portal"]
        );
    }
}
