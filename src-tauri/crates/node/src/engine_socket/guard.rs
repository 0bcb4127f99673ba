//! Who may ask for an engine socket: `Host` against names that a page points at this machine (DNS rebinding), `Origin`
//! against pages of others, the sub-protocol for the token. Pure.

use landline_protocol::engine_api::ENGINE_SUBPROTOCOL;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request};
use tokio_tungstenite::tungstenite::http::header::{
    HOST, HeaderMap, HeaderName, ORIGIN, SEC_WEBSOCKET_PROTOCOL,
};
use tokio_tungstenite::tungstenite::http::{Response, StatusCode};

/// The only path.
pub(super) const PATH: &str = "/engine";
/// How the second sub-protocol begins.
const TOKEN: &str = "token.";

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Path,
    /// Misdirected (RFC 9110 §15.5.20).
    Host,
    Origin,
    /// Not our sub-protocol, or no token beside it.
    Protocol,
    Token,
}

impl Refusal {
    pub(super) fn response(self) -> ErrorResponse {
        let mut response = Response::new(None);
        *response.status_mut() = match self {
            Self::Path => StatusCode::NOT_FOUND,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Protocol => StatusCode::BAD_REQUEST,
            Self::Origin | Self::Token => StatusCode::FORBIDDEN,
        };
        response
    }
}

/// The token of a request that comes to `host` from a page of one of these origins.
pub(super) fn token<'a>(
    request: &'a Request,
    host: &str,
    origins: &[String],
) -> Result<&'a str, Refusal> {
    if request.uri().path() != PATH || request.uri().query().is_some() {
        return Err(Refusal::Path);
    }
    // The absolute form of a request names a host of its own (RFC 9112 §3.2.2), which no browser uses here.
    if request.uri().authority().is_some() || only(request.headers(), &HOST) != Some(host) {
        return Err(Refusal::Host);
    }
    let origin = only(request.headers(), &ORIGIN).ok_or(Refusal::Origin)?;
    if !origins.iter().any(|own| own == origin) {
        return Err(Refusal::Origin);
    }
    offered_token(request.headers()).ok_or(Refusal::Protocol)
}

/// Both sub-protocols and no other.
fn offered_token(headers: &HeaderMap) -> Option<&str> {
    let mut offered = Vec::new();
    for value in headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
        offered.extend(value.to_str().ok()?.split(',').map(str::trim));
    }
    match offered[..] {
        [ENGINE_SUBPROTOCOL, other] | [other, ENGINE_SUBPROTOCOL] => other.strip_prefix(TOKEN),
        _ => None,
    }
}

/// A header that stands once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "tauri://localhost";
    const ADDRESS: &str = "127.0.0.1:4242";

    fn asked(path: &str, headers: &[(&str, &str)]) -> Result<String, Refusal> {
        let mut request = Request::new(());
        *request.uri_mut() = path.parse().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        token(&request, ADDRESS, &[OWN.to_owned()]).map(str::to_owned)
    }

    fn with<'a>(name: &str, values: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        let good = [
            ("host", ADDRESS),
            ("origin", OWN),
            ("sec-websocket-protocol", "landline.engine.1, token.ab12"),
        ];
        let mut headers: Vec<(&str, &str)> = good
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        let name = good.iter().find(|(other, _)| *other == name).unwrap().0;
        headers.extend(values.iter().map(|value| (name, *value)));
        headers
    }

    #[test]
    fn the_own_page_with_a_token_is_let_in() {
        let good = with("host", &[ADDRESS]);
        assert_eq!(asked("/engine", &good), Ok("ab12".to_owned()));
        let apart = ["token.cd", "landline.engine.1"];
        let apart = with("sec-websocket-protocol", &apart);
        assert_eq!(asked("/engine", &apart), Ok("cd".to_owned()));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        for origins in [
            &[][..],
            &["null"],
            &["tauri://localhost:80"],
            &["tauri://localhost.evil.example"],
            &["http://localhost"],
            &["http://127.0.0.1:4242"],
            &[OWN, "https://evil.example"],
        ] {
            let headers = with("origin", origins);
            assert_eq!(
                asked("/engine", &headers),
                Err(Refusal::Origin),
                "{origins:?}"
            );
        }
    }

    #[test]
    fn other_names_for_this_machine_are_refused() {
        for hosts in [
            &[][..],
            &["localhost:4242"],
            &["127.0.0.1"],
            &["127.0.0.1:4243"],
            &["evil.example:4242"],
            &[ADDRESS, ADDRESS],
        ] {
            let headers = with("host", hosts);
            assert_eq!(asked("/engine", &headers), Err(Refusal::Host), "{hosts:?}");
        }
        let good = with("host", &[ADDRESS]);
        let absolute = "http://127.0.0.1:4242/engine";
        assert_eq!(asked(absolute, &good), Err(Refusal::Host));
    }

    #[test]
    fn there_is_one_path() {
        for path in ["/", "/engine/", "/engine?token=ab12", "/Engine", "/node"] {
            let good = with("host", &[ADDRESS]);
            assert_eq!(asked(path, &good), Err(Refusal::Path), "{path}");
        }
    }

    #[test]
    fn both_sub_protocols_are_needed_and_no_other_is_taken() {
        for offered in [
            &[][..],
            &["landline.engine.1"],
            &["token.ab12"],
            &["landline.engine.2, token.ab12"],
            &["landline.engine.1, token.ab12, token.cd34"],
            &["landline.engine.1, ab12"],
        ] {
            let headers = with("sec-websocket-protocol", offered);
            assert_eq!(
                asked("/engine", &headers),
                Err(Refusal::Protocol),
                "{offered:?}"
            );
        }
    }
}
