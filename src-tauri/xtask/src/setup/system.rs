//! System packages: installed by apt on Debian and Ubuntu, named for people elsewhere.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Purpose;
use crate::shell::{ask, cargo, find, node_tool, program, show};

/// One package of Debian and Ubuntu, since when it is needed, and for what.
struct Package {
    name: &'static str,
    since: Purpose,
    why: &'static str,
}

const fn package(name: &'static str, since: Purpose, why: &'static str) -> Package {
    Package { name, since, why }
}

const PACKAGES: [Package; 17] = [
    package(
        "build-essential",
        Purpose::Headless,
        "C compiler and linker",
    ),
    package("pkg-config", Purpose::App, "finds the libraries below"),
    package(
        "libwebkit2gtk-4.1-dev",
        Purpose::App,
        "the window's webview",
    ),
    package("librsvg2-dev", Purpose::App, "icons of the window"),
    package(
        "gstreamer1.0-plugins-base",
        Purpose::App,
        "sound and picture in the webview, Opus",
    ),
    package(
        "gstreamer1.0-plugins-good",
        Purpose::App,
        "camera, VP8 in the webview",
    ),
    package(
        "gstreamer1.0-plugins-bad",
        Purpose::App,
        "codecs of the webview",
    ),
    package(
        "gstreamer1.0-pulseaudio",
        Purpose::App,
        "microphone and loudspeaker of the webview",
    ),
    package("webkit2gtk-driver", Purpose::Test, "drives the real window"),
    package("xvfb", Purpose::Test, "a display for it"),
    package("dbus", Purpose::Test, "a session for the window"),
    package(
        "iproute2",
        Purpose::Test,
        "networks of several machines in one",
    ),
    package(
        "python3-zeroconf",
        Purpose::Test,
        "a foreign implementation of mDNS",
    ),
    package("dpkg-dev", Purpose::Test, "looks into the Debian package"),
    package("ca-certificates", Purpose::Test, "downloads over TLS"),
    package(
        "fonts-dejavu-core",
        Purpose::Test,
        "letters in the pictures of a test run",
    ),
    package("ffmpeg", Purpose::Bench, "makes the film that cameras show"),
];

/// Where real browsers are, in the order in which the tests take them (ui/e2e/lab/chromium.ts looks at the same places).
const BROWSERS: [&str; 6] = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/// Where a Firefox that tests can start may be (ui/e2e/lab/firefox.ts looks at the same places).
const FIREFOXES: [&str; 2] = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

const OTHER_LINUX: &str = "\
This system has no apt. Landline needs, by the names of Fedora:
  gcc pkgconf-pkg-config webkit2gtk4.1-devel librsvg2-devel gstreamer1-plugins-base gstreamer1-plugins-good gstreamer1-plugins-bad-free
and for the tests: webkit2gtk-driver xorg-x11-server-Xvfb dbus-daemon iproute python3-zeroconf dpkg chromium firefox
by the names of Arch:
  base-devel webkit2gtk-4.1 librsvg gst-plugins-base gst-plugins-good gst-plugins-bad
and for the tests: xorg-server-xvfb iproute2 python-zeroconf dpkg chromium firefox
";

const MACOS: &str = "\
On macOS Landline needs the command line tools of Xcode: xcode-select --install
and for the tests Google Chrome. Tests that need Linux (network namespaces, the window, the Debian package) are skipped.
";

const WINDOWS: &str = "\
On Windows Landline needs the C++ build tools of Visual Studio 2022 (\"Desktop development with C++\") and WebView2, which is
part of Windows 11; for the cryptography of calls NASM, or AWS_LC_SYS_PREBUILT_NASM=1 in the environment; for the tests Google Chrome. Tests that need Linux (network namespaces, the window, the Debian package) are skipped.
";

/// Makes sure that the system has what `purpose` needs.
pub(crate) fn install(purpose: Purpose) -> Result<()> {
    rust_components(purpose)?;
    if cfg!(target_os = "macos") {
        return say_unless(ask(&mut program("xcode-select", ["-p"])).is_some(), MACOS);
    }
    if cfg!(windows) {
        // rustc could not have built this program without a linker.
        return say_unless(true, WINDOWS);
    }
    if find("apt-get").is_none() || find("dpkg-query").is_none() {
        let built = ask(&mut program("pkg-config", ["--exists", "webkit2gtk-4.1"])).is_some();
        return say_unless(built || purpose == Purpose::Headless, OTHER_LINUX);
    }
    let mut wanted: Vec<(&str, &str)> = PACKAGES
        .iter()
        .filter(|package| package.since <= purpose)
        .map(|package| (package.name, package.why))
        .collect();
    let browser = purpose >= Purpose::Test && browser().is_none();
    // Ubuntu's package of that name is a snap, which cannot be started in a network namespace, nor in a container.
    if browser && !is_ubuntu() {
        wanted.push(("chromium", "the browser of the tests"));
    }
    // Likewise. Without it the tests with Firefox say that they are skipped.
    if purpose == Purpose::Test && firefox().is_none() && !is_ubuntu() {
        wanted.push(("firefox-esr", "the second browser of the tests"));
    }
    apt(&missing(&wanted))?;
    if browser && is_ubuntu() {
        return playwright_browser();
    }
    Ok(())
}

