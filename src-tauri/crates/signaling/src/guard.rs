//! Who may ask: `Host` against pages that point a name of theirs at us (DNS rebinding), `Origin` against pages of others.
//!
//! A pure check, made before every route, the missing ones included.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// How pages of this server begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Of its sockets.
    pub(crate) const fn socket(self) -> &'static str {
        match self {
            Self::Http => "ws",
            Self::Https => "wss",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Names under which a server may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostRule {
    /// An IP literal (which no name can be pointed at), `localhost`, or this `.local` name.
    Network { local_name: Option<String> },
    /// This machine only.
    Loopback,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 421 Misdirected Request (RFC 9110 §15.5.20).
    Host,
    /// 403.
    Origin,
}

/// Checks one request. What comes back is its `host[:port]`, in lower case.
pub(crate) fn check(
    rule: &HostRule,
    scheme: Scheme,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<String, Refusal> {
    let host = host_of(headers).ok_or(Refusal::Host)?;
    if !rule.allows(host.host()) {
        return Err(Refusal::Host);
    }
    // The absolute form of a request names its host twice (RFC 9112 §3.2.2); ours never differ.
    if uri.authority().is_some_and(|named| *named != host) {
        return Err(Refusal::Host);
    }
    let own = normal(&host, scheme);
    match only(headers, &ORIGIN) {
        Only::None => {}
        Only::One(origin) if is_own(origin, scheme, &own) => {}
        Only::One(_) | Only::Many => return Err(Refusal::Origin),
    }
    if is_foreign_fetch(method, headers) {
        return Err(Refusal::Origin);
    }
    Ok(host.as_str().to_ascii_lowercase())
}

impl HostRule {
    fn allows(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let literal = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        match self {
            Self::Network { local_name } => {
                host.parse::<Ipv4Addr>().is_ok()
                    || literal.is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok())
                    || local_name
                        .as_ref()
                        .is_some_and(|name| name.eq_ignore_ascii_case(host))
            }
            Self::Loopback => {
                host == "127.0.0.1"
                    || literal.is_some_and(|ip| ip.parse() == Ok(Ipv6Addr::LOCALHOST))
            }
        }
    }
}

enum Only<'a> {
    None,
    One(&'a HeaderValue),
    Many,
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Only<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Only::None,
        (Some(value), None) => Only::One(value),
        (Some(_), Some(_)) => Only::Many,
    }
}

fn host_of(headers: &HeaderMap) -> Option<Authority> {
    let Only::One(host) = only(headers, &HOST) else {
        return None;
    };
    let host: Authority = host.to_str().ok()?.parse().ok()?;
    // User information and ports that are not numbers have no place in Host.
    let port_is_sound = host.as_str() == host.host() || host.port_u16().is_some();
    (!host.as_str().contains('@') && port_is_sound).then_some(host)
}

fn is_own(origin: &HeaderValue, scheme: Scheme, own: &str) -> bool {
    let Some((origin_scheme, authority)) =
        origin.to_str().ok().and_then(|text| text.split_once("://"))
    else {
        return false;
    };
    origin_scheme == scheme.as_str()
        && authority
            .parse::<Authority>()
            .is_ok_and(|authority| normal(&authority, scheme) == own)
}

/// With the port said, in lower case.
fn normal(authority: &Authority, scheme: Scheme) -> String {
    let port = authority.port_u16().unwrap_or(scheme.default_port());
    format!("{}:{port}", authority.host().to_ascii_lowercase())
}

