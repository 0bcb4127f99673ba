//! Bytes of strangers to a [`ClientMessage`].
//!
//! One pass over the text; `data` of a signal is kept as it came and not looked into.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::admission::{Identity, Moderation};
use crate::client::{ClientMessage, Join, ParticipantKind, Resume, Signal, SignalType};
use crate::limits::{
    ADMISSION_CHARS, CHAT_LINES, CHAT_TEXT_CHARS, FINGERPRINT_CHARS, KEY_CHARS, LARGEST_NUMBER,
    LAST_TIME, NAME_CHARS, ROOM_ID_CHARS, SIGNATURE_CHARS, VERIFY_BYTES,
};
use crate::server::{ChatLine, ErrorCode, LineSignature, MediaState};

/// A message that was understood.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The sender's count, if it sent one.
    pub seq: Option<u32>,
    pub message: ClientMessage,
}

/// All fields of all actions: which ones must be there depends on `action`. A derived tagged enum cannot hold a
/// [`RawValue`], because serde buffers the object to find the tag.
///
/// What is looked at and not kept is not copied out of the text, if it is written there as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    seq: Option<u32>,
    room_id: Option<String>,
    name: Option<String>,
    v: Option<u32>,
    kind: Option<ParticipantKind>,
    state: Option<MediaState>,
    resume: Option<Resume>,
    #[serde(rename = "type")]
    signal_type: Option<SignalType>,
    to: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    id: Option<String>,
    text: Option<String>,
    lines: Option<Vec<ChatLine>>,
    signed: Option<LineSignature>,
    identity: Option<Identity>,
    proof: Option<String>,
    secret: Option<String>,
    code: Option<String>,
    knock: Option<bool>,
    key: Option<String>,
    message: Option<String>,
    tag: Option<String>,
    order: Option<Moderation>,
}

/// Reads one text frame of a client.
///
/// # Errors
/// [`ErrorCode::BadMessage`], [`ErrorCode::UnknownAction`] or [`ErrorCode::TooLarge`]; the connection lives on.
pub fn decode_client_message(text: &str) -> Result<Decoded, ErrorCode> {
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| match action_of(text) {
        Some(action) if !is_known(&action) => ErrorCode::UnknownAction,
        _ => ErrorCode::BadMessage,
    })?;
    let seq = envelope.seq;
    let message = match envelope.action.as_ref() {
        "join" => ClientMessage::Join(Box::new(Join {
            room_id: room_id(envelope.room_id)?,
            name: envelope.name.and_then(|name| clean_name(&name)),
            v: envelope.v,
            kind: envelope.kind,
            state: envelope.state,
            resume: envelope.resume,
            identity: envelope.identity.map(identity).transpose()?,
            proof: envelope
                .proof
                .map(|proof| exact(proof, SIGNATURE_CHARS))
                .transpose()?,
            secret: envelope.secret.map(admission).transpose()?,
            code: envelope.code.map(admission).transpose()?,
            knock: envelope.knock.unwrap_or(false),
        })),
        "leave" => ClientMessage::Leave {
            room_id: room_id(envelope.room_id)?,
        },
        "signal" => ClientMessage::Signal(Signal {
            room_id: room_id(envelope.room_id)?,
            signal_type: envelope.signal_type.ok_or(ErrorCode::BadMessage)?,
            to: envelope.to,
            data: envelope.data.unwrap_or(RawValue::NULL).to_owned(),
        }),
        "closing" => ClientMessage::Closing {
            room_id: room_id(envelope.room_id)?,
        },
        "state" => ClientMessage::State {
            room_id: room_id(envelope.room_id)?,
            state: envelope.state.ok_or(ErrorCode::BadMessage)?,
        },
        "chat" => ClientMessage::Chat {
            room_id: room_id(envelope.room_id)?,
            id: envelope
                .id
                .filter(|id| is_chat_id(id))
                .ok_or(ErrorCode::BadMessage)?,
            text: envelope
                .text
                .ok_or(ErrorCode::BadMessage)
                .and_then(chat_text)?,
            signed: envelope.signed.map(line_signature).transpose()?,
        },
        "chat-history" => ClientMessage::ChatHistory {
            room_id: room_id(envelope.room_id)?,
            lines: envelope
                .lines
                .ok_or(ErrorCode::BadMessage)
                .and_then(chat_lines)?,
        },
        "ack" => ClientMessage::Ack {
            seq: seq.ok_or(ErrorCode::BadMessage)?,
        },
        "ping" => ClientMessage::Ping,
        "challenge" => ClientMessage::Challenge,
        "pake-start" => ClientMessage::PakeStart {
            room_id: room_id(envelope.room_id)?,
            key: exact(required(envelope.key)?, KEY_CHARS)?,
            message: admission(required(envelope.message)?)?,
        },
        "pake-confirm" => ClientMessage::PakeConfirm {
            room_id: room_id(envelope.room_id)?,
            tag: admission(required(envelope.tag)?)?,
        },
        "moderate" => ClientMessage::Moderate {
            room_id: room_id(envelope.room_id)?,
            order: required(envelope.order)?,
        },
        "verify" => ClientMessage::Verify {
            room_id: room_id(envelope.room_id)?,
            data: match required(envelope.data)? {
                data if data.get().len() > VERIFY_BYTES => return Err(ErrorCode::TooLarge),
                data => shared(data),
            },
        },
        _ => return Err(ErrorCode::UnknownAction),
    };
    Ok(Decoded { seq, message })
}

