//! From a request to a WebSocket (RFC 6455 §4.2), without what a library would keep for each.

use axum::extract::Request;
use axum::http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The answer to a request for a WebSocket, and the connection after it; or why there is none.
pub(crate) fn upgrade(request: &mut Request) -> Result<(Response, OnUpgrade), StatusCode> {
    if request.method() != Method::GET {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let headers = request.headers();
    let asks = has(headers, &CONNECTION, "upgrade")
        && has(headers, &UPGRADE, "websocket")
        && has(headers, &SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| asks);
    let accept = derive_accept_key(key.ok_or(StatusCode::BAD_REQUEST)?.as_bytes());
    let connection = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(StatusCode::UPGRADE_REQUIRED)?;
    let head = [
        (CONNECTION, "upgrade".to_owned()),
        (UPGRADE, "websocket".to_owned()),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ];
    let response = (StatusCode::SWITCHING_PROTOCOLS, head).into_response();
    Ok((response, connection))
}

/// Whether one of the words of a header is this one.
fn has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refused(change: impl FnOnce(&mut HeaderMap)) -> StatusCode {
        refused_by(Method::GET, change)
    }

    fn refused_by(method: Method, change: impl FnOnce(&mut HeaderMap)) -> StatusCode {
        let mut request = Request::builder()
            .method(method)
            .header(CONNECTION, "keep-alive, Upgrade")
            .header(UPGRADE, "WebSocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .body(Body::empty())
            .unwrap();
        change(request.headers_mut());
        upgrade(&mut request).map(|_| ()).unwrap_err()
    }

    #[test]
    fn only_what_asks_for_a_websocket_gets_one() {
        // This one does; there is no connection under it.
        assert_eq!(refused(|_| {}), StatusCode::UPGRADE_REQUIRED);
        let not_get = refused_by(Method::HEAD, |_| {});
        assert_eq!(not_get, StatusCode::METHOD_NOT_ALLOWED);
        for name in [
            CONNECTION,
            UPGRADE,
            SEC_WEBSOCKET_VERSION,
            SEC_WEBSOCKET_KEY,
        ] {
            let code = refused(|headers| {
                headers.remove(&name);
            });
            assert_eq!(code, StatusCode::BAD_REQUEST, "{name}");
        }
    }
}
