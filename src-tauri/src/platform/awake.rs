//! Keeps the machine awake during a call.
//!
//! One thread holds the inhibitors while they are wanted: D-Bus calls block, and Windows counts the wish by thread.
//! `Asleep → Awake` starts it, `Awake → Asleep` ends it. A machine that refuses is logged and changes nothing: a call works
//! without. Closing the lid still puts the machine to sleep; only idling does not.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// Whether the machine may fall asleep.
#[derive(Debug, Default)]
pub(crate) struct KeepAwake(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Asleep,
    /// Dropping the sender ends the thread that holds the inhibitors.
    Awake { _thread: Sender<()> },
}

impl KeepAwake {
    /// Takes the inhibitors, or lets go of them. Asking twice is asking once.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn set(&self, on: bool) -> io::Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*state, on) {
            (State::Asleep, true) => {
                let (sender, receiver) = channel();
                std::thread::Builder::new()
                    .name("keep-awake".to_owned())
                    .spawn(move || hold(&receiver))?;
                *state = State::Awake { _thread: sender };
            }
            (State::Awake { .. }, false) => *state = State::Asleep,
            (State::Asleep, false) | (State::Awake { .. }, true) => {}
        }
        Ok(())
    }
}

/// Holds the inhibitors until the sender is gone.
fn hold(until: &Receiver<()>) {
    let mut held = Vec::new();
    for builder in inhibitors() {
        match builder.create() {
            Ok(inhibitor) => held.push(inhibitor),
            Err(error) => tracing::info!(%error, "the system takes no wish to stay awake"),
        }
    }
    tracing::debug!(inhibitors = held.len(), "kept awake");
    // Nothing is ever sent: this returns when the sender is dropped.
    let _ = until.recv();
    for inhibitor in held {
        // keepawake panics when the desktop's service has gone meanwhile, and then there is nothing left to take back.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(inhibitor)));
    }
}

/// Screen and idle sleep are two services on Linux, and one may be missing; elsewhere they are one call.
fn inhibitors() -> Vec<keepawake::Builder> {
    let wish = |display: bool, idle: bool| {
        let mut builder = keepawake::Builder::default();
        builder
            .display(display)
            .idle(idle)
            .reason("A meeting is going on")
            .app_name("Landline")
            .app_reverse_domain("app.landline.Landline");
        builder
    };
    if cfg!(target_os = "linux") {
        vec![wish(true, false), wish(false, true)]
    } else {
        vec![wish(true, true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a machine without a session bus every inhibitor is refused; the states must hold all the same.
    #[test]
    fn asking_twice_is_asking_once_and_letting_go_works() {
        let awake = KeepAwake::default();
        for on in [true, true, false, false, true] {
            awake.set(on).unwrap();
            let state = awake.0.lock().unwrap();
            assert_eq!(matches!(*state, State::Awake { .. }), on);
        }
    }

    #[test]
    fn the_thread_ends_when_nobody_wants_it() {
        let (sender, receiver) = channel();
        let thread = std::thread::spawn(move || hold(&receiver));
        drop(sender);
        assert!(thread.join().is_ok());
    }
}
