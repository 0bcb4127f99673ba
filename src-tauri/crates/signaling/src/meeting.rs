//! One hosted meeting, as the rest of the program holds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use landline_protocol::{Access, Decoded, ErrorCode, Limits, MeetingSummary, ServerMessage};
use landline_rooms::{ConnectionId, Frame, Inheritance, Roster};
use landline_trust::pake::Exporter;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::actor::{self, Command, Ending, Watched};
use crate::queue::{CloseCode, Queue};

/// Commands that wait for the meeting's task. A connection that finds no place waits with reading, so the bound costs
/// nothing but time.
const INBOX: usize = 256;
/// Bytes of the frames among them.
const INBOX_BYTES: u32 = 4 * 1024 * 1024;

/// What a meeting starts from.
#[derive(Debug, Clone)]
pub struct MeetingConfig {
    pub meeting_id: String,
    pub title: String,
    /// The host's name.
    pub host: String,
    /// Milliseconds since 1970.
    pub started_at: u64,
    pub limits: Limits,
    /// HMAC key of the resume tokens; kept with the certificate, so that a restarted host knows its tokens.
    pub resume_key: [u8; 32],
    /// The meeting existed before: seats are given back for [`landline_protocol::limits::RESTORE_GRACE`].
    pub reopened: bool,
    /// The key of whoever is the host from the start, as text. None: nobody is.
    pub host_key: Option<String>,
    /// The client id of the first seat that `host_key` takes; [`crate::new_client_id`] makes it. None: any.
    pub host_seat: Option<String>,
    /// How one comes in; [`crate::new_access`] makes it.
    pub access: Access,
    /// From the host before, if the meeting had another one.
    pub inherited: Inheritance,
    /// SHA-256 of the certificate that the server shows.
    pub fingerprint: [u8; 32],
}

/// A running meeting. Cheap to clone; the task ends with [`MeetingHandle::end`], [`MeetingHandle::close`] or the last clone.
#[derive(Debug, Clone)]
pub struct MeetingHandle {
    summary: watch::Receiver<MeetingSummary>,
    access: watch::Receiver<Access>,
    roster: watch::Receiver<Roster>,
    inbox: mpsc::Sender<Command>,
    limits: Arc<Limits>,
    connections: Arc<AtomicU64>,
    room_for: Arc<Semaphore>,
    _last_clone: Arc<DropGuard>,
}

impl MeetingHandle {
    /// Starts the meeting's task on the current tokio runtime.
    pub fn start(config: MeetingConfig) -> Self {
        let limits = Arc::new(config.limits.clone());
        // Each connection has a place of its own for the news of its end.
        let (inbox, commands) = mpsc::channel(INBOX + limits.connections);
        let dropped = CancellationToken::new();
        let last_clone = Arc::new(dropped.clone().drop_guard());
        let Watched {
            summary,
            access,
            roster,
        } = actor::start(config, commands, dropped);
        Self {
            summary,
            access,
            roster,
            inbox,
            limits,
            connections: Arc::default(),
            room_for: Arc::new(Semaphore::new(INBOX_BYTES as usize)),
            _last_clone: last_clone,
        }
    }

    /// What the meeting says of itself, after each change.
    pub fn summary(&self) -> watch::Receiver<MeetingSummary> {
        self.summary.clone()
    }

    /// How one comes in, told before each change of the summary. Holds secrets.
    pub fn access(&self) -> watch::Receiver<Access> {
        self.access.clone()
    }

    /// Who has a seat, by key.
    pub fn roster(&self) -> watch::Receiver<Roster> {
        self.roster.clone()
    }

    /// Guests are told that they come in by this link, should this host be gone. None: by none.
    pub async fn set_successor(&self, link: Option<String>) {
        // An error means that the meeting is over.
        let _ = self.inbox.send(Command::Successor(link)).await;
    }

    /// The bounds that the meeting was started with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Ends the meeting for all: everybody is told, then connections are closed.
    pub async fn end(&self) {
        self.finish(Ending::End).await;
    }

    /// The host goes away in good order: connections are closed with 1001, nobody is told that the meeting ended.
    pub async fn close(&self) {
        self.finish(Ending::Close).await;
    }

    /// Waits until connections have got what was sent to them, for a second at most.
    async fn finish(&self, ending: Ending) {
        let (done, finished) = oneshot::channel();
        if self.inbox.send(Command::Finish(ending, done)).await.is_ok() {
            // An error means that it is over as well.
            let _ = finished.await;
        }
    }

    /// A connection to the room; `addr`: where it comes from, as others may know it; `exporter`: of its TLS connection, over
    /// which a code can be proven. None if the meeting is over.
    pub(crate) async fn connect(
        &self,
        addr: Vec<String>,
        exporter: Option<Exporter>,
    ) -> Option<RoomConnection> {
        let id = ConnectionId(self.connections.fetch_add(1, Ordering::Relaxed));
        let queue = Arc::new(Queue::new(
            self.limits.queue_messages,
            self.limits.queue_bytes,
        ));
        let farewell = self.inbox.clone().reserve_owned().await.ok()?;
        let connection = RoomConnection {
            id,
            inbox: self.inbox.clone(),
            room_for: Arc::clone(&self.room_for),
            farewell: Some(farewell),
            queue: Arc::clone(&queue),
        };
        let open = Command::Open {
            id,
            addr,
            exporter,
            queue,
        };
        self.inbox.send(open).await.ok()?;
        Some(connection)
    }
}

/// One connection to the room. Dropping it tells the room that it is lost.
#[derive(Debug)]
pub(crate) struct RoomConnection {
    id: ConnectionId,
    inbox: mpsc::Sender<Command>,
    room_for: Arc<Semaphore>,
    farewell: Option<mpsc::OwnedPermit<Command>>,
    pub(crate) queue: Arc<Queue>,
}

impl RoomConnection {
    /// Hands over one frame that had this many bytes, waiting while the room is busy. False if the meeting is over.
    pub(crate) async fn deliver(&self, frame: Result<Decoded, ErrorCode>, bytes: usize) -> bool {
        let bytes = u32::try_from(bytes).map_or(INBOX_BYTES, |bytes| bytes.min(INBOX_BYTES));
        let Ok(room) = Arc::clone(&self.room_for).acquire_many_owned(bytes).await else {
            return false;
        };
        let message = Command::Message {
            id: self.id,
            frame,
            room,
        };
        self.inbox.send(message).await.is_ok()
    }

    /// A message was larger than the limit: the client is told, and the connection closed.
    pub(crate) fn refuse_size(&self) {
        self.queue.push(error_frame(ErrorCode::TooLarge));
        self.queue.close(CloseCode::TooLarge);
    }
}

/// An error that does not come from the room.
pub(crate) fn error_frame(code: ErrorCode) -> Frame {
    let error = ServerMessage::Error {
        code,
        message: code.to_string(),
        retry_after_ms: None,
    };
    Frame {
        seq: None,
        body: serde_json::to_string(&error).unwrap_or_default().into(),
    }
}

impl Drop for RoomConnection {
    fn drop(&mut self) {
        if let Some(farewell) = self.farewell.take() {
            farewell.send(Command::Closed(self.id));
        }
    }
}
