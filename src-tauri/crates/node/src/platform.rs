//! What only the program around the node can do.

/// The program around the node.
pub trait Platform: Send + Sync + 'static {
    /// Opens a URL in the default browser. It may hold a ticket: never log it.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn open_url(&self, url: &str) -> Result<(), PlatformError>;

    /// Keeps the machine from sleeping while `on`. Called when the first page asks and when the last one is done.
    ///
    /// # Errors
    /// [`PlatformError`].
    fn keep_awake(&self, on: bool) -> Result<(), PlatformError>;
}

/// Why the platform did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    #[error("not possible here")]
    NotSupported,
    /// There is no browser, or it could not be started.
    #[error("no browser could be started: {0}")]
    NoBrowser(String),
    #[error("{0}")]
    Failed(String),
}

/// A program without a window: pages in a browser use the browser's own wake lock.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPlatform;

impl Platform for NoPlatform {
    fn open_url(&self, _url: &str) -> Result<(), PlatformError> {
        Err(PlatformError::NotSupported)
    }

    fn keep_awake(&self, _on: bool) -> Result<(), PlatformError> {
        Err(PlatformError::NotSupported)
    }
}
