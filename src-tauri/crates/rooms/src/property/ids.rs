//! The authority of the model's room.

use std::time::Duration;

use landline_protocol::{Access, AccessMode, ChatLine, ErrorCode, Join, ServerMessage};

use crate::{Authority, CodeProof, ConnectionId, Refusal};

/// Gives ids that were given before, every other time.
#[derive(Default)]
pub(crate) struct Ids {
    pub(crate) given: Vec<String>,
    count: usize,
    total: usize,
}

impl Authority for Ids {
    fn new_id(&mut self) -> String {
        self.count += 1;
        if self.count.is_multiple_of(2)
            && let Some(id) = self.given.get(self.count % self.given.len().max(1))
        {
            return id.clone();
        }
        self.total += 1;
        let id = format!("id-{}", self.total);
        self.given.push(id.clone());
        id
    }

    fn issue(&mut self, client_id: &str, name: Option<&str>) -> String {
        format!("token of {client_id} {name:?}")
    }

    fn vouches(&mut self, client_id: &str, name: Option<&str>, token: &str) -> bool {
        token == self.issue(client_id, name)
    }

    fn challenge(&mut self, _connection: ConnectionId) -> ServerMessage {
        ServerMessage::Pong
    }

    fn proves(&mut self, _connection: ConnectionId, join: &Join) -> bool {
        join.proof.is_some()
    }

    fn clears(
        &mut self,
        _connection: ConnectionId,
        join: &Join,
        access: &Access,
        _now: Duration,
    ) -> Result<bool, Refusal> {
        match &join.code {
            Some(code) if access.code.as_ref() == Some(code) => Ok(true),
            Some(_) => Err(ErrorCode::WrongCode.into()),
            None => Ok(false),
        }
    }

    fn prove(
        &mut self,
        _connection: ConnectionId,
        _step: CodeProof<'_>,
        _access: &Access,
        _now: Duration,
    ) -> ServerMessage {
        ServerMessage::Pong
    }

    fn wrote(&mut self, _line: &ChatLine) -> bool {
        true
    }

    fn access(&mut self, mode: AccessMode) -> Access {
        Access {
            mode,
            code: None,
            secret: None,
        }
    }
}
