//! A clean end: whoever is in a meeting with us hears that we leave, and only then the process goes.
//!
//! `Running → Leaving → Left`. However the end begins (window closed, menu, SIGTERM, Ctrl-C), the node is shut down once, and
//! never longer than [`GOODBYE`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use landline_node::Node;
use tauri::{AppHandle, Manager, RunEvent, Runtime};

use crate::Folder;
use crate::page::Page;
use crate::window;

/// Goodbye to the network and close codes to the participants take milliseconds; a host that hangs must not hold the window
/// manager, which kills after some seconds.
const GOODBYE: Duration = Duration::from_secs(2);

/// How far the end has come.
#[derive(Debug, Default)]
pub(crate) struct Exit(Mutex<Progress>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Progress {
    #[default]
    Running,
    Leaving,
    Left,
}

/// What an exit request does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Hold the exit and say goodbye.
    SayGoodbye,
    /// Hold the exit: goodbye is being said.
    Wait,
    /// Let the process end.
    Go,
}

impl Exit {
    fn requested(&self) -> Step {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *progress {
            Progress::Running => {
                *progress = Progress::Leaving;
                Step::SayGoodbye
            }
            Progress::Leaving => Step::Wait,
            Progress::Left => Step::Go,
        }
    }

    fn left(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Progress::Left;
    }
}

/// Handles the events of the app's loop that have to do with its end.
pub(crate) fn on_event<R: Runtime>(app: &AppHandle<R>, event: &RunEvent) {
    match event {
        RunEvent::ExitRequested { api, .. } => match app.state::<Exit>().requested() {
            Step::SayGoodbye => {
                api.prevent_exit();
                let app = app.clone();
                tauri::async_runtime::spawn(async move {
                    say_goodbye(&app).await;
                    app.exit(0);
                });
            }
            Step::Wait => api.prevent_exit(),
            Step::Go => {}
        },
        // "Quit" of the macOS menu comes here at once, without a request.
        RunEvent::Exit if app.state::<Exit>().requested() == Step::SayGoodbye => {
            tauri::async_runtime::block_on(say_goodbye(app));
        }
        _ => {}
    }
}

/// Ends the app on SIGTERM and Ctrl-C as if the window had been closed.
pub(crate) fn on_signals<R: Runtime>(app: AppHandle<R>) {
    tauri::async_runtime::spawn(async move {
        match asked_to_stop().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "signals cannot be heard"),
        }
    });
}

async fn say_goodbye<R: Runtime>(app: &AppHandle<R>) {
    if let Some(folder) = app.try_state::<Folder>().and_then(|it| it.0.clone()) {
        window::keep_size(app, &folder);
    }
    if let Some(page) = app.try_state::<Page>() {
        page.detach();
    }
    // Not there when the app ends before it has started.
    if let Some(node) = app.try_state::<Node>().map(|node| node.inner().clone()) {
        let ended = tokio::time::timeout(GOODBYE, node.shutdown()).await;
        tracing::info!(in_time = ended.is_ok(), "goodbye");
    }
    app.state::<Exit>().left();
}

#[cfg(unix)]
async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goodbye_is_said_once_and_held_until_it_is_said() {
        let exit = Exit::default();
        assert_eq!(exit.requested(), Step::SayGoodbye);
        assert_eq!(exit.requested(), Step::Wait);
        exit.left();
        assert_eq!(exit.requested(), Step::Go);
    }
}
