use std::time::Duration;

use bytes::Bytes;
use landline_protocol::engine_api::{
    ChannelOptions, ChannelState, EngineErrorName, PeerConnectionState, REMOTE_IDS,
};

use super::{SessionOutput, world};
use crate::fuzzing::world::{End, Side, World};

const CHAT: u32 = 4;

fn with_channel(seed: u64) -> World {
    let mut world = world(seed);
    let now = world.now;
    let options = ChannelOptions {
        ordered: true,
        protocol: "p".to_owned(),
        ..ChannelOptions::default()
    };
    world
        .left
        .session
        .create_channel(now, CHAT, "chat".to_owned(), options)
        .unwrap();
    world.negotiate(Side::Left).unwrap();
    world.run_for(Duration::from_secs(1));
    world
}

fn send(world: &mut World, from: Side, channel: u32, size: usize) -> Result<(), EngineErrorName> {
    let now = world.now;
    let payload = Bytes::from(vec![b'm'; size]);
    world
        .end(from)
        .session
        .send_message(now, channel, false, payload)
        .map_err(|e| e.name)
}

fn messages(end: &End) -> Vec<(u32, usize)> {
    end.outputs
        .iter()
        .filter_map(|(_, o)| match o {
            SessionOutput::ChannelMessage {
                channel, payload, ..
            } => Some((*channel, payload.len())),
            _ => None,
        })
        .collect()
}

fn states(end: &End) -> Vec<(u32, ChannelState)> {
    end.outputs
        .iter()
        .filter_map(|(_, o)| match o {
            SessionOutput::ChannelState { channel, state, .. } => Some((*channel, *state)),
            _ => None,
        })
        .collect()
}

#[test]
fn messages_go_both_ways_whole_and_in_order() {
    let mut world = with_channel(30);
    assert_eq!(states(&world.left), vec![(CHAT, ChannelState::Open)]);
    let created = world.right.outputs.iter().find_map(|(_, o)| match o {
        SessionOutput::ChannelCreated {
            channel,
            label,
            options,
        } => Some((*channel, label.clone(), options.protocol.clone())),
        _ => None,
    });
    assert_eq!(
        created,
        Some((REMOTE_IDS, "chat".to_owned(), "p".to_owned()))
    );
    let sizes = [1, 60_000, 65_536, 5];
    for size in sizes {
        send(&mut world, Side::Left, CHAT, size).unwrap();
        send(&mut world, Side::Right, REMOTE_IDS, size).unwrap();
    }
    world.run_for(Duration::from_secs(3));
    assert_eq!(messages(&world.right), sizes.map(|s| (REMOTE_IDS, s)));
    assert_eq!(messages(&world.left), sizes.map(|s| (CHAT, s)));
    let last = world.left.outputs.iter().rev().find_map(|(_, o)| match o {
        SessionOutput::ChannelBuffered { bytes, .. } => Some(*bytes),
        _ => None,
    });
    assert_eq!(last, Some(0), "all of it is told to be sent");
}

#[test]
fn what_cannot_be_sent_is_refused_and_harms_nothing() {
    let mut world = with_channel(31);
    assert_eq!(
        send(&mut world, Side::Left, CHAT, 0),
        Err(EngineErrorName::NotSupportedError)
    );
    assert_eq!(world.left.session.state().max_message_size, Some(65_536));
    assert_eq!(
        send(&mut world, Side::Left, CHAT, 65_537),
        Err(EngineErrorName::OperationError)
    );
    assert_eq!(
        send(&mut world, Side::Left, 99, 1),
        Err(EngineErrorName::InvalidStateError)
    );
    send(&mut world, Side::Left, CHAT, 7).unwrap();
    world.run_for(Duration::from_millis(200));
    assert_eq!(messages(&world.right), vec![(REMOTE_IDS, 7)]);
}

#[test]
fn closing_waits_for_what_was_sent_before() {
    let mut world = with_channel(32);
    for _ in 0..20 {
        send(&mut world, Side::Left, CHAT, 50_000).unwrap();
    }
    let now = world.now;
    world.left.session.close_channel(now, CHAT);
    world.run_for(Duration::from_secs(5));
    assert_eq!(messages(&world.right).len(), 20);
    assert!(states(&world.left).contains(&(CHAT, ChannelState::Closed)));
    assert!(states(&world.right).contains(&(REMOTE_IDS, ChannelState::Closed)));
    assert_eq!(
        world.right.session.state().connection,
        PeerConnectionState::Connected
    );
}

#[test]
fn a_channel_made_later_and_one_negotiated_by_id_open_too() {
    let mut world = with_channel(33);
    let now = world.now;
    let by_id = || ChannelOptions {
        ordered: true,
        negotiated: true,
        id: Some(100),
        ..ChannelOptions::default()
    };
    for side in [Side::Left, Side::Right] {
        let session = &mut world.end(side).session;
        session
            .create_channel(now, 8, "by id".to_owned(), by_id())
            .unwrap();
    }
    let options = ChannelOptions::default();
    world
        .right
        .session
        .create_channel(now, 9, "late".to_owned(), options)
        .unwrap();
    world.run_for(Duration::from_secs(1));
    assert!(states(&world.left).contains(&(8, ChannelState::Open)));
    assert!(states(&world.right).contains(&(8, ChannelState::Open)));
    assert!(states(&world.right).contains(&(9, ChannelState::Open)));
    send(&mut world, Side::Left, 8, 3).unwrap();
    world.run_for(Duration::from_millis(200));
    assert_eq!(messages(&world.right), vec![(8, 3)]);
}
