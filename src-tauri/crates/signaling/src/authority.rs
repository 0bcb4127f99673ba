//! What the room of a meeting asks for: ids, tokens, and everything that takes cryptography.

use std::time::Duration;

use landline_protocol::{Access, AccessMode, ErrorCode, Join, ServerMessage};
use landline_rooms::{Authority, CodeProof, ConnectionId, Refusal};

use crate::doorkeeper;
use crate::identities::Identities;
use crate::tokens::Tokens;

/// The secrets of one meeting.
pub(crate) struct Secrets {
    pub(crate) tokens: Tokens,
    pub(crate) identities: Identities,
}

impl Secrets {
    /// A connection is no more.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.identities.forget(connection);
    }
}

impl Authority for Secrets {
    fn new_id(&mut self) -> String {
        self.tokens.new_id()
    }

    fn issue(&mut self, client_id: &str, name: Option<&str>) -> String {
        self.tokens.issue(client_id, name)
    }

    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool {
        self.tokens.vouches(client_id, name, token)
    }

    fn challenge(&mut self, connection: ConnectionId) -> ServerMessage {
        self.identities.challenge(connection)
    }

    fn proves(&mut self, connection: ConnectionId, join: &Join) -> bool {
        self.identities.proves(connection, join)
    }

    fn clears(
        &mut self,
        _connection: ConnectionId,
        join: &Join,
        access: &Access,
        _now: Duration,
    ) -> Result<bool, Refusal> {
        doorkeeper::clears(join, access)
    }

    fn prove(
        &mut self,
        _connection: ConnectionId,
        _step: CodeProof<'_>,
        _access: &Access,
        _now: Duration,
    ) -> ServerMessage {
        let code = ErrorCode::NotAllowed;
        ServerMessage::Error {
            code,
            message: code.to_string(),
            retry_after_ms: None,
        }
    }

    fn access(&mut self, mode: AccessMode) -> Access {
        doorkeeper::new_access(mode)
    }
}
