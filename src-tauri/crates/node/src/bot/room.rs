//! A bot's connection to a room: text frames both ways until it ends. Silence of the host counts as loss, since it pings.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use landline_protocol::limits::{PING_EVERY, PING_MISSES};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::dial::upgrade::RoomSocket;

/// Nothing from the host for so long, and it is lost: it has missed two pings of its own, and had a second to spare.
const SILENCE: Duration = Duration::from_secs(PING_EVERY.as_secs() * PING_MISSES as u64 + 1);
/// How long the host may leave what we send lying.
const SENDING: Duration = Duration::from_secs(5);
/// How long closing in order may take.
const CLOSING: Duration = Duration::from_secs(1);
/// The host has ended the meeting for all (docs/PROTOCOL.md, close codes).
const MEETING_ENDED: u16 = 4000;

/// Why a connection is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// The host closed it because it, or the meeting, ended.
    HostLeft,
    /// The host closed it for another reason.
    Refused(u16),
    /// The network, or silence.
    Lost,
}

pub(crate) struct Room {
    socket: RoomSocket,
    heard: Instant,
}

impl Room {
    pub(crate) fn new(socket: RoomSocket) -> Self {
        Self {
            socket,
            heard: Instant::now(),
        }
    }

    /// The next message. Nothing is lost when it is not waited for to the end.
    pub(crate) async fn recv(&mut self) -> Result<String, Gone> {
        loop {
            let next = timeout_at(self.heard + SILENCE, self.socket.next()).await;
            let Ok(Some(Ok(message))) = next else {
                return Err(Gone::Lost);
            };
            self.heard = Instant::now();
            match message {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(frame) => return Err(gone(frame.as_ref())),
                // Pongs are sent by the library.
                _ => {}
            }
        }
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<(), Gone> {
        match timeout(SENDING, self.socket.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone::Lost),
        }
    }

    /// Says goodbye and waits a moment for the answer.
    pub(crate) async fn close(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "".into(),
        };
        let closing = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        if timeout(CLOSING, closing).await.is_err() {
            tracing::debug!("the host did not answer the closing");
        }
    }
}

fn gone(frame: Option<&CloseFrame>) -> Gone {
    match frame.map(|frame| u16::from(frame.code)) {
        None => Gone::Lost,
        Some(1000 | 1001 | MEETING_ENDED) => Gone::HostLeft,
        Some(code) => Gone::Refused(code),
    }
}
