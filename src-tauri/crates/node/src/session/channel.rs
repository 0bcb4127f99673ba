//! One connection to a room, for one page: text frames both ways until either side, or the network, ends it.
//!
//! Closing is in order: what the page queued goes out first. Silence of the host counts as loss, since it pings.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use landline_protocol::limits::{PING_EVERY, PING_MISSES};
use landline_protocol::node_api::{ChannelClosed, NodeErrorCode};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use super::mailbox::Mailbox;
use super::network::Network;
use crate::dial::upgrade::RoomSocket;
use crate::interfaces::ChosenInterfaces;
use crate::survival::Watcher;

/// Frames of the page that wait: a member answers 31 others at once, each with some 20 candidates.
const FRAMES: usize = 1_024;
/// Their bytes.
const FRAME_BYTES: usize = 4 * 1024 * 1024;
/// Nothing from the host for so long, and it is lost: it has missed two pings of its own, and had a second to spare.
const SILENCE: Duration = Duration::from_secs(PING_EVERY.as_secs() * PING_MISSES as u64 + 1);
/// How long closing in order may take.
const CLOSING: Duration = Duration::from_secs(1);

/// The page's end. Dropping it closes the connection once all queued frames are out.
#[derive(Debug)]
pub(super) struct Channel {
    frames: mpsc::Sender<String>,
    bytes: Arc<AtomicUsize>,
}

impl Channel {
    pub(super) fn send(&self, frame: String) -> Result<(), NodeErrorCode> {
        let length = frame.len();
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > FRAME_BYTES {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            return Err(NodeErrorCode::Congested);
        }
        self.frames.try_send(frame).map_err(|error| {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => NodeErrorCode::Congested,
                mpsc::error::TrySendError::Closed(_) => NodeErrorCode::NoChannel,
            }
        })
    }
}

/// The connection's end.
pub(super) struct Run {
    id: u32,
    socket: RoomSocket,
    frames: mpsc::Receiver<String>,
    bytes: Arc<AtomicUsize>,
    mailbox: Arc<Mailbox>,
    watcher: Watcher,
    network: Network,
}

pub(super) fn channel(
    id: u32,
    socket: RoomSocket,
    mailbox: Arc<Mailbox>,
    watcher: Watcher,
    interfaces: ChosenInterfaces,
) -> (Channel, Run) {
    let (sender, frames) = mpsc::channel(FRAMES);
    let bytes = Arc::new(AtomicUsize::new(0));
    let channel = Channel {
        frames: sender,
        bytes: Arc::clone(&bytes),
    };
    let own = socket.get_ref().get_ref().0.local_addr();
    let network = Network {
        interfaces,
        own: own.ok().map(|own| own.ip().to_canonical()),
    };
    let run = Run {
        id,
        socket,
        frames,
        bytes,
        mailbox,
        watcher,
        network,
    };
    (channel, run)
}

impl Run {
    /// Carries frames until the connection is closed. `going_away` ends it because the program does.
    pub(super) async fn until_closed(self, going_away: CancellationToken) -> ChannelClosed {
        let Self {
            id,
            socket,
            mut frames,
            bytes,
            mailbox,
            watcher,
            network,
        } = self;
        let cut = watcher.cut();
        let (mut sink, mut stream) = socket.split();
        let reason = tokio::select! {
            reason = read(&mut stream, id, &mailbox, |frame| watcher.heard(frame)) => reason,
            reason = write(&mut sink, &mut frames, &bytes, |frame| watcher.said(frame)) => reason,
            () = network.until_gone(&mailbox) => ChannelClosed::Lost,
            // Another node hosts the meeting now.
            () = cut.cancelled() => ChannelClosed::Lost,
            () = going_away.cancelled() => ChannelClosed::Closed,
        };
        let code = match reason {
            ChannelClosed::Closed if going_away.is_cancelled() => CloseCode::Away,
            _ => CloseCode::Normal,
        };
        if tokio::time::timeout(CLOSING, close(sink, stream, code))
            .await
            .is_err()
        {
            tracing::debug!("the host did not answer the closing");
        }
        reason
    }
}

