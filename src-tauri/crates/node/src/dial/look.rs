//! What meeting a host has: one `GET /api/meeting`, bounded in time and size.

use std::time::Duration;

use hyper::StatusCode;
use landline_protocol::{MeetingSummary, PROTOCOL_VERSION};

use crate::dial::DialError;
use crate::dial::http::{Answer, get};
use crate::dial::secure::Secure;

/// Time for the answer once connected.
const ANSWER: Duration = Duration::from_secs(5);
/// Largest answer: title, host's name and 32 names of 64 characters, escaped, stay below.
const ANSWER_BYTES: usize = 64 * 1024;

/// Asks the host at the other end what it has. The connection can be used again, unless the host has closed it.
pub(crate) async fn look(
    connection: Secure,
) -> Result<(MeetingSummary, Result<Secure, DialError>), DialError> {
    let asked = get(connection, "/api/meeting", "application/json", ANSWER_BYTES);
    let Answer {
        status,
        body,
        connection,
    } = tokio::time::timeout(ANSWER, asked)
        .await
        .unwrap_or_else(|_| Err(DialError::NotLandline("no answer in time".into())))?;
    Ok((parse(status, &body)?, connection))
}

/// A version is looked for first: the rest of another version's answer may have another shape.
fn parse(status: StatusCode, body: &[u8]) -> Result<MeetingSummary, DialError> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u32,
    }
    if status != StatusCode::OK {
        return Err(DialError::NotLandline(format!("status {status}")));
    }
    let version: Version =
        serde_json::from_slice(body).map_err(|_| DialError::NotLandline("not a meeting".into()))?;
    if version.v != PROTOCOL_VERSION {
        return Err(DialError::Version(version.v));
    }
    serde_json::from_slice(body).map_err(|_| DialError::NotLandline("not a meeting".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_other_programs_and_versions_are_told_apart() {
        let not = |result| matches!(result, Err(DialError::NotLandline(_)));
        assert!(not(parse(StatusCode::OK, b"<html>")));
        assert!(not(parse(StatusCode::OK, b"{}")));
        assert!(not(parse(StatusCode::OK, br#"{"v":1}"#)));
        assert!(not(parse(StatusCode::NOT_FOUND, br#"{"v":1}"#)));
        assert_eq!(
            parse(StatusCode::OK, br#"{"v":2,"else":true}"#),
            Err(DialError::Version(2))
        );
    }
}
