//! WKWebView. Camera, microphone and local network need keys in Info.plist as well.

use tauri::utils::config::BackgroundThrottlingPolicy;
use tauri::{Manager, Runtime, WebviewWindow, WebviewWindowBuilder};

/// Nothing is needed here.
pub(crate) fn environment() {}

pub(crate) fn prepare<R: Runtime, M: Manager<R>>(
    builder: WebviewWindowBuilder<'_, R, M>,
) -> WebviewWindowBuilder<'_, R, M> {
    builder
        // A covered window is still in its meeting: timers must run, or peers take it for lost.
        .background_throttling(BackgroundThrottlingPolicy::Disabled)
        .allow_link_preview(false)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "the other platforms can fail here"
)]
pub(crate) fn apply<R: Runtime>(_window: &WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}
