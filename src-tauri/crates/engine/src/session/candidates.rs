//! Candidates as text (RFC 8839 §5.1): own ones written, those of others read. Pure.

use std::net::{IpAddr, SocketAddr};

use str0m::{Candidate, IceCreds};

use crate::net::usable;

/// What a candidate of the other side is to us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Remote {
    Usable(Candidate),
    /// The address has to be asked for.
    Named(Named),
    /// TCP, another component, an address ICE does not take, or another generation.
    Unusable,
}

/// A candidate whose address is a `.local` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    before: String,
    pub(crate) name: String,
    after: String,
}

impl Named {
    pub(crate) fn with(&self, address: IpAddr) -> Option<Candidate> {
        let line = format!("{} {address} {}", self.before, self.after);
        Candidate::from_sdp_string(&line)
            .ok()
            .filter(|candidate| reachable(candidate.addr()))
    }
}

/// One machine, that we could send to from our own addresses.
fn reachable(address: SocketAddr) -> bool {
    address.port() != 0 && !usable(vec![address.ip()]).is_empty()
}

/// A longer one is no candidate; ours have some 100 characters.
const LINE: usize = 512;
/// Position of the address among the words.
const ADDRESS: usize = 4;

pub(crate) fn read(line: &str) -> Remote {
    let line = line.trim();
    let line = line.strip_prefix("a=").unwrap_or(line);
    if line.len() > LINE {
        return Remote::Unusable;
    }
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let udp = words
        .get(2)
        .is_some_and(|transport| transport.eq_ignore_ascii_case("udp"));
    let (Some(address), true) = (words.get(ADDRESS), udp) else {
        return Remote::Unusable;
    };
    if address.parse::<IpAddr>().is_err() {
        let lower = address.to_ascii_lowercase();
        let (Some(before), Some(after)) = (words.get(..ADDRESS), words.get(ADDRESS + 1..)) else {
            return Remote::Unusable;
        };
        if lower.rsplit('.').next() != Some("local") {
            return Remote::Unusable;
        }
        return Remote::Named(Named {
            before: before.join(" "),
            name: lower,
            after: after.join(" "),
        });
    }
    match Candidate::from_sdp_string(line) {
        Ok(candidate) if reachable(candidate.addr()) => Remote::Usable(candidate),
        Ok(_) | Err(_) => Remote::Unusable,
    }
}

/// Type preference of host candidates (RFC 8445 §5.1.2.2).
const HOST: u32 = 126;

/// Own host candidate, the `index`th of its connection.
pub(crate) fn write(address: SocketAddr, index: usize, ufrag: &str) -> String {
    let local = 65_535 - u32::try_from(index).unwrap_or(0).min(65_535);
    let priority = HOST << 24 | local << 8 | 255;
    format!(
        "candidate:{foundation} 1 udp {priority} {ip} {port} typ host generation 0 ufrag {ufrag}",
        foundation = index + 1,
        ip = address.ip(),
        port = address.port(),
    )
}

pub(crate) fn credentials(ice: &crate::negotiated::IceCredentials) -> IceCreds {
    IceCreds {
        ufrag: ice.ufrag.clone(),
        pass: ice.pwd.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_candidates_can_be_read_by_ourselves() {
        let address: SocketAddr = "[fd00::7]:4000".parse().unwrap();
        let Remote::Usable(candidate) = read(&write(address, 0, "abcd")) else {
            panic!("not usable");
        };
        assert_eq!(candidate.addr(), address);
        assert_eq!(candidate.ufrag(), Some("abcd"));
    }

    #[test]
    fn names_wait_for_an_address_and_other_transports_are_left_out() {
        let Remote::Named(named) = read(
            "candidate:1 1 udp 2113937151 5F2c-1.LOCAL 50000 typ host generation 0 ufrag x network-cost 999",
        ) else {
            panic!("not a name");
        };
        assert_eq!(named.name, "5f2c-1.local");
        let address = named.with("10.0.0.2".parse().unwrap()).unwrap().addr();
        assert_eq!(address, "10.0.0.2:50000".parse().unwrap());
        for bad in [
            "candidate:1 1 tcp 1518280447 10.0.0.2 9 typ host tcptype active",
            "candidate:1 1 udp 1 example.com 9 typ host",
            "candidate:1 1 udp 1 169.254.1.2 9 typ host",
            "candidate:",
            "",
        ] {
            assert_eq!(read(bad), Remote::Unusable, "{bad}");
        }
    }
}
