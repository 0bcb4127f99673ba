//! Who shows that it knows the code of the meeting, or the secret of a guest link.
//!
//! - An app proves the code on its connection without sending it ([`landline_trust::pake`]), before its `join`. A connection is
//!   *open*, then *answered* from our reply to the joiner's confirmation, then *proven* for one key; each further start begins anew.
//! - A browser sends the code in its `join`.
//! - A guest link's secret is sent in `join`; there is no guessing 128 bits, so it costs no try.
//!
//! Both ways to try a code take from one budget for the whole meeting ([`landline_trust::tries`]): addresses cost nothing. No
//! budget is needed for knocking, so nobody locks a meeting by guessing.

use std::collections::HashMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use landline_protocol::{Access, AccessMode, ErrorCode, Join, ServerMessage};
use landline_rooms::{CodeProof, ConnectionId, Refusal};
use landline_trust::pake::{Binding, Exporter, Host};
use landline_trust::tries::{TooMany, Tries, Try};
use landline_trust::{Code, PublicKey, Secret};
use tracing::{debug, warn};

/// The door of one meeting.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    meeting_id: String,
    /// Of the installation that runs the meeting. None: nobody can prove anything to it.
    host_key: Option<PublicKey>,
    tries: Tries,
    /// Connections on which a code can be proven.
    doors: HashMap<ConnectionId, Door>,
}

/// One connection.
#[derive(Debug)]
struct Door {
    exporter: Exporter,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Open,
    /// Boxed: few connections are here, and for milliseconds.
    Answered(Box<Answered>),
    /// Somebody who goes by this key knows this code.
    Proven {
        key: PublicKey,
        code: Code,
    },
}

/// Our reply is out, so the try counts.
#[derive(Debug)]
struct Answered {
    host: Host,
    key: PublicKey,
    code: Code,
    taken: Try,
}

impl Doorkeeper {
    pub(crate) fn new(meeting_id: String, host_key: Option<&str>) -> Self {
        Self {
            meeting_id,
            host_key: host_key.and_then(|key| PublicKey::from_text(key).ok()),
            tries: Tries::new(),
            doors: HashMap::new(),
        }
    }

    /// A new connection. Without an exporter no code can be proven on it.
    pub(crate) fn open(&mut self, connection: ConnectionId, exporter: Option<Exporter>) {
        if let Some(exporter) = exporter {
            let stage = Stage::Open;
            self.doors.insert(connection, Door { exporter, stage });
        }
    }

