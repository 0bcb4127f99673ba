//! What the node asks of the computer around it: the default browser, and staying awake.

mod awake;

use landline_node::{Platform, PlatformError};

use awake::KeepAwake;

/// The computer on which the app runs.
#[derive(Debug, Default)]
pub(crate) struct Desktop {
    awake: KeepAwake,
}

impl Platform for Desktop {
    fn open_url(&self, url: &str) -> Result<(), PlatformError> {
        // The error's text holds the command line, and with it the ticket: only its kind goes on.
        open_in_browser(url).map_err(|error| {
            tracing::warn!(kind = ?error.kind(), "no browser could be started");
            PlatformError::NoBrowser(error.kind().to_string())
        })
    }

    fn keep_awake(&self, on: bool) -> Result<(), PlatformError> {
        self.awake
            .set(on)
            .map_err(|error| PlatformError::Failed(error.to_string()))
    }
}

/// `xdg-open` and its like say within this time that there is no browser. One that still runs then has become the browser.
#[cfg(target_os = "linux")]
const LAUNCHER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

#[cfg(target_os = "linux")]
fn open_in_browser(url: &str) -> std::io::Result<()> {
    open::that_detached_with_timeout(url, LAUNCHER_TIMEOUT)
}

#[cfg(not(target_os = "linux"))]
fn open_in_browser(url: &str) -> std::io::Result<()> {
    open::that_detached(url)
}
