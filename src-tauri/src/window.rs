//! The one window: its size, its page, and the walls around that page.
//!
//! Invariant: the window shows the app's own page and never another. Navigation elsewhere, new windows, downloads and files
//! dropped on it are refused.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tauri::webview::NewWindowResponse;
use tauri::{
    App, AppHandle, Manager, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use crate::origin::OwnOrigins;
use crate::webview;
use crate::window_state::{MIN_HEIGHT, MIN_WIDTH, WindowState};

/// As in `capabilities/main.json`.
pub(crate) const LABEL: &str = "main";
const TITLE: &str = "Landline";

/// The size as the window last told it; written when the app ends.
pub(crate) struct LastSize(Mutex<WindowState>);

/// Opens the window in the size kept in `folder`.
///
/// # Errors
/// If the system gives no window or no webview.
pub(crate) fn open<R: Runtime>(
    app: &App<R>,
    folder: Option<&Path>,
    own: &OwnOrigins,
) -> tauri::Result<WebviewWindow<R>> {
    let state = folder.map(WindowState::load).unwrap_or_default();
    app.manage(LastSize(Mutex::new(state)));

    let may_show = own.clone();
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(TITLE)
        .inner_size(state.width, state.height)
        .min_inner_size(MIN_WIDTH, MIN_HEIGHT)
        .prevent_overflow()
        .maximized(state.maximized)
        .center()
        .theme(None)
        // Off, the page itself gets what is dropped; on, Tauri would hand it the paths of the files.
        .disable_drag_drop_handler()
        .on_navigation(move |url| {
            let allowed = may_show.contain(url);
            if !allowed {
                tracing::warn!(scheme = url.scheme(), "navigation refused");
            }
            allowed
        })
        .on_new_window(|url, _| {
            tracing::warn!(scheme = url.scheme(), "new window refused");
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false);
    let window = webview::prepare(builder).build()?;
    webview::apply(&window)?;

    let watched = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Resized(_) = event {
            note_size(&watched);
        }
    });
    Ok(window)
}

/// Brings the window to the front.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    for outcome in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = outcome {
            tracing::debug!(%error, "the window does not come to the front");
        }
    }
}

/// Writes the last size to `folder`.
pub(crate) fn keep_size<R: Runtime>(app: &AppHandle<R>, folder: &Path) {
    let Some(last) = app.try_state::<LastSize>() else {
        return;
    };
    let state = *last.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = state.save(folder) {
        tracing::warn!(%error, "window size cannot be kept");
    }
}

fn note_size<R: Runtime>(window: &WebviewWindow<R>) {
    // A minimized window reports sizes of its own, which nobody chose.
    if window.is_minimized().unwrap_or(false) || window.is_fullscreen().unwrap_or(false) {
        return;
    }
    let (Ok(size), Ok(scale), Ok(maximized)) = (
        window.inner_size(),
        window.scale_factor(),
        window.is_maximized(),
    ) else {
        return;
    };
    let Some(last) = window.try_state::<LastSize>() else {
        return;
    };
    let logical = size.to_logical::<f64>(scale);
    let mut state = last.0.lock().unwrap_or_else(PoisonError::into_inner);
    *state = state.resized(logical.width, logical.height, maximized);
}
