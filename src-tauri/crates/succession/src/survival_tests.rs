//! Short stories of meetings that go on.

use crate::limits::{LOST_AFTER, MEMBERS};
use crate::signer::Signer as _;
use crate::testing::{Key, Room, ms};
use crate::{Input, Standing};

#[test]
fn a_dead_host_is_noticed_and_followed_within_four_seconds() {
    let mut room = Room::new(3);
    assert_eq!(room.standing(0), Standing::Host);
    room.people[0].2 = false;
    let dies = room.now;
    while !(1..4).any(|person| room.standing(person) == Standing::Host) {
        room.run(ms(100));
        assert!(room.now < dies + ms(4_000), "nobody took over");
    }
    assert!(room.now <= dies + LOST_AFTER + ms(800));
    room.run(ms(1_000));
    assert_eq!(room.standing(1), Standing::Host, "the first in the order");
    for person in 2..4 {
        assert_eq!(
            (room.standing(person), room.epoch(person)),
            (Standing::Member, 1)
        );
    }
}

#[test]
fn a_host_that_leaves_hands_over_at_once() {
    let mut room = Room::new(2);
    room.give(0, Input::Leave);
    assert_eq!(room.standing(0), Standing::Gone);
    assert_eq!(room.standing(1), Standing::Host);
    room.run(ms(500));
    assert_eq!((room.standing(2), room.epoch(2)), (Standing::Member, 1));
}

#[test]
fn a_host_whose_clock_jumped_asks_before_it_speaks() {
    let mut room = Room::new(2);
    room.people[0].2 = false;
    room.run(ms(8_000));
    assert_eq!(room.standing(1), Standing::Host);
    room.people[0].2 = true;
    room.give(0, Input::Tick);
    assert!(matches!(room.standing(0), Standing::Asking { .. }));
    room.run(ms(3_000));
    assert_eq!((room.standing(0), room.epoch(0)), (Standing::Member, 1));
}

#[test]
fn who_cannot_reach_the_host_is_served_through_one_who_can() {
    let mut room = Room::new(3);
    room.cut = vec![(0, 3), (2, 3)];
    room.run(ms(6_000));
    assert_eq!(room.standing(0), Standing::Host);
    assert_eq!((room.standing(3), room.epoch(3)), (Standing::Member, 0));
    assert_eq!(room.routes[3], Some(room.people[1].0.public()));
    assert_eq!(room.routes[2], None);
    // What is said far away gets to everybody.
    let text = "from afar".to_owned();
    room.give(3, Input::Say { text, unix_ms: 0 });
    room.run(ms(3_000));
    for (_, survivor, _) in &room.people {
        assert_eq!(survivor.log().lines().count(), 1);
    }
    room.cut.clear();
    room.run(ms(2_000));
    assert_eq!(room.routes[3], None);
}

/// Of the people with these numbers, those below `middle` are one half.
fn split(room: &mut Room, middle: usize) {
    let all = room.people.len();
    room.cut = (0..middle)
        .flat_map(|a| (middle..all).map(move |b| (a, b)))
        .collect();
}

fn hosts(room: &Room) -> Vec<usize> {
    (0..room.people.len())
        .filter(|&person| room.standing(person) == Standing::Host)
        .collect()
}

#[test]
fn of_two_halves_the_larger_goes_on_and_the_chat_of_both_is_kept() {
    let mut room = Room::new(4);
    split(&mut room, 2);
    room.run(ms(5_000));
    assert_eq!(hosts(&room), [0, 2]);
    for (person, text) in [(0, "small"), (3, "large")] {
        let text = text.to_owned();
        room.give(person, Input::Say { text, unix_ms: 0 });
    }
    room.run(ms(1_000));
    room.cut.clear();
    room.run(ms(8_000));
    assert_eq!(hosts(&room), [2], "three are more than two");
    for (_, survivor, _) in &room.people {
        assert_eq!(survivor.log().lines().count(), 2);
        let claim = survivor.followed().unwrap();
        assert_eq!(claim.record().members().len(), 5);
        assert_eq!(claim.header().epoch, 1);
    }
}

