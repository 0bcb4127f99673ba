//! Whether a host is the one of a meeting whose id certifies itself: it shows the way from the id, over all hosts before it, to the
//! certificate of this very connection. Whatever was pinned or advertised before, that certificate is the right one then.
//!
//! Who has the id and no such way is a false host. What it would be asked next, it is not.

use std::time::Duration;

use data_encoding::HEXLOWER;
use hyper::StatusCode;
use landline_succession::limits::MESSAGE_BYTES;
use landline_succession::signer::Verified;
use landline_succession::{Claim, MeetingId, Signer};
use landline_trust::{PublicKey, Signature, Statement};

use crate::dial::DialError;
use crate::dial::http::{Answer, get};
use crate::dial::look::look;
use crate::dial::secure::Secure;

/// Time for the answer: a host that has just opened its room needs a moment.
const ANSWER: Duration = Duration::from_secs(6);

/// The id in the form that certifies itself: 16 bytes in hexadecimal digits.
pub(crate) fn meeting_of(meeting_id: &str) -> Option<MeetingId> {
    let bytes = HEXLOWER.decode(meeting_id.as_bytes()).ok()?;
    bytes.try_into().ok().map(MeetingId)
}

/// A host that has proven to be the meeting's.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) connection: Secure,
    pub(crate) claim: Claim,
}

/// Asks the host at the other end for its chain.
pub(crate) async fn prove(
    connection: Secure,
    meeting: MeetingId,
    own: PublicKey,
) -> Result<Proven, DialError> {
    tokio::time::timeout(ANSWER, ask(connection, meeting, own))
        .await
        .unwrap_or_else(|_| Err(DialError::NotLandline("no chain in time".into())))
}

async fn ask(connection: Secure, meeting: MeetingId, own: PublicKey) -> Result<Proven, DialError> {
    let fingerprint = connection.fingerprint;
    let answer = get(
        connection,
        "/api/claim",
        "application/octet-stream",
        MESSAGE_BYTES,
    );
    let Answer {
        status,
        body,
        connection,
    } = answer.await?;
    match status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => return Err(without(connection?, meeting).await),
        status => return Err(DialError::NotLandline(format!("status {status}"))),
    }
    let claim = Claim::decode(&body).map_err(|_| DialError::FalseHost)?;
    let of = claim.founding().id();
    let verdict = claim.verify(of, &Reader(own), &mut Verified::default());
    if let Err(why) = &verdict {
        tracing::warn!(%why, "a false host");
    }
    if verdict.is_err() || claim.header().fingerprint != *fingerprint.bytes() {
        return Err(DialError::FalseHost);
    }
    if of != meeting {
        return Err(DialError::OtherMeeting);
    }
    let connection = connection?;
    Ok(Proven { connection, claim })
}

/// Who has no chain is a false host if it says that it has the meeting, and else something harmless.
async fn without(connection: Secure, meeting: MeetingId) -> DialError {
    match look(connection).await {
        Ok((summary, _)) if meeting_of(&summary.meeting_id) == Some(meeting) => {
            DialError::FalseHost
        }
        Ok(_) => DialError::OtherMeeting,
        Err(error) => error,
    }
}

/// Checks signatures and makes none.
struct Reader(PublicKey);

impl Signer for Reader {
    fn public(&self) -> PublicKey {
        self.0
    }

    fn sign(&self, _statement: &Statement) -> Option<Signature> {
        None
    }
}
