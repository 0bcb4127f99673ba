//! Who hears whom: pulses of the own host, whoever passed them on, and hellos of neighbours.
//!
//! The host is heard as long as newer pulses of it come in, over its connection, over data channels, or from somebody who has
//! them. A pulse is signed and counted, so hearsay cannot be made up, and somebody who is cut off stops to have news. A data
//! channel carries only what the node of its page wrote, so it is silent when the node is.

use std::sync::Arc;
use std::time::Duration;

use crate::limits::{CLOCK_JUMP, LOST_AFTER, SILENT_AFTER};
use crate::message::Hello;
use crate::pulse::Pulse;

/// Whether a host last heard at `heard` is lost.
pub(crate) fn is_lost(heard: Duration, now: Duration) -> bool {
    now.saturating_sub(heard) >= LOST_AFTER
}

/// Whether the time between two looks says that this machine was stopped. Looks are at most
/// [`crate::limits::BEAT_EVERY`] apart.
pub(crate) fn has_jumped(last: Duration, now: Duration) -> bool {
    now.saturating_sub(last) > CLOCK_JUMP
}

/// The newest pulse of one sender, and when it came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) at: Duration,
}

impl Heard {
    pub(crate) fn is_fresh(&self, within: Duration, now: Duration) -> bool {
        now.saturating_sub(self.at) < within
    }
}

/// Somebody who is spoken with, or would be if there were a path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Neighbour {
    /// When its last hello came.
    pub(crate) heard: Option<Duration>,
    /// Its last hello said that it hears us.
    pub(crate) hears_us: bool,
    pub(crate) hello: Option<Hello>,
    /// A connection to it was made then: it is told hello though nothing was heard yet.
    pub(crate) reached: Option<Duration>,
    pub(crate) asked: Option<Duration>,
    pub(crate) synced: Option<Duration>,
    pub(crate) dialed: Option<Duration>,
}

impl Neighbour {
    pub(crate) fn is_heard(&self, now: Duration) -> bool {
        self.heard
            .is_some_and(|heard| now.saturating_sub(heard) < SILENT_AFTER)
    }

    /// The path works both ways.
    pub(crate) fn answers(&self, now: Duration) -> bool {
        self.hears_us && self.is_heard(now)
    }

    pub(crate) fn was_reached(&self, now: Duration) -> bool {
        self.reached
            .is_some_and(|reached| now.saturating_sub(reached) < SILENT_AFTER)
    }

    /// Whether `last` was long enough ago to do it again.
    pub(crate) fn is_due(last: Option<Duration>, every: Duration, now: Duration) -> bool {
        last.is_none_or(|last| now.saturating_sub(last) >= every)
    }
}
