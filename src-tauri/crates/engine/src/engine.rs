//! The handle of an engine: one thread that owns all sockets. It ends when the last handle and the last client are gone.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::client::{Client, ClientOutput, Shared};
use crate::net::{self, Mail, Mailbox};
use crate::resolver::Resolver;

/// What an engine needs from outside.
#[derive(Clone)]
pub struct EngineConfig {
    /// The addresses on which calls are allowed, asked anew whenever candidates are gathered. Link-local ones are left out.
    pub addresses: Arc<dyn Fn() -> Vec<IpAddr> + Send + Sync>,
    /// None: `.local` candidates are not used.
    pub resolver: Option<Arc<dyn Resolver>>,
}

impl fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineConfig")
            .field("resolver", &self.resolver.is_some())
            .finish_non_exhaustive()
    }
}

/// Why an engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("no thread or no way to wait for sockets")]
    Io(#[from] std::io::Error),
    #[error("no certificate could be made")]
    Certificate,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Running>,
}

/// Ends the thread when dropped: engine handles and clients hold it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) mailbox: Arc<Mailbox>,
    fingerprint: [u8; 32],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.mailbox.post(Mail::Stop);
    }
}

impl Engine {
    /// Starts the thread. `.local` names are resolved on the tokio runtime of the caller; outside one, not at all.
    ///
    /// # Errors
    /// The system gives no thread or no poll, or no certificate can be made.
    pub fn start(config: EngineConfig) -> Result<Self, StartError> {
        let (mailbox, fingerprint) = net::start(config)?;
        Ok(Self {
            inner: Arc::new(Running {
                mailbox,
                fingerprint,
            }),
        })
    }

    /// SHA-256 of the one DTLS certificate of all its connections (RFC 8122).
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.inner.fingerprint
    }

    /// A page or a bot: connections, tracks and channels of its own.
    pub fn connect(&self) -> (Client, ClientOutput) {
        let shared = Arc::new(Shared::new());
        self.inner.mailbox.post(Mail::Connect(Arc::clone(&shared)));
        (
            Client::new(Arc::clone(&shared), Arc::clone(&self.inner)),
            ClientOutput::new(shared),
        )
    }
}
