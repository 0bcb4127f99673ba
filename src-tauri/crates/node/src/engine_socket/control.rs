//! The control socket: calls to the engine, and answers, events and messages of data channels back.

use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::FuturesOrdered;
use futures_util::{SinkExt, StreamExt};
use landline_engine::frame::FrameIn;
use landline_engine::{Client, ControlOutput, Output};
use landline_protocol::engine_api::{EngineCall, EngineError, EngineErrorName, EngineMessage};
use tokio_tungstenite::tungstenite::{self, Message};

use super::door::Socket;
use super::{End, WRITE_WITHIN};

/// Largest message: a description of sixteen participants has some 100 kB, a message of a data channel at most 256 KiB.
const CONTROL_BYTES: usize = 1024 * 1024;
/// Calls that wait for their answer; what the page sends beyond that waits in the socket.
const CALLS: usize = 256;

/// Runs until either side ends. Answers keep the order of their calls.
pub(super) async fn pump(socket: Socket, client: &Client, mut output: ControlOutput) -> End {
    let (mut sink, mut source) = socket.split();
    let mut answers = FuturesOrdered::new();
    loop {
        let message = tokio::select! {
            biased;
            Some(answer) = answers.next() => text(&answer),
            told = output.recv() => match told {
                None => return End::Engine,
                Some(Output::Event(event)) => text(&EngineMessage::Event { event }),
                Some(Output::Frame(frame)) => Some(Message::Binary(frame.encode())),
            },
            received = source.next(), if answers.len() < CALLS => match read(received, client) {
                Ok(answer) => {
                    answers.extend(answer);
                    None
                }
                Err(end) => return end,
            },
        };
        let Some(message) = message else { continue };
        match tokio::time::timeout(WRITE_WITHIN, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return End::Page,
        }
    }
}

type Answer = BoxFuture<'static, EngineMessage>;

/// Hands one message to the engine.
fn read(
    received: Option<Result<Message, tungstenite::Error>>,
    client: &Client,
) -> Result<Option<Answer>, End> {
    let message = match received {
        None | Some(Ok(Message::Close(_))) => return Err(End::Page),
        Some(Err(error)) => return Err(End::of(&error)),
        Some(Ok(message)) if message.len() > CONTROL_BYTES => {
            return Err(End::Broken("a message is too large"));
        }
        Some(Ok(message)) => message,
    };
    match message {
        Message::Text(text) => Ok(Some(call(&text, client))),
        Message::Binary(bytes) => match FrameIn::decode(bytes) {
            Ok(frame @ FrameIn::Channel { .. }) => client
                .send(frame)
                .map(|()| None)
                .map_err(|_| End::Broken("more channel messages than the engine keeps")),
            Ok(_) => Err(End::Broken("media on the control socket")),
            Err(_) => Err(End::Broken("a frame cannot be read")),
        },
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) | Message::Close(_) => Ok(None),
    }
}

fn call(text: &str, client: &Client) -> Answer {
    match serde_json::from_str::<EngineCall>(text) {
        Ok(EngineCall { id, request }) => client
            .request(request)
            .map(move |outcome| match outcome {
                Ok(reply) => EngineMessage::Reply { id, reply },
                Err(error) => EngineMessage::Failed { id, error },
            })
            .boxed(),
        // The text of the error may quote the call, and with it a password of ICE.
        Err(error) => {
            let error = EngineError {
                name: EngineErrorName::NotSupportedError,
                message: format!("this call is not known ({:?})", error.classify()),
            };
            let id = id_of(text);
            ready(EngineMessage::Failed { id, error }).boxed()
        }
    }
}

/// 0 if it cannot be read.
fn id_of(text: &str) -> u32 {
    #[derive(serde::Deserialize)]
    struct Id {
        id: u32,
    }
    serde_json::from_str::<Id>(text).map_or(0, |call| call.id)
}

fn text(message: &EngineMessage) -> Option<Message> {
    match serde_json::to_string(message) {
        Ok(text) => Some(Message::text(text)),
        Err(error) => {
            tracing::error!(%error, "a message cannot be written");
            None
        }
    }
}
