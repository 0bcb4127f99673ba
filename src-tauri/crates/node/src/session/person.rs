//! What a page asks about people: its own person's signature, and whom the person has met.

use data_encoding::BASE64URL_NOPAD;
use landline_protocol::decode::clean_name;
use landline_protocol::limits::{
    KEY_CHARS, NAME_CHARS, PEOPLE_MET, ROOM_ID_CHARS, SIGN_FIELD_CHARS, SIGN_FIELDS,
};
use landline_protocol::node_api::{NodeError, NodeErrorCode, NodeReply, Person, SignLabel};
use landline_trust::Statement;

use super::NodeSession;
use crate::error::node_error;

impl NodeSession {
    pub(super) fn sign(&self, label: SignLabel, fields: &[String]) -> Result<NodeReply, NodeError> {
        let bad = || node_error(NodeErrorCode::BadRequest, "not a statement");
        if fields.len() > SIGN_FIELDS {
            return Err(bad());
        }
        let mut statement = Statement::new(label.as_str());
        for field in fields {
            if field.len() > SIGN_FIELD_CHARS {
                return Err(bad());
            }
            let bytes = BASE64URL_NOPAD
                .decode(field.as_bytes())
                .map_err(|_| bad())?;
            statement = statement.field(&bytes);
        }
        let signature = self
            .node
            .signing_key
            .sign(&statement)
            .map_err(|_| node_error(NodeErrorCode::Internal, "no randomness"))?;
        Ok(NodeReply::Signed {
            signature: signature.to_string(),
        })
    }

    pub(super) async fn meet(
        &self,
        meeting_id: String,
        people: Vec<Person>,
    ) -> Result<NodeReply, NodeError> {
        let fits = |person: &Person| {
            person.key.len() == KEY_CHARS && person.name.chars().count() <= NAME_CHARS
        };
        if people.len() > PEOPLE_MET
            || meeting_id.chars().count() > ROOM_ID_CHARS
            || !people.iter().all(fits)
        {
            return Err(node_error(NodeErrorCode::BadRequest, "not people"));
        }
        let people: Vec<Person> = people
            .into_iter()
            .map(|person| Person {
                name: clean_name(&person.name).unwrap_or_default(),
                ..person
            })
            .collect();
        let store = std::sync::Arc::clone(&self.node.people);
        tokio::task::spawn_blocking(move || store.meet(&meeting_id, &people))
            .await
            .map(|people| NodeReply::Met { people })
            .map_err(|error| node_error(NodeErrorCode::Internal, error))
    }
}
