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
use support::person::{Person, companions, hosting, says, texts};
use support::{Page, folder_on, host, link_to, node_in};

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

    async fn says(&mut self, clock: u64, text: &str) {
        self.seq += 1;
        says(&self.person, self.seq, clock, text).await;
        assert_eq!(self.hears().await, text);
    }

    /// The text of the next line that its page is told.
    async fn hears(&mut self) -> String {
        let told = self.person.page.message("chat").await;
        told["line"]["text"].as_str().unwrap().to_owned()
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
    let host = hosting(&half.iter().map(|it| &it.person).collect::<Vec<_>>()).await;
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

/// Waits until this one alone hosts, and all who had another host are seated there as before.
async fn becomes_one(people: &mut [Sitting], winner: usize, moved: &[usize], since: Instant) {
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
}

fn ids(people: &[Sitting]) -> BTreeSet<String> {
    people.iter().map(|sitting| sitting.person.id()).collect()
}

/// Client ids of those who are there besides whoever joined.
fn others(joined: &Value) -> BTreeSet<String> {
    let peers = joined["peers"].as_array().unwrap();
    let here = peers.iter().filter(|peer| peer["away"] != true);
    here.map(|peer| peer["clientId"].as_str().unwrap().to_owned())
        .collect()
}

/// What somebody new is told.
async fn newcomer(host: &Sitting) -> Value {
    let hosted = host.person.node.hosted().borrow().clone().unwrap();
    let (ip, room) = (host.place.ip, hosted.meeting_id.clone());
    host.place
        .run(async move {
            let dir = folder_on(INTERFACE);
            let node = node_in(dir.path(), 0).await;
            let mut page = Page::of(&node);
            let channel = page.open(link_to(ip, &hosted)).await;
            page.join(channel, &room, "Zoe").await
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn two_halves_of_the_same_size_become_one_at_the_host_that_stands_earlier() {
    let Some(mut lab) = Lab::new() else { return };
    let mut people = meeting(&mut lab, &["Ana", "Ben"], &["Cleo", "Dan"]).await;
    people[0].says(1, "before").await;
    for sitting in &mut people[1..] {
        assert_eq!(sitting.hears().await, "before");
    }
    lab.connect(false);
    let host = 2 + goes_on(&mut people[2..]).await;
    assert!(people[0].is_hosting() && people[host].is_hosting());
    assert_eq!(texts(&people[2].person.joined), ["before"], "from the log");
    people[1].says(2, "left").await;
    assert_eq!(people[0].hears().await, "left");
    people[2].says(2, "right").await;

    lab.connect(true);
    let healed = Instant::now();
    becomes_one(&mut people, 0, &[2, 3], healed).await;
    for sitting in &mut people[..2] {
        assert_eq!(sitting.hears().await, "right");
    }
    let joined = newcomer(&people[0]).await;
    assert_eq!(others(&joined), ids(&people));
    let mut all = texts(&joined);
    all.sort_unstable();
    assert_eq!(all, ["before", "left", "right"], "each once");
    let line = &joined["chat"].as_array().unwrap();
    let right = line.iter().find(|line| line["text"] == "right").unwrap();
    assert_eq!(right["from"], people[2].person.id());
    assert_eq!(right["name"], "Cleo");
}

/// A connection over which nothing has come for so long is given up, so this is a split after which all are made anew.
const LONG: Duration = Duration::from_secs(17);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_larger_half_goes_on_and_who_was_removed_in_the_other_one_is_removed() {
    let Some(mut lab) = Lab::new() else { return };
    let mut people = meeting(&mut lab, &["Ana", "Ben"], &["Cleo", "Dan", "Fay", "Eve"]).await;
    // Without Eve the right half is the larger one as well: she may know that she was removed before people are counted.
    let (bens, eves) = (people[1].person.id(), people[5].person.id());
    let order = json!({"do": "set-role", "to": bens, "role": "co-host"});
    people[0].send(json!({"action": "moderate", "order": order}));
    for sitting in &mut people {
        let told = sitting.person.page.message("peer-role").await;
        assert_eq!(told["role"], "co-host");
    }
    lab.connect(false);
    let cut = Instant::now();
    let host = 2 + goes_on(&mut people[2..]).await;
    assert_eq!(host, 2, "the first in the order");
    // A moderator rules in the half that will be the smaller one.
    let order = json!({"do": "remove", "to": eves});
    people[1].send(json!({"action": "moderate", "order": order}));
    for sitting in &mut people[..2] {
        let left = sitting.person.page.message("peer-left").await;
        assert_eq!(left["clientId"], json!(eves));
    }
    // How long it lasts is what this is about.
    tokio::time::sleep(LONG.saturating_sub(cut.elapsed())).await;

    lab.connect(true);
    let healed = Instant::now();
    let mut eve = people.pop().unwrap();
    becomes_one(&mut people, 2, &[0, 1], healed).await;
    assert_eq!(eve.closed().await, ChannelClosed::Refused);
    companions(&eve.person.node, 0).await;
    let joined = people[1].comes_back().await;
    let mut here = others(&joined);
    here.insert(people[1].person.id());
    assert_eq!(here, ids(&people));
    assert_eq!(people[0].person.joined["role"], "host");
    assert_eq!(people[1].person.joined["role"], "co-host");
    assert_eq!(people[1].person.joined["access"]["mode"], "lobby");
}
