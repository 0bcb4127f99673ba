//! What the page may use of the computer. Camera, microphone and screen, and only the app's own page.
//!
//! Invariant: camera, microphone and screen are always answered with Allow or Deny. With Default WebKitGTK grants both of
//! camera and microphone when one of them is allowed.

use tauri::webview::{PermissionKind, PermissionResponse};

/// The answer to a request for `kind` by the app's own page (`own`) or by any other.
pub(crate) fn decide(kind: PermissionKind, own: bool) -> PermissionResponse {
    match kind {
        PermissionKind::Camera
        | PermissionKind::Microphone
        | PermissionKind::DisplayCapture
        // Hearing others without a click on each of them; gives the page nothing to read.
        | PermissionKind::Autoplay
            if own =>
        {
            PermissionResponse::Allow
        }
        // WebKitGTK asks for the list of devices under this name. Passed on to `webview::linux`, which knows it by its
        // type and denies the rest.
        PermissionKind::Other if own && cfg!(target_os = "linux") => PermissionResponse::Default,
        _ => PermissionResponse::Deny,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEDIA: [PermissionKind; 3] = [
        PermissionKind::Camera,
        PermissionKind::Microphone,
        PermissionKind::DisplayCapture,
    ];
    const NEVER: [PermissionKind; 11] = [
        PermissionKind::Geolocation,
        PermissionKind::Notifications,
        PermissionKind::ClipboardRead,
        PermissionKind::Midi,
        PermissionKind::Sensors,
        PermissionKind::MediaKeySystemAccess,
        PermissionKind::LocalFonts,
        PermissionKind::WindowManagement,
        PermissionKind::PointerLock,
        PermissionKind::AutomaticDownloads,
        PermissionKind::FileSystemAccess,
    ];

    #[test]
    fn the_own_page_gets_camera_microphone_and_screen() {
        for kind in MEDIA {
            assert_eq!(decide(kind, true), PermissionResponse::Allow, "{kind}");
        }
    }

    #[test]
    fn any_other_page_gets_nothing() {
        for kind in MEDIA
            .into_iter()
            .chain(NEVER)
            .chain([PermissionKind::Autoplay, PermissionKind::Other])
        {
            assert_eq!(decide(kind, false), PermissionResponse::Deny, "{kind}");
        }
    }

    #[test]
    fn the_own_page_gets_nothing_else() {
        for kind in NEVER {
            assert_eq!(decide(kind, true), PermissionResponse::Deny, "{kind}");
        }
    }
}
