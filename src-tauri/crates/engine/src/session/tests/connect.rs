use std::time::Duration;

use landline_protocol::engine_api::{
    Description, DescriptionType, IceConnectionState, PeerConnectionState, SignalingState,
    TrackKind,
};

use super::{connected, join, pictures, sounds, talk, transceiver, world};
use crate::fuzzing::world::{Side, Weather};

#[test]
fn sound_and_pictures_go_both_ways() {
    let mut world = connected(1);
    talk(&mut world, Side::Left, 0..60, 3_000);
    talk(&mut world, Side::Right, 0..60, 3_000);
    world.run_for(Duration::from_millis(100));
    for end in [&world.left, &world.right] {
        let expected: Vec<_> = (0..60).map(|n| (n, false)).collect();
        assert_eq!(pictures(end), expected);
        assert_eq!(sounds(end), (0..60).collect::<Vec<_>>());
    }
}

#[test]
fn lost_and_reordered_packets_are_repaired() {
    let mut world = connected(2);
    world.weather = Weather {
        delay: Duration::from_millis(30),
        jitter: Duration::from_millis(8),
        loss: 50,
    };
    talk(&mut world, Side::Left, 0..300, 4_000);
    world.run_for(Duration::from_secs(1));
    let came = pictures(&world.right);
    assert!(came.len() >= 290, "{} of 300 pictures", came.len());
    assert!(came.is_sorted(), "pictures come in order");
    let gaps = came.iter().filter(|(_, gap)| *gap).count();
    assert!(gaps <= 5, "{gaps} gaps");
    let heard = sounds(&world.right).len();
    assert!(
        (260..300).contains(&heard),
        "{heard} of 300 packets of sound"
    );
}

#[test]
fn statistics_are_exact_when_they_are_asked_for() {
    let mut world = connected(3);
    talk(&mut world, Side::Left, 0..31, 1_000);
    let now = world.now;
    let wall = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(100);
    let sent = world.left.session.stats(now, wall);
    let find = |entries: &[super::super::stats::Entry], kind: &str, of: &str| {
        let found = entries
            .iter()
            .find(|e| e["type"] == kind && (of.is_empty() || e["kind"] == of));
        found.cloned().unwrap_or_else(|| panic!("no {kind} {of}"))
    };
    let video = find(&sent, "outbound-rtp", "video");
    assert_eq!(video["framesSent"], 31);
    assert_eq!(video["keyFramesSent"], 2);
    assert_eq!(video["timestamp"], 100_000.0);
    let received = world.right.session.stats(now, wall);
    let seen = find(&received, "inbound-rtp", "video");
    assert_eq!(seen["framesReceived"], 31);
    assert_eq!(seen["packetsLost"], 0);
    assert_eq!(seen["mid"], video["mid"]);
    assert_eq!(seen["ssrc"], video["ssrc"]);
    assert_eq!(
        find(&received, "inbound-rtp", "audio")["packetsReceived"],
        31
    );
    let pair = find(&received, "candidate-pair", "");
    assert_eq!(pair["state"], "succeeded");
    assert_eq!(pair["nominated"], true);
    assert!(pair["currentRoundTripTime"].as_f64().unwrap() < 0.1);
}

#[test]
fn candidates_may_come_seconds_late() {
    let mut world = world(4);
    world.trickle = false;
    join(&mut world);
    world.run_for(Duration::from_secs(5));
    assert_eq!(
        world.left.session.state().connection,
        PeerConnectionState::Connecting
    );
    world.deliver_candidates(Side::Left);
    world.deliver_candidates(Side::Right);
    world.run_for(Duration::from_secs(2));
    assert!(world.left.session.is_connected() && world.right.session.is_connected());
}

#[test]
fn somebody_who_is_killed_is_disconnected_after_3_s_and_failed_15_s_later() {
    let mut world = connected(5);
    world.right.dead = true;
    world.run_for(Duration::from_millis(1_900));
    assert!(world.left.session.is_connected(), "a short hole is nothing");
    world.run_for(Duration::from_secs(2));
    let state = world.left.session.state();
    assert_eq!(state.ice, IceConnectionState::Disconnected);
    world.run_for(Duration::from_secs(16));
    assert_eq!(
        world.left.session.state().connection,
        PeerConnectionState::Failed
    );
}

