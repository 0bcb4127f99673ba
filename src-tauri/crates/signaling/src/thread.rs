//! The thread on which a node's rooms and their connections run.
//!
//! A message comes in on one connection, passes the room and goes out on another: three tasks that wake each other. On one thread that is
//! three steps of a queue; on several each wake may be a call of the system, which costs more than all the rest (docs/PERFORMANCE.md).
//! One thread carries some twenty times what a full room says.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A thread with a runtime of its own. It ends, and all that runs on it, when this is dropped.
#[derive(Debug)]
pub struct Thread {
    handle: Handle,
    _stop: DropGuard,
}

impl Thread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread or no files left.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        std::thread::Builder::new()
            .name("rooms".to_owned())
            .spawn(move || runtime.block_on(stopped.cancelled()))?;
        Ok(Self {
            handle,
            _stop: stop.drop_guard(),
        })
    }

    /// Where [`crate::MeetingHandle::start`], [`crate::Public::serve`] and [`crate::Loopback::serve`] belong.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}
