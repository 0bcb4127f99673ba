//! What the channels of pages and the task of a meeting have in common.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landline_protocol::limits::CHAT_LINES;
use landline_protocol::{ChatLine, Moderation};
use landline_succession::rulings::Rule;
use landline_trust::PublicKey;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::clock::now;
use super::knowledge::{Heard, Knowledge};
use super::ordered::Ordered;
use super::watcher::Line;
use crate::fingerprint::Fingerprint;

/// A page that is reloaded or lost its network is back by then, or its seat is gone.
const UNBOUND: Duration = Duration::from_secs(45);

/// Signed lines that wait for the task: twice what a room keeps. What is missed comes from the logs of others.
const LINES: usize = 2 * CHAT_LINES;

/// One meeting that this node is in.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(super) meeting_id: String,
    /// Of this node's page.
    pub(super) client: String,
    knowledge: Mutex<Knowledge>,
    seat: Mutex<Seat>,
    for_task: Mutex<ForTask>,
    pub(super) changed: Notify,
}

/// What was overheard and is for the task of the meeting.
#[derive(Debug, Default)]
pub(super) struct ForTask {
    pub(super) lines: VecDeque<ChatLine>,
    pub(super) rules: Vec<Rule>,
    ordered: Ordered,
}

#[derive(Debug)]
struct Seat {
    /// The channel on which the page has its seat.
    line: Option<Line>,
    since: Instant,
    is_over: Over,
}

/// Whether the page is done with the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    No,
    /// It left.
    Left,
    /// The meeting was ended for all.
    Ended,
}

impl Shared {
    pub(super) fn new(meeting_id: String, client: String, knowledge: Knowledge) -> Self {
        Self {
            meeting_id,
            client,
            knowledge: Mutex::new(knowledge),
            seat: Mutex::new(Seat {
                line: None,
                since: Instant::now(),
                is_over: Over::No,
            }),
            for_task: Mutex::default(),
            changed: Notify::new(),
        }
    }

    fn for_task(&self) -> MutexGuard<'_, ForTask> {
        self.for_task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits for the task.
    pub(super) fn take(&self) -> (VecDeque<ChatLine>, Vec<Rule>) {
        let mut waiting = self.for_task();
        (
            std::mem::take(&mut waiting.lines),
            std::mem::take(&mut waiting.rules),
        )
    }

    /// Signed lines, for the log.
    pub(super) fn log(&self, lines: impl IntoIterator<Item = ChatLine>) {
        let mut waiting = self.for_task();
        waiting.lines.extend(lines);
        while waiting.lines.len() > LINES {
            waiting.lines.pop_front();
        }
        self.changed.notify_one();
    }

    /// The page orders something as a moderator.
    pub(super) fn ordered(&self, order: Moderation) {
        self.for_task().ordered.give(order, now());
    }

    /// The page hears something; `own` is its key.
    pub(super) fn hear(&self, heard: Heard, own: PublicKey) {
        let mut knowledge = self.knowledge();
        let key_of = |client: &str| knowledge.key_of(client);
        let mut waiting = self.for_task();
        let rules = waiting.ordered.carried_out(&heard, key_of, own, now());
        waiting.rules.extend(rules);
        let is_for_task = !waiting.rules.is_empty();
        drop(waiting);
        let line = knowledge.hear(heard);
        drop(knowledge);
        if line.is_some() || is_for_task {
            self.log(line);
        }
    }

    pub(super) fn knowledge(&self) -> MutexGuard<'_, Knowledge> {
        self.knowledge
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bind(&self, line: Line) {
        let mut seat = self.seat();
        seat.line = Some(line);
        seat.is_over = Over::No;
    }

    pub(super) fn is_bound(&self) -> bool {
        self.seat().line.is_some()
    }

    /// What the page calls the host.
    pub(super) fn name(&self) -> Option<String> {
        self.seat().line.as_ref().map(|line| line.name.clone())
    }

    /// The channel with this number is closed.
    pub(super) fn unbound(&self, number: u64) {
        let mut seat = self.seat();
        if seat.line.as_ref().is_some_and(|line| line.number == number) {
            seat.line = None;
            seat.since = Instant::now();
        }
    }

    pub(super) fn left(&self, number: u64) {
        self.unbound(number);
        self.seat().is_over = Over::Left;
        self.changed.notify_one();
    }

    pub(super) fn ended(&self) {
        self.seat().is_over = Over::Ended;
        self.changed.notify_one();
    }

    /// Whether the page left, or did not come back.
    pub(super) fn is_over(&self) -> Over {
        let seat = self.seat();
        if seat.is_over == Over::No && seat.line.is_none() && seat.since.elapsed() > UNBOUND {
            return Over::Left;
        }
        seat.is_over
    }

    /// The page's connection to this host is cut if it goes to such an address. Whether it was.
    pub(super) fn cut_if(
        &self,
        fingerprint: Fingerprint,
        is_gone: impl Fn(SocketAddr) -> bool,
    ) -> bool {
        let seat = self.seat();
        let line = seat.line.as_ref();
        let line = line.filter(|line| line.fingerprint == fingerprint && is_gone(line.address));
        if let Some(line) = line {
            line.cut.cancel();
        }
        line.is_some()
    }

    /// The page's connection to another host than this one is cut.
    pub(super) fn cut_unless(&self, fingerprint: Fingerprint) {
        if let Some(line) = &self.seat().line
            && line.fingerprint != fingerprint
        {
            line.cut.cancel();
        }
    }
}
