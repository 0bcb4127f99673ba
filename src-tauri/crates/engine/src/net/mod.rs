//! The shell: one thread, its sockets, its clock. Everything that decides is in `hub` and below.

mod addresses;
mod mailbox;
mod sockets;
mod thread;

use std::sync::Arc;

pub(crate) use addresses::usable;
pub(crate) use mailbox::{Mail, Mailbox};

use crate::engine::{EngineConfig, StartError};
use crate::session::Certificate;

/// Starts the engine's thread. With it comes the fingerprint of its certificate.
pub(crate) fn start(config: EngineConfig) -> Result<(Arc<Mailbox>, [u8; 32]), StartError> {
    let certificate = Certificate::generate().ok_or(StartError::Certificate)?;
    let fingerprint = certificate.fingerprint;
    let poll = mio::Poll::new()?;
    let mailbox = Arc::new(Mailbox::new(mio::Waker::new(
        poll.registry(),
        thread::WAKE,
    )?));
    let runtime = tokio::runtime::Handle::try_current().ok();
    let mail = Arc::clone(&mailbox);
    let runner = thread::Runner::new(poll, mail, config, certificate, runtime)?;
    std::thread::Builder::new()
        .name("landline-engine".to_owned())
        .spawn(move || runner.run())?;
    Ok((mailbox, fingerprint))
}
