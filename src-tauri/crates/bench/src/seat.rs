//! A client with a seat in a room: the minimal client of docs/PROTOCOL.md, which the plain relay understands as well.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rustls::ClientConfig;
use serde::Deserialize;

use crate::frames::{self, Incoming};
use crate::pipe::{Pipe, trust};
use crate::serve::{Listening, Room};

/// A connection that has joined.
pub(crate) struct Seat {
    pub(crate) pipe: Pipe,
    pub(crate) incoming: Incoming,
    pub(crate) room: String,
    pub(crate) id: String,
}

/// Takes so many seats in each room, one after the other. What is said to them meanwhile has not been read.
pub(crate) fn fill(listening: &Listening, each: usize) -> Result<Vec<Vec<Seat>>> {
    let trust = trust(listening.certificate.as_deref())?;
    let fill = |room| (0..each).map(|_| take(room, trust.as_ref())).collect();
    listening.rooms.iter().map(fill).collect()
}

fn take(room: &Room, trust: Option<&Arc<ClientConfig>>) -> Result<Seat> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Joined {
        action: String,
        client_id: Option<String>,
    }
    let pipe = Pipe::connect(room.port, trust)?;
    let host = format!("127.0.0.1:{}", room.port);
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    pipe.write(request.as_bytes())?;
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    let end = loop {
        let read = pipe.read(&mut buffer)?;
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if read == 0 {
            bail!("no answer: {}", String::from_utf8_lossy(&head));
        }
    };
    if !head.starts_with(b"HTTP/1.1 101") {
        bail!("no WebSocket: {}", String::from_utf8_lossy(&head));
    }
    let mut incoming = Incoming::default();
    incoming.put(head.get(end..).unwrap_or_default());
    let join = format!(r#"{{"action":"join","roomId":"{}"}}"#, room.id);
    pipe.write(&frames::text(&join))?;
    let joined = loop {
        if let Some((_, payload)) = incoming.next() {
            let message: Joined = serde_json::from_slice(payload)
                .with_context(|| format!("{}", String::from_utf8_lossy(payload)))?;
            break message;
        }
        let read = pipe.read(&mut buffer)?;
        if read == 0 {
            bail!("the connection ended before it had joined");
        }
        incoming.put(buffer.get(..read).unwrap_or_default());
    };
    let id = match joined {
        Joined {
            action,
            client_id: Some(id),
        } if action == "joined" => id,
        other => bail!("not let in: {}", other.action),
    };
    pipe.unblock()?;
    incoming.shrink();
    Ok(Seat {
        pipe,
        incoming,
        room: room.id.clone(),
        id,
    })
}
