//! An open port of this node: of the meeting that it hosts, or of one that it is in and may have to host next. In the second case
//! nothing but `/peer` is there.

use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use landline_signaling::Public;

/// An open port. Dropping it closes it, without waiting.
pub(crate) struct Stand {
    pub(crate) port: u16,
    /// The wished port was taken.
    pub(crate) changed: bool,
    stop: CancellationToken,
    tasks: TaskTracker,
    _guard: DropGuard,
}

impl Stand {
    pub(crate) fn open(public: Public, port: u16, changed: bool) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(public.serve(stop.clone()));
        Self {
            port,
            changed,
            _guard: stop.clone().drop_guard(),
            stop,
            tasks,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.stop.is_cancelled()
    }

    /// Closes it when cancelled.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Closes it; the port is free after that.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
