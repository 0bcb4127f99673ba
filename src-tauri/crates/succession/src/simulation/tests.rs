//! The seeds.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use super::Mutation;
use super::dice::Dice;
use super::rules::check;
use super::script::{Script, Step};
use super::world::{Counts, Life, Options, What, World};

const SECOND: u64 = 1_000_000;
/// Unless told otherwise: a second or two.
const SEEDS: u64 = 500;
/// By then everything has settled, or never will.
const REST_MOST: u64 = 25 * SECOND;
/// Every so many seeds use real signatures, and messages as bytes.
const REAL_EVERY: u64 = 50;

/// One meeting from beginning to rest.
fn run(seed: u64, options: Options) -> Result<(Counts, u64), String> {
    let script = Script::new(seed);
    let mut dice = Dice::new(seed ^ 0x636f_6d65);
    let mut world = World::new(seed, options);
    world.newcomer(true, 0);
    for number in 1..script.apps + script.guests {
        let begins = dice.between(100_000, 2 * SECOND);
        world.newcomer(number < script.apps, begins);
    }
    world.at(SECOND, What::Browse);
    for (at, step) in &script.steps {
        world.at(*at, What::Step(*step));
    }
    world.run_until(script.rest);
    world.tell(|| "--- rest".to_owned());
    world.network.heal();
    world.network.quiet();
    world.step(script.stays);
    world.at(world.now, What::Step(Step::Quiet));
    let mut broken = Ok(());
    let mut good_at = None;
    let end = world.now + REST_MOST;
    while world.now < end {
        let next = world.now + SECOND;
        world.run_until(next);
        let halted = world
            .people
            .iter()
            .any(|one| matches!(one.life, Life::Halted(_)));
        broken = world.broken.clone().map_or_else(|| check(&world), Err);
        if broken.is_err() || halted {
            good_at = None;
            continue;
        }
        // And stays so.
        match good_at {
            None => good_at = Some(world.now),
            Some(at) if world.now >= at + 3 * SECOND => break,
            Some(_) => {}
        }
    }
    world.tell_all();
    let took = good_at.unwrap_or(world.now).saturating_sub(script.rest);
    broken.map(|()| (world.counts, took))
}

fn options(seed: u64) -> Options {
    Options {
        real: seed.is_multiple_of(REAL_EVERY),
        ..Options::default()
    }
}

/// Runs seeds on all cores; says which broke a rule.
fn run_all(from: u64, count: u64, options: impl Fn(u64) -> Options + Sync) -> Vec<(u64, String)> {
    let next = AtomicU64::new(from);
    let broken = Mutex::new(Vec::new());
    let total = Mutex::new((Counts::default(), 0, 0));
    let cores = thread::available_parallelism()
        .map_or(2, usize::from)
        .min(8);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        break;
                    }
                    match run(seed, options(seed)) {
                        Ok((counts, took)) => {
                            let mut total = total.lock().unwrap();
                            total.0.messages += counts.messages;
                            total.0.opened += counts.opened;
                            total.0.followed += counts.followed;
                            total.0.merged += counts.merged;
                            total.1 += took;
                            total.2 = total.2.max(took);
                        }
                        Err(what) => broken.lock().unwrap().push((seed, what)),
                    }
                }
            });
        }
    });
    let mut broken = broken.into_inner().unwrap();
    broken.sort();
    let (counts, took, longest) = total.into_inner().unwrap();
    println!(
        "MEASURED: {count} seeds in {:.1} s; {} rooms opened, {} follows, {} hosts gave way, {} messages; rest after {} ms on average, {} ms at most",
        start.elapsed().as_secs_f64(),
        counts.opened,
        counts.followed,
        counts.merged,
        counts.messages,
        took / 1_000 / count.max(1),
        longest / 1_000,
    );
    broken
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn report(broken: &[(u64, String)]) {
    for (seed, what) in broken.iter().take(20) {
        println!("seed {seed}: {what}");
    }
    assert!(
        broken.is_empty(),
        "{} seeds broke a rule; the story of the first: cargo xtask simulate --seed {}",
        broken.len(),
        broken[0].0
    );
}

/// `cargo xtask simulate`: `LANDLINE_SEEDS` meetings from `LANDLINE_FROM` on, or the story of `LANDLINE_SEED` alone.
#[test]
fn meetings_survive_what_happens_to_them() {
    if let Some(seed) = number("LANDLINE_SEED") {
        println!("{:#?}", Script::new(seed));
        let tells = Options {
            tells: true,
            ..options(seed)
        };
        run(seed, tells).unwrap();
        return;
    }
    let count = number("LANDLINE_SEEDS").unwrap_or(SEEDS);
    report(&run_all(
        number("LANDLINE_FROM").unwrap_or(0),
        count,
        options,
    ));
}

#[test]
fn the_rules_notice_a_broken_core() {
    for mutation in [
        Mutation::FollowsWithoutLoss,
        Mutation::KeepsBanned,
        Mutation::NobodyYields,
        Mutation::ForgetsChat,
    ] {
        let broken = run_all(0, 600, |_| Options {
            mutation: Some(mutation),
            ..Options::default()
        });
        assert!(!broken.is_empty(), "{mutation:?} goes unnoticed");
    }
}