/// A name as others may see it: no control characters, no white space around it, cut at [`NAME_CHARS`]. None if nothing is left.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    clean(name, NAME_CHARS)
}

/// Text on one line: control characters and directional overrides become spaces, ends are trimmed, cut at `chars`.
#[must_use]
pub fn clean(text: &str, chars: usize) -> Option<String> {
    let spaced: String = text
        .chars()
        .map(|c| {
            if c.is_control() || is_override(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let cut: String = spaced.trim().chars().take(chars).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// Characters that turn the direction of the text after them, and so make a name say something else (Unicode UAX #9).
const fn is_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn room_id(id: Option<String>) -> Result<String, ErrorCode> {
    let id = id.ok_or(ErrorCode::BadMessage)?;
    let chars = id.chars().count();
    if (1..=ROOM_ID_CHARS).contains(&chars) {
        Ok(id)
    } else {
        Err(ErrorCode::BadMessage)
    }
}

fn required<T>(field: Option<T>) -> Result<T, ErrorCode> {
    field.ok_or(ErrorCode::BadMessage)
}

/// Text of exactly so many characters of base64url or hexadecimal digits.
fn exact(text: String, chars: usize) -> Result<String, ErrorCode> {
    if text.len() == chars && text.bytes().all(is_url_safe) {
        Ok(text)
    } else {
        Err(ErrorCode::BadIdentity)
    }
}

/// A code, a secret or a message of a proof.
fn admission(text: String) -> Result<String, ErrorCode> {
    if text.len() <= ADMISSION_CHARS && text.bytes().all(is_url_safe) {
        Ok(text)
    } else {
        Err(ErrorCode::BadMessage)
    }
}

fn identity(identity: Identity) -> Result<Identity, ErrorCode> {
    Ok(Identity {
        key: exact(identity.key, KEY_CHARS)?,
        fingerprint: exact(identity.fingerprint, FINGERPRINT_CHARS)?,
        signature: exact(identity.signature, SIGNATURE_CHARS)?,
    })
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_chat_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn chat_text(text: String) -> Result<String, ErrorCode> {
    if text.trim().is_empty() {
        return Err(ErrorCode::BadMessage);
    }
    if text.chars().count() > CHAT_TEXT_CHARS {
        Err(ErrorCode::TooLarge)
    } else {
        Ok(text)
    }
}

fn line_signature(signed: LineSignature) -> Result<LineSignature, ErrorCode> {
    let numbers = [signed.clock, signed.run];
    if numbers.iter().any(|number| *number > LARGEST_NUMBER) || signed.at > LAST_TIME {
        return Err(ErrorCode::BadMessage);
    }
    let signature =
        exact(signed.signature, SIGNATURE_CHARS).map_err(|_| ErrorCode::BadSignature)?;
    Ok(LineSignature {
        signature,
        ..signed
    })
}

fn chat_lines(lines: Vec<ChatLine>) -> Result<Vec<ChatLine>, ErrorCode> {
    if lines.len() > CHAT_LINES {
        return Err(ErrorCode::TooLarge);
    }
    lines
        .into_iter()
        .map(|line| {
            if !is_chat_id(&line.id) || line.from.chars().count() > ROOM_ID_CHARS {
                return Err(ErrorCode::BadMessage);
            }
            let signed = line.signed.map(line_signature).transpose()?;
            let author = line.author.map(|key| exact(key, KEY_CHARS)).transpose()?;
            if signed.is_some() != author.is_some() {
                return Err(ErrorCode::BadMessage);
            }
            Ok(ChatLine {
                signed,
                author,
                after: line.after.filter(|after| *after <= LARGEST_NUMBER),
                name: line.name.as_deref().and_then(clean_name),
                text: chat_text(line.text)?,
                ..line
            })
        })
        .collect()
}

/// The action of a message whose other fields did not fit: a newer version may give a field another shape.
fn action_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        action: String,
    }
    serde_json::from_str::<Head>(text)
        .ok()
        .map(|head| head.action)
}

fn is_known(action: &str) -> bool {
    matches!(
        action,
        "join"
            | "leave"
            | "signal"
            | "closing"
            | "state"
            | "chat"
            | "chat-history"
            | "ack"
            | "ping"
            | "challenge"
            | "pake-start"
            | "pake-confirm"
            | "moderate"
            | "verify"
    )
}

fn shared(data: &RawValue) -> Arc<RawValue> {
    Arc::from(data.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{clean, clean_name, decode_client_message};
    use crate::client::ClientMessage;
    use crate::server::ErrorCode;

    fn error_of(text: &str) -> Option<ErrorCode> {
        decode_client_message(text).err()
    }

    #[test]
    fn data_of_a_signal_is_kept_as_it_was_written() {
        let text = r#"{"action":"signal","roomId":"r","type":"offer","to":"b","data":{ "sdp" : "v=0", "n": 1.50 }}"#;
        let Ok(ClientMessage::Signal(signal)) =
            decode_client_message(text).map(|decoded| decoded.message)
        else {
            panic!("a signal");
        };
        assert_eq!(signal.data.get(), r#"{ "sdp" : "v=0", "n": 1.50 }"#);
    }

    #[test]
    fn an_action_of_a_newer_version_is_told_apart_from_nonsense() {
        assert_eq!(
            error_of(r#"{"action":"reaction","roomId":"r"}"#),
            Some(ErrorCode::UnknownAction)
        );
        assert_eq!(
            error_of(r#"{"action":"reaction","state":"another shape"}"#),
            Some(ErrorCode::UnknownAction)
        );
        assert_eq!(
            error_of(r#"{"action":"state","roomId":"r","state":"another shape"}"#),
            Some(ErrorCode::BadMessage)
        );
        assert_eq!(error_of("[]"), Some(ErrorCode::BadMessage));
    }

    #[test]
    fn a_long_name_is_cut_between_characters_and_an_empty_one_is_none() {
        assert_eq!(
            clean_name(&"名".repeat(100)).map(|name| name.chars().count()),
            Some(64)
        );
        assert_eq!(clean_name(" \u{0} \n "), None);
    }

    #[test]
    fn a_name_cannot_turn_the_text_after_it() {
        assert_eq!(clean("a\u{202e}b", 10).as_deref(), Some("a b"));
    }

    #[test]
    fn chat_above_its_limit_is_refused_and_not_cut() {
        let text = format!(
            r#"{{"action":"chat","roomId":"r","id":"12345678","text":"{}"}}"#,
            "x".repeat(4_001)
        );
        assert_eq!(error_of(&text), Some(ErrorCode::TooLarge));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_with_a_message_or_a_code(text in ".{0,400}") {
            let _ = decode_client_message(&text);
        }

        #[test]
        fn a_cleaned_name_stays_as_it_is(name in ".{0,200}") {
            let once = clean_name(&name);
            prop_assert_eq!(once.as_deref().and_then(clean_name), once);
        }
    }
}
