//! Which network interfaces are used, and which of two addresses is nearer.
//!
//! [`choose`] is pure; [`local_addresses`] asks the system and calls it. By default the physical interfaces are used:
//! addresses of containers, virtual machines and tunnels lead others nowhere, or to the wrong network.

use std::net::{IpAddr, Ipv6Addr};

use if_addrs::{IfAddr, Interface};

/// Beginnings of the names of interfaces that no other computer of the room is behind: containers, virtual machines,
/// VPNs, Apple's peer-to-peer links. Lower case. A plain bridge (`br0`) may hold the machine's only network card.
const VIRTUAL_PREFIXES: &[&str] = &[
    "anpi",
    "awdl",
    "br-",
    "bridge1",
    "cali",
    "cilium",
    "cni",
    "docker",
    "dummy",
    "flannel",
    "gif",
    "ipsec",
    "kube",
    "llw",
    "lxc",
    "lxdbr",
    "nordlynx",
    "podman",
    "ppp",
    "stf",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "vboxnet",
    "veth",
    "vethernet",
    "virbr",
    "vmenet",
    "vmnet",
    "wg",
    "zt",
];

/// Parts of the names that Windows gives to such interfaces. Lower case.
const VIRTUAL_PARTS: &[&str] = &[
    "hyper-v",
    "openvpn",
    "tailscale",
    "virtualbox",
    "vmware",
    "wireguard",
    "wsl",
    "zerotier",
];

/// One address of a network interface in use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalAddress {
    /// Name of the interface.
    pub name: String,
    pub address: IpAddr,
    /// Length of the subnet's prefix in bits.
    pub prefix: u8,
    /// Index of the interface, which is the scope of a link-local IPv6 address.
    pub index: u32,
}

impl LocalAddress {
    /// Whether `other` is in this address's subnet. `scope` is that of a link-local IPv6 address, else 0.
    #[must_use]
    pub fn same_subnet(&self, other: IpAddr, scope: u32) -> bool {
        // A prefix of 0 is what some systems report when they know none.
        if self.prefix == 0 {
            return false;
        }
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX
                    .checked_shl(32_u32.saturating_sub(u32::from(self.prefix)))
                    .unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX
                    .checked_shl(128_u32.saturating_sub(u32::from(self.prefix)))
                    .unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
                    && (!other.is_unicast_link_local() || scope == self.index)
            }
            _ => false,
        }
    }
}

/// The addresses in use, the best first. `names` are the interfaces wanted; empty chooses the physical ones.
#[must_use]
pub fn choose(all: &[Interface], names: &[String]) -> Vec<LocalAddress> {
    let mut chosen: Vec<LocalAddress> = all
        .iter()
        .filter(|interface| is_chosen(interface, names))
        .map(|interface| LocalAddress {
            name: interface.name.clone(),
            address: interface.ip(),
            prefix: match &interface.addr {
                IfAddr::V4(v4) => v4.prefixlen,
                IfAddr::V6(v6) => v6.prefixlen,
            },
            index: interface.index.unwrap_or(0),
        })
        .collect();
    chosen.sort_by(|a, b| (kind(a.address), a).cmp(&(kind(b.address), b)));
    chosen.dedup();
    chosen
}

/// The addresses in use now, the best first. `names` are the interfaces wanted; empty chooses the physical ones. Needs
/// no multicast and opens no socket of ours.
#[must_use]
pub fn local_addresses(names: &[String]) -> Vec<LocalAddress> {
    match if_addrs::get_if_addrs() {
        Ok(all) => choose(&all, names),
        Err(error) => {
            tracing::warn!(%error, "the network interfaces cannot be read");
            Vec::new()
        }
    }
}

/// Whether an address is still one of this machine's, on whatever interface. If the system does not say, it is.
#[must_use]
pub fn has_address(address: IpAddr) -> bool {
    if_addrs::get_if_addrs().map_or(true, |all| {
        all.iter().any(|interface| interface.ip() == address)
    })
}

/// Whether one address of an interface is used. Names that a person chose win over our guess of what is physical; links
/// from point to point are left out all the same, since they carry no multicast DNS.
pub(crate) fn is_chosen(interface: &Interface, names: &[String]) -> bool {
    if !interface.is_oper_up() || interface.is_p2p() || interface.ip().is_unspecified() {
        return false;
    }
    if names.is_empty() {
        !interface.is_loopback() && !is_virtual(&interface.name)
    } else {
        names.contains(&interface.name)
    }
}

fn is_virtual(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "lo"
        || VIRTUAL_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || VIRTUAL_PARTS.iter().any(|part| name.contains(part))
}

/// What sort of address, the more useful first: people can read and type IPv4, and link-local IPv6 needs a scope that
/// is different on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    V4,
    V6,
    /// 169.254/16 (RFC 3927): a network without DHCP.
    LinkLocalV4,
    LinkLocalV6,
}

pub(crate) fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) if v4.is_link_local() => Kind::LinkLocalV4,
        IpAddr::V4(_) => Kind::V4,
        IpAddr::V6(v6) if Ipv6Addr::is_unicast_link_local(&v6) => Kind::LinkLocalV6,
        IpAddr::V6(_) => Kind::V6,
    }
}
