//! What each system's webview needs before its page is loaded. Media permissions are decided in `permission`, for all of them.
//!
//! Each file has the same functions: `environment` runs before anything else, `prepare` adds to the window before it is built, `apply` sets what only the
//! finished webview has. Both run before the first page.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

/// Set to 0: a webview without an `RTCPeerConnection` leaves calls to the default browser.
const CALLS_IN_WINDOW: &str = "LANDLINE_CALLS_IN_WINDOW";

/// Whether the page may ask for an engine session, which stands in for a missing `RTCPeerConnection`.
pub(crate) fn gives_engine() -> bool {
    cfg!(target_os = "linux") && !std::env::var(CALLS_IN_WINDOW).is_ok_and(|value| value == "0")
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{apply, environment, prepare};
#[cfg(target_os = "macos")]
pub(crate) use macos::{apply, environment, prepare};
#[cfg(windows)]
pub(crate) use windows::{apply, environment, prepare};