#[test]
fn of_two_equal_halves_the_earlier_host_goes_on_whatever_its_epoch() {
    let mut room = Room::new(3);
    split(&mut room, 2);
    room.run(ms(5_000));
    assert_eq!(hosts(&room), [0, 2]);
    assert_eq!(room.epoch(2), 1);
    room.cut.clear();
    room.run(ms(8_000));
    assert_eq!(hosts(&room), [0]);
    assert!((0..4).all(|person| room.epoch(person) == 0));
}

#[test]
fn who_came_to_one_half_is_in_the_whole_without_asking() {
    let mut room = Room::new(3);
    split(&mut room, 1);
    room.run(ms(5_000));
    assert_eq!(hosts(&room), [0, 1]);
    let came = room.arrive();
    room.cut.push((0, came));
    // It comes to the smaller half.
    let smaller = [(1, came), (2, came), (3, came)];
    room.cut = [(0, 1), (0, 2), (0, 3)]
        .into_iter()
        .chain(smaller)
        .collect();
    room.reach(0, came);
    room.run(ms(3_000));
    let key = room.people[came].0.public();
    let lists = |room: &Room, person: usize| {
        let claim = room.people[person].1.followed().unwrap();
        claim.record().member(&key).is_some()
    };
    assert!(lists(&room, 0) && !lists(&room, 1));
    room.knocks = 0;
    room.cut.clear();
    room.run(ms(10_000));
    assert_eq!(hosts(&room), [1]);
    assert!((0..5).all(|person| lists(&room, person)));
    assert_eq!(room.knocks, 0, "nobody is asked anything");
}

#[test]
fn who_has_a_seat_is_known_to_the_next_host_and_makes_itself_known_as_an_app() {
    let mut room = Room::new(1);
    let guest = Key::new();
    let seat = (guest.public(), "gus".to_owned());
    room.give(0, Input::Seated(vec![seat]));
    let came = room.arrive();
    let late = (room.people[came].0.public(), format!("c{came}"));
    room.give(0, Input::Seated(vec![late]));
    room.reach(0, came);
    room.run(ms(2_000));
    assert_eq!(room.knocks, 1, "whoever has a seat need not knock");
    room.people[0].2 = false;
    room.run(ms(6_000));
    assert_eq!(room.standing(1), Standing::Host);
    let claim = room.people[came].1.followed().unwrap();
    let member = |key| claim.record().member(&key).unwrap();
    assert_eq!(member(guest.public()).client, "gus");
    assert!(!member(guest.public()).is_app());
    assert!(member(room.people[came].0.public()).is_app());
}

#[test]
fn a_full_record_forgets_those_who_are_gone_and_nobody_else() {
    let mut room = Room::new(1);
    let seats = |count: usize, name: &str| -> Vec<_> {
        (0..count)
            .map(|number| (Key::new().public(), format!("{name}{number}")))
            .collect()
    };
    let stays = seats(30, "stays");
    let first = [stays.clone(), seats(32, "goes")].concat();
    room.give(0, Input::Seated(first));
    let then = [stays, seats(20, "comes")].concat();
    room.give(0, Input::Seated(then));
    let claim = room.people[0].1.followed().unwrap();
    let count = |name: &str| {
        let members = claim.record().members().iter();
        members
            .filter(|member| member.client.starts_with(name))
            .count()
    };
    assert_eq!(claim.record().members().len(), MEMBERS);
    assert_eq!(
        (count("stays"), count("comes"), count("goes")),
        (30, 20, 12)
    );
    let app = room.people[1].0.public();
    assert!(claim.record().member(&app).is_some(), "it answers");
}

#[test]
fn a_survivor_can_live_in_any_task() {
    fn can<T: Send>() {}
    can::<crate::Survivor>();
}
