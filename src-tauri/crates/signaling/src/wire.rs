//! The bytes of one upgraded connection, for the two halves of its task: one reads, one writes.
//!
//! All connections of a thread are read into one buffer, and what is written is put together when it goes, so that a connection which
//! is silent has no buffer at all.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use crate::frames::Frames;

/// Read at once. A signal has one to twelve kilobytes; more is read in several steps.
const READ_BYTES: usize = 32 * 1024;

thread_local! {
    static READ: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// A connection. Only its own task holds it, so nobody ever waits for the lock.
pub(crate) struct Wire(Mutex<TokioIo<Upgraded>>);

impl Wire {
    pub(crate) fn new(upgraded: Upgraded) -> Self {
        Self(Mutex::new(TokioIo::new(upgraded)))
    }

    /// Reads once. How many bytes came; 0 at the end.
    pub(crate) async fn read(&self, frames: &mut Frames) -> io::Result<usize> {
        frames.tidy();
        poll_fn(|context| self.poll_read(context, frames)).await
    }

    fn poll_read(&self, context: &mut Context<'_>, frames: &mut Frames) -> Poll<io::Result<usize>> {
        READ.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut *self.lock()).poll_read(context, &mut buffer))?;
            frames.put(buffer.filled());
            Poll::Ready(Ok(buffer.filled().len()))
        })
    }

    /// Writes all of it and sees that it goes.
    pub(crate) async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        poll_fn(|context| {
            let mut io = self.lock();
            while !rest.is_empty() {
                let written = ready!(Pin::new(&mut *io).poll_write(context, rest))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                rest = rest.get(written..).unwrap_or_default();
            }
            Pin::new(&mut *io).poll_flush(context)
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, TokioIo<Upgraded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
