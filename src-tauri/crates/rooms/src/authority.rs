//! What a room asks of its caller: randomness and secrets.

use std::time::Duration;

use landline_protocol::{Access, AccessMode, ChatLine, ErrorCode, Join, ServerMessage};

use crate::output::ConnectionId;

/// Gives ids, vouches for seats, and knows about keys and codes.
pub trait Authority {
    /// A new client id: 12 random characters of base 36. The room sees to it that none is used twice.
    fn new_id(&mut self) -> String;

    /// The token that opens the seat `client_id` of `name` again, in this meeting.
    fn issue(&mut self, client_id: &str, name: Option<&str>) -> String;

    /// Whether `token` was issued for this seat, by this host or by the same host before it was restarted.
    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool;

    /// The `challenge` over which the next `join` on this connection is proven. A new one each time.
    fn challenge(&mut self, connection: ConnectionId) -> ServerMessage;

    /// Whether the identity in `join` is what it says, and its key that of whoever sent it on this connection.
    fn proves(&mut self, connection: ConnectionId, join: &Join) -> bool;

    /// Whether `join`, or what came before it on this connection, shows that its sender knows the code or the secret.
    ///
    /// # Errors
    /// [`Refusal`]: it shows a wrong one, or no more tries are to be had.
    fn clears(
        &mut self,
        connection: ConnectionId,
        join: &Join,
        access: &Access,
        now: Duration,
    ) -> Result<bool, Refusal>;

    /// One step of proving the code without sending it; the answer to it.
    fn prove(
        &mut self,
        connection: ConnectionId,
        step: CodeProof<'_>,
        access: &Access,
        now: Duration,
    ) -> ServerMessage;

    /// Whether the `author` of a signed line has signed it, in this meeting, and its id is the one that follows from that.
    fn wrote(&mut self, line: &ChatLine) -> bool;

    /// How one comes in with this mode: with a new code and a new secret, if it takes them.
    fn access(&mut self, mode: AccessMode) -> Access;
}

/// A step of whoever proves the code.
#[derive(Debug, Clone, Copy)]
pub enum CodeProof<'a> {
    Start { key: &'a str, message: &'a str },
    Confirm { tag: &'a str },
}

/// Why somebody does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub code: ErrorCode,
    /// With [`ErrorCode::TooManyTries`], in milliseconds.
    pub retry_after_ms: Option<u32>,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            retry_after_ms: None,
        }
    }
}
