//! WebView2.

use tauri::{Manager, Runtime, WebviewWindow, WebviewWindowBuilder};

/// Nothing is needed here.
pub(crate) fn environment() {}

pub(crate) fn prepare<R: Runtime, M: Manager<R>>(
    builder: WebviewWindowBuilder<'_, R, M>,
) -> WebviewWindowBuilder<'_, R, M> {
    builder
        // http://tauri.localhost is a secure context, and `origin` knows only this form.
        .use_https_scheme(false)
        .browser_extensions_enabled(false)
        .general_autofill_enabled(false)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "the other platforms can fail here"
)]
pub(crate) fn apply<R: Runtime>(_window: &WebviewWindow<R>) -> tauri::Result<()> {
    Ok(())
}
