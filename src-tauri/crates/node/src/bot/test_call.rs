//! The test call: a bot in the meeting that this node hosts, which gives back what one sends. At most one; it ends with the meeting,
//! when it is sent away, when the node goes away, and when it has been left alone.

use std::sync::Arc;
use std::time::Duration;

use landline_protocol::node_api::{NodeError, NodeErrorCode, Target};
use landline_protocol::settings::Language;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::crowd::{Casting, Crew, node_error_code};
use super::footage::Footage;
use super::participant::LOOK;
use super::report::{BotError, BotEvent};
use super::room::Room;
use crate::error::node_error;
use crate::node::Inner;

/// How long leaving in order may take.
const ENDING: Duration = Duration::from_secs(2);
/// What a bot tells before it is known to be in the room.
const EVENTS: usize = 4;

/// The test call of this node, if one is on.
#[derive(Debug, Default)]
pub(crate) struct TestCall {
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: DropGuard,
    bot: JoinHandle<Result<(), BotError>>,
}

impl TestCall {
    /// Sends somebody to talk to into the meeting that this node hosts, or away. Answers when that is done.
    ///
    /// # Errors
    /// `MeetingNotFound` if this node hosts none; `Internal` if the bot cannot join.
    pub(crate) async fn set(&self, node: &Arc<Inner>, on: bool) -> Result<(), NodeError> {
        let mut running = self.running.lock().await;
        if on
            && running
                .as_ref()
                .is_some_and(|running| !running.bot.is_finished())
        {
            return Ok(());
        }
        if let Some(Running { stop, bot }) = running.take() {
            drop(stop);
            if tokio::time::timeout(ENDING, bot).await.is_err() {
                tracing::warn!("the test call did not end in time");
            }
        }
        if on {
            *running = Some(start(node).await?);
        }
        Ok(())
    }
}

async fn start(node: &Arc<Inner>) -> Result<Running, NodeError> {
    let hosted = node.hosting.hosted.borrow().clone();
    let hosted = hosted.ok_or(NodeErrorCode::MeetingNotFound)?;
    let meeting_id = hosted.meeting_id;
    let target = Target::Meeting {
        meeting_id: meeting_id.clone(),
    };
    let opened = node.dialer.open(&target, None).await?;
    let (room, host) = (Room::new(opened.socket), opened.fingerprint);
    let footage = Footage::test_picture().map_err(internal)?;
    let (events, mut told) = mpsc::channel(EVENTS);
    let crew =
        Crew::start(node.dialer.interfaces.clone(), footage, false, events).map_err(internal)?;
    let stop = CancellationToken::new();
    let casting = Casting {
        name: name(node.settings.get().language).to_owned(),
        meeting_id,
        nth: 0,
        echo: true,
        host,
        secret: hosted.access.secret,
        companion: true,
        turn: None,
        shows: None,
        report: LOOK,
        stop: stop.clone(),
    };
    // The node itself is not held: it may end before its test call does.
    let going_away = node.stop.clone();
    let ending = stop.clone();
    let bot = crew.bot(casting, room);
    let bot = node.tasks.spawn(async move {
        let bot = std::pin::pin!(bot);
        let stopping = async {
            going_away.cancelled().await;
            ending.cancel();
            std::future::pending().await
        };
        tokio::select! {
            ended = bot => ended,
            never = stopping => never,
        }
    });
    let stop = stop.drop_guard();
    match told.recv().await {
        Some(BotEvent::Error { error, message, .. }) => {
            Err(node_error(node_error_code(&error), message))
        }
        Some(_) => Ok(Running { stop, bot }),
        None => Err(NodeErrorCode::Internal.into()),
    }
}

fn internal(error: impl std::fmt::Display) -> NodeError {
    node_error(NodeErrorCode::Internal, error)
}

/// As what the room knows it, in the language of this installation.
fn name(language: Language) -> &'static str {
    let chinese = match language {
        Language::SimplifiedChinese => true,
        Language::English => false,
        // As the C library has it (POSIX.1, §8.2).
        Language::Auto => ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|variable| {
                std::env::var(variable)
                    .ok()
                    .filter(|value| !value.is_empty())
            })
            .is_some_and(|locale| locale.starts_with("zh")),
    };
    if chinese { "回声" } else { "Echo" }
}
