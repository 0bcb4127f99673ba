//! Connections to other nodes: where they come in, and those that are there.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use landline_signaling::{PeerSession, Peers};
use landline_succession::{MeetingId, Message};
use landline_trust::PublicKey;
use landline_trust::pake::Exporter;
use tokio::sync::{Semaphore, mpsc};

use super::wire::{Credentials, Ends, SILENCE, Wire, meet, wire};

/// Connections on which nobody has proven a key yet.
const UNPROVEN: usize = 64;
/// Connections in all: a room of 32 that dial each other at the same time, and some.
const LINKS: usize = 96;
/// Connections with one node: both may have dialed.
const LINKS_OF_ONE: usize = 2;

/// What happens to connections.
pub(super) enum Event {
    Linked {
        key: PublicKey,
        number: u64,
        to: mpsc::Sender<Bytes>,
    },
    Received {
        key: PublicKey,
        message: Box<Message>,
    },
    Unlinked {
        key: PublicKey,
        number: u64,
    },
    /// A dial did not reach it.
    Missed(PublicKey),
}

/// Where other nodes come in. They are let in while this node is in a meeting, and have to know which.
pub(super) struct Door {
    open: Mutex<Option<Open>>,
    unproven: Arc<Semaphore>,
}

#[derive(Clone)]
struct Open {
    credentials: Credentials,
    events: mpsc::Sender<Event>,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            unproven: Arc::new(Semaphore::new(UNPROVEN)),
        }
    }
}

impl Door {
    pub(super) fn open(&self, credentials: Credentials, events: mpsc::Sender<Event>) {
        *self.lock() = Some(Open {
            credentials,
            events,
        });
    }

    /// Closes it, if it is open for this meeting.
    pub(super) fn close(&self, meeting: MeetingId) {
        let mut open = self.lock();
        if open
            .as_ref()
            .is_some_and(|open| open.credentials.meeting == meeting)
        {
            *open = None;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peers for Door {
    fn open(&self, exporter: Exporter) -> Option<PeerSession> {
        let Open {
            credentials,
            events,
        } = self.lock().clone()?;
        let permit = Arc::clone(&self.unproven).try_acquire_owned().ok()?;
        let (mut wire, Ends { sent, received }) = wire(exporter);
        tokio::spawn(async move {
            let key = meet(&mut wire, &credentials).await;
            drop(permit);
            if let Some(key) = key {
                follow(key, wire, &events).await;
            } else {
                tracing::debug!("another node did not prove who it is");
            }
        });
        Some(PeerSession {
            to_node: received,
            from_node: sent,
        })
    }
}

/// Tells what comes over a connection whose other end is proven, until it ends.
pub(super) async fn follow(key: PublicKey, wire: Wire, events: &mpsc::Sender<Event>) {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let Wire { to, mut from, .. } = wire;
    if events
        .send(Event::Linked { key, number, to })
        .await
        .is_err()
    {
        return;
    }
    while let Ok(Some(bytes)) = tokio::time::timeout(SILENCE, from.recv()).await {
        let Ok(message) = Message::decode(&bytes) else {
            tracing::debug!("another node says what it should not");
            break;
        };
        let message = Box::new(message);
        if events.send(Event::Received { key, message }).await.is_err() {
            return;
        }
    }
    // If nobody listens any more, nobody has to know.
    let _ = events.send(Event::Unlinked { key, number }).await;
}

/// Connections that are there.
#[derive(Default)]
pub(super) struct Links(BTreeMap<PublicKey, Vec<(u64, mpsc::Sender<Bytes>)>>);

impl Links {
    /// A new one. When there are too many, one of somebody who is no member goes.
    pub(super) fn add(
        &mut self,
        key: PublicKey,
        number: u64,
        to: mpsc::Sender<Bytes>,
        is_member: impl Fn(&PublicKey) -> bool,
    ) {
        if self.0.values().map(Vec::len).sum::<usize>() >= LINKS {
            let Some(stranger) = self.0.keys().find(|key| !is_member(key)).copied() else {
                return;
            };
            self.0.remove(&stranger);
        }
        let links = self.0.entry(key).or_default();
        links.push((number, to));
        if links.len() > LINKS_OF_ONE {
            links.remove(0);
        }
    }

    pub(super) fn remove(&mut self, key: &PublicKey, number: u64) {
        if let Some(links) = self.0.get_mut(key) {
            links.retain(|(known, _)| *known != number);
            if links.is_empty() {
                self.0.remove(key);
            }
        }
    }

    pub(super) fn reaches(&self, key: &PublicKey) -> bool {
        self.0.contains_key(key)
    }

    /// Over the newest that takes it; dropped if none does.
    pub(super) fn send(&self, to: &PublicKey, message: &Message) {
        let Some(links) = self.0.get(to) else { return };
        let bytes = Bytes::from(message.encode());
        for (_, link) in links.iter().rev() {
            if link.try_send(bytes.clone()).is_ok() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use landline_trust::SigningKey;

    use super::*;

    #[test]
    fn connections_are_bounded_and_strangers_go_first() {
        let key = || SigningKey::generate().unwrap().public();
        let (member, mut links) = (key(), Links::default());
        let to = mpsc::channel(1).0;
        links.add(member, 0, to.clone(), |key| *key == member);
        for number in 1..200 {
            links.add(key(), number, to.clone(), |key| *key == member);
        }
        assert_eq!(links.0.len(), LINKS);
        assert!(links.0.contains_key(&member));
        for number in 200..210 {
            links.add(member, number, to.clone(), |key| *key == member);
        }
        assert_eq!(links.0.get(&member).unwrap().len(), LINKS_OF_ONE);
    }
}
