use std::time::Duration;

use landline_protocol::engine_api::PeerConnectionState;

use super::{connected, pictures, talk};
use crate::fuzzing::world::{Side, World};

fn restart(world: &mut World, from: Side) {
    world.end(from).session.jsep.restart_ice();
    world.negotiate(from).unwrap();
}

#[test]
fn pictures_go_on_through_ice_restarts_of_both_sides() {
    let mut world = connected(20);
    let mut next = 0;
    for from in [Side::Left, Side::Right, Side::Right, Side::Left] {
        talk(&mut world, Side::Left, next..next + 15, 2_000);
        restart(&mut world, from);
        talk(&mut world, Side::Left, next + 15..next + 30, 2_000);
        next += 30;
    }
    world.run_for(Duration::from_millis(100));
    let expected: Vec<_> = (0..120).map(|n| (n, false)).collect();
    assert_eq!(pictures(&world.right), expected);
    assert!(world.left.session.is_connected() && world.right.session.is_connected());
}

#[test]
fn a_changed_address_works_after_a_restart() {
    for moves in [Side::Left, Side::Right] {
        let mut world = connected(21);
        let new = vec!["10.0.9.9:6000".parse().unwrap()];
        world.end(moves).addresses = new;
        // The old address is gone: nothing arrives until the restart.
        world.end(moves).session.sockets.clear();
        world.run_for(Duration::from_secs(4));
        let other = world.end(moves.other()).session.state().connection;
        assert_eq!(other, PeerConnectionState::Disconnected);
        restart(&mut world, moves);
        world.run_for(Duration::from_secs(2));
        assert!(world.left.session.is_connected() && world.right.session.is_connected());
        talk(&mut world, Side::Left, 0..30, 1_000);
        talk(&mut world, Side::Right, 0..30, 1_000);
        assert_eq!(pictures(&world.right).len(), 30);
        assert_eq!(pictures(&world.left).len(), 30);
    }
}

#[test]
fn a_restart_brings_a_failed_connection_back() {
    let mut world = connected(22);
    world.weather.loss = 1_000;
    world.run_for(Duration::from_secs(25));
    assert_eq!(
        world.left.session.state().connection,
        PeerConnectionState::Failed
    );
    world.weather.loss = 0;
    restart(&mut world, Side::Left);
    world.run_for(Duration::from_secs(3));
    assert!(world.left.session.is_connected() && world.right.session.is_connected());
}
