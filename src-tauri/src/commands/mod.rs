//! What the page may call. `permissions/node.toml` names the same.

mod node;

use tauri::Runtime;
use tauri::ipc::Invoke;

/// All commands.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    let generated: Box<dyn Fn(Invoke<R>) -> bool + Send + Sync> =
        Box::new(tauri::generate_handler![node::node_events]);
    move |invoke| match invoke.message.command() {
        "node_request" => node::node_request(invoke),
        _ => generated(invoke),
    }
}
