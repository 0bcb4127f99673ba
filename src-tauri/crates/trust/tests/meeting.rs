//! Whole meetings. Two claims: with an honest server that loses messages everybody ends with the same code, and with a server in
//! between that swaps keys or certificates nobody of one half ever sees the code of the other half.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use landline_trust::rounds::{Body, Message, Participant, Status};

mod lab;

use lab::{Letter, World};

/// Delivers to all others, as an honest server over bad paths: some are lost, all are late, and not in order.
fn relay(world: &mut World, sent: Vec<(usize, Message)>, loss: u64, late_ms: u64) {
    for (from, message) in sent {
        for to in (0..world.people.len()).filter(|to| *to != from) {
            if world.dice.percent(loss) {
                continue;
            }
            let delay = world.dice.roll(late_ms);
            let from = world.people[from].id.clone();
            let message = message.clone();
            world.post(delay, Letter { to, from, message });
        }
    }
}

fn honest_meeting(seed: u64) {
    let size = 2 + usize::try_from(seed % 5).unwrap();
    let mut world = World::new(seed, size);
    world.tell_rosters();
    // Thirty seconds in which people come, go, load their pages anew and compare.
    for _ in 0..300 {
        let sent = world.step();
        relay(&mut world, sent, 30, 900);
        if world.dice.percent(6) {
            let who = usize::try_from(world.dice.roll(size as u64)).unwrap();
            match world.dice.roll(4) {
                0 => {
                    let mut dice = lab::Dice(world.dice.roll(u64::MAX));
                    world.people[who].reload(&mut dice);
                }
                1 => world.people[who].here ^= true,
                2 => {
                    let now = world.now;
                    world.people[who].rounds.comparing(now, true);
                }
                _ => {
                    let now = world.now;
                    world.people[who].rounds.comparing(now, false);
                }
            }
            world.tell_rosters();
        }
    }
    for person in &mut world.people {
        person.here = true;
        person.rounds.comparing(world.now, false);
    }
    world.tell_rosters();
    let mut calm = 0;
    for _ in 0..1_200 {
        let sent = world.step();
        let quiet = sent.is_empty();
        relay(&mut world, sent, 20, 900);
        calm = if quiet { calm + 1 } else { 0 };
    }
    let views: Vec<Status> = world
        .people
        .iter()
        .map(|person| person.rounds.view(world.now).status)
        .collect();
    let codes: Vec<_> = (0..size).map(|place| world.code(place)).collect();
    assert!(codes[0].is_some(), "seed {seed}: {views:?}");
    assert!(
        codes.iter().all(|code| *code == codes[0]),
        "seed {seed}: {views:?}"
    );
    for view in views {
        let Status::Code { with, current, .. } = view else {
            panic!("seed {seed}: {view:?}");
        };
        assert!(current, "seed {seed}");
        assert_eq!(with.len(), size - 1, "seed {seed}");
    }
    assert!(
        calm > 200,
        "seed {seed}: nobody has anything to say any more"
    );
}

#[test]
fn with_an_honest_but_lossy_server_all_end_with_the_same_code() {
    for seed in 0..200 {
        honest_meeting(seed);
    }
}

/// What the one in between shows of the other half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    /// Its own keys and certificates, for which it takes part in each half.
    Everything,
    /// The true keys with its own certificates.
    Certificates,
    /// Its own keys with the true certificates.
    Keys,
    /// Nobody: each half believes to be alone, but messages pass.
    Nobody,
    /// The true people under each other's client ids.
    Names,
}

const LIES: [Lie; 5] = [
    Lie::Everything,
    Lie::Everything,
    Lie::Certificates,
    Lie::Keys,
    Lie::Nobody,
];