    /// A connection is no more. Who leaves without having confirmed has tried and failed.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        if let Some(door) = self.doors.remove(&connection) {
            self.give_up(door.stage);
        }
    }

    /// Whether `join`, whose identity is proven, comes from somebody who knows the code or has the link.
    pub(crate) fn clears(
        &mut self,
        connection: ConnectionId,
        join: &Join,
        access: &Access,
        now: Duration,
    ) -> Result<bool, Refusal> {
        let code = code_of(access);
        if let (Some(code), Some(identity)) = (&code, &join.identity)
            && let Some(Door {
                stage: Stage::Proven { key, code: proven },
                ..
            }) = self.doors.get(&connection)
            && PublicKey::from_text(&identity.key) == Ok(*key)
            && code.matches(proven)
        {
            return Ok(true);
        }
        if let Some(shown) = &join.secret {
            let secret = access.secret.as_deref().and_then(Secret::parse);
            if secret.is_some_and(|secret| secret.matches(shown)) {
                return Ok(true);
            }
            if join.code.is_none() {
                return Err(ErrorCode::WrongCode.into());
            }
        }
        match &join.code {
            None => Ok(false),
            Some(shown) => self.compare(shown, code.as_ref(), now).map(|()| true),
        }
    }

    /// A code that was sent.
    fn compare(&mut self, shown: &str, code: Option<&Code>, now: Duration) -> Result<(), Refusal> {
        // What is no code at all tells nobody anything about the right one.
        let (Ok(shown), Some(code)) = (Code::parse(shown), code) else {
            return Err(ErrorCode::WrongCode.into());
        };
        let taken = self.tries.take(now).map_err(refusal)?;
        if code.matches(&shown) {
            self.tries.give_back(taken);
            Ok(())
        } else {
            self.tries.failed(taken);
            debug!("a wrong code");
            Err(ErrorCode::WrongCode.into())
        }
    }

    /// One step of a proof.
    pub(crate) fn prove(
        &mut self,
        connection: ConnectionId,
        step: CodeProof<'_>,
        access: &Access,
        now: Duration,
    ) -> ServerMessage {
        let answer = match step {
            CodeProof::Start { key, message } => self.start(connection, key, message, access, now),
            CodeProof::Confirm { tag } => self.confirm(connection, tag, access),
        };
        answer.unwrap_or_else(|refusal| ServerMessage::Error {
            code: refusal.code,
            message: refusal.code.to_string(),
            retry_after_ms: refusal.retry_after_ms,
        })
    }

    fn start(
        &mut self,
        connection: ConnectionId,
        key: &str,
        message: &str,
        access: &Access,
        now: Duration,
    ) -> Result<ServerMessage, Refusal> {
        let (Some(code), Some(host_key)) = (code_of(access), self.host_key) else {
            return Err(ErrorCode::NotAllowed.into());
        };
        let key = PublicKey::from_text(key).map_err(|_| ErrorCode::BadIdentity)?;
        let message = decode(message)?;
        let door = self
            .doors
            .get_mut(&connection)
            .ok_or(ErrorCode::NotAllowed)?;
        let exporter = door.exporter;
        let earlier = std::mem::replace(&mut door.stage, Stage::Open);
        self.give_up(earlier);
        // Asked before the work, taken after it: a message that is none has no reply and tells nothing.
        self.tries.check(now).map_err(refusal)?;
        let binding = Binding {
            meeting_id: self.meeting_id.clone(),
            joiner_key: key,
            exporter,
        };
        let Ok((host, reply)) = Host::answer(&code, &binding, &host_key, &message) else {
            // It cost work and no try, so it is done once for each connection.
            self.doors.remove(&connection);
            return Err(ErrorCode::BadMessage.into());
        };
        let taken = self.tries.take(now).map_err(refusal)?;
        if let Some(door) = self.doors.get_mut(&connection) {
            door.stage = Stage::Answered(Box::new(Answered {
                host,
                key,
                code,
                taken,
            }));
        }
        Ok(ServerMessage::PakeReply {
            key: host_key.to_string(),
            message: BASE64URL_NOPAD.encode(&reply),
        })
    }

    fn confirm(
        &mut self,
        connection: ConnectionId,
        tag: &str,
        access: &Access,
    ) -> Result<ServerMessage, Refusal> {
        let stage = self
            .doors
            .get_mut(&connection)
            .map(|door| std::mem::replace(&mut door.stage, Stage::Open));
        let answered = match stage {
            Some(Stage::Answered(answered)) => answered,
            Some(Stage::Open | Stage::Proven { .. }) | None => {
                return Err(ErrorCode::BadMessage.into());
            }
        };
        let Answered {
            host,
            key,
            code,
            taken,
        } = *answered;
        // The code may have been changed since our reply.
        let still = code_of(access).is_some_and(|now| now.matches(&code));
        let confirmed = decode(tag)
            .ok()
            .and_then(|tag| host.check(&tag).ok())
            .filter(|_| still);
        let Some(own_tag) = confirmed else {
            self.tries.failed(taken);
            debug!(connection = connection.0, "a wrong code");
            return Err(ErrorCode::WrongCode.into());
        };
        self.tries.give_back(taken);
        if let Some(door) = self.doors.get_mut(&connection) {
            door.stage = Stage::Proven { key, code };
        }
        Ok(ServerMessage::PakeConfirm {
            tag: BASE64URL_NOPAD.encode(&own_tag),
        })
    }

    fn give_up(&mut self, stage: Stage) {
        match stage {
            Stage::Answered(answered) => self.tries.failed(answered.taken),
            Stage::Open | Stage::Proven { .. } => {}
        }
    }
}

/// How one comes in with this mode: with a new code and a new secret, if it takes them.
#[must_use]
pub fn new_access(mode: AccessMode) -> Access {
    let mut access = Access {
        mode,
        ..Access::default()
    };
    if mode == AccessMode::Code {
        if let (Ok(code), Ok(secret)) = (Code::generate(), Secret::generate()) {
            access.code = Some(code.reveal());
            access.secret = Some(secret.reveal().to_owned());
        } else {
            warn!("no random numbers for a code: everybody has to knock");
        }
    }
    access
}

fn code_of(access: &Access) -> Option<Code> {
    access
        .code
        .as_deref()
        .and_then(|code| Code::parse(code).ok())
}

fn decode(text: &str) -> Result<Vec<u8>, ErrorCode> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| ErrorCode::BadMessage)
}

fn refusal(TooMany { retry_after }: TooMany) -> Refusal {
    // Rounded up, so that who comes back then is not refused for a part of a millisecond.
    let ms = retry_after.as_millis().saturating_add(1);
    Refusal {
        code: ErrorCode::TooManyTries,
        retry_after_ms: Some(u32::try_from(ms).unwrap_or(u32::MAX)),
    }
}

#[cfg(test)]
#[path = "doorkeeper_tests.rs"]
mod tests;
