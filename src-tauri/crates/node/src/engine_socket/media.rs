//! The media socket: encoded pictures and sound, both ways.
//!
//! Nothing is kept here but the one frame that is being written: what waits does so in the engine's queue, where the oldest
//! can be dropped.

use futures_util::{SinkExt, StreamExt};
use landline_engine::frame::FrameIn;
use landline_engine::{Client, MediaOutput};
use tokio_tungstenite::tungstenite::Message;

use super::door::Socket;
use super::{End, WRITE_WITHIN};

/// Runs until either side ends.
pub(super) async fn pump(socket: Socket, client: &Client, mut output: MediaOutput) -> End {
    let (mut sink, mut source) = socket.split();
    let out = async {
        while let Some(frame) = output.recv().await {
            let message = Message::Binary(frame.encode());
            match tokio::time::timeout(WRITE_WITHIN, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return End::Page,
            }
        }
        End::Engine
    };
    let input = async {
        while let Some(message) = source.next().await {
            match message {
                Ok(Message::Binary(bytes)) => match FrameIn::decode(bytes) {
                    Ok(FrameIn::Channel { .. }) => {
                        return End::Broken("a channel message on the media socket");
                    }
                    // The engine drops what it has no room for, and asks for a key frame.
                    Ok(frame) => drop(client.send(frame)),
                    Err(_) => return End::Broken("a frame cannot be read"),
                },
                Ok(Message::Text(_)) => return End::Broken("text on the media socket"),
                Ok(Message::Close(_)) => return End::Page,
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(error) => return End::of(&error),
            }
        }
        End::Page
    };
    tokio::select! {
        end = out => end,
        end = input => end,
    }
}
