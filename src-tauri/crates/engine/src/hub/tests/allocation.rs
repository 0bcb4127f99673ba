use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use landline_protocol::engine_api::Layer;

use crate::hub::allocate::{Allocator, Decision, Sending};
use crate::hub::shares::Path;

const TRACK: u32 = 1;

fn layer(width: u16, min_bitrate: u32, max_bitrate: u32, fixed: bool) -> Layer {
    Layer {
        width,
        height: width / 4 * 3,
        min_bitrate,
        max_bitrate,
        fixed,
    }
}

/// A camera: large from 500 kbit/s on, small from 100.
fn camera() -> BTreeMap<u32, Vec<Layer>> {
    let layers = vec![
        layer(640, 500_000, 2_000_000, false),
        layer(320, 100_000, 500_000, false),
    ];
    BTreeMap::from([(TRACK, layers)])
}

/// One link an estimate, each sending the track by transceiver 7.
fn links(estimates: &[u64]) -> (BTreeMap<u32, Path>, Vec<Sending>) {
    let (mut paths, mut sendings) = (BTreeMap::new(), Vec::new());
    for (link, estimate) in (1..).zip(estimates) {
        paths.insert(
            link,
            Path {
                estimate: *estimate,
                sounds: 1,
            },
        );
        sendings.push(Sending {
            link,
            transceiver: 7,
            track: TRACK,
            max_bitrate: None,
            scale: None,
            max_framerate: None,
        });
    }
    (paths, sendings)
}

fn decide(allocator: &mut Allocator, now: Instant, estimates: &[u64]) -> Decision {
    let (paths, sendings) = links(estimates);
    allocator.decide(now, &camera(), &paths, &sendings)
}

fn layers(decision: &Decision) -> Vec<u8> {
    decision.layers.values().copied().collect()
}

fn bitrate(decision: &Decision, layer: u8) -> Option<u32> {
    decision.targets[&(TRACK, layer)].map(|t| t.bitrate)
}

#[test]
fn good_links_share_the_large_layer_at_the_rate_of_the_slowest() {
    let decision = decide(
        &mut Allocator::default(),
        Instant::now(),
        &[5_000_000, 3_000_000, 2_000_000],
    );
    assert_eq!(layers(&decision), vec![0, 0, 0]);
    assert_eq!(bitrate(&decision, 0), Some(2_000_000 * 85 / 100 - 120_000));
    assert_eq!(bitrate(&decision, 1), None, "nobody needs the small one");
}

#[test]
fn a_slow_link_gets_a_second_encoding_and_does_not_slow_the_meeting() {
    let decision = decide(
        &mut Allocator::default(),
        Instant::now(),
        &[5_000_000, 5_000_000, 800_000],
    );
    assert_eq!(layers(&decision), vec![0, 0, 1]);
    assert_eq!(bitrate(&decision, 0), Some(2_000_000));
    assert_eq!(bitrate(&decision, 1), Some(500_000));
}

#[test]
fn a_slow_link_alone_gets_the_large_layer_at_its_own_rate() {
    let decision = decide(&mut Allocator::default(), Instant::now(), &[900_000]);
    assert_eq!(layers(&decision), vec![0]);
    assert_eq!(bitrate(&decision, 0), Some(900_000 * 85 / 100 - 120_000));
}

#[test]
fn below_the_smallest_layer_pictures_come_slower() {
    let decision = decide(&mut Allocator::default(), Instant::now(), &[130_000]);
    assert_eq!(layers(&decision), vec![1]);
    let target = decision.targets[&(TRACK, 1)].unwrap();
    assert!(target.bitrate < 100_000);
    assert!((5..30).contains(&target.framerate), "{target:?}");
}

#[test]
fn nobody_there_means_nothing_is_encoded() {
    let decision = decide(&mut Allocator::default(), Instant::now(), &[]);
    assert_eq!(decision.targets.len(), 2);
    assert!(decision.targets.values().all(Option::is_none));
}

#[test]
fn a_link_that_swings_does_not_flap() {
    let start = Instant::now();
    let mut allocator = Allocator::default();
    let mut changes = 0;
    let mut last = Vec::new();
    for step in 0..120 {
        let now = start + Duration::from_millis(500) * step;
        let swinging = if step % 4 < 2 { 1_400_000 } else { 600_000 };
        let decision = decide(&mut allocator, now, &[5_000_000, swinging]);
        let now_on = layers(&decision);
        changes += u32::from(now_on != last);
        last = now_on;
    }
    assert!(changes <= 2, "{changes} changes in a minute");
    assert_eq!(last, vec![0, 1]);
}

#[test]
fn a_link_goes_up_only_after_it_could_for_three_seconds_and_down_at_once() {
    let start = Instant::now();
    let mut allocator = Allocator::default();
    decide(&mut allocator, start, &[5_000_000, 300_000]);
    let at = |ms| start + Duration::from_millis(ms);
    let good = [5_000_000, 5_000_000];
    assert_eq!(layers(&decide(&mut allocator, at(100), &good)), vec![0, 1]);
    assert_eq!(
        layers(&decide(&mut allocator, at(3_000), &good)),
        vec![0, 1]
    );
    assert_eq!(
        layers(&decide(&mut allocator, at(3_100), &good)),
        vec![0, 0]
    );
    let bad = [5_000_000, 300_000];
    assert_eq!(layers(&decide(&mut allocator, at(3_200), &bad)), vec![0, 1]);
}

