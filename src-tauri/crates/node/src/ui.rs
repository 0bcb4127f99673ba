//! The built UI, embedded in the program.

use std::borrow::Cow;

use landline_signaling::{Asset, Assets};
use rust_embed::RustEmbed;

/// `ui/dist` as it was when the program was built.
#[derive(RustEmbed)]
#[folder = "../../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// Shown instead of the UI when the program was built without it.
const WITHOUT_UI: &str = include_str!("without-ui.html");

/// The embedded UI.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmbeddedUi;

impl Assets for EmbeddedUi {
    fn get(&self, path: &str) -> Option<Asset> {
        match Dist::get(path) {
            Some(file) => Some(Asset {
                bytes: file.data,
                content_type: Cow::Borrowed(content_type(path)),
            }),
            None if path == "index.html" => Some(Asset {
                bytes: Cow::Borrowed(WITHOUT_UI.as_bytes()),
                content_type: Cow::Borrowed(content_type(path)),
            }),
            None => None,
        }
    }
}

/// By the file's ending; what a build of the UI puts out, and bytes for anything else.
fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_with_or_without_a_built_ui() {
        let page = EmbeddedUi.get("index.html").unwrap();
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        assert!(String::from_utf8_lossy(&page.bytes).contains("<title>"));
        assert!(EmbeddedUi.get("no/such/file.js").is_none());
    }

    #[test]
    fn files_of_a_build_have_their_types_and_unknown_ones_are_bytes() {
        assert_eq!(
            content_type("assets/index-a1.js"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(content_type("fonts/a.woff2"), "font/woff2");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }
}
