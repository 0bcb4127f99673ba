//! WebKitGTK: media is off by default, what the page makes calls of is a runtime feature, and the list of devices needs a
//! permission of its own.

mod features;

use tauri::{Manager, Runtime, WebviewWindow, WebviewWindowBuilder};
use webkit2gtk::glib::prelude::*;
use webkit2gtk::{
    DeviceInfoPermissionRequest, PermissionRequestExt, Settings, SettingsExt, WebView, WebViewExt,
};

/// Set to 1 in debug builds: the webview's own mock camera, microphone and screen, for machines that have none.
const MOCK_DEVICES: &str = "LANDLINE_MOCK_DEVICES";

/// Runtime features, and whether they have to be on.
const FEATURES: [(&str, bool); 3] = [
    // `MediaStreamTrackProcessor` and `VideoTrackGenerator`: pictures of a track in, a track of pictures out.
    ("MediaStreamTrackProcessing", true),
    // Camera and microphone also for a window that is behind another: somebody joins, and reads something meanwhile.
    ("GetUserMediaRequiresFocus", false),
    // A covered window is still in its meeting: timers must run, or peers take it for lost.
    ("HiddenPageDOMTimerThrottling", false),
];

/// Sets what the processes of the webview have to find in their environment. Before anything else, while there is one thread.
///
/// `WebKitGTK` 2.50 frees memory of `GLib`'s slices as if it came from `malloc`, wherever decoded sound is copied
/// (`PlatformRawAudioData::copyTo`), and the page ends there. Since `GLib` 2.76 it is the same, and this
/// variable means nothing; before, as in Debian 12, this makes it the same.
pub(crate) fn environment() {
    if let Err(error) = webkit2gtk::glib::setenv("G_SLICE", "always-malloc", true) {
        tracing::warn!(%error, "sound may end the page");
    }
}

pub(crate) fn prepare<R: Runtime, M: Manager<R>>(
    builder: WebviewWindowBuilder<'_, R, M>,
) -> WebviewWindowBuilder<'_, R, M> {
    builder
}

/// # Errors
/// If the window is gone already.
pub(crate) fn apply<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let webview = webview.inner();
        allow_device_list(&webview);
        let Some(settings) = WebViewExt::settings(&webview) else {
            tracing::warn!("this webview has no settings; camera and microphone may not work");
            return;
        };
        settings.set_enable_media_stream(true);
        // Most distributions compile WebRTC out, and then this changes nothing; the page looks for RTCPeerConnection.
        settings.set_enable_webrtc(true);
        // The voices of others, who join without a click on this side.
        set_features(&settings);
        settings.set_media_playback_requires_user_gesture(false);
        // The page's console among the logs of a debug build; what the CSP blocks is said there.
        settings.set_enable_write_console_messages_to_stdout(cfg!(debug_assertions));
        if cfg!(debug_assertions) && std::env::var(MOCK_DEVICES).is_ok_and(|value| value == "1") {
            tracing::info!("mock camera, microphone and screen");
            settings.set_enable_mock_capture_devices(true);
        }
    })
}

/// What is missing is only said: the page looks for what it needs, and offers the browser where it does not find it.
fn set_features(settings: &Settings) {
    match features::set(settings, &FEATURES) {
        Ok(missing) if missing.is_empty() => tracing::debug!("all features are there"),
        Ok(missing) => tracing::warn!(?missing, "this WebKitGTK lacks features"),
        Err(error) => tracing::warn!(%error, "calls go to the browser"),
    }
}

/// wry calls this request "other" and `permission::decide` passes it on for the app's own page only. Without it the device
/// pickers have nothing to show.
fn allow_device_list(webview: &WebView) {
    webview.connect_permission_request(|_, request| {
        if request.is::<DeviceInfoPermissionRequest>() {
            request.allow();
        } else {
            request.deny();
        }
        true
    });
}