#[test]
fn rates_fall_at_once_and_rise_in_steps() {
    let start = Instant::now();
    let mut allocator = Allocator::default();
    let mut rate = |estimate| {
        let decision = decide(&mut allocator, start, &[estimate]);
        bitrate(&decision, 0).unwrap()
    };
    let first = rate(1_500_000);
    assert_eq!(rate(1_530_000), first, "2 % more is not worth telling");
    assert!(rate(1_480_000) < first);
    assert!(rate(2_000_000) > first);
}

#[test]
fn the_limit_of_a_sender_counts_and_two_tracks_of_a_link_share_it() {
    let mut tracks = camera();
    tracks.insert(2, vec![layer(1_920, 800_000, 3_000_000, false)]);
    let paths = BTreeMap::from([(
        1,
        Path {
            estimate: 2_000_000,
            sounds: 0,
        },
    )]);
    let sending = |track, max_bitrate| Sending {
        link: 1,
        transceiver: track,
        track,
        max_bitrate,
        scale: None,
        max_framerate: None,
    };
    let sendings = [sending(TRACK, Some(600_000)), sending(2, None)];
    let decision = Allocator::default().decide(Instant::now(), &tracks, &paths, &sendings);
    let camera = decision.targets[&(TRACK, 0)].unwrap().bitrate;
    let screen = decision.targets[&(2, 0)].unwrap().bitrate;
    // 100 and 800 kbit/s are needed least; the rest is halved.
    assert_eq!((camera, screen), (500_000, 1_200_000));
    assert_eq!(decision.desired[&1].shown, 3_600_000);
}

#[test]
fn of_fixed_layers_each_link_gets_the_largest_whose_rate_it_carries() {
    let layers_of_bot = vec![
        layer(640, 0, 1_000_000, true),
        layer(320, 0, 300_000, true),
        layer(160, 0, 100_000, true),
    ];
    let tracks = BTreeMap::from([(TRACK, layers_of_bot)]);
    let (paths, sendings) = links(&[9_000_000, 1_400_000, 500_000, 100_000]);
    let decision = Allocator::default().decide(Instant::now(), &tracks, &paths, &sendings);
    assert_eq!(layers(&decision), vec![0, 0, 1, 2]);
}

/// All on good paths, each showing the picture smaller by such a factor.
fn showing(allocator: &mut Allocator, now: Instant, scales: &[Option<f64>]) -> Decision {
    let (paths, mut sendings) = links(&vec![5_000_000; scales.len()]);
    for (sending, scale) in sendings.iter_mut().zip(scales) {
        sending.scale = *scale;
    }
    allocator.decide(now, &camera(), &paths, &sendings)
}

fn height(decision: &Decision, layer: u8) -> Option<u16> {
    decision.targets[&(TRACK, layer)].map(|t| t.height)
}

#[test]
fn each_link_gets_the_smallest_layer_that_is_enough_for_what_it_shows() {
    let scales = [None, Some(1.0), Some(2.0), Some(4.0)];
    let decision = showing(&mut Allocator::default(), Instant::now(), &scales);
    assert_eq!(layers(&decision), vec![0, 0, 1, 1]);
    assert_eq!(
        (height(&decision, 0), height(&decision, 1)),
        (Some(480), Some(240))
    );
    assert!(decision.limited.is_empty());
    let shown = [1, 3, 4].map(|link| decision.desired[&link].shown);
    assert_eq!(shown[..2], [2_000_000, 500_000]);
    assert!(shown[2] < 200_000, "{shown:?}");
    let room = |link: u32, limited| decision.desired[&link].room(limited);
    assert_eq!(room(1, false), 2_000_000);
    assert_eq!(room(4, false), 1_000_000, "whoever speaks is large at once");
    assert_eq!(room(4, true), shown[2], "and a narrow path is spared that");
}

#[test]
fn a_layer_is_encoded_no_higher_than_the_highest_of_its_links_wants_it() {
    let scales = [Some(4.0 / 3.0), Some(1.5), Some(3.0)];
    let decision = showing(&mut Allocator::default(), Instant::now(), &scales);
    assert_eq!(layers(&decision), vec![0, 0, 1]);
    assert_eq!(
        (height(&decision, 0), height(&decision, 1)),
        (Some(360), Some(160))
    );
    let rates = [0, 1].map(|layer| bitrate(&decision, layer).unwrap());
    assert!(rates[0] < 2_000_000 && rates[0] > 500_000, "{rates:?}");
    assert!(rates[1] < 500_000, "{rates:?}");
}

#[test]
fn while_all_show_small_pictures_the_large_layer_is_not_encoded() {
    let decision = showing(
        &mut Allocator::default(),
        Instant::now(),
        &[Some(2.0), Some(2.5)],
    );
    assert_eq!(layers(&decision), vec![1, 1]);
    assert_eq!(height(&decision, 0), None);
}

#[test]
fn who_shows_a_picture_larger_gets_it_at_once_but_a_slow_link_waits() {
    let start = Instant::now();
    let mut allocator = Allocator::default();
    let small = [Some(2.0)];
    assert_eq!(layers(&showing(&mut allocator, start, &small)), vec![1]);
    assert_eq!(layers(&showing(&mut allocator, start, &[None])), vec![0]);
    // The path has to be tried out first.
    let mut allocator = Allocator::default();
    showing(&mut allocator, start, &small);
    let untried = decide(&mut allocator, start, &[500_000]);
    assert_eq!(layers(&untried), vec![1]);
    assert_eq!(untried.limited, [(1, 7)].into());
    assert_eq!(layers(&decide(&mut allocator, start, &[900_000])), vec![0]);
    // One that fell waits.
    assert_eq!(layers(&decide(&mut allocator, start, &[500_000])), vec![1]);
    assert_eq!(layers(&decide(&mut allocator, start, &[900_000])), vec![1]);
}
