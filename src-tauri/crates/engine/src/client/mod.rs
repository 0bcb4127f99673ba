//! One page, or one bot, as it is seen from outside the engine's thread.

mod input;
mod output;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landline_protocol::engine_api::{
    EngineError, EngineErrorName, EngineEvent, EngineReply, EngineRequest,
};
use tokio::sync::{Notify, oneshot};

use crate::engine::Running;
use crate::frame::{FrameIn, FrameOut};
pub(crate) use input::{Answer, Input, InputQueue, Taken};
pub use output::Output;
pub(crate) use output::{OutputQueue, Pushed};

/// Both ends of a client.
#[derive(Debug)]
pub(crate) struct Shared {
    input: Mutex<InputQueue>,
    output: Mutex<OutputQueue>,
    control: Notify,
    media: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The queues stay consistent at every step: a panic elsewhere does not spoil them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            input: Mutex::default(),
            output: Mutex::default(),
            control: Notify::new(),
            media: Notify::new(),
        }
    }

    pub(crate) fn take(&self) -> Taken {
        lock(&self.input).take()
    }

    pub(crate) fn event(&self, event: EngineEvent) {
        lock(&self.output).event(event);
        self.control.notify_one();
    }

    pub(crate) fn frame(&self, frame: FrameOut) -> Pushed {
        let notify = match frame {
            FrameOut::Channel { .. } => &self.control,
            FrameOut::Video { .. } | FrameOut::Audio { .. } => &self.media,
        };
        let pushed = lock(&self.output).frame(frame);
        notify.notify_one();
        pushed
    }

    pub(crate) fn forget(&self, receiver: u32) {
        lock(&self.output).forget(receiver);
    }

    pub(crate) fn ended(&self) -> bool {
        lock(&self.output).ended()
    }

    /// No one answers any more: what still waits is dropped, so that whoever waits for it learns of it.
    pub(crate) fn end(&self) {
        {
            let mut input = lock(&self.input);
            input.close();
            drop(input.take());
        }
        lock(&self.output).end();
        self.control.notify_one();
        self.media.notify_one();
    }

    pub(crate) fn push(
        &self,
        request: EngineRequest,
    ) -> Result<oneshot::Receiver<Result<EngineReply, EngineError>>, EngineError> {
        let (answer, answered) = oneshot::channel();
        lock(&self.input).request(request, answer)?;
        Ok(answered)
    }

    pub(crate) fn push_frame(&self, frame: FrameIn) -> Result<(), EngineError> {
        lock(&self.input).frame(frame)
    }

    pub(crate) fn close(&self) {
        lock(&self.input).close();
    }

    /// The next event or channel message, if there is one; otherwise whether there will be.
    pub(crate) fn next_control(&self) -> Result<Output, bool> {
        let mut output = lock(&self.output);
        output.control().ok_or_else(|| !output.ended())
    }

    pub(crate) fn next_media(&self) -> Result<FrameOut, bool> {
        let mut output = lock(&self.output);
        output.media().ok_or_else(|| !output.ended())
    }

    async fn control(&self) -> Option<Output> {
        loop {
            match self.next_control() {
                Ok(next) => return Some(next),
                Err(true) => self.control.notified().await,
                Err(false) => return None,
            }
        }
    }

    async fn media(&self) -> Option<FrameOut> {
        loop {
            match self.next_media() {
                Ok(next) => return Some(next),
                Err(true) => self.media.notified().await,
                Err(false) => return None,
            }
        }
    }
}

/// What a page does. Dropping it closes its connections, with a goodbye on the wire.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    running: Arc<Running>,
}

fn gone() -> EngineError {
    EngineError {
        name: EngineErrorName::InvalidStateError,
        message: "the engine session has ended".to_owned(),
    }
}

impl Client {
    pub(crate) fn new(shared: Arc<Shared>, running: Arc<Running>) -> Self {
        Self { shared, running }
    }

    /// Handed over at once, answered in order; the future only waits for the answer.
    ///
    /// # Errors
    /// As W3C webrtc says for the request; `QuotaExceededError` with too many at once; `InvalidStateError` after the end.
    pub fn request(
        &self,
        request: EngineRequest,
    ) -> impl Future<Output = Result<EngineReply, EngineError>> + Send + use<> {
        let accepted = self.shared.push(request);
        self.running.mailbox.wake();
        async move { accepted?.await.map_err(|_| gone())? }
    }

    /// Never waits. Pictures that find no room are dropped, and a key frame is asked for.
    ///
    /// # Errors
    /// A channel message for which there is no room.
    pub fn send(&self, frame: FrameIn) -> Result<(), EngineError> {
        let accepted = self.shared.push_frame(frame);
        self.running.mailbox.wake();
        accepted
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.shared.close();
        self.running.mailbox.wake();
    }
}

/// What a page hears. Ends (`None`) when its [`Client`] is dropped, or when it was not read for too long.
#[derive(Debug)]
pub struct ClientOutput {
    shared: Arc<Shared>,
}

impl ClientOutput {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The next event or frame; events and channel messages first.
    pub async fn recv(&mut self) -> Option<Output> {
        tokio::select! {
            biased;
            control = self.shared.control() => control,
            Some(frame) = self.shared.media() => Some(Output::Frame(frame)),
        }
    }

    /// For two readers: events and channel messages in their order, and media.
    pub fn split(self) -> (ControlOutput, MediaOutput) {
        (
            ControlOutput {
                shared: Arc::clone(&self.shared),
            },
            MediaOutput {
                shared: self.shared,
            },
        )
    }
}

/// Events and messages of data channels.
#[derive(Debug)]
pub struct ControlOutput {
    shared: Arc<Shared>,
}

impl ControlOutput {
    pub async fn recv(&mut self) -> Option<Output> {
        self.shared.control().await
    }
}

/// Pictures and sound.
#[derive(Debug)]
pub struct MediaOutput {
    shared: Arc<Shared>,
}

impl MediaOutput {
    pub async fn recv(&mut self) -> Option<FrameOut> {
        self.shared.media().await
    }
}
