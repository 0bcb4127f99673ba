//! Addresses for candidates that hide theirs: browsers offer `<uuid>.local` to those whom they do not trust, and the network may not
//! answer for that name. Beside each such candidate stands a copy with the address from which that participant's connection to the
//! room comes, and with no other (docs/PROTOCOL.md, `addr`). Pure.

use std::net::IpAddr;

use landline_protocol::engine_api::IceCandidate;

/// Addresses of one participant that are used; a machine has a few interfaces, not more.
const MAX_ADDRESSES: usize = 8;
/// `candidate:foundation component transport priority address port typ type` (RFC 8839 §5.1).
const FOUNDATION: usize = 0;
const TRANSPORT: usize = 2;
const ADDRESS: usize = 4;
const TYPE: usize = 7;

/// The candidate, and after it its copies.
pub(crate) fn with_addresses(candidate: IceCandidate, addresses: &[String]) -> Vec<IceCandidate> {
    let mut all: Vec<IceCandidate> = copies(&candidate.candidate, addresses)
        .into_iter()
        .map(|line| IceCandidate {
            candidate: line,
            ..candidate.clone()
        })
        .collect();
    all.insert(0, candidate);
    all
}

/// The description with copies of the candidates that stand in it.
pub(crate) fn sdp_with_addresses(sdp: &str, addresses: &[String]) -> String {
    let mut text = String::with_capacity(sdp.len());
    for line in sdp.split_inclusive('\n') {
        text.push_str(line);
        if let Some(candidate) = line.trim_end().strip_prefix("a=candidate:") {
            for copy in copies(candidate, addresses) {
                text.push_str("a=candidate:");
                text.push_str(&copy);
                text.push_str("\r\n");
            }
        }
    }
    text
}

fn copies(line: &str, addresses: &[String]) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let hidden = word(ADDRESS).to_ascii_lowercase().ends_with(".local")
        && word(TRANSPORT).eq_ignore_ascii_case("udp")
        && word(TYPE) == "host";
    if !hidden {
        return Vec::new();
    }
    let usable = addresses.iter().filter_map(|address| plain(address));
    usable
        .take(MAX_ADDRESSES)
        .enumerate()
        .map(|(index, address)| {
            let mut copy: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            if let Some(foundation) = copy.get_mut(FOUNDATION) {
                // Another base is another foundation (RFC 8445 §5.1.1.3).
                foundation.push_str(&(index + 1).to_string());
            }
            if let Some(word) = copy.get_mut(ADDRESS) {
                *word = address.to_string();
            }
            copy.join(" ")
        })
        .collect()
}

/// An address that means the same on this machine: no loopback, nothing that is bound to an interface.
fn plain(text: &str) -> Option<IpAddr> {
    let address = text.trim_matches(['[', ']']).parse::<IpAddr>().ok()?;
    let address = address.to_canonical();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIDDEN: &str = "candidate:1 1 udp 2113937151 6c9b8e1c-0000-4000-8000-000000000000.local 50000 typ host generation 0";

    fn addresses() -> Vec<String> {
        [
            "127.0.0.1",
            "10.0.0.7",
            "[fd00::7]",
            "10.0.0.7\r\nx",
            "fe80::1%2",
        ]
        .map(str::to_owned)
        .into()
    }

    #[test]
    fn a_hidden_address_gets_copies_with_those_that_are_known() {
        let candidate = IceCandidate {
            candidate: HIDDEN.into(),
            sdp_mid: Some("0".into()),
            sdp_m_line_index: None,
            username_fragment: None,
        };
        let all = with_addresses(candidate.clone(), &addresses());
        let lines: Vec<&str> = all.iter().map(|it| it.candidate.as_str()).collect();
        assert_eq!(
            lines,
            [
                HIDDEN,
                "candidate:11 1 udp 2113937151 10.0.0.7 50000 typ host generation 0",
                "candidate:12 1 udp 2113937151 fd00::7 50000 typ host generation 0",
            ]
        );
        let open = IceCandidate {
            candidate: "candidate:1 1 udp 1 10.0.0.9 5 typ host".into(),
            ..candidate
        };
        assert_eq!(with_addresses(open.clone(), &addresses()), [open]);
    }

    #[test]
    fn the_candidates_in_a_description_get_copies_too() {
        let sdp = format!("v=0\r\na={HIDDEN}\r\na=mid:0\r\n");
        let more = sdp_with_addresses(&sdp, &addresses());
        assert_eq!(more.lines().count(), 5);
        assert!(
            more.contains(
                "a=candidate:11 1 udp 2113937151 10.0.0.7 50000 typ host generation 0\r\n"
            )
        );
        assert!(more.ends_with("a=mid:0\r\n"));
    }
}
