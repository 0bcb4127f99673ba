//! Tells the network of the meetings that are to be advertised, and takes them back.
//!
//! Owns what was told. A wish is told when there is a responder, again when it changed, and its end with a goodbye; it is
//! forgotten only after the goodbye, so that the responder lives until then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use landline_protocol::SERVICE_TYPE;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::advertise::service;
use crate::responder::Responder;
use crate::wanted::{Life, Shared, Wish};

/// Least time between two updates of one advertisement, so that a crowd that comes in does not flood the network.
const UPDATE_EVERY: Duration = Duration::from_millis(250);
/// The library announces at 0 and 1 s. An IPv6 address is often not usable that early (duplicate address detection, RFC 4862
/// §5.4) and what is sent from it is lost, so it is said once more; RFC 6762 §8.3 allows eight times at doubling intervals.
const AGAIN_AFTER: Duration = Duration::from_secs(3);
/// How long the responder may take for a goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_millis(800);
/// The responder repeats a goodbye after 120 ms; it is kept alive for that long.
const GOODBYE_REPEATED: Duration = Duration::from_millis(150);

/// What the network was told of an advertisement.
#[derive(Debug)]
struct Told {
    participants: u32,
    locked: bool,
    at: Instant,
    /// When to say it once more.
    again: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Announcer {
    told: BTreeMap<u64, Told>,
}

impl Announcer {
    /// The responder is gone, and what it was told with it.
    pub(crate) fn forget(&mut self) {
        self.told.clear();
    }

    /// The network changed: the library announces by itself, and we once more.
    pub(crate) fn again(&mut self, now: Instant) {
        for told in self.told.values_mut() {
            told.again = Some(now + AGAIN_AFTER);
        }
    }

    /// Tells the network what is wanted and was not told yet. Returns when there will be more to tell.
    pub(crate) fn follow(
        &mut self,
        shared: &Arc<Shared>,
        responder: Option<&Responder>,
        now: Instant,
    ) -> Option<Instant> {
        let mut wanted = shared.wanted();
        let mut next: Option<Instant> = None;
        wanted.wishes.retain(|&key, wish| match &mut wish.life {
            Life::Leaving => true,
            Life::Wished => {
                let due = responder.and_then(|responder| self.tell(key, wish, responder, now));
                next = [next, due].into_iter().flatten().min();
                true
            }
            Life::Ended(gone) => {
                let gone = gone.take();
                match responder {
                    Some(responder) if self.told.contains_key(&key) => {
                        leave(shared, responder, &wish.instance, key, gone);
                        wish.life = Life::Leaving;
                        true
                    }
                    // Nobody was told of it.
                    _ => {
                        if let Some(gone) = gone {
                            let _ = gone.send(());
                        }
                        false
                    }
                }
            }
        });
        self.told.retain(|key, _| wanted.wishes.contains_key(key));
        next
    }

    /// Tells what is due of one wish. Returns when the rest is.
    fn tell(
        &mut self,
        key: u64,
        wish: &Wish,
        responder: &Responder,
        now: Instant,
    ) -> Option<Instant> {
        let (participants, locked) = (wish.meeting.participants, wish.meeting.locked);
        let told = self.told.get(&key);
        let due = match told {
            None => now,
            Some(told) => {
                let changed = (told.participants, told.locked) != (participants, locked);
                let update = changed.then(|| told.at + UPDATE_EVERY);
                [update, told.again].into_iter().flatten().min()?
            }
        };
        if due > now {
            return Some(due);
        }
        if let Err(error) = service(wish).and_then(|service| responder.register(service)) {
            // The library refuses when too many commands wait; the next look at the interfaces comes back here.
            tracing::warn!(%error, "a meeting cannot be advertised yet");
            return None;
        }
        let again = match told {
            None => Some(now + AGAIN_AFTER),
            Some(told) => told.again.filter(|at| *at > now),
        };
        let told = Told {
            participants,
            locked,
            at: now,
            again,
        };
        self.told.insert(key, told);
        again
    }
}

/// Says goodbye for an advertisement and then forgets it.
fn leave(
    shared: &Arc<Shared>,
    responder: &Responder,
    instance: &str,
    key: u64,
    gone: Option<oneshot::Sender<()>>,
) {
    let said = responder.unregister(&format!("{instance}.{SERVICE_TYPE}"));
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        match said {
            Ok(said) => {
                let _ = tokio::time::timeout(GOODBYE_WITHIN, said.recv_async()).await;
                tokio::time::sleep(GOODBYE_REPEATED).await;
            }
            Err(error) => tracing::warn!(%error, "no goodbye could be said for a meeting"),
        }
        shared.change(|wanted| wanted.wishes.remove(&key));
        if let Some(gone) = gone {
            let _ = gone.send(());
        }
    });
}
