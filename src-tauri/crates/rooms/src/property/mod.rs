//! Random lives of a room, with clients that lose connections, messages and answers, and a model that knows what each of
//! them has to hear.
//!
//! - `person`: a client as it should be written: checks all that reaches it
//! - `steps`: what can happen
//! - `world`: the room, its people, and what the model expects; `joining` and `living` are what they do

mod ids;
mod joining;
mod living;
mod person;
mod steps;
mod world;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use steps::{How, Step, steps};
use world::World;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever happens, in whatever order: signals reach exactly their addressees, each once, whatever is lost on the way; a
    /// leave is heard once by each member and nothing follows it; ids are never used again; the count is of those who
    /// are here; nothing grows beyond its bound.
    #[test]
    fn everybody_hears_what_they_should_and_nothing_else(
        roomy in any::<bool>(),
        steps in prop::collection::vec(steps(), 1..120),
    ) {
        let mut world = World::new(roomy);
        for step in steps {
            world.step(&step);
        }
        world.settle();
    }
}

/// The random lives do what they are meant to do: each kind of event takes place in them.
#[test]
fn the_random_lives_are_not_boring() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = world::Seen::default();
    for roomy in [true, false] {
        for _ in 0..100 {
            let lives = prop::collection::vec(steps(), 60..120)
                .new_tree(&mut runner)
                .unwrap();
            let mut world = World::new(roomy);
            for step in lives.current() {
                world.step(&step);
            }
            world.settle();
            seen.add(&world.seen);
        }
    }
    for (what, count) in seen.counts() {
        assert!(count >= 20, "{what}: {count}");
    }
}

#[test]
fn a_restored_client_that_missed_its_answer_is_not_resumed_by_the_old_count() {
    let mut world = World::new(true);
    for person in [1, 2] {
        world.step(&Step::Join {
            person,
            how: How::Resume,
            reply_lost: false,
        });
    }
    for _ in 0..3 {
        world.step(&Step::Signal {
            person: 1,
            to: None,
        });
    }
    world.step(&Step::Deliver {
        person: 2,
        count: 100,
    });
    world.step(&Step::Lose { person: 2 });
    world.step(&Step::Join {
        person: 2,
        how: How::Fresh,
        reply_lost: true,
    });
    for _ in 0..9 {
        world.step(&Step::Signal {
            person: 1,
            to: None,
        });
    }
    world.step(&Step::Join {
        person: 2,
        how: How::Resume,
        reply_lost: false,
    });
    world.settle();
}
