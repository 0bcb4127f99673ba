//! The Landline app: one window around one node. Glue only; what a meeting is, is decided in the crates and in the page.
//!
//! - [`run`]: the whole life of the program
//! - `arguments`: the command line
//! - `window`, `window_state`: the window, its size, and the walls around its page
//! - `origin`, `permission`: which page is ours, and what it may use
//! - `webview`: switches of each system's webview
//! - `page`, `commands`: the page's node session
//! - `platform`: default browser, staying awake
//! - `exit`: goodbye first

mod arguments;
mod commands;
mod exit;
mod logging;
mod origin;
mod page;
mod permission;
mod platform;
mod webview;
mod window;
mod window_state;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use landline_node::{Node, NodeConfig};
use tauri::{App, AppHandle, Manager, Runtime};

use arguments::{HELP, Wish};
use exit::Exit;
use origin::OwnOrigins;
use page::Page;
use platform::Desktop;

/// Where this installation keeps its things. None: nowhere.
struct Folder(Option<PathBuf>);

/// Runs the app until its window is closed. A second start hands its arguments to the first and ends.
pub fn run() -> ExitCode {
    let target = match arguments::parse(std::env::args()) {
        Wish::Help => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Wish::Version => {
            println!("landline {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Wish::Window(target) => target,
    };
    webview::environment();
    logging::start();

    let built = tauri::Builder::default()
        // The first plugin: a second start ends here, before it opens anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            started_again(app, arguments);
        }))
        .manage(Exit::default())
        .invoke_handler(commands::handler())
        .on_permission_request(|webview, kind| {
            let own = webview.url().is_ok_and(|url| {
                OwnOrigins::new(webview.config().build.dev_url.as_ref()).contain(&url)
            });
            let answer = permission::decide(kind, own);
            tracing::debug!(%kind, own, %answer, "permission");
            answer
        })
        .setup(move |app| {
            let node = start(app)?;
            if let Some(target) = target {
                node.open(target);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| exit::on_event(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "Landline cannot start");
            ExitCode::FAILURE
        }
    }
}

/// Starts the node, then the window whose page drives it.
fn start<R: Runtime>(app: &App<R>) -> Result<Node, Box<dyn std::error::Error>> {
    let own = OwnOrigins::new(app.config().build.dev_url.as_ref());
    let config = NodeConfig {
        platform: Arc::new(Desktop::default()),
        engine_origins: if webview::gives_engine() {
            own.serialized()
        } else {
            Vec::new()
        },
        ..NodeConfig::default()
    };
    let folder = config.config_dir.clone();
    let node = tauri::async_runtime::block_on(Node::start(config))?;
    app.manage(node.clone());
    app.manage(Page::new(node.clone()));
    app.manage(Folder(folder.clone()));
    window::open(app, folder.as_deref(), &own)?;
    exit::on_signals(app.handle().clone());
    Ok(node)
}

/// Somebody started Landline while it runs: they want its window, and perhaps a meeting in it.
fn started_again<R: Runtime>(app: &AppHandle<R>, arguments: Vec<String>) {
    window::show(app);
    if let (Wish::Window(Some(target)), Some(node)) =
        (arguments::parse(arguments), app.try_state::<Node>())
    {
        node.open(target);
    }
}
