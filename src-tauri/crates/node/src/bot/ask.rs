//! Questions to the engine whose answer has to be of one kind.

use landline_engine::Client;
use landline_protocol::engine_api::{
    ConnectionState, Description, EngineError, EngineErrorName, EngineReply, EngineRequest,
};

/// An operation failed in a way that leaves no way on: the connection has to be made anew.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Broken(#[from] pub(crate) EngineError);

pub(crate) async fn done(client: &Client, request: EngineRequest) -> Result<(), Broken> {
    client.request(request).await?;
    Ok(())
}

pub(crate) async fn state(
    client: &Client,
    request: EngineRequest,
) -> Result<ConnectionState, Broken> {
    match client.request(request).await? {
        EngineReply::State { state } => Ok(state),
        EngineReply::Done | EngineReply::Description { .. } | EngineReply::Stats { .. } => {
            Err(Broken(EngineError {
                name: EngineErrorName::OperationError,
                message: "another answer was expected".to_owned(),
            }))
        }
    }
}

/// For what may fail without harm.
pub(crate) fn ignore(result: Result<(), Broken>) {
    if let Err(error) = result {
        tracing::debug!(%error, "the engine refused");
    }
}

/// The text of a local description, which is there after it was set.
pub(crate) fn sdp(description: Option<&Description>) -> Result<String, Broken> {
    let missing = || EngineError {
        name: EngineErrorName::InvalidStateError,
        message: "there is no local description".to_owned(),
    };
    Ok(description.ok_or_else(missing)?.sdp.clone())
}