/// Runs one attack; whether both halves saw a code.
fn attack(seed: u64, lie: Lie) -> bool {
    // 0 and 1 are one half, 2 and 3 the other; 4 and 5 stand for the second half in the first, 6 and 7 the other way round.
    let mut world = World::new(seed, 8);
    for (stand_in, real) in [(4, 2), (5, 3), (6, 0), (7, 1)] {
        let id = world.people[real].id.clone();
        world.people[stand_in].id = id;
        match lie {
            Lie::Keys => world.people[stand_in].fingerprint = world.people[real].fingerprint,
            Lie::Certificates => world.people[stand_in].key = world.people[real].key,
            Lie::Everything | Lie::Nobody | Lie::Names => {}
        }
    }
    let worlds: [Vec<usize>; 2] = match lie {
        Lie::Everything | Lie::Certificates | Lie::Keys => [vec![0, 1, 4, 5], vec![2, 3, 6, 7]],
        Lie::Nobody => [vec![0, 1], vec![2, 3]],
        Lie::Names => [vec![0, 1, 2, 3], vec![2, 3, 0, 1]],
    };
    // The certificates of one half's true keys could not be signed; grant the attacker even that. What it cannot is sign rounds.
    let acts = |place: usize| place < 4 || lie == Lie::Everything || lie == Lie::Keys;
    for place in 0..8 {
        world.people[place].here = acts(place);
    }
    // It may let one half finish first, to know its code.
    let late = world.dice.roll(80);
    let mut heard: Vec<(String, Message)> = Vec::new();
    let mut both = false;
    for step in 0..150 {
        for (half, members) in worlds.iter().enumerate() {
            let start = if half == 0 { 0 } else { late };
            if step == start || (step > start && world.dice.percent(2)) {
                tell(&mut world, members, lie);
            }
        }
        let sent = world.step();
        for (from, message) in sent {
            let id = world.people[from].id.clone();
            heard.push((id.clone(), message.clone()));
            for to in 0..8 {
                let same = worlds
                    .iter()
                    .any(|half| half.contains(&from) && half.contains(&to));
                // Across the halves it passes on what it likes.
                let chance = if same { 90 } else { 40 };
                if to != from && world.dice.percent(chance) {
                    let delay = world.dice.roll(400);
                    let (from, message) = (id.clone(), message.clone());
                    world.post(delay, Letter { to, from, message });
                }
            }
        }
        meddle(&mut world, &heard);
        let codes: [Vec<[u8; 5]>; 2] = [[0, 1], [2, 3]]
            .map(|half| half.iter().filter_map(|place| world.code(*place)).collect());
        both |= codes.iter().all(|codes| !codes.is_empty());
        assert!(
            !codes[0].iter().any(|code| codes[1].contains(code)),
            "seed {seed}, {lie:?}: one code on both sides"
        );
    }
    both
}

fn tell(world: &mut World, members: &[usize], lie: Lie) {
    let shown: Vec<Participant> = members
        .iter()
        .map(|place| world.people[*place].shown())
        .collect();
    for place in members {
        let me = world.people[*place].me();
        let mut others = shown.clone();
        if lie == Lie::Names && *place >= 2 {
            others[0].client_id.clone_from(&shown[1].client_id);
            others[1].client_id.clone_from(&shown[0].client_id);
        }
        others.retain(|other| other.client_id != me.client_id);
        world.people[*place].rounds.roster(&me, &others);
    }
}

/// Replays, says who it was wrongly, and changes what was heard.
fn meddle(world: &mut World, heard: &[(String, Message)]) {
    if heard.is_empty() || world.dice.percent(50) {
        return;
    }
    let pick = |dice: &mut lab::Dice| {
        heard[usize::try_from(dice.roll(heard.len() as u64)).unwrap()].clone()
    };
    let (mut from, mut message) = pick(&mut world.dice);
    let (other, another) = pick(&mut world.dice);
    match world.dice.roll(6) {
        0 => from = other,
        1 => message.roster = another.roster,
        2 => message.round = message.round.wrapping_add(1),
        3 => message.signature = another.signature,
        4 => {
            message.body = match message.body {
                Body::Commit { .. } => another.body,
                Body::Reveal { nonce, .. } => Body::Commit { commitment: nonce },
            };
        }
        _ => {}
    }
    let to = usize::try_from(world.dice.roll(8)).unwrap();
    world.post(0, Letter { to, from, message });
}

#[test]
fn a_thousand_times_somebody_in_between_gets_no_common_code() {
    let mut both = 0;
    for seed in 0..1_000 {
        let lie = LIES[usize::try_from(seed).unwrap() % LIES.len()];
        both += u32::from(attack(seed, lie));
    }
    // Otherwise the attacks would be too weak to mean anything.
    assert!(both > 300, "both halves saw a code {both} times");
}

#[test]
fn people_under_swapped_names_get_no_common_code() {
    for seed in 0..50 {
        assert!(!attack(seed, Lie::Names), "seed {seed}");
    }
}
