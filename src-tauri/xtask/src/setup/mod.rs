//! What a fresh machine lacks, in three layers: system packages, Node packages, the built UI.
//!
//! The UI is built before cargo builds anything, because the node embeds `ui/dist`.

pub(crate) mod stamp;
pub(crate) mod system;
pub(crate) mod ui;

/// What the set-up is for. Later ones need all that earlier ones do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Only the node: no window, no webview.
    Headless,
    /// The app and its window.
    App,
    /// All tests.
    Test,
    /// Measurements.
    Bench,
}
