//! The times of one server.

use std::time::Duration;

use landline_protocol::limits::{HANDSHAKE, PING_EVERY};

/// How long things may take. Tests pass shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// For a TLS handshake, for the head of a request, and for the first `join`.
    pub handshake: Duration,
    /// Between pings; [`landline_protocol::limits::PING_MISSES`] unanswered ones end a connection.
    pub ping_every: Duration,
    /// For what was sent before a connection is closed to arrive, and for the other side to close as well.
    pub linger: Duration,
    /// For the other side to take any of what is being written to it.
    pub write: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            handshake: HANDSHAKE,
            ping_every: PING_EVERY,
            linger: Duration::from_secs(1),
            write: Duration::from_secs(20),
        }
    }
}
