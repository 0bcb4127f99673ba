//! A question that is answered at once.
//!
//! A responder delays its answers and sends none within a second of having multicast the same (RFC 6762 §6). So who starts
//! to look just after somebody came into a meeting, or looked himself, would see it a second late. Both rules have an
//! exception for probes, which are questions with records in the authority section (§6, §8.1). So when looking starts, one
//! such question is sent, with a random name as the record it "wants to claim"; the answers are multicast as ever, and the
//! library reads them. Sent once a start; all further questions are the library's plain ones. The same for the addresses of a
//! host, whose name was announced a moment ago.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use landline_protocol::SERVICE_TYPE;
use mdns_sd::MDNS_PORT;

use crate::interfaces::LocalAddress;
use crate::port::shared_socket;

const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
/// RFC 6762 §11.
const HOPS: u32 = 255;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question<'a> {
    Meetings,
    /// The addresses of the host with this name.
    Host(&'a str),
}

/// Asks on the interfaces of these addresses. Trouble is only logged: the library asks as well.
pub(crate) fn ask_at_once(local: &[LocalAddress], question: Question<'_>, name: &str) {
    let packet = packet(question, name);
    let mut asked = BTreeSet::new();
    for own in local {
        // Once an interface and version of IP.
        if !asked.insert((own.index, own.address.is_ipv4())) {
            continue;
        }
        if let Err(error) = send(own, &packet) {
            tracing::debug!(interface = own.name, %error, "no question could be asked");
        }
    }
}

fn send(own: &LocalAddress, packet: &[u8]) -> io::Result<()> {
    // From the port of multicast DNS: to a question from another the answer is sent by unicast.
    match own.address {
        IpAddr::V4(address) => {
            let socket = shared_socket((Ipv4Addr::UNSPECIFIED, MDNS_PORT).into())?;
            socket.set_multicast_if_v4(&address)?;
            socket.set_multicast_ttl_v4(HOPS)?;
            let to = SocketAddr::from((GROUP_V4, MDNS_PORT));
            socket.send_to(packet, &to.into())?;
        }
        IpAddr::V6(_) => {
            let socket = shared_socket((Ipv6Addr::UNSPECIFIED, MDNS_PORT).into())?;
            socket.set_multicast_if_v6(own.index)?;
            socket.set_multicast_hops_v6(HOPS)?;
            let to = SocketAddr::from((GROUP_V6, MDNS_PORT));
            socket.send_to(packet, &to.into())?;
        }
    }
    Ok(())
}

/// The question as it goes over the network (RFC 1035 §4), with an empty TXT record for `name` in the authority section.
fn packet(question: Question<'_>, name: &str) -> Vec<u8> {
    const TYPE_A: u16 = 1;
    const TYPE_PTR: u16 = 12;
    const TYPE_AAAA: u16 = 28;
    const TYPE_TXT: u16 = 16;
    const CLASS_IN: u16 = 1;
    /// Points to the name of the question, which follows the header of 12 bytes (RFC 1035 §4.1.4).
    const QUESTION_NAME: u16 = 0xc00c;
    let (of, first, second) = match question {
        Question::Meetings => (SERVICE_TYPE, TYPE_PTR, None),
        Question::Host(host) => (host, TYPE_A, Some(TYPE_AAAA)),
    };
    let mut packet = Vec::with_capacity(128);
    // Id, flags, and the counts of questions, answers, authority and additional records.
    for word in [0, 0, 1 + u16::from(second.is_some()), 0, 1, 0] {
        put(&mut packet, word);
    }
    for label in of.trim_end_matches('.').split('.') {
        put_label(&mut packet, label);
    }
    packet.push(0);
    put(&mut packet, first);
    put(&mut packet, CLASS_IN);
    if let Some(second) = second {
        put(&mut packet, QUESTION_NAME);
        put(&mut packet, second);
        put(&mut packet, CLASS_IN);
    }
    put_label(&mut packet, name);
    put(&mut packet, QUESTION_NAME);
    put(&mut packet, TYPE_TXT);
    put(&mut packet, CLASS_IN);
    // Time to live of a second, and one empty string.
    packet.extend([0, 0, 0, 1, 0, 1, 0]);
    packet
}

fn put(packet: &mut Vec<u8>, word: u16) {
    packet.extend(word.to_be_bytes());
}

/// A label has at most 63 bytes (RFC 1035 §2.3.4); ours have 16.
fn put_label(packet: &mut Vec<u8>, label: &str) {
    let bytes = label.as_bytes().iter().take(63);
    packet.push(u8::try_from(bytes.len()).unwrap_or(0));
    packet.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_what_the_standard_says() {
        let mut expected = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0];
        expected.extend(b"\x09_landline\x04_tcp\x05local\x00\x00\x0c\x00\x01");
        expected.extend(b"\x02me\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x01\x00\x01\x00");
        assert_eq!(packet(Question::Meetings, "me"), expected);
    }

    #[test]
    fn both_kinds_of_addresses_of_a_host_are_asked_for() {
        let mut expected = vec![0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0];
        expected.extend(b"\x03a-b\x05local\x00\x00\x01\x00\x01");
        expected.extend(b"\xc0\x0c\x00\x1c\x00\x01");
        expected.extend(b"\x02me\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x01\x00\x01\x00");
        assert_eq!(packet(Question::Host("a-b.local."), "me"), expected);
    }
}
