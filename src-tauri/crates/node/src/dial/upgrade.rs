//! From a secure connection to the WebSocket of a room.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use landline_protocol::limits::MESSAGE_BYTES;
use landline_signaling::peer_socket;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::dial::DialError;
use crate::dial::secure::Secure;

/// Time for the upgrade once connected.
const UPGRADE: Duration = Duration::from_secs(5);
/// What the room adds to a relayed message (`from`, `seq`), generously: a message as large as a client may send arrives.
const RELAY_BYTES: usize = 16 * 1024;
/// Read buffer: the library's default of 128 kB is for bulk.
const READ_BUFFER_BYTES: usize = 16 * 1024;

/// The WebSocket to a room.
pub(crate) type RoomSocket = WebSocketStream<TlsStream<TcpStream>>;

/// Upgrades a connection on `/ws`. Programs send no `Origin`.
pub(crate) async fn upgrade(connection: Secure) -> Result<RoomSocket, DialError> {
    upgrade_on("/ws", None, connection).await
}

/// Upgrades a connection on `/peer`, where nodes speak with each other.
pub(crate) async fn upgrade_to_peer(connection: Secure) -> Result<RoomSocket, DialError> {
    upgrade_on(
        peer_socket::PATH,
        Some(peer_socket::SUBPROTOCOL),
        connection,
    )
    .await
}

/// It may have time later.
fn is_busy(status: StatusCode) -> bool {
    [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ]
    .contains(&status)
}

async fn upgrade_on(
    path: &str,
    protocol: Option<&'static str>,
    connection: Secure,
) -> Result<RoomSocket, DialError> {
    let mut request = format!("wss://{}{path}", connection.authority())
        .into_client_request()
        .map_err(|error| DialError::NotLandline(error.to_string()))?;
    if let Some(protocol) = protocol {
        let value = HeaderValue::from_static(protocol);
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, value);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(MESSAGE_BYTES + RELAY_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES + RELAY_BYTES));
    let upgrade = client_async_with_config(request, connection.stream, Some(config));
    match tokio::time::timeout(UPGRADE, upgrade).await {
        Ok(Ok((socket, _response))) => Ok(socket),
        Ok(Err(Error::Http(answer))) if is_busy(answer.status()) => {
            Err(DialError::Unreachable("too many connections there".into()))
        }
        Ok(Err(error)) => Err(DialError::NotLandline(error.to_string())),
        Err(_) => Err(DialError::NotLandline("no answer in time".into())),
    }
}
