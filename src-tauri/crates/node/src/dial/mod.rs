//! Reaching a host: addresses, TCP, TLS with a pinned certificate, and what is asked over it.
//!
//! - [`resolve`]: names to addresses, and their order
//! - [`listed`]: what the list of meetings says
//! - [`race`]: several addresses at once, the first that answers wins
//! - [`pin`]: which certificate is believed
//! - [`secure`]: one connection to one address
//! - [`http`]: one question over it
//! - [`look`]: what meeting is there
//! - [`chain`]: whether the host is the meeting's; [`chains`]: what was seen of chains in this run
//! - [`upgrade`]: the WebSocket to its room
//! - [`prove`]: that both ends know the code

pub(crate) mod chain;
pub(crate) mod chains;
pub(crate) mod http;
pub(crate) mod listed;
pub(crate) mod look;
pub(crate) mod pin;
pub(crate) mod prove;
pub(crate) mod race;
pub(crate) mod resolve;
pub(crate) mod secure;
pub(crate) mod upgrade;

#[cfg(test)]
mod pin_tests;

use std::time::Duration;

use landline_protocol::node_api::{NodeError, NodeErrorCode};

/// Why a host was not reached. Ordered: of several addresses' errors the largest says most about what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum DialError {
    /// No address, no route, or silence.
    #[error("no connection: {0}")]
    Unreachable(String),
    #[error("the connection was refused")]
    Refused,
    /// It does not speak TLS, or not Landline over it.
    #[error("something else than Landline answered: {0}")]
    NotLandline(String),
    /// Another version of the wire.
    #[error("that host speaks version {0} of the protocol")]
    Version(u32),
    /// It has another meeting than the one that is sought.
    #[error("that host has another meeting now")]
    OtherMeeting,
    /// It shows another certificate than the expected one, or does not own the one it shows.
    #[error("the certificate is not the expected one")]
    Fingerprint,
    /// It says that it has the meeting, and cannot show how it came to be its host.
    #[error("it cannot prove that it is the meeting's host")]
    FalseHost,
    /// It does not know the code that was given, or says that it is wrong.
    #[error("the code is wrong")]
    WrongCode,
    /// How long until the next try is possible.
    #[error("too many wrong codes; the next try is possible in {0:?}")]
    TooManyTries(Duration),
}

impl From<DialError> for NodeError {
    fn from(error: DialError) -> Self {
        let code = match error {
            DialError::Unreachable(_) => NodeErrorCode::Unreachable,
            DialError::Refused => NodeErrorCode::ConnectionRefused,
            DialError::NotLandline(_) => NodeErrorCode::NotLandline,
            DialError::Version(_) => NodeErrorCode::UnsupportedVersion,
            DialError::OtherMeeting => NodeErrorCode::MeetingNotFound,
            DialError::Fingerprint => NodeErrorCode::FingerprintMismatch,
            DialError::FalseHost => NodeErrorCode::FalseHost,
            DialError::WrongCode => NodeErrorCode::WrongCode,
            DialError::TooManyTries(_) => NodeErrorCode::TooManyTries,
        };
        Self {
            code,
            message: error.to_string(),
        }
    }
}
