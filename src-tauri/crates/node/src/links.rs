//! The URLs that this node hands out. Everything secret or personal stands after `#`, which browsers keep to themselves.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use landline_protocol::node_api::Target;

use crate::fingerprint::Fingerprint;

/// The link for people without the app. With a `secret` it opens a meeting that needs a code.
#[must_use]
pub fn guest_url(
    ip: IpAddr,
    port: u16,
    meeting_id: &str,
    fingerprint: &Fingerprint,
    secret: Option<&str>,
) -> String {
    let mut url = format!(
        "https://{}/#m={meeting_id}&fp={fingerprint}",
        SocketAddr::new(ip, port)
    );
    if let Some(secret) = secret {
        url.push_str("&s=");
        url.push_str(secret);
    }
    url
}

/// How a page on the own machine proves that it may drive the node.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Credential<'a> {
    Token(&'a str),
    Ticket(&'a str),
}

/// The UI on the own machine, opening on `target`.
pub(crate) fn local_url(port: u16, credential: Credential<'_>, target: Option<&Target>) -> String {
    let (key, value) = match credential {
        Credential::Token(value) => ("token", value),
        Credential::Ticket(value) => ("ticket", value),
    };
    let mut url = format!("http://127.0.0.1:{port}/#{key}={value}");
    match target {
        None => {}
        Some(Target::Meeting { meeting_id }) => {
            url.push_str("&m=");
            escape(meeting_id, &mut url);
        }
        Some(Target::Address { text }) => {
            url.push_str("&a=");
            escape(text, &mut url);
        }
    }
    url
}

/// Percent-encodes all but unreserved characters (RFC 3986 §2.3), as `decodeURIComponent` reads it.
fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_local_url_is_escaped() {
        let target = Target::Address {
            text: "https://10.0.0.1:4717/#m=1&fp=2 张".into(),
        };
        assert_eq!(
            local_url(80, Credential::Ticket("t"), Some(&target)),
            "http://127.0.0.1:80/#ticket=t&a=https%3A%2F%2F10.0.0.1%3A4717%2F%23m%3D1%26fp%3D2%20%E5%BC%A0"
        );
    }

    #[test]
    fn addresses_of_version_6_stand_in_brackets() {
        let url = guest_url(
            "fd00::1".parse().unwrap(),
            4717,
            "abc",
            &Fingerprint::of(b""),
            Some("secret"),
        );
        assert!(url.starts_with("https://[fd00::1]:4717/#m=abc&fp=e3b0"));
        assert!(url.ends_with("&s=secret"));
    }
}
