//! Which addresses get candidates.

use std::net::IpAddr;

/// Candidates of one connection. A machine with more interfaces is a router; libwebrtc stops at five networks.
const MOST: usize = 8;

/// Leaves out what a peer could not reach or ICE does not take (RFC 8445 §5.1.1.1): link-local, multicast, unspecified.
pub(crate) fn usable(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.retain(|address| match address {
        IpAddr::V4(v4) => {
            !(v4.is_link_local() || v4.is_multicast() || v4.is_unspecified() || v4.is_broadcast())
        }
        IpAddr::V6(v6) => !(v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified()),
    });
    let mut seen = Vec::with_capacity(addresses.len());
    for address in addresses {
        if !seen.contains(&address) && seen.len() < MOST {
            seen.push(address);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_nobody_can_reach_get_no_candidate() {
        let all = [
            "169.254.3.4",
            "fe80::1",
            "192.168.1.5",
            "192.168.1.5",
            "0.0.0.0",
            "ff02::1",
            "fd00::5",
            "127.0.0.1",
        ];
        let kept = usable(all.iter().map(|a| a.parse().unwrap()).collect());
        let expected: Vec<IpAddr> = ["192.168.1.5", "fd00::5", "127.0.0.1"]
            .iter()
            .map(|a| a.parse().unwrap())
            .collect();
        assert_eq!(kept, expected);
    }
}
