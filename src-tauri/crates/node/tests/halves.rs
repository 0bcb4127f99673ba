//! A network that falls in two and heals: two halves of a meeting go on, and become one. Real nodes in network namespaces.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is a test, its functions too"
)]

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use landline_protocol::node_api::{ChannelClosed, HostedMeeting, NodeEvent};
use serde_json::{Value, json};
use support::lab::{INTERFACE, Lab, Place};
use support::person::{Person, companions};
use support::{Page, folder_on, host, link_to, node_in, soon};

/// For two halves to be one meeting again after the network is whole.
const MERGED: Duration = Duration::from_secs(8);
/// Machines that do other things as well.
const SLACK: Duration = Duration::from_secs(4);

/// A person at a computer.
struct Sitting {
    name: &'static str,
    place: Place,
    person: Person,
    /// What it counts its messages with.
    seq: u32,
}

impl Sitting {
    fn is_hosting(&self) -> bool {
        self.person.node.hosted().borrow().is_some()
    }

    fn send(&mut self, mut message: Value) {
        let channel = u32::try_from(self.person.joined["channel"].as_u64().unwrap()).unwrap();
        self.seq += 1;
        message["roomId"] = self.person.joined["roomId"].clone();
        message["seq"] = json!(self.seq);
        self.person.page.send(channel, &message);
    }

    async fn closed(&mut self) -> ChannelClosed {
        let closed = |event| match event {
            NodeEvent::ChannelClosed { reason, .. } => Some(reason),
            _ => None,
        };
        self.person.page.event(closed).await
    }

    async fn comes_back(&mut self) -> Value {
        self.seq = 0;
        self.person.comes_back(self.name).await
    }
}

/// A meeting of people on the left, the first of whom hosts, and people on the right.
async fn meeting(lab: &mut Lab, left: &[&'static str], right: &[&'static str]) -> Vec<Sitting> {
    let mut people: Vec<Sitting> = Vec::new();
    let mut known: Option<(std::net::Ipv4Addr, HostedMeeting)> = None;
    let names = left.iter().map(|name| (*name, true));
    for (name, is_left) in names.chain(right.iter().map(|name| (*name, false))) {
        let place = lab.place(is_left);
        let (ip, before) = (place.ip, known.clone());
        let (person, hosted) = place
            .run(async move {
                let dir = folder_on(INTERFACE);
                let node = node_in(dir.path(), 0).await;
                let (at, hosted) = match before {
                    Some(known) => known,
                    None => (ip, host(&node).await),
                };
                let target = link_to(at, &hosted);
                let person = Person::on(dir, node, target, &hosted.meeting_id, name).await;
                (person, hosted)
            })
            .await;
        known.get_or_insert((ip, hosted));
        people.push(Sitting {
            name,
            place,
            person,
            seq: 0,
        });
    }
    for sitting in &people {
        companions(&sitting.person.node, people.len()).await;
    }
    people
}

/// Waits until one of these hosts, and lets the others join it.
async fn goes_on(half: &mut [Sitting]) -> usize {
    let host = hosting(half).await;
    for sitting in half.iter_mut() {
        assert_eq!(
            sitting.closed().await,
            ChannelClosed::Lost,
            "{}",
            sitting.name
        );
        assert_eq!(sitting.comes_back().await["outcome"], "restored");
    }
    host
}

async fn hosting(half: &[Sitting]) -> usize {
    let hosts = half.iter().map(|sitting| {
        Box::pin(async move {
            let mut hosted = sitting.person.node.hosted();
            hosted.wait_for(Option::is_some).await.unwrap();
        })
    });
    soon(futures_util::future::select_all(hosts)).await.1
}

/// Waits until this one alone hosts, and all who had another host are seated there as before.
async fn becomes_one(people: &mut [Sitting], winner: usize, moved: &[usize], since: Instant) {
    let ids: BTreeSet<String> = people.iter().map(|sitting| sitting.person.id()).collect();
    for &mover in moved {
        let sitting = &mut people[mover];
        let was_hosting = sitting.is_hosting();
        let id = sitting.person.id();
        let reason = sitting.closed().await;
        if was_hosting {
            assert_eq!(
                reason,
                ChannelClosed::HostLeft,
                "it closes its room in good order"
            );
        }
        let back = sitting.comes_back().await;
        assert_eq!(sitting.person.id(), id, "{} has its seat", sitting.name);
        assert_eq!(back["roomId"], sitting.person.joined["roomId"]);
    }
    let took = since.elapsed();
    println!("one meeting again after {took:?}");
    assert!(took < MERGED + SLACK, "{took:?}");
    for (number, sitting) in people.iter().enumerate() {
        assert_eq!(sitting.is_hosting(), number == winner, "{}", sitting.name);
        // The record lists them all, and they reach each other.
        companions(&sitting.person.node, people.len()).await;
    }
    println!("everybody reaches everybody after {:?}", since.elapsed());
    assert_eq!(seated(&people[winner]).await, ids);
}

/// Client ids of those who sit in the room, and are there, as somebody new is told.
async fn seated(host: &Sitting) -> BTreeSet<String> {
    let hosted = host.person.node.hosted().borrow().clone().unwrap();
    let (ip, room) = (host.place.ip, hosted.meeting_id.clone());
    let joined = host
        .place
        .run(async move {
            let dir = folder_on(INTERFACE);
            let node = node_in(dir.path(), 0).await;
            let mut page = Page::of(&node);
            let channel = page.open(link_to(ip, &hosted)).await;
            page.join(channel, &room, "Zoe").await
        })
        .await;
    let peers = joined["peers"].as_array().unwrap();
    let here = peers.iter().filter(|peer| peer["away"] != true);
    here.map(|peer| peer["clientId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn two_halves_of_the_same_size_become_one_at_the_host_that_stands_earlier() {
    let Some(mut lab) = Lab::new() else { return };
    let mut people = meeting(&mut lab, &["Ana", "Ben"], &["Cleo", "Dan"]).await;
    lab.connect(false);
    let host = 2 + goes_on(&mut people[2..]).await;
    assert!(people[0].is_hosting() && people[host].is_hosting());

    lab.connect(true);
    let healed = Instant::now();
    becomes_one(&mut people, 0, &[2, 3], healed).await;
}
