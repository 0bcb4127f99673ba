use landline_node::{Node, NodeConfig};
use serde_json::{Value, json};
use tauri::WebviewWindowBuilder;
use tauri::ipc::CallbackFn;
use tauri::test::{
    INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets,
};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow};

use super::*;

/// The app without window system and webview, around a real node that keeps nothing.
fn app() -> (App<MockRuntime>, WebviewWindow<MockRuntime>) {
    let node = tauri::async_runtime::block_on(Node::start(NodeConfig {
        config_dir: None,
        ..NodeConfig::default()
    }))
    .unwrap();
    let app = mock_builder()
        .manage(Page::new(node))
        .invoke_handler(crate::commands::handler())
        .build(mock_context(noop_assets()))
        .unwrap();
    let window = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default())
        .build()
        .unwrap();
    (app, window)
}

fn invoke(window: &WebviewWindow<MockRuntime>, cmd: &str, body: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: cmd.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: if cfg!(windows) {
            "http://tauri.localhost"
        } else {
            "tauri://localhost"
        }
        .parse()
        .unwrap(),
        body: InvokeBody::Json(body),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize::<Value>().unwrap())
}

fn listen(window: &WebviewWindow<MockRuntime>) {
    invoke(window, "node_events", json!({ "channel": "__CHANNEL__:7" })).unwrap();
}

fn request(window: &WebviewWindow<MockRuntime>, request: &Value) -> Result<Value, Value> {
    invoke(window, "node_request", json!({ "request": request }))
}

#[test]
fn hello_is_answered_with_the_welcome() {
    let (_app, window) = app();
    listen(&window);
    let reply = request(&window, &json!({ "do": "hello" })).unwrap();
    assert_eq!(reply["is"], "welcome");
    assert_eq!(reply["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_request_before_the_page_listens_is_a_bad_request() {
    let (_app, window) = app();
    let error = request(&window, &json!({ "do": "hello" })).unwrap_err();
    assert_eq!(error["code"], "bad-request");
}

#[test]
fn an_error_of_the_node_keeps_its_code() {
    let (_app, window) = app();
    listen(&window);
    let target = json!({ "kind": "address", "text": "not an address at all!" });
    let error = request(&window, &json!({ "do": "look", "target": target })).unwrap_err();
    assert_eq!(error["code"], "bad-address");
    let frame = json!({ "do": "send-frame", "channel": 99, "frame": "{}" });
    assert_eq!(request(&window, &frame).unwrap_err()["code"], "no-channel");
}

#[test]
fn what_cannot_be_read_is_a_bad_request_and_nothing_worse() {
    let (_app, window) = app();
    listen(&window);
    for body in [
        json!({}),
        json!({ "request": null }),
        json!({ "request": { "do": "format-disk" } }),
        json!({ "request": { "do": "send-frame", "channel": -1, "frame": "" } }),
        json!({ "request": [1, 2, 3] }),
    ] {
        let error = invoke(&window, "node_request", body.clone()).unwrap_err();
        assert_eq!(error["code"], "bad-request", "{body}");
    }
}

#[test]
fn a_second_page_gets_a_session_of_its_own() {
    let (_app, window) = app();
    for _ in 0..2 {
        listen(&window);
        let reply = request(&window, &json!({ "do": "hello" })).unwrap();
        assert_eq!(reply["is"], "welcome");
    }
}

#[test]
fn other_commands_do_not_exist() {
    let (_app, window) = app();
    assert!(invoke(&window, "anything_else", json!({})).is_err());
}