#[test]
fn a_hole_of_ten_seconds_mends_by_itself() {
    let mut world = connected(6);
    world.weather.loss = 1_000;
    world.run_for(Duration::from_secs(10));
    assert_eq!(
        world.left.session.state().connection,
        PeerConnectionState::Disconnected
    );
    world.weather.loss = 0;
    world.run_for(Duration::from_secs(3));
    assert!(world.left.session.is_connected() && world.right.session.is_connected());
    talk(&mut world, Side::Left, 0..30, 1_000);
    assert_eq!(pictures(&world.right).len(), 30);
}

#[test]
fn an_idle_connection_stays_connected() {
    let mut world = connected(7);
    world.run_for(Duration::from_mins(1));
    let changes = world.left.outputs.len();
    world.run_for(Duration::from_mins(1));
    assert!(world.left.session.is_connected());
    let states = world.left.outputs[changes..]
        .iter()
        .filter(|(_, o)| matches!(o, super::SessionOutput::State))
        .count();
    assert_eq!(states, 0, "and its state does not flap");
}

#[test]
fn a_goodbye_is_heard_at_once() {
    let mut world = connected(8);
    let now = world.now;
    world.left.session.close(now);
    world.run_for(Duration::from_millis(50));
    assert_eq!(
        world.right.session.state().connection,
        PeerConnectionState::Disconnected
    );
    assert_eq!(
        world.left.session.state().connection,
        PeerConnectionState::Closed
    );
}

#[test]
fn in_glare_the_side_that_gives_way_answers() {
    let mut world = world(9);
    let jsep = &mut world.right.session.jsep;
    jsep.add_transceiver(
        77,
        TrackKind::Video,
        landline_protocol::engine_api::Direction::SendRecv,
        vec![],
    )
    .unwrap();
    let from_right = world.describe(Side::Right).unwrap();
    let from_left = world.describe(Side::Left).unwrap();
    drop(from_right);
    world.hear(Side::Right, from_left).unwrap();
    let answer = world.describe(Side::Right).unwrap();
    world.hear(Side::Left, answer).unwrap();
    world.run_for(Duration::from_secs(1));
    assert!(world.left.session.is_connected());
    assert!(world.right.session.state().negotiation_needed);
    world.negotiate(Side::Right).unwrap();
    world.run_for(Duration::from_millis(100));
    let now = world.now;
    let id = transceiver(&world.left, TrackKind::Video);
    assert!(world.left.session.send_frame(
        now,
        id,
        &super::frame(1, 0, true, &super::vp8(true, 0, 500))
    ));
    assert!(world.right.session.send_frame(
        now,
        77,
        &super::frame(1, 0, true, &super::vp8(true, 5, 500))
    ));
    world.run_for(Duration::from_millis(100));
    assert_eq!(pictures(&world.right), vec![(0, false)]);
    assert_eq!(pictures(&world.left), vec![(5, false)]);
}

#[test]
fn a_rolled_back_offer_leaves_the_call_as_it_was() {
    let mut world = connected(10);
    let now = world.now;
    let jsep = &mut world.left.session.jsep;
    jsep.add_transceiver(
        9,
        TrackKind::Video,
        landline_protocol::engine_api::Direction::SendRecv,
        vec![],
    )
    .unwrap();
    world.describe(Side::Left).unwrap();
    let rollback = Description {
        r#type: DescriptionType::Rollback,
        sdp: String::new(),
    };
    world.left.session.set_local(now, Some(rollback)).unwrap();
    assert_eq!(world.left.session.jsep.signaling(), SignalingState::Stable);
    talk(&mut world, Side::Left, 0..30, 1_000);
    talk(&mut world, Side::Right, 0..30, 1_000);
    assert_eq!(pictures(&world.right).len(), 30);
    assert_eq!(pictures(&world.left).len(), 30);
}
