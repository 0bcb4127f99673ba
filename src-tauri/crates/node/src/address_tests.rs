//! The address field takes what people really paste, and says clearly what it does not take.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;
use crate::links::guest_url;

fn host_of(text: &str) -> (String, u16) {
    let address = Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (address.host.to_string(), address.port)
}

#[test]
fn the_forms_that_people_type_are_understood() {
    for (text, host, port) in [
        ("192.168.1.5", "192.168.1.5", DEFAULT_PORT),
        (" 192.168.1.5:4720 \n", "192.168.1.5", 4720),
        ("https://192.168.1.5:4720/", "192.168.1.5", 4720),
        ("HTTPS://192.168.1.5", "192.168.1.5", DEFAULT_PORT),
        ("http://192.168.1.5:4720", "192.168.1.5", 4720),
        ("Annas-Laptop.local", "annas-laptop.local", DEFAULT_PORT),
        ("annas-laptop.local.:4718", "annas-laptop.local", 4718),
        ("张三的电脑.local:4717", "张三的电脑.local", 4717),
        ("fe80::1", "[fe80::1]", DEFAULT_PORT),
        ("[fe80::1]:4720", "[fe80::1]", 4720),
        ("[fe80::1%eth0]:4720", "[fe80::1%eth0]", 4720),
        ("https://[fe80::1%25eth0]:4720/", "[fe80::1%eth0]", 4720),
        ("localhost:1", "localhost", 1),
        ("<https://10.0.0.1/>", "10.0.0.1", DEFAULT_PORT),
    ] {
        assert_eq!(host_of(text), (host.to_owned(), port), "{text}");
    }
}

#[test]
fn what_chinese_input_methods_write_is_understood() {
    assert_eq!(
        host_of("192。168。1。5：4720"),
        ("192.168.1.5".into(), 4720)
    );
    assert_eq!(
        host_of("１９２．１６８．１．５：４７２０"),
        ("192.168.1.5".into(), 4720)
    );
    assert_eq!(host_of("\u{3000}10.0.0.1\u{3000}").0, "10.0.0.1");
}

#[test]
fn a_guest_link_carries_meeting_and_fingerprint_in_any_order() {
    let fp = "ab".repeat(32);
    for fragment in [
        format!("m=0123&fp={fp}"),
        format!("fp={fp}&m=0123"),
        format!("x=1&fp={fp}&m=0123&"),
    ] {
        let address = Address::parse(&format!("https://10.0.0.1:4717/#{fragment}")).unwrap();
        assert_eq!(address.meeting_id.as_deref(), Some("0123"));
        assert_eq!(address.fingerprint, fp.parse().ok());
    }
}

#[test]
fn what_is_not_an_address_is_refused_with_the_reason() {
    for (text, error) in [
        ("", AddressError::Empty),
        ("   ", AddressError::Empty),
        ("https://", AddressError::Empty),
        ("#m=1", AddressError::Empty),
        ("ftp://10.0.0.1", AddressError::Scheme),
        ("javascript://10.0.0.1", AddressError::Scheme),
        ("10.0.0.1:0", AddressError::Port),
        ("10.0.0.1:65536", AddressError::Port),
        ("10.0.0.1:+1", AddressError::Port),
        ("10.0.0.1:http", AddressError::Port),
        ("[::1]4717", AddressError::Port),
        ("300.1.1.1", AddressError::Host),
        ("10.0.0.1 4717", AddressError::Host),
        ("10.0.0", AddressError::Host),
        (":4717", AddressError::Host),
        ("user@10.0.0.1", AddressError::Host),
        ("a..b", AddressError::Host),
        ("[10.0.0.1]", AddressError::Host),
        ("1:2:3", AddressError::Host),
        ("https://10.0.0.1/wiki", AddressError::Path),
        ("10.0.0.1/#m=", AddressError::MeetingId),
        ("10.0.0.1/#m=a%20b", AddressError::MeetingId),
        ("10.0.0.1/#fp=00", AddressError::Fingerprint),
    ] {
        assert_eq!(Address::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(
        Address::parse(&"a".repeat(ADDRESS_CHARS + 1)),
        Err(AddressError::TooLong)
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_fail_otherwise_than_by_its_error(text in any::<String>()) {
        if let Ok(address) = Address::parse(&text) {
            prop_assert_ne!(address.port, 0);
            // What was understood is understood again in its own writing.
            let again = Address::parse(&address.host_and_port()).unwrap();
            prop_assert_eq!(again.host, address.host);
            prop_assert_eq!(again.port, address.port);
        }
    }

    #[test]
    fn text_that_looks_like_an_address_is_read_or_refused(text in "(https://)?[\\[\\]0-9a-f:.%]{0,40}(:[0-9]{1,6})?(/?#[mfp=&0-9a-f]{0,80})?") {
        let _ = Address::parse(&text);
    }

    #[test]
    fn every_guest_link_that_a_host_shows_is_understood(
        v6 in any::<bool>(),
        bits in any::<u128>(),
        port in 1..=u16::MAX,
        id in "[0-9a-f]{32}",
        certificate in any::<[u8; 8]>(),
    ) {
        let ip = if v6 {
            IpAddr::V6(Ipv6Addr::from(bits))
        } else {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(bits >> 96).unwrap()))
        };
        let fingerprint = Fingerprint::of(&certificate);
        let address = Address::parse(&guest_url(ip, port, &id, &fingerprint, Some("c2VjcmV0"))).unwrap();
        let host = match ip {
            IpAddr::V4(address) => Host::V4(address),
            IpAddr::V6(address) => Host::V6 { address, scope: None },
        };
        prop_assert_eq!(address, Address { host, port, meeting_id: Some(id), fingerprint: Some(fingerprint) });
    }
}
