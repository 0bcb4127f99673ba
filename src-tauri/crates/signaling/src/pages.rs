//! The page and its files.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::site::Site;

const INDEX: &str = "index.html";
/// Files there have a hash in their name, so what was fetched once never changes.
const HASHED: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Every path that is no other route: a file of the UI, or 404.
pub(crate) async fn page(State(site): State<Arc<Site>>, method: Method, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => INDEX,
        path => path,
    };
    if !matches!(method, Method::GET | Method::HEAD) || !is_plain(path) {
        return not_found();
    }
    let Some(asset) = site.assets.get(path) else {
        return not_found();
    };
    let cache = if path.starts_with(HASHED) {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let built = Response::builder()
        .header(CONTENT_TYPE, asset.content_type.as_ref())
        .header(CACHE_CONTROL, cache)
        .body(Body::from(match asset.bytes {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
        }));
    built.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not found\n").into_response()
}

/// Our own file names need nothing else; in particular no way up and no encoding.
fn is_plain(path: &str) -> bool {
    let of_file = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    path.split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(of_file))
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_paths_are_looked_up() {
        for path in ["index.html", "assets/index-B1_x.js", "icons/a/b.svg"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "..", "../x", "a/../b", "a//b", "/etc", "%2e%2e/x", "a\\b", ".env", "a/.b", "a b",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
