//! An open port of this node: of the meeting that it hosts, or of one that it is in and may have to host next. In the second case
//! nothing but `/peer` is there.

use tokio::runtime::Handle;
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
    /// Serves on `rooms`, where its rooms are.
    pub(crate) fn open(rooms: &Handle, public: Public, port: u16, changed: bool) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn_on(public.serve(stop.clone()), rooms);
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
