//! The page's node session: [`NodeRequest`] in, [`NodeReply`] back, [`NodeEvent`]s through one channel.

use landline_protocol::node_api::{NodeError, NodeErrorCode, NodeEvent, NodeRequest};
use serde::Deserialize;
use tauri::ipc::{Channel, Invoke, InvokeBody};
use tauri::{AppHandle, Manager, Runtime, State};

use crate::page::Page;

/// `node_events {channel}`: the first call of a page, starts its session. The session of the page before (a reload) ends.
#[tauri::command]
#[expect(
    clippy::needless_pass_by_value,
    reason = "Tauri's macro hands values over"
)]
pub(crate) fn node_events<R: Runtime>(
    channel: Channel<NodeEvent>,
    app: AppHandle<R>,
    page: State<'_, Page>,
) {
    let runtime = tauri::async_runtime::handle();
    let _context = runtime.inner().enter();
    page.attach(channel, move |done| {
        // Runs behind the events that were given to the webview before. Without a main thread `done` is dropped.
        let _ = app.run_on_main_thread(move || {
            let _ = done.send(());
        });
    });
}

/// `node_request {request}`: does one thing. Written without Tauri's macro for two reasons: a command that answers later runs
/// on any thread, and frames of a room must not overtake each other; and a request that cannot be read gets an error
/// with a code, like every other.
pub(crate) fn node_request<R: Runtime>(invoke: Invoke<R>) -> bool {
    let Invoke {
        message, resolver, ..
    } = invoke;
    match read(message.payload()) {
        Ok(NodeRequest::SendFrame { channel, frame }) => {
            let page = message.webview_ref().state::<Page>();
            resolver.respond(page.send_frame(channel, frame).map_err(Into::into));
        }
        Ok(request) => {
            let webview = message.webview();
            resolver.respond_async(async move {
                let page = webview.state::<Page>();
                page.request(request).await.map_err(Into::into)
            });
        }
        Err(error) => resolver.reject(error),
    }
    true
}

fn read(payload: &InvokeBody) -> Result<NodeRequest, NodeError> {
    let bad = |detail: String| NodeError {
        code: NodeErrorCode::BadRequest,
        message: detail,
    };
    let InvokeBody::Json(arguments) = payload else {
        return Err(bad("not JSON".to_owned()));
    };
    let request = arguments
        .get("request")
        .ok_or_else(|| bad("no request".to_owned()))?;
    NodeRequest::deserialize(request).map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
#[path = "node_tests.rs"]
mod tests;
