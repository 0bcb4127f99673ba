//! Proving the code of a meeting to its host without sending it, on the WebSocket that the page is going to join on.
//! Nothing of the page has been sent on it before.
//!
//! Whatever goes wrong, the answer is no: a host that says that it needs no code, or cannot prove that it knows it, is not
//! the one whose code somebody typed.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use futures_util::{SinkExt as _, StreamExt as _};
use landline_protocol::{ClientMessage, ErrorCode};
use landline_signaling::exporter_of;
use landline_trust::pake::{Binding, Joiner};
use landline_trust::tries::UNDECIDED_WAIT;
use landline_trust::{Code, PublicKey};
use serde::Deserialize;
use tokio_tungstenite::tungstenite::Message;

use crate::dial::DialError;
use crate::dial::upgrade::RoomSocket;

/// Time for all of it. The host closes a connection on which nobody has joined after 5 s, and the page needs some of them.
const PROOF: Duration = Duration::from_secs(4);
/// Starts, the first one among them: when many come at once, the host asks some to wait for a moment.
const STARTS: usize = 3;
/// A wait up to this is a moment; longer ones are told to the person.
const MOMENT: Duration = UNDECIDED_WAIT.saturating_add(Duration::from_millis(100));

/// Who proves what to whom.
pub(crate) struct Claim {
    pub(crate) meeting_id: String,
    pub(crate) code: Code,
    /// This installation's key, with which the page will join.
    pub(crate) key: PublicKey,
}

/// What the host may answer.
#[derive(Deserialize)]
#[serde(
    tag = "action",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
enum Answer {
    PakeReply {
        key: String,
        message: String,
    },
    PakeConfirm {
        tag: String,
    },
    Error {
        code: String,
        retry_after_ms: Option<u64>,
    },
}

/// Proves it, and has the host prove the same. The key is the host's.
pub(crate) async fn prove(socket: &mut RoomSocket, claim: &Claim) -> Result<PublicKey, DialError> {
    tokio::time::timeout(PROOF, run(socket, claim))
        .await
        .unwrap_or_else(|_| Err(not_landline("no proof in time")))
}

async fn run(socket: &mut RoomSocket, claim: &Claim) -> Result<PublicKey, DialError> {
    let exporter = exporter_of(socket.get_ref().get_ref().1)
        .ok_or_else(|| not_landline("its TLS is too old to prove a code on"))?;
    let binding = Binding {
        meeting_id: claim.meeting_id.clone(),
        joiner_key: claim.key,
        exporter,
    };
    let mut starts = 1;
    loop {
        match attempt(socket, claim, &binding).await {
            Err(DialError::TooManyTries(wait)) if wait <= MOMENT && starts < STARTS => {
                starts += 1;
                tokio::time::sleep(wait).await;
            }
            ended => return ended,
        }
    }
}

async fn attempt(
    socket: &mut RoomSocket,
    claim: &Claim,
    binding: &Binding,
) -> Result<PublicKey, DialError> {
    let (joiner, message) = Joiner::start(&claim.code, binding);
    let start = ClientMessage::PakeStart {
        room_id: claim.meeting_id.clone(),
        key: claim.key.to_string(),
        message: BASE64URL_NOPAD.encode(&message),
    };
    let (key, reply) = match ask(socket, &start).await? {
        Answer::PakeReply { key, message } => (key, message),
        answer => return Err(refused(&answer)),
    };
    let key = PublicKey::from_text(&key).map_err(not_landline)?;
    let (joiner, tag) = joiner
        .finish(&key, &decode(&reply)?)
        .map_err(not_landline)?;
    let confirm = ClientMessage::PakeConfirm {
        room_id: claim.meeting_id.clone(),
        tag: BASE64URL_NOPAD.encode(&tag),
    };
    let tag = match ask(socket, &confirm).await? {
        Answer::PakeConfirm { tag } => decode(&tag)?,
        answer => return Err(refused(&answer)),
    };
    // It says that the code is right, and cannot show that it knows it.
    joiner.check(&tag).map_err(|_| DialError::WrongCode)?;
    Ok(key)
}

fn refused(answer: &Answer) -> DialError {
    let Answer::Error {
        code,
        retry_after_ms,
    } = answer
    else {
        return not_landline("an answer out of turn");
    };
    let is = |expected: ErrorCode| serde_json::to_value(expected).is_ok_and(|it| it == **code);
    if is(ErrorCode::TooManyTries) {
        DialError::TooManyTries(retry_after_ms.map_or(Duration::MAX, Duration::from_millis))
    } else if is(ErrorCode::WrongCode) || is(ErrorCode::NotAllowed) {
        DialError::WrongCode
    } else {
        not_landline(code)
    }
}

/// Sends one message and takes the one that answers it: before `join` a host says nothing of itself.
async fn ask(socket: &mut RoomSocket, message: &ClientMessage) -> Result<Answer, DialError> {
    let text = serde_json::to_string(message).map_err(not_landline)?;
    socket
        .send(Message::Text(text.into()))
        .await
        .map_err(not_landline)?;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map_err(|_| not_landline("not an answer"));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_)) | None => return Err(not_landline("the host hung up")),
            Some(Err(error)) => return Err(not_landline(error)),
        }
    }
}

fn decode(text: &str) -> Result<Vec<u8>, DialError> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(not_landline)
}

fn not_landline(error: impl std::fmt::Display) -> DialError {
    DialError::NotLandline(error.to_string())
}
