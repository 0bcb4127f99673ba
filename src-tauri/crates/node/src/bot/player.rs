//! Gives the frames of test pictures to the engine when they are due: one task for all bots of a process.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use landline_engine::Client;
use landline_engine::frame::FrameIn;
use tokio::time::{Instant, MissedTickBehavior};

use super::footage::Footage;
use super::reel::Playhead;
use super::speech::{Said, Speech, Turn};

/// Frames may be late by so much; waking up less often costs less for all.
const TICK: Duration = Duration::from_millis(10);

/// What a bot sends is counted here; and what it wants of its player.
#[derive(Debug, Default)]
pub(crate) struct Cue {
    /// A receiver needs a key frame.
    pub(crate) key: AtomicBool,
    /// There is somebody to send to.
    pub(crate) on: AtomicBool,
    pub(crate) frames: AtomicU64,
    pub(crate) packets: AtomicU64,
}

/// One bot's picture and sound.
pub(crate) struct Stage {
    client: Weak<Client>,
    cue: Arc<Cue>,
    footage: Arc<Footage>,
    camera: u32,
    microphone: u32,
    film: Playhead,
    sound: Playhead,
    speech: Speech,
    begun: Instant,
    /// When the player began: turns are the same for all.
    together: Instant,
}

/// Shared by the bots of a process. The task ends with the last of them.
#[derive(Clone)]
pub(crate) struct Player {
    stages: Arc<Mutex<Vec<Stage>>>,
    begun: Instant,
}

impl Player {
    /// Starts the task on the current runtime.
    pub(crate) fn start() -> Self {
        let stages = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(play(Arc::downgrade(&stages)));
        Self {
            stages,
            begun: Instant::now(),
        }
    }

    /// Plays for `client` as long as it lives. `nth`: bots begin apart, so that not all key frames come at once.
    pub(crate) fn add(
        &self,
        client: &Arc<Client>,
        footage: &Arc<Footage>,
        (microphone, camera): (u32, u32),
        nth: usize,
        turn: Option<Turn>,
    ) -> Arc<Cue> {
        let cue = Arc::new(Cue::default());
        let stage = Stage {
            client: Arc::downgrade(client),
            cue: Arc::clone(&cue),
            footage: Arc::clone(footage),
            camera,
            microphone,
            film: Playhead::of_film(&footage.film, nth),
            sound: Playhead::of_sound(&footage.sound, nth * 7),
            speech: Speech::new(turn),
            begun: Instant::now(),
            together: self.begun,
        };
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.push(stage);
        cue
    }
}

async fn play(stages: Weak<Mutex<Vec<Stage>>>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let Some(stages) = stages.upgrade() else {
            return;
        };
        let mut stages = stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.retain_mut(Stage::play);
    }
}

impl Stage {
    /// Gives what is due. False when the bot is no more.
    fn play(&mut self) -> bool {
        let Some(client) = self.client.upgrade() else {
            return false;
        };
        let now = self.begun.elapsed();
        let on = self.cue.on.load(Ordering::Relaxed);
        if self.cue.key.swap(false, Ordering::Relaxed) {
            self.film.jump_to_key();
        }
        while let Some(due) = self.film.take(now) {
            if !on {
                continue;
            }
            for (layer, size) in (0..).zip(self.footage.film.sizes.iter()) {
                let Some(frame) = size.frame(due.index) else {
                    continue;
                };
                give(
                    &client,
                    FrameIn::Video {
                        track: self.camera,
                        layer,
                        key: due.key,
                        timestamp: due.timestamp,
                        width: size.width,
                        height: size.height,
                        payload: frame.clone(),
                    },
                );
            }
            self.cue.frames.fetch_add(1, Ordering::Relaxed);
        }
        while let Some(due) = self.sound.take(now) {
            let packet = match self.speech.next(self.together.elapsed()) {
                Said::Sound => self.footage.sound.packet(due.index).cloned(),
                Said::Quiet(packet) => Some(Bytes::from_static(packet)),
                Said::Nothing => None,
            };
            let Some(payload) = packet.filter(|_| on) else {
                continue;
            };
            give(
                &client,
                FrameIn::Audio {
                    track: self.microphone,
                    timestamp: due.timestamp,
                    payload,
                },
            );
            self.cue.packets.fetch_add(1, Ordering::Relaxed);
        }
        true
    }
}

/// Pictures and sound are never refused, only dropped when there is no room.
pub(crate) fn give(client: &Client, frame: FrameIn) {
    if let Err(error) = client.send(frame) {
        tracing::debug!(%error, "a frame was refused");
    }
}
