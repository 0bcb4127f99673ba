//! What a running program tells of itself when SIGUSR1 asks it: one line on standard error. That is how a soak sees tasks that
//! nobody ends, which cost too little memory to show there.

use std::io;

/// Answers as long as the runtime lives. To be called on it before anything is printed: unanswered, the signal ends a program.
#[cfg(unix)]
pub(crate) fn on_request() -> io::Result<()> {
    use tokio::runtime::Handle;
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::user_defined1())?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            let tasks = Handle::current().metrics().num_alive_tasks();
            eprintln!("landline-node: {tasks} tasks");
        }
    });
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn on_request() -> io::Result<()> {
    Ok(())
}
