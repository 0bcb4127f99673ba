//! Refusals, by the names of W3C webrtc. Messages never hold what stood in a description.

use landline_protocol::engine_api::{EngineError, EngineErrorName};

fn error(name: EngineErrorName, message: &str) -> EngineError {
    EngineError {
        name,
        message: message.to_owned(),
    }
}

/// Not in this signaling state.
pub(super) fn state(message: &str) -> EngineError {
    error(EngineErrorName::InvalidStateError, message)
}

/// Does not fit what is there.
pub(super) fn access(message: &str) -> EngineError {
    error(EngineErrorName::InvalidAccessError, message)
}

pub(super) fn modification(message: &str) -> EngineError {
    error(EngineErrorName::InvalidModificationError, message)
}

pub(super) fn operation(message: &str) -> EngineError {
    error(EngineErrorName::OperationError, message)
}

pub(super) fn syntax(message: &str) -> EngineError {
    error(EngineErrorName::SyntaxError, message)
}

pub(super) fn quota(message: &str) -> EngineError {
    error(EngineErrorName::QuotaExceededError, message)
}
