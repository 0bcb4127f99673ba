//! The list must stay right whatever strangers put on the network, and in whatever order it arrives: a wrong list shows
//! meetings that are not there, or hides one that is.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end at what it does not expect"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use landline_discovery::interfaces::LocalAddress;
use landline_discovery::list::{INSTANCES, Instance, MeetingList};
use proptest::prelude::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn txt(pairs: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.as_bytes().to_vec()))
        .collect()
}

/// An instance as a host of this version advertises it.
fn meeting(fullname: &str, id: &str, start: &str) -> Instance {
    Instance {
        fullname: fullname.to_owned(),
        port: 4_000,
        addresses: vec![(ip("192.168.1.5"), 0)],
        txt: txt(&[
            ("v", "1"),
            ("id", id),
            ("title", "Weekly"),
            ("host", "Ada"),
            ("fp", &"0f".repeat(32)),
            ("n", "3"),
            ("lock", "0"),
            ("t", start),
        ]),
    }
}

/// The same with one TXT key changed, or taken out.
fn with(key: &str, value: Option<&[u8]>) -> Instance {
    let mut instance = meeting("a", "m", "7");
    instance.txt.retain(|(name, _)| name != key);
    if let Some(value) = value {
        instance.txt.push((key.to_owned(), value.to_vec()));
    }
    instance
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn ids(list: &MeetingList) -> Vec<String> {
    list.snapshot().into_iter().map(|f| f.meeting_id).collect()
}

fn shows(instance: &Instance) -> bool {
    let mut list = MeetingList::default();
    list.resolved(instance, at(0));
    !list.snapshot().is_empty()
}

/// The title that is shown, and at how many further addresses the meeting is said to be.
fn shown(instances: &[Instance]) -> (String, usize) {
    let mut list = MeetingList::default();
    for (instance, time) in instances.iter().zip(1..) {
        list.resolved(instance, at(time));
    }
    let [found] = list.snapshot().try_into().unwrap();
    (found.title, found.elsewhere.len())
}

#[test]
fn the_latest_host_of_a_meeting_counts_whoever_appeared_last() {
    let host = |name: &str, last: u8, epoch: Option<&str>| {
        let mut instance = meeting(name, "m", "7");
        instance.addresses = vec![(ip(&format!("192.168.1.{last}")), 0)];
        instance.txt.retain(|(key, _)| key != "title");
        instance.txt.extend(txt(&[("title", name)]));
        instance
            .txt
            .extend(epoch.map(|epoch| ("e".to_owned(), epoch.into())));
        instance
    };
    let (first, second) = (host("first", 1, None), host("second", 2, Some("1")));
    let third = host("third", 3, Some("2"));
    let orders = [[&third, &second, &first], [&second, &first, &third]];
    for order in orders {
        // Its earlier places are known as well.
        let shown = shown(&order.map(Instance::clone));
        assert_eq!(shown, ("third".to_owned(), 2));
    }
    // What no chain can have is not believed, whatever it says.
    for epoch in ["64", "4294967296", "-1", "x"] {
        let liar = host("liar", 4, Some(epoch));
        assert_eq!(shown(&[liar, second.clone()]).0, "second", "{epoch}");
    }
}

#[test]
fn a_meeting_appears_changes_and_disappears() {
    let mut list = MeetingList::default();
    list.resolved(&meeting("a", "m", "7"), at(0));
    let [found] = list.snapshot().try_into().unwrap();
    assert_eq!(found.title, "Weekly");
    assert_eq!(found.host, "Ada");
    assert_eq!(
        (found.participants, found.locked, found.started_at),
        (3, false, 7_000)
    );
    assert_eq!(
        found.addresses,
        vec!["192.168.1.5:4000".parse::<std::net::SocketAddr>().unwrap()]
    );

    let mut fuller = meeting("a", "m", "7");
    fuller.txt.retain(|(key, _)| key != "n" && key != "lock");
    fuller.txt.extend(txt(&[("n", "4"), ("lock", "1")]));
    list.resolved(&fuller, at(1));
    let [found] = list.snapshot().try_into().unwrap();
    assert_eq!((found.participants, found.locked), (4, true));

    list.removed("another");
    assert_eq!(ids(&list), ["m"]);
    list.removed("a");
    assert_eq!(list.snapshot(), []);
}

#[test]
fn a_private_meeting_has_neither_title_nor_name() {
    let mut instance = meeting("a", "m", "7");
    instance
        .txt
        .retain(|(key, _)| key != "title" && key != "host");
    let mut list = MeetingList::default();
    list.resolved(&instance, at(0));
    let [found] = list.snapshot().try_into().unwrap();
    assert_eq!((found.title, found.host), (String::new(), String::new()));
}

#[test]
fn what_this_version_cannot_join_is_left_out() {
    assert!(shows(&with("v", Some(b"1"))));
    for foreign in [None, Some(&b"2"[..]), Some(b"x"), Some(b"\xff")] {
        assert!(!shows(&with("v", foreign)), "v {foreign:?}");
    }
    let too_long = "x".repeat(65);
    for id in [
        None,
        Some(&b""[..]),
        Some(b"a\nb"),
        Some(b" a"),
        Some(too_long.as_bytes()),
    ] {
        assert!(!shows(&with("id", id)), "id {id:?}");
    }
    let upper = "AB".repeat(32);
    for fp in [None, Some(&b"00"[..]), Some(upper.as_bytes())] {
        assert!(!shows(&with("fp", fp)), "fp {fp:?}");
    }
    assert!(
        !shows(&with("note", Some(&[b'x'; 1_400]))),
        "oversize record"
    );
    let mut no_port = meeting("a", "m", "7");
    no_port.port = 0;
    assert!(!shows(&no_port));
}

#[test]
fn odd_values_that_only_adorn_are_mended() {
    let mut list = MeetingList::default();
    list.resolved(&with("n", Some(b"-3")), at(0));
    assert_eq!(list.snapshot()[0].participants, 0);
    list.resolved(&with("t", Some(b"18446744073709551615")), at(1));
    assert_eq!(list.snapshot()[0].started_at, u64::MAX);
    list.resolved(&with("title", Some("a\u{202e}b\u{0}\n".as_bytes())), at(2));
    assert_eq!(list.snapshot()[0].title, "a b");
    let long = "é".repeat(100);
    list.resolved(&with("host", Some(long.as_bytes())), at(3));
    assert_eq!(list.snapshot()[0].host.chars().count(), 64);
    list.resolved(&with("title", Some(b"\xff\xfe")), at(4));
    assert_eq!(list.snapshot()[0].title, "");
}

#[test]
fn keys_are_compared_without_case_and_the_first_counts() {
    let mut instance = meeting("a", "m", "7");
    instance.txt.retain(|(key, _)| key != "title");
    instance
        .txt
        .extend(txt(&[("TITLE", "first"), ("title", "second")]));
    let mut list = MeetingList::default();
    list.resolved(&instance, at(0));
    assert_eq!(list.snapshot()[0].title, "first");
}

#[test]
fn an_instance_that_becomes_unreadable_disappears() {
    let mut list = MeetingList::default();
    list.resolved(&meeting("a", "m", "7"), at(0));
    list.resolved(&with("v", Some(b"9")), at(1));
    assert_eq!(list.snapshot(), []);
}

#[test]
fn a_host_that_came_back_replaces_its_former_self() {
    let mut list = MeetingList::default();
    let mut before = meeting("z-before", "m", "7");
    before.port = 4_001;
    list.resolved(&before, at(0));
    list.resolved(&meeting("a-after", "m", "7"), at(5));
    let [found] = list.snapshot().try_into().unwrap();
    assert_eq!(found.addresses[0].port(), 4_000);
    assert_eq!(
        list.instances_of("m").collect::<Vec<_>>(),
        ["a-after", "z-before"]
    );

    // A late answer of the former self changes nothing, and its end neither.
    list.resolved(&before, at(9));
    assert_eq!(list.snapshot()[0].addresses[0].port(), 4_000);
    list.removed("z-before");
    assert_eq!(ids(&list), ["m"]);
    list.removed("a-after");
    assert_eq!(list.snapshot(), []);
}

#[test]
fn near_addresses_come_first_and_useless_ones_are_left_out() {
    let mut list = MeetingList::default();
    list.set_local(vec![LocalAddress {
        name: "eth0".to_owned(),
        address: ip("192.168.1.9"),
        prefix: 24,
        index: 2,
    }]);
    let mut instance = meeting("a", "m", "7");
    instance.addresses = [
        ("127.0.0.1", 0),
        ("::1", 0),
        ("0.0.0.0", 0),
        ("224.0.0.1", 0),
        ("fe80::1", 0),
        ("fe80::2", 3),
        ("2001:db8::1", 3),
        ("169.254.3.3", 0),
        ("10.0.0.5", 0),
        ("192.168.1.5", 0),
        ("192.168.1.5", 0),
    ]
    .map(|(text, scope)| (ip(text), scope))
    .to_vec();
    list.resolved(&instance, at(0));
    let addresses: Vec<String> = list.snapshot()[0]
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        addresses,
        [
            "192.168.1.5:4000",
            "10.0.0.5:4000",
            "[2001:db8::1]:4000",
            "169.254.3.3:4000",
            "[fe80::2%3]:4000"
        ]
    );

    instance.addresses = vec![(ip("fe80::1"), 0)];
    list.resolved(&instance, at(1));
    assert_eq!(list.snapshot(), [], "nothing to dial is no meeting");
}

