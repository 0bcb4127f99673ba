//! Where the pages come from: the caller has them embedded.

use std::borrow::Cow;

/// A file of the built UI.
#[derive(Debug, Clone)]
pub struct Asset {
    pub bytes: Cow<'static, [u8]>,
    /// Media type, for example `text/html; charset=utf-8`.
    pub content_type: Cow<'static, str>,
}

/// The built UI.
pub trait Assets: Send + Sync + 'static {
    /// The file at `path` (no leading slash; `index.html` for the page itself).
    fn get(&self, path: &str) -> Option<Asset>;
}
