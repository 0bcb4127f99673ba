//! Arithmetic of directions (RFC 8829 §4.2.4, §5.3.1).

use landline_protocol::engine_api::Direction;

pub(super) fn new(send: bool, receive: bool) -> Direction {
    match (send, receive) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}

pub(super) fn sends(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::SendOnly)
}

pub(super) fn receives(direction: Direction) -> bool {
    matches!(direction, Direction::SendRecv | Direction::RecvOnly)
}

/// As the other side sees it.
pub(super) fn reversed(direction: Direction) -> Direction {
    new(receives(direction), sends(direction))
}

pub(super) fn intersection(one: Direction, other: Direction) -> Direction {
    new(sends(one) && sends(other), receives(one) && receives(other))
}