#[test]
fn a_flood_does_not_push_out_what_is_listed() {
    let mut list = MeetingList::default();
    for n in 0..INSTANCES + 50 {
        list.resolved(&meeting(&format!("i{n}"), &format!("m{n}"), "7"), at(0));
    }
    assert_eq!(list.snapshot().len(), INSTANCES);
    assert!(ids(&list).contains(&"m0".to_owned()));
    list.resolved(&meeting("i0", "changed", "7"), at(1));
    assert!(ids(&list).contains(&"changed".to_owned()));
}

#[test]
fn only_what_is_seen_again_survives_a_sweep() {
    let mut list = MeetingList::default();
    list.resolved(&meeting("a", "stays", "7"), at(0));
    list.resolved(&meeting("b", "goes", "7"), at(0));
    list.doubt_all();
    assert_eq!(list.snapshot().len(), 2, "a doubt alone hides nothing");
    list.resolved(&meeting("a", "stays", "7"), at(1));
    list.sweep();
    assert_eq!(ids(&list), ["stays"]);
}

/// Some instances of a few meetings, good and bad.
fn instances() -> impl Strategy<Value = Vec<(Instance, Duration)>> {
    let one = (0..8_u8, 0..4_u8, 0..3_u8, 0..1_000_u64, any::<bool>());
    proptest::collection::vec(one, 0..24).prop_map(|all| {
        all.into_iter()
            .map(|(name, id, start, seen, valid)| {
                let mut instance =
                    meeting(&format!("i{name}"), &format!("m{id}"), &start.to_string());
                instance.port = 1_000 + u16::from(name);
                if !valid {
                    instance.txt.retain(|(key, _)| key != "fp");
                }
                (instance, at(seen))
            })
            .collect()
    })
}

