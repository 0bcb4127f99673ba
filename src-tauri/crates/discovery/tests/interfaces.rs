//! A wrong interface sends others to an address that leads nowhere, or shows a meeting to a network it was not meant for.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end at what it does not expect"
)]

use std::net::IpAddr;

use if_addrs::{IfAddr, IfOperStatus, Ifv4Addr, Ifv6Addr, Interface};
use landline_discovery::interfaces::{LocalAddress, choose};

fn interface(name: &str, address: &str, prefix: u8) -> Interface {
    let addr = match address.parse().unwrap() {
        IpAddr::V4(ip) => IfAddr::V4(Ifv4Addr {
            ip,
            netmask: std::net::Ipv4Addr::UNSPECIFIED,
            prefixlen: prefix,
            broadcast: None,
        }),
        IpAddr::V6(ip) => IfAddr::V6(Ifv6Addr {
            ip,
            netmask: std::net::Ipv6Addr::UNSPECIFIED,
            prefixlen: prefix,
            broadcast: None,
        }),
    };
    Interface {
        name: name.to_owned(),
        addr,
        index: Some(2),
        oper_status: IfOperStatus::Up,
        is_p2p: false,
        #[cfg(windows)]
        adapter_name: String::new(),
    }
}

fn names(all: &[Interface], wanted: &[&str]) -> Vec<String> {
    let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    choose(all, &wanted)
        .into_iter()
        .map(|own| own.name)
        .collect()
}

#[test]
fn physical_interfaces_are_chosen_and_virtual_ones_are_not() {
    let physical = [
        "eth0", "enp3s0", "wlan0", "wlp2s0", "en0", "br0", "bond0", "Ethernet", "Wi-Fi", "bridge0",
    ];
    let all: Vec<Interface> = physical
        .iter()
        .map(|name| interface(name, "192.168.1.5", 24))
        .collect();
    assert_eq!(names(&all, &[]).len(), physical.len());

    for name in [
        "docker0",
        "br-5f3c",
        "veth12ab",
        "virbr0",
        "tun0",
        "tap1",
        "wg0",
        "utun4",
        "vmnet8",
        "vboxnet0",
        "tailscale0",
        "awdl0",
        "bridge100",
        "vEthernet (WSL)",
        "VirtualBox Host-Only Network",
    ] {
        assert_eq!(
            names(&[interface(name, "10.0.0.1", 24)], &[]),
            [""; 0],
            "{name}"
        );
    }
}

#[test]
fn loopback_and_interfaces_that_are_down_are_left_out() {
    let mut down = interface("eth0", "192.168.1.5", 24);
    down.oper_status = IfOperStatus::Down;
    let loopback = interface("lo", "127.0.0.1", 8);
    assert_eq!(names(&[down.clone(), loopback], &[]), [""; 0]);
    assert_eq!(names(&[down], &["eth0"]), [""; 0], "even when wished for");
}

#[test]
fn wished_names_win_over_the_guess() {
    let all = [
        interface("eth0", "192.168.1.5", 24),
        interface("docker0", "172.17.0.1", 16),
    ];
    assert_eq!(names(&all, &["docker0"]), ["docker0"]);
    assert_eq!(names(&all, &["gone"]), [""; 0]);
}

#[test]
fn links_from_point_to_point_are_left_out_even_when_wished_for() {
    let mut vpn = interface("ppp0", "10.9.0.2", 32);
    vpn.is_p2p = true;
    assert_eq!(names(&[vpn], &["ppp0"]), [""; 0]);
}

#[test]
fn addresses_that_people_can_type_come_first() {
    let all = [
        interface("eth0", "fe80::1", 64),
        interface("eth0", "2001:db8::5", 64),
        interface("eth0", "169.254.9.9", 16),
        interface("wlan0", "192.168.1.5", 24),
        interface("eth0", "10.0.0.5", 8),
        interface("eth0", "10.0.0.5", 8),
    ];
    let addresses: Vec<String> = choose(&all, &[])
        .iter()
        .map(|own| own.address.to_string())
        .collect();
    assert_eq!(
        addresses,
        [
            "10.0.0.5",
            "192.168.1.5",
            "2001:db8::5",
            "169.254.9.9",
            "fe80::1"
        ]
    );
}

#[test]
fn a_subnet_is_told_by_its_prefix_and_a_link_by_its_scope() {
    let own = |address: &str, prefix| LocalAddress {
        name: "eth0".to_owned(),
        address: address.parse().unwrap(),
        prefix,
        index: 2,
    };
    let same =
        |own: LocalAddress, other: &str, scope| own.same_subnet(other.parse().unwrap(), scope);
    assert!(same(own("192.168.1.5", 24), "192.168.1.200", 0));
    assert!(!same(own("192.168.1.5", 24), "192.168.2.200", 0));
    assert!(same(own("192.168.1.5", 23), "192.168.0.200", 0));
    assert!(!same(own("192.168.1.5", 32), "192.168.1.6", 0));
    assert!(
        !same(own("192.168.1.5", 0), "8.8.8.8", 0),
        "no subnet at all"
    );
    assert!(!same(own("192.168.1.5", 24), "fe80::1", 2));
    assert!(same(own("2001:db8::5", 64), "2001:db8::9", 7));
    assert!(same(own("fe80::5", 64), "fe80::9", 2));
    assert!(!same(own("fe80::5", 64), "fe80::9", 3), "another link");
}
