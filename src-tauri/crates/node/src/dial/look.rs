//! What meeting a host has: one `GET /api/meeting`, bounded in time and size.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body as _, Incoming};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use landline_protocol::{MeetingSummary, PROTOCOL_VERSION};

use crate::dial::DialError;
use crate::dial::secure::Secure;

/// Time for the answer once connected.
const ANSWER: Duration = Duration::from_secs(5);
/// Largest answer: title, host's name and 32 names of 64 characters, escaped, stay below.
const ANSWER_BYTES: usize = 64 * 1024;

/// Asks the host at the other end what it has. Uses up the connection.
pub(crate) async fn look(connection: Secure) -> Result<MeetingSummary, DialError> {
    tokio::time::timeout(ANSWER, ask(connection))
        .await
        .unwrap_or_else(|_| Err(DialError::NotLandline("no answer in time".into())))
}

async fn ask(connection: Secure) -> Result<MeetingSummary, DialError> {
    let request = Request::get("/api/meeting")
        .header("host", connection.authority())
        .header("accept", "application/json")
        .body(String::new())
        .map_err(|error| DialError::NotLandline(error.to_string()))?;
    let io = TokioIo::new(connection.stream);
    let (mut sender, driver) = hyper::client::conn::http1::handshake(io)
        .await
        .map_err(not_landline)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(not_landline)?;
        let status = response.status();
        let body = read(response.into_body()).await?;
        parse(status, &body)
    };
    tokio::pin!(exchange);
    // The driver moves the bytes; it ends when the host closes first, and the answer may be complete by then.
    tokio::select! {
        summary = &mut exchange => summary,
        _ = driver => exchange.await,
    }
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, DialError> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.map_err(not_landline)?.into_data() {
            if bytes.len() + data.len() > ANSWER_BYTES {
                return Err(DialError::NotLandline("too long an answer".into()));
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
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

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn not_landline(error: hyper::Error) -> DialError {
    DialError::NotLandline(error.to_string())
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
