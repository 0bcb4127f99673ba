//! What the room of a meeting asks for: ids, tokens, and everything that takes cryptography.

use std::time::Duration;

use landline_protocol::{Access, AccessMode, ChatLine, Join, ServerMessage};
use landline_rooms::{Authority, CodeProof, ConnectionId, Refusal};
use landline_trust::pake::Exporter;

use crate::doorkeeper::{Doorkeeper, new_access};
use crate::identities::Identities;
use crate::tokens::Tokens;

/// The secrets of one meeting.
pub(crate) struct Secrets {
    pub(crate) tokens: Tokens,
    pub(crate) identities: Identities,
    pub(crate) door: Doorkeeper,
}

impl Secrets {
    /// A new connection; `exporter` is of its TLS.
    pub(crate) fn open(&mut self, connection: ConnectionId, exporter: Option<Exporter>) {
        self.door.open(connection, exporter);
    }

    /// A connection is no more.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.identities.forget(connection);
        self.door.forget(connection);
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
        connection: ConnectionId,
        join: &Join,
        access: &Access,
        now: Duration,
    ) -> Result<bool, Refusal> {
        self.door.clears(connection, join, access, now)
    }

    fn prove(
        &mut self,
        connection: ConnectionId,
        step: CodeProof<'_>,
        access: &Access,
        now: Duration,
    ) -> ServerMessage {
        self.door.prove(connection, step, access, now)
    }

    fn wrote(&mut self, line: &ChatLine) -> bool {
        self.identities.wrote(line)
    }

    fn access(&mut self, mode: AccessMode) -> Access {
        new_access(mode)
    }
}
