//! What wakes the engine's thread.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::client::Shared;

/// A letter to the engine's thread. Frames and requests lie in the clients' own queues.
#[derive(Debug)]
pub(crate) enum Mail {
    Connect(Arc<Shared>),
    Resolved {
        client: u64,
        connection: u32,
        question: u64,
        addresses: Vec<IpAddr>,
    },
    Stop,
}

#[derive(Debug)]
pub(crate) struct Mailbox {
    letters: Mutex<Vec<Mail>>,
    /// The thread was woken and has not looked yet: one wake is enough.
    woken: AtomicBool,
    waker: mio::Waker,
}

impl Mailbox {
    pub(crate) fn new(waker: mio::Waker) -> Self {
        Self {
            letters: Mutex::default(),
            woken: AtomicBool::new(false),
            waker,
        }
    }

    pub(crate) fn post(&self, mail: Mail) {
        self.letters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(mail);
        self.wake();
    }

    pub(crate) fn wake(&self) {
        if !self.woken.swap(true, Ordering::AcqRel)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "the engine cannot be woken");
        }
    }

    /// Call before looking at queues: what comes later wakes again.
    pub(crate) fn take(&self) -> Vec<Mail> {
        self.woken.store(false, Ordering::Release);
        std::mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
