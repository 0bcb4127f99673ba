//! Names to addresses, and the order in which they are tried.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use landline_discovery::interfaces::LocalAddress;
use landline_protocol::node_api::{NodeError, NodeErrorCode};

use crate::address::{Address, Host};
use crate::error::node_error;

/// How long the system's resolver may take. Names in `.local` are asked on the link and time out after some 5 s.
const RESOLVE: Duration = Duration::from_secs(6);

/// The addresses of a host, in no order. Names, `.local` ones too, are the system's resolver's business.
pub(crate) async fn resolve(
    address: &Address,
    local: &[LocalAddress],
) -> Result<Vec<SocketAddr>, NodeError> {
    match &address.host {
        Host::V4(ip) => Ok(vec![SocketAddr::from((*ip, address.port))]),
        Host::V6 { address: ip, scope } => with_scopes(*ip, scope.as_deref(), address.port, local),
        Host::Name(name) => {
            let lookup = tokio::net::lookup_host((name.as_str(), address.port));
            let found: Vec<SocketAddr> = tokio::time::timeout(RESOLVE, lookup)
                .await
                .map_err(|_| node_error(NodeErrorCode::NameNotFound, "no answer in time"))?
                .map_err(|error| node_error(NodeErrorCode::NameNotFound, error))?
                .collect();
            if found.is_empty() {
                return Err(NodeErrorCode::NameNotFound.into());
            }
            Ok(found)
        }
    }
}

/// A link-local address without scope may be on any of our links.
fn with_scopes(
    ip: Ipv6Addr,
    scope: Option<&str>,
    port: u16,
    local: &[LocalAddress],
) -> Result<Vec<SocketAddr>, NodeError> {
    let scoped = |index: u32| SocketAddr::from(SocketAddrV6::new(ip, port, 0, index));
    match scope {
        None if ip.is_unicast_link_local() => {
            let mut links: Vec<u32> = local.iter().map(|local| local.index).collect();
            links.sort_unstable();
            links.dedup();
            Ok(links.into_iter().map(scoped).collect())
        }
        None => Ok(vec![scoped(0)]),
        Some(scope) => local
            .iter()
            .find(|local| local.name == scope)
            .map(|local| local.index)
            .or_else(|| scope.parse().ok())
            .map(|index| vec![scoped(index)])
            .ok_or_else(|| {
                node_error(
                    NodeErrorCode::BadAddress,
                    "there is no interface of that name",
                )
            }),
    }
}

/// The best first: this machine, then addresses in a subnet of ours, then others; within each IPv4 before IPv6, link-local last.
pub(crate) fn order(addresses: &mut [SocketAddr], local: &[LocalAddress]) {
    addresses.sort_by_key(|address| {
        let ip = address.ip();
        let link_local = match ip {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
        let scope = match address {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(v6) => v6.scope_id(),
        };
        let near = local.iter().any(|local| local.same_subnet(ip, scope));
        (!ip.is_loopback(), link_local, !near, ip.is_ipv6())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(address: &str, prefix: u8) -> LocalAddress {
        LocalAddress {
            name: "eth0".into(),
            address: address.parse().unwrap(),
            prefix,
            index: 2,
        }
    }

    #[test]
    fn the_same_subnet_comes_first_and_link_local_last() {
        let ours = [local("192.168.1.7", 24), local("fd00::7", 64)];
        let mut addresses: Vec<SocketAddr> = [
            "[fe80::1%2]:1",
            "10.0.0.1:1",
            "[fd00:0:0:1::1]:1",
            "[fd00::1]:1",
            "192.168.1.1:1",
            "127.0.0.1:1",
        ]
        .map(|text| text.parse().unwrap())
        .into();
        order(&mut addresses, &ours);
        let text: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "127.0.0.1:1",
                "192.168.1.1:1",
                "[fd00::1]:1",
                "10.0.0.1:1",
                "[fd00:0:0:1::1]:1",
                "[fe80::1%2]:1",
            ]
        );
    }

    #[tokio::test]
    async fn a_link_local_address_without_scope_is_sought_on_every_link() {
        let address = Address::parse("[fe80::1]:5").unwrap();
        let found = resolve(&address, &[local("fe80::7", 64)]).await.unwrap();
        assert_eq!(found, ["[fe80::1%2]:5".parse().unwrap()]);
        let address = Address::parse("[fe80::1%eth0]:5").unwrap();
        let found = resolve(&address, &[local("fe80::7", 64)]).await.unwrap();
        assert_eq!(found, ["[fe80::1%2]:5".parse().unwrap()]);
        let address = Address::parse("[fe80::1%eth7]:5").unwrap();
        let error = resolve(&address, &[]).await.unwrap_err();
        assert_eq!(error.code, NodeErrorCode::BadAddress);
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_said_to_be_unknown() {
        let address = Address::parse("no-such-host.invalid").unwrap();
        let error = resolve(&address, &[]).await.unwrap_err();
        assert_eq!(error.code, NodeErrorCode::NameNotFound);
    }
}
