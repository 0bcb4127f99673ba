//! One GET over a connection, bounded in size, after which the connection can be used for something else.

use std::future::poll_fn;
use std::pin::Pin;

use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::Parts;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;

use crate::dial::DialError;
use crate::dial::secure::Secure;

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
    /// The connection, unless the host has closed it.
    pub(crate) connection: Result<Secure, DialError>,
}

/// Asks for `path`. An answer longer than `most` bytes is an error.
pub(crate) async fn get(
    connection: Secure,
    path: &str,
    accept: &str,
    most: usize,
) -> Result<Answer, DialError> {
    let request = Request::get(path)
        .header("host", connection.authority())
        .header("accept", accept)
        .body(String::new())
        .map_err(|error| DialError::NotLandline(error.to_string()))?;
    let Secure {
        stream,
        address,
        fingerprint,
    } = connection;
    let (mut sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(not_landline)?;
    // The sender goes with it: the driver, which moves the bytes, is done then and gives the stream back.
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(not_landline)?;
        let status = response.status();
        Ok((status, read(response.into_body(), most).await?))
    };
    let (answer, parts) = tokio::join!(exchange, driver.without_shutdown());
    let (status, body) = answer?;
    let connection = match parts {
        Ok(Parts { io, read_buf, .. }) if read_buf.is_empty() => Ok(Secure {
            stream: io.into_inner(),
            address,
            fingerprint,
        }),
        Ok(_) => Err(DialError::NotLandline("more than an answer".into())),
        Err(error) => Err(not_landline(error)),
    };
    Ok(Answer {
        status,
        body,
        connection,
    })
}

async fn read(mut body: Incoming, most: usize) -> Result<Vec<u8>, DialError> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.map_err(not_landline)?.into_data() {
            if bytes.len() + data.len() > most {
                return Err(DialError::NotLandline("too long an answer".into()));
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn not_landline(error: hyper::Error) -> DialError {
    DialError::NotLandline(error.to_string())
}
