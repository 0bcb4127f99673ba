//! One hosted meeting, as the rest of the program holds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use landline_protocol::{
    Access, ChatLine, Decoded, ErrorCode, Limits, MeetingSummary, ServerMessage,
};
use landline_rooms::{ConnectionId, Frame, Inheritance, Inherited, Roster, Ruled};
use landline_trust::pake::Exporter;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc, oneshot, watch};
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
    /// Lists show neither title nor host.
    pub private: bool,
    /// From the host before, if the meeting had another one.
    pub inherited: Inheritance,
    /// SHA-256 of the certificate that the server shows.
    pub fingerprint: [u8; 32],
    /// The meeting's id certifies itself: [`MeetingHandle::set_claim`] follows.
    pub has_chain: bool,
}

/// A running meeting. Cheap to clone; the task ends with [`MeetingHandle::end`], [`MeetingHandle::close`] or the last clone.
#[derive(Debug, Clone)]
pub struct MeetingHandle {
    summary: watch::Receiver<MeetingSummary>,
    access: watch::Receiver<Access>,
    roster: watch::Receiver<Roster>,
    lines: broadcast::Sender<ChatLine>,
    inbox: mpsc::Sender<Command>,
    limits: Arc<Limits>,
    connections: Arc<AtomicU64>,
    room_for: Arc<Semaphore>,
    has_chain: bool,
    claim: Arc<watch::Sender<Option<Bytes>>>,
    _last_clone: Arc<DropGuard>,
}

impl MeetingHandle {
    /// Starts the meeting's task on the current tokio runtime.
    pub fn start(config: MeetingConfig) -> Self {
        let limits = Arc::new(config.limits.clone());
        let has_chain = config.has_chain;
        // Each connection has a place of its own for the news of its end.
        let (inbox, commands) = mpsc::channel(INBOX + limits.connections);
        let dropped = CancellationToken::new();
        let last_clone = Arc::new(dropped.clone().drop_guard());
        let Watched {
            summary,
            access,
            roster,
            lines,
        } = actor::start(config, commands, dropped);
        Self {
            summary,
            access,
            roster,
            lines,
            inbox,
            limits,
            connections: Arc::default(),
            room_for: Arc::new(Semaphore::new(INBOX_BYTES as usize)),
            has_chain,
            claim: Arc::new(watch::Sender::new(None)),
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

    /// Signed lines of chat, as the room takes them from participants from now on.
    pub fn lines(&self) -> broadcast::Receiver<ChatLine> {
        self.lines.subscribe()
    }

    /// What `GET /api/claim` shows from now on: the way from the meeting's id to this host's certificate.
    pub fn set_claim(&self, claim: Bytes) {
        self.claim.send_replace(Some(claim));
    }

    /// None where the id certifies nothing. A meeting that has just been opened gets its claim in a moment, which is waited for.
    pub(crate) async fn claim(&self, within: Duration) -> Option<Bytes> {
        if !self.has_chain {
            return None;
        }
        let mut claim = self.claim.subscribe();
        let there = tokio::time::timeout(within, claim.wait_for(Option::is_some)).await;
        there.ok()?.ok()?.clone()
    }

    /// The bounds that the meeting was started with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Another half of the meeting comes here: its people take their seats by their keys, for a while.
    pub async fn inherit(&self, seats: Vec<Inherited>) {
        // An error means that the meeting is over.
        let _ = self.inbox.send(Command::Inherit(seats)).await;
    }

    /// What was ruled elsewhere in the meeting holds here too.
    pub async fn ruled(&self, rulings: Vec<Ruled>) {
        // An error means that the meeting is over.
        let _ = self.inbox.send(Command::Ruled(rulings)).await;
    }

    /// Lines that were said elsewhere in the meeting, and whose signatures were checked.
    pub async fn said(&self, lines: Vec<ChatLine>) {
        // An error means that the meeting is over.
        let _ = self.inbox.send(Command::Said(lines)).await;
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
        let place = self.place(bytes).await;
        place.map(|place| place.put(frame)).is_some()
    }

    /// A place for one frame of this many bytes, waiting while the room is busy. None if the meeting is over. Who waits here holds no
    /// message that was taken apart already: that would be memory of every connection.
    pub(crate) async fn place(&self, bytes: usize) -> Option<Place<'_>> {
        let bytes = u32::try_from(bytes).map_or(INBOX_BYTES, |bytes| bytes.min(INBOX_BYTES));
        let room = Arc::clone(&self.room_for)
            .acquire_many_owned(bytes)
            .await
            .ok()?;
        let inbox = self.inbox.reserve().await.ok()?;
        Some(Place {
            id: self.id,
            room,
            inbox,
        })
    }

    /// A message was larger than the limit: the client is told, and the connection closed.
    pub(crate) fn refuse_size(&self) {
        self.queue.push(error_frame(ErrorCode::TooLarge));
        self.queue.close(CloseCode::TooLarge);
    }
}

/// Where one frame of a connection goes.
pub(crate) struct Place<'a> {
    id: ConnectionId,
    room: OwnedSemaphorePermit,
    inbox: mpsc::Permit<'a, Command>,
}

impl Place<'_> {
    pub(crate) fn put(self, frame: Result<Decoded, ErrorCode>) {
        self.inbox.send(Command::Message {
            id: self.id,
            frame,
            room: self.room,
        });
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