async fn read(
    stream: &mut (impl Stream<Item = Result<Message, Error>> + Unpin),
    id: u32,
    mailbox: &Mailbox,
    heard: impl Fn(&str),
) -> ChannelClosed {
    loop {
        match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => {
                heard(text.as_str());
                if mailbox.frame(id, text.as_str().to_owned()).is_err() {
                    tracing::warn!("a page does not fetch its messages; its connection is closed");
                    return ChannelClosed::Lost;
                }
            }
            Ok(Some(Ok(Message::Close(frame)))) => return reason_of(frame.as_ref()),
            // Pongs are sent by the library; binary frames mean nothing in this protocol.
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "the connection broke");
                return ChannelClosed::Lost;
            }
            Ok(None) | Err(_) => return ChannelClosed::Lost,
        }
    }
}

/// Until the page closes the channel, or sending fails.
async fn write(
    sink: &mut SplitSink<RoomSocket, Message>,
    frames: &mut mpsc::Receiver<String>,
    bytes: &AtomicUsize,
    said: impl Fn(&str),
) -> ChannelClosed {
    while let Some(frame) = frames.recv().await {
        bytes.fetch_sub(frame.len(), Ordering::Relaxed);
        said(&frame);
        if let Err(error) = sink.send(Message::text(frame)).await {
            tracing::debug!(%error, "sending failed");
            // Why it is closed is known to the reading side, if the host said so.
            return match error {
                Error::ConnectionClosed | Error::AlreadyClosed => std::future::pending().await,
                _ => ChannelClosed::Lost,
            };
        }
    }
    ChannelClosed::Closed
}

/// Sends a closing frame, unless one was answered, and waits for the other side to hang up.
async fn close(
    mut sink: SplitSink<RoomSocket, Message>,
    mut stream: SplitStream<RoomSocket>,
    code: CloseCode,
) {
    let frame = CloseFrame {
        code,
        reason: "".into(),
    };
    if let Err(error) = sink.send(Message::Close(Some(frame))).await {
        tracing::debug!(%error, "the connection was closed already");
    }
    while let Some(Ok(_)) = stream.next().await {}
}

/// Close code of a room whose meeting was ended for all; the message `meeting-ended` came before it.
const MEETING_ENDED: u16 = 4000;

/// RFC 6455 §7.4.
fn reason_of(frame: Option<&CloseFrame>) -> ChannelClosed {
    match frame.map(|frame| frame.code) {
        Some(
            CloseCode::Normal
            | CloseCode::Away
            | CloseCode::Restart
            | CloseCode::Library(MEETING_ENDED),
        ) => ChannelClosed::HostLeft,
        // Trouble of the host's, not ours: worth another try.
        None
        | Some(CloseCode::Error | CloseCode::Again | CloseCode::Abnormal | CloseCode::Status) => {
            ChannelClosed::Lost
        }
        Some(_) => ChannelClosed::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::mailbox::mailbox;
    use futures_util::stream;
    use landline_protocol::node_api::NodeEvent;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_host_that_falls_silent_is_lost_and_its_pings_are_signs_of_life() {
        let (mailbox, mut events) = mailbox();
        let start = Instant::now();
        let pings = stream::unfold(3, |left: u32| async move {
            if left == 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(PING_EVERY).await;
            Some((Ok(Message::Ping(Vec::new().into())), left - 1))
        });
        let frame = stream::iter([Ok(Message::text("hello"))]);
        let mut socket = Box::pin(frame.chain(pings));
        assert_eq!(
            read(&mut socket, 7, &mailbox, |_| {}).await,
            ChannelClosed::Lost
        );
        assert_eq!(start.elapsed(), PING_EVERY * 3 + SILENCE);
        let hello = NodeEvent::Frame {
            channel: 7,
            frame: "hello".into(),
        };
        assert_eq!(events.recv().await, Some(hello));
    }

    #[test]
    fn a_close_code_says_whether_another_try_is_worth_it() {
        let reason = |code: u16| {
            reason_of(Some(&CloseFrame {
                code: code.into(),
                reason: "".into(),
            }))
        };
        assert_eq!(reason(1001), ChannelClosed::HostLeft);
        assert_eq!(reason(4000), ChannelClosed::HostLeft);
        assert_eq!(reason(4001), ChannelClosed::Refused);
        assert_eq!(reason(1011), ChannelClosed::Lost);
        assert_eq!(reason(1013), ChannelClosed::Lost);
        assert_eq!(reason(1008), ChannelClosed::Refused);
        assert_eq!(reason(1009), ChannelClosed::Refused);
        assert_eq!(reason_of(None), ChannelClosed::Lost);
    }
}