proptest! {
    /// The order in which different hosts are heard must not decide what is shown.
    #[test]
    fn the_list_does_not_depend_on_the_order_of_inputs(
        (ordered, shuffled) in instances().prop_map(|all| {
            let once: BTreeMap<String, (Instance, Duration)> =
                all.into_iter().map(|one| (one.0.fullname.clone(), one)).collect();
            once.into_values().collect::<Vec<_>>()
        }).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let fill = |all: &[(Instance, Duration)]| {
            let mut list = MeetingList::default();
            for (instance, seen) in all {
                list.resolved(instance, *seen);
            }
            list.snapshot()
        };
        prop_assert_eq!(fill(&ordered), fill(&shuffled));
    }

    /// After any history the list shows exactly the meetings whose instances are there, each once, in order.
    #[test]
    fn the_list_shows_what_is_there_and_nothing_else(
        history in instances(),
        removals in proptest::collection::vec(any::<bool>(), 24)
    ) {
        let mut list = MeetingList::default();
        let mut there: BTreeMap<String, String> = BTreeMap::new();
        for ((instance, seen), remove) in history.iter().zip(removals) {
            if remove {
                list.removed(&instance.fullname);
                there.remove(&instance.fullname);
                continue;
            }
            list.resolved(instance, *seen);
            let value = |key: &str| instance.txt.iter().find(|(name, _)| name == key);
            if value("fp").is_some() {
                let id = String::from_utf8(value("id").unwrap().1.clone()).unwrap();
                there.insert(instance.fullname.clone(), id);
            } else {
                there.remove(&instance.fullname);
            }
            let shown = list.snapshot();
            let expected: BTreeSet<&String> = there.values().collect();
            let actual: BTreeSet<&String> = shown.iter().map(|found| &found.meeting_id).collect();
            prop_assert_eq!(actual.len(), shown.len());
            prop_assert_eq!(actual, expected);
            prop_assert!(shown.is_sorted_by_key(|found| (found.started_at, found.meeting_id.clone())));
        }
    }

    /// Whatever is in a TXT record, reading it neither panics nor lets control characters through.
    #[test]
    fn any_record_is_survived(
        pairs in proptest::collection::vec(
            ("(v|id|title|host|fp|n|lock|t|x)", proptest::collection::vec(any::<u8>(), 0..300)),
            0..12,
        ),
        good in any::<bool>(),
    ) {
        let mut instance = meeting("a", "m", "7");
        if good {
            instance.txt.splice(0..0, pairs);
        } else {
            instance.txt = pairs;
        }
        let mut list = MeetingList::default();
        list.resolved(&instance, at(0));
        for found in list.snapshot() {
            prop_assert!(!found.title.chars().any(char::is_control));
            prop_assert!(!found.host.chars().any(char::is_control));
            prop_assert!((1..=64).contains(&found.meeting_id.chars().count()));
        }
    }
}
