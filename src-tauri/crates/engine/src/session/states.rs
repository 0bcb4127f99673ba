//! ICE and connection states (W3C webrtc §5.6) with timers of our own, as str0m tells a lost path after 21 s only. Pure.
//!
//! new → checking → connected ⇄ disconnected → failed; a restart leads from disconnected and failed to checking. Closed is final.

use std::time::{Duration, Instant};

use landline_protocol::engine_api::{IceConnectionState, PeerConnectionState};

/// Both sides check each second ([`super::setup::CHECK_EVERY`]), media come more often: three are lost.
const DISCONNECTED_AFTER: Duration = Duration::from_secs(3);
/// What libwebrtc allows at least.
const FAILED_AFTER: Duration = Duration::from_secs(15);
/// Candidates may come late, by hand even; libwebrtc gives up after 15 to 30 s.
const CHECKING_FAILED_AFTER: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ice {
    New,
    Checking {
        since: Instant,
    },
    Connected {
        heard: Instant,
    },
    Disconnected {
        since: Instant,
        /// The other side said goodbye: packets that are still under way mean nothing.
        goodbye: bool,
    },
    Failed,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dtls {
    Handshaking,
    Connected,
    Failed,
}

#[derive(Debug)]
pub(crate) struct States {
    ice: Ice,
    dtls: Dtls,
}

impl States {
    pub(crate) fn new() -> Self {
        Self {
            ice: Ice::New,
            dtls: Dtls::Handshaking,
        }
    }

    /// The first checks begin, or those after an ICE restart.
    pub(crate) fn start(&mut self, now: Instant) {
        match self.ice {
            Ice::New | Ice::Failed | Ice::Disconnected { goodbye: false, .. } => {
                self.ice = Ice::Checking { since: now };
            }
            // A working path stays in use until there is a better one (RFC 8445 §9).
            Ice::Checking { .. }
            | Ice::Connected { .. }
            | Ice::Disconnected { .. }
            | Ice::Closed => {}
        }
    }

    /// A pair was chosen.
    pub(crate) fn path(&mut self, now: Instant) {
        match self.ice {
            Ice::New | Ice::Checking { .. } | Ice::Disconnected { goodbye: false, .. } => {
                self.ice = Ice::Connected { heard: now };
            }
            Ice::Connected { .. } | Ice::Disconnected { .. } | Ice::Failed | Ice::Closed => {}
        }
    }

    /// A packet came from the other side.
    pub(crate) fn heard(&mut self, now: Instant) {
        match self.ice {
            Ice::Connected { .. } | Ice::Disconnected { goodbye: false, .. } => {
                self.ice = Ice::Connected { heard: now };
            }
            Ice::New
            | Ice::Checking { .. }
            | Ice::Disconnected { .. }
            | Ice::Failed
            | Ice::Closed => {}
        }
    }

    pub(crate) fn secured(&mut self) {
        self.dtls = Dtls::Connected;
    }

    pub(crate) fn dtls_failed(&mut self) {
        self.dtls = Dtls::Failed;
    }

    /// The other side closed the connection (DTLS `close_notify`).
    pub(crate) fn goodbye(&mut self, now: Instant) {
        if !matches!(self.ice, Ice::Failed | Ice::Closed) {
            self.ice = Ice::Disconnected {
                since: now,
                goodbye: true,
            };
        }
    }

    pub(crate) fn close(&mut self) {
        self.ice = Ice::Closed;
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        match self.ice {
            Ice::Checking { since } => Some(since + CHECKING_FAILED_AFTER),
            Ice::Connected { heard } => Some(heard + DISCONNECTED_AFTER),
            Ice::Disconnected { since, .. } => Some(since + FAILED_AFTER),
            Ice::New | Ice::Failed | Ice::Closed => None,
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.next().is_none_or(|next| now < next) {
            return;
        }
        self.ice = match self.ice {
            Ice::Checking { .. } | Ice::Disconnected { .. } => Ice::Failed,
            Ice::Connected { .. } => Ice::Disconnected {
                since: now,
                goodbye: false,
            },
            other => other,
        };
    }

    pub(crate) fn ice(&self) -> IceConnectionState {
        match self.ice {
            Ice::New => IceConnectionState::New,
            Ice::Checking { .. } => IceConnectionState::Checking,
            Ice::Connected { .. } => IceConnectionState::Connected,
            Ice::Disconnected { .. } => IceConnectionState::Disconnected,
            Ice::Failed => IceConnectionState::Failed,
            Ice::Closed => IceConnectionState::Closed,
        }
    }

    pub(crate) fn connection(&self) -> PeerConnectionState {
        match (self.ice, self.dtls) {
            (Ice::Closed, _) => PeerConnectionState::Closed,
            (Ice::Failed, _) | (_, Dtls::Failed) => PeerConnectionState::Failed,
            (Ice::Disconnected { .. }, _) => PeerConnectionState::Disconnected,
            (Ice::New, _) => PeerConnectionState::New,
            (Ice::Connected { .. }, Dtls::Connected) => PeerConnectionState::Connected,
            (Ice::Checking { .. } | Ice::Connected { .. }, _) => PeerConnectionState::Connecting,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected(now: Instant) -> States {
        let mut states = States::new();
        states.start(now);
        states.path(now);
        states.secured();
        states
    }

    #[test]
    fn silence_is_disconnected_after_three_seconds_and_failed_fifteen_later() {
        let start = Instant::now();
        let mut states = connected(start);
        states.heard(start + Duration::from_secs(1));
        assert_eq!(states.next(), Some(start + Duration::from_secs(4)));
        states.handle_timeout(start + Duration::from_millis(3_999));
        assert_eq!(states.connection(), PeerConnectionState::Connected);
        states.handle_timeout(start + Duration::from_secs(4));
        assert_eq!(states.connection(), PeerConnectionState::Disconnected);
        states.handle_timeout(start + Duration::from_secs(19));
        assert_eq!(states.connection(), PeerConnectionState::Failed);
        assert_eq!(states.ice(), IceConnectionState::Failed);
    }

    #[test]
    fn a_packet_after_silence_connects_again_but_not_after_a_goodbye() {
        let start = Instant::now();
        let mut states = connected(start);
        states.handle_timeout(start + Duration::from_secs(3));
        states.heard(start + Duration::from_secs(5));
        assert_eq!(states.connection(), PeerConnectionState::Connected);
        states.goodbye(start + Duration::from_secs(6));
        states.heard(start + Duration::from_secs(6));
        assert_eq!(states.connection(), PeerConnectionState::Disconnected);
    }

    #[test]
    fn a_restart_checks_anew_from_failed_and_leaves_a_working_path_alone() {
        let start = Instant::now();
        let mut states = connected(start);
        states.start(start);
        assert_eq!(states.ice(), IceConnectionState::Connected);
        states.handle_timeout(start + Duration::from_secs(3));
        states.handle_timeout(start + Duration::from_secs(18));
        states.start(start + Duration::from_secs(20));
        assert_eq!(states.ice(), IceConnectionState::Checking);
        states.path(start + Duration::from_secs(21));
        assert_eq!(states.connection(), PeerConnectionState::Connected);
    }

    #[test]
    fn checks_that_never_succeed_fail() {
        let start = Instant::now();
        let mut states = States::new();
        states.start(start);
        states.handle_timeout(start + CHECKING_FAILED_AFTER);
        assert_eq!(states.connection(), PeerConnectionState::Failed);
    }
}