/// Browsers say of requests without `Origin` as well whether another site is behind them (W3C Fetch Metadata). Following a
/// link to the page is what another site may do.
fn is_foreign_fetch(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    let foreign = says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site");
    let follows_link = method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    foreign && !follows_link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> HostRule {
        HostRule::Network {
            local_name: Some("Quiet-Fox.local".into()),
        }
    }

    fn asked(rule: &HostRule, headers: &[(&str, &str)]) -> Result<String, Refusal> {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::try_from(*name).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect();
        check(
            rule,
            Scheme::Https,
            &Method::GET,
            &Uri::from_static("/ws"),
            &headers,
        )
    }

    #[test]
    fn literals_localhost_and_the_own_name_are_hosts() {
        for host in [
            "192.0.2.7",
            "192.0.2.7:8443",
            "[2001:db8::7]:8443",
            "[::1]",
            "localhost:1",
            "LOCALHOST",
            "quiet-fox.local:8443",
            "quiet-fox.local.:8443",
        ] {
            assert_eq!(
                asked(&network(), &[("host", host)]),
                Ok(host.to_ascii_lowercase()),
                "{host}"
            );
        }
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "",
            "evil.example",
            "evil.example:8443",
            "192.0.2.7.evil.example",
            "localhost.evil.example",
            "quiet-fox.local.evil.example",
            "loud-fox.local",
            "user@192.0.2.7",
            "192.0.2.7:port",
            "192.0.2.7:99999",
            "0x7f.1",
            "2130706433",
            "[::1",
            "192.0.2.7, 192.0.2.7",
        ] {
            assert_eq!(
                asked(&network(), &[("host", host)]),
                Err(Refusal::Host),
                "{host}"
            );
        }
        assert_eq!(asked(&network(), &[]), Err(Refusal::Host));
        let twice = [("host", "192.0.2.7"), ("host", "192.0.2.7")];
        assert_eq!(asked(&network(), &twice), Err(Refusal::Host));
    }

    #[test]
    fn on_loopback_only_this_machine_is_a_host() {
        for host in ["127.0.0.1:1", "localhost:1", "[::1]:1"] {
            assert!(
                asked(&HostRule::Loopback, &[("host", host)]).is_ok(),
                "{host}"
            );
        }
        for host in [
            "192.0.2.7:1",
            "127.0.0.2",
            "quiet-fox.local",
            "[2001:db8::7]",
        ] {
            assert_eq!(
                asked(&HostRule::Loopback, &[("host", host)]),
                Err(Refusal::Host),
                "{host}"
            );
        }
    }

    #[test]
    fn only_the_own_origin_is_let_in() {
        let own = |host, origin| asked(&network(), &[("host", host), ("origin", origin)]);
        assert!(own("192.0.2.7:8443", "https://192.0.2.7:8443").is_ok());
        assert!(own("192.0.2.7", "https://192.0.2.7:443").is_ok());
        assert!(own("LOCALHOST:1", "https://localhost:1").is_ok());
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://192.0.2.7:8443",
            "https://192.0.2.7",
            "https://192.0.2.7:8444",
            "https://192.0.2.7:8443.evil.example",
            "https://192.0.2.7:8443/",
            "tauri://localhost",
        ] {
            assert_eq!(
                own("192.0.2.7:8443", origin),
                Err(Refusal::Origin),
                "{origin}"
            );
        }
        let twice = [
            ("host", "192.0.2.7"),
            ("origin", "https://192.0.2.7"),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(asked(&network(), &twice), Err(Refusal::Origin));
    }

    #[test]
    fn another_site_may_link_here_and_nothing_else() {
        let fetch = |site, mode, dest| {
            asked(
                &network(),
                &[
                    ("host", "192.0.2.7"),
                    ("sec-fetch-site", site),
                    ("sec-fetch-mode", mode),
                    ("sec-fetch-dest", dest),
                ],
            )
        };
        assert!(fetch("cross-site", "navigate", "document").is_ok());
        assert!(fetch("same-origin", "no-cors", "script").is_ok());
        assert!(fetch("none", "navigate", "document").is_ok());
        assert_eq!(
            fetch("cross-site", "no-cors", "script"),
            Err(Refusal::Origin)
        );
        assert_eq!(
            fetch("same-site", "navigate", "iframe"),
            Err(Refusal::Origin)
        );
    }

    #[test]
    fn a_target_that_names_another_host_is_refused() {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("192.0.2.7"))]);
        let to = |uri: &'static str| {
            check(
                &network(),
                Scheme::Https,
                &Method::GET,
                &Uri::from_static(uri),
                &headers,
            )
        };
        assert_eq!(to("https://evil.example/"), Err(Refusal::Host));
        assert!(to("https://192.0.2.7/").is_ok());
    }
}