/// A browser that tests can start.
fn browser() -> Option<PathBuf> {
    startable(&BROWSERS)
}

fn firefox() -> Option<PathBuf> {
    startable(&FIREFOXES)
}

fn startable(places: &[&str]) -> Option<PathBuf> {
    places
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file() && !is_snap(path))
}

/// Whether a program is only a door to a snap.
fn is_snap(path: &Path) -> bool {
    fs::canonicalize(path).is_ok_and(|real| real.starts_with("/snap") || real.ends_with("snap"))
}

fn is_ubuntu() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu"))
}

/// Those that dpkg does not have.
fn missing(wanted: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let installed = |name: &str| {
        ask(&mut program(
            "dpkg-query",
            ["-W", "-f=${db:Status-Status}", name],
        ))
        .is_some_and(|status| status == "installed")
    };
    wanted
        .iter()
        .copied()
        .filter(|(name, _)| !installed(name))
        .collect()
}

fn apt(packages: &[(&str, &str)]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    println!("Missing system packages, to be installed by apt without recommended ones:");
    for (name, why) in packages {
        println!("  {name:<28} {why}");
    }
    let names: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let manual = format!(
        "sudo apt-get install --no-install-recommends {}",
        names.join(" ")
    );
    show(&mut as_root(&["apt-get", "update", "-q"])?)
        .with_context(|| format!("to do it yourself: {manual}"))?;
    let mut install = vec!["apt-get", "install", "-y", "-q", "--no-install-recommends"];
    install.extend(names);
    show(&mut as_root(&install)?).with_context(|| format!("to do it yourself: {manual}"))
}

fn as_root(words: &[&str]) -> Result<Command> {
    let root = ask(&mut program("id", ["-u"])).is_some_and(|id| id == "0");
    // `env` behind sudo, because sudo drops the environment.
    let mut line = vec!["env", "DEBIAN_FRONTEND=noninteractive"];
    line.extend(words);
    if root {
        return Ok(program("env", line.get(1..).unwrap_or_default()));
    }
    if find("sudo").is_none() {
        bail!(
            "root is needed to install packages, and there is no sudo. Run as root: {}",
            words.join(" ")
        );
    }
    let mut command = if std::io::stdin().is_terminal() {
        program("sudo", line)
    } else {
        // Nobody is there to type a password.
        let mut quiet = vec!["-n"];
        quiet.extend(line);
        program("sudo", quiet)
    };
    command.stdin(Stdio::inherit());
    Ok(command)
}

fn playwright_browser() -> Result<()> {
    super::ui::packages()?;
    println!(
        "No Chromium that tests can start (Ubuntu's is a snap, and Google Chrome is not installed): Playwright downloads its own"
    );
    show(&mut node_tool("playwright", &["install", "chromium"]))?;
    show(&mut node_tool("playwright", &["install-deps", "chromium"]))
        .context("libraries of Playwright's Chromium")
}

fn rust_components(purpose: Purpose) -> Result<()> {
    if purpose != Purpose::Test {
        return Ok(());
    }
    for (name, tool) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if ask(&mut cargo(&[tool, "--version"])).is_none() {
            bail!("cargo {tool} is missing. Install it: rustup component add {name}");
        }
    }
    Ok(())
}

fn say_unless(present: bool, text: &str) -> Result<()> {
    if present {
        return Ok(());
    }
    bail!("{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_a_window_needs_no_webkit() {
        let headless: Vec<_> = PACKAGES
            .iter()
            .filter(|package| package.since <= Purpose::Headless)
            .map(|package| package.name)
            .collect();
        assert_eq!(headless, ["build-essential"]);
    }

    #[test]
    fn every_package_stands_once_and_says_why() {
        let mut names: Vec<_> = PACKAGES.iter().map(|package| package.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PACKAGES.len());
        assert!(PACKAGES.iter().all(|package| !package.why.is_empty()));
    }
}
