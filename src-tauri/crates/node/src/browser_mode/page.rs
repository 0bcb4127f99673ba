//! One page in a browser: its calls to the session, and replies and events back, as text frames of JSON.
//!
//! Calls that need no network are done in their order, since the order of frames counts; the others run side by side.

use std::sync::Arc;

use landline_protocol::node_api::{NodeCall, NodeError, NodeErrorCode, NodeFrame, NodeRequest};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::error::node_error;
use crate::session::{NodeEvents, NodeSession};

/// Slow calls at once: a page looks at one host and joins one.
const SLOW_CALLS: usize = 16;

/// Runs until the page is gone.
pub(super) async fn drive(
    session: NodeSession,
    mut events: NodeEvents,
    mut calls: mpsc::Receiver<String>,
    frames: mpsc::Sender<String>,
) {
    let session = Arc::new(session);
    let mut slow: JoinSet<NodeFrame> = JoinSet::new();
    loop {
        let frame = tokio::select! {
            call = calls.recv() => match call {
                None => return,
                Some(text) => match read(&text) {
                    Err((id, error)) => NodeFrame::Failed { id, error },
                    Ok(call) if is_quick(&call.request) => answer(&session, call).await,
                    Ok(call) if slow.len() >= SLOW_CALLS => NodeFrame::Failed {
                        id: call.id,
                        error: NodeErrorCode::Congested.into(),
                    },
                    Ok(call) => {
                        let session = Arc::clone(&session);
                        slow.spawn(async move { answer(&session, call).await });
                        continue;
                    }
                },
            },
            event = events.recv() => match event {
                None => return,
                Some(body) => NodeFrame::Event { body },
            },
            Some(done) = slow.join_next() => match done {
                Ok(frame) => frame,
                Err(error) => {
                    tracing::error!(%error, "a call failed");
                    continue;
                }
            },
            () = frames.closed() => return,
        };
        match serde_json::to_string(&frame) {
            Ok(text) => {
                if frames.send(text).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::error!(%error, "a frame cannot be written"),
        }
    }
}

async fn answer(session: &NodeSession, call: NodeCall) -> NodeFrame {
    let id = call.id;
    match session.request(call.request).await {
        Ok(reply) => NodeFrame::Reply { id, reply },
        Err(error) => NodeFrame::Failed { id, error },
    }
}

/// The call, or its id (0 if that cannot be read) and why it is refused.
fn read(text: &str) -> Result<NodeCall, (u32, NodeError)> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: u32,
    }
    serde_json::from_str(text).map_err(|error| {
        let id = serde_json::from_str::<Id>(text).map_or(0, |call| call.id);
        (id, node_error(NodeErrorCode::BadRequest, error))
    })
}

const fn is_quick(request: &NodeRequest) -> bool {
    match request {
        NodeRequest::Hello
        | NodeRequest::SetSettings { .. }
        | NodeRequest::Watch { .. }
        | NodeRequest::SendFrame { .. }
        | NodeRequest::CloseChannel { .. }
        | NodeRequest::KeepAwake { .. } => true,
        NodeRequest::Host { .. }
        | NodeRequest::HostAgain
        | NodeRequest::ForgetMeeting
        | NodeRequest::EndMeeting
        | NodeRequest::Look { .. }
        | NodeRequest::OpenChannel { .. }
        | NodeRequest::Sign { .. }
        | NodeRequest::Meet { .. }
        | NodeRequest::OpenInBrowser { .. }
        | NodeRequest::OpenEngine
        | NodeRequest::TestCall { .. } => false,
    }
}
