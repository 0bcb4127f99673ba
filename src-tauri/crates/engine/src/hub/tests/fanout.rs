use std::time::Duration;

use landline_protocol::engine_api::{EncodeTarget, Encoding, EngineReply, EngineRequest};

use super::{Lab, SENDER, TRACK, key_requests, told};

fn set(lab: &mut Lab, connection: u32, encoding: Encoding) {
    lab.ask(
        0,
        EngineRequest::SetEncoding {
            connection,
            transceiver: SENDER,
            encoding,
        },
    );
}

fn limit(lab: &mut Lab, connection: u32, max_bitrate: Option<u32>) {
    let encoding = Encoding {
        max_bitrate,
        ..Encoding::default()
    };
    set(lab, connection, encoding);
}

fn hidden() -> Encoding {
    Encoding {
        active: false,
        ..Encoding::default()
    }
}

fn shown(scale: f64) -> Encoding {
    Encoding {
        scale_resolution_down_by: Some(scale),
        ..Encoding::default()
    }
}

/// What `getStats` says of the sender of a connection.
fn outbound(lab: &mut Lab, connection: u32) -> serde_json::Map<String, serde_json::Value> {
    let EngineReply::Stats { entries } = lab.ask(0, EngineRequest::GetStats { connection }) else {
        panic!("no statistics");
    };
    let outbound = entries.into_iter().find(|it| it["type"] == "outbound-rtp");
    outbound.unwrap()
}

#[test]
fn one_encoding_reaches_every_link() {
    let mut lab = Lab::new(3);
    let events = lab.events();
    assert!(told(&events, 0).flatten().is_some());
    assert_eq!(told(&events, 1), Some(None), "nobody needs the small layer");
    for number in 0..30 {
        lab.picture(0, number == 0, number);
    }
    let expected: Vec<_> = (0..30).map(|n| (0, n)).collect();
    for client in 1..=3 {
        assert_eq!(lab.pictures(client), expected);
    }
}

#[test]
fn key_frames_are_asked_for_at_most_twice_a_second() {
    let mut lab = Lab::new(4);
    lab.events();
    lab.run_for(Duration::from_secs(5));
    let asked = key_requests(&lab.events());
    assert!(
        (8..=11).contains(&asked),
        "{asked} in 5 s without an answer"
    );
    lab.picture(0, true, 0);
    lab.events();
    lab.run_for(Duration::from_secs(2));
    assert_eq!(key_requests(&lab.events()), 0);
}

#[test]
fn nothing_goes_out_before_a_key_frame() {
    let mut lab = Lab::new(1);
    lab.picture(0, false, 0);
    lab.picture(0, true, 1);
    lab.picture(0, false, 2);
    assert_eq!(lab.pictures(1), vec![(0, 1), (0, 2)]);
}

#[test]
fn a_limited_link_gets_the_small_layer_from_its_key_frame_on_and_comes_back() {
    let mut lab = Lab::new(2);
    lab.picture(0, true, 0);
    lab.events();
    limit(&mut lab, 2, Some(300_000));
    lab.run_for(Duration::from_millis(100));
    let events = lab.events();
    assert_eq!(told(&events, 1).flatten().unwrap().bitrate, 300_000);
    assert_eq!(key_requests(&events), 1);
    lab.picture(0, false, 1);
    lab.picture(1, false, 2);
    lab.picture(1, true, 3);
    lab.picture(0, false, 4);
    lab.picture(1, false, 5);
    assert_eq!(lab.pictures(1), vec![(0, 0), (0, 1), (0, 4)]);
    assert_eq!(
        lab.pictures(2),
        vec![(0, 0), (0, 1), (1, 3), (1, 5)],
        "the old layer until the new one's key frame"
    );
    limit(&mut lab, 2, None);
    lab.run_for(Duration::from_secs(5));
    assert_eq!(told(&lab.events(), 1), Some(None));
    lab.picture(0, true, 6);
    assert_eq!(lab.pictures(2), vec![(0, 6)]);
}

#[test]
fn a_track_that_is_replaced_or_dropped_ends_its_encoding() {
    let mut lab = Lab::new(1);
    lab.picture(0, true, 0);
    lab.events();
    lab.ask(
        0,
        EngineRequest::SetTrack {
            connection: 1,
            transceiver: SENDER,
            track: None,
        },
    );
    assert_eq!(told(&lab.events(), 0), Some(None));
    lab.picture(0, false, 1);
    assert_eq!(lab.pictures(1), vec![(0, 0)]);
    lab.ask(0, EngineRequest::DropTrack { track: TRACK });
    lab.picture(0, true, 2);
    assert_eq!(lab.pictures(1), vec![]);
}

#[test]
fn nothing_listens_when_the_last_connection_is_closed() {
    let mut lab = Lab::new(2);
    assert_eq!(lab.wire.sockets.len(), 4);
    lab.ask(0, EngineRequest::Close { connection: 1 });
    lab.clients[0].close();
    lab.hub.take_inputs(lab.now, &mut lab.wire);
    assert_eq!(lab.wire.sockets.len(), 2);
    for client in [1, 2] {
        lab.clients[client].close();
    }
    lab.hub.take_inputs(lab.now, &mut lab.wire);
    assert!(lab.wire.sockets.is_empty());
    assert_eq!(lab.hub.next_timeout(), None);
}

#[test]
fn who_shows_a_small_picture_gets_the_small_layer_at_once_and_the_large_one_as_soon_as_it_shows_more()
 {
    let mut lab = Lab::new(2);
    lab.picture(0, true, 0);
    lab.events();
    set(&mut lab, 2, shown(2.0));
    let events = lab.events();
    assert_eq!(told(&events, 1).flatten().map(|it| it.height), Some(240));
    assert_eq!(key_requests(&events), 1);
    lab.picture(1, true, 1);
    lab.picture(0, false, 2);
    assert_eq!(lab.pictures(1), vec![(0, 0), (0, 2)]);
    assert_eq!(lab.pictures(2), vec![(0, 0), (1, 1)]);
    let stats = outbound(&mut lab, 2);
    assert_eq!(
        (&stats["frameHeight"], &stats["qualityLimitationReason"]),
        (&240.into(), &"none".into())
    );
    lab.run_for(Duration::from_secs(4));
    set(&mut lab, 2, Encoding::default());
    // The path has to be tried out. Links that were slow wait for three seconds.
    lab.run_for(Duration::from_millis(1_500));
    lab.picture(0, true, 3);
    assert_eq!(lab.pictures(2), vec![(0, 3)]);
    assert_eq!(told(&lab.events(), 1), Some(None));
}

#[test]
fn who_shows_nothing_gets_not_a_byte_and_a_key_frame_when_it_looks_again() {
    let mut lab = Lab::new(2);
    for number in 0..20 {
        lab.picture(0, number == 0, number);
    }
    assert_eq!(lab.pictures(2).len(), 20);
    set(&mut lab, 2, hidden());
    lab.run_for(Duration::from_secs(1));
    let before = outbound(&mut lab, 2);
    lab.pictures(1);
    for number in 1..30 {
        lab.picture(0, number % 10 == 0, number);
        assert_eq!(lab.pictures(1), vec![(0, number)], "the other one");
    }
    let after = outbound(&mut lab, 2);
    assert_eq!(lab.pictures(2), vec![]);
    assert_eq!(before["bytesSent"], after["bytesSent"], "padding neither");
    assert_eq!(after["active"], false);
    lab.events();
    set(&mut lab, 2, Encoding::default());
    assert_eq!(key_requests(&lab.events()), 1);
    lab.picture(0, false, 30);
    lab.picture(0, true, 31);
    assert_eq!(lab.pictures(2), vec![(0, 31)]);
    assert_eq!(lab.pictures(1), vec![(0, 30), (0, 31)]);
}

#[test]
fn what_nobody_shows_is_not_encoded_and_neither_are_frames_that_nobody_wants() {
    let mut lab = Lab::new(2);
    lab.events();
    for connection in [1, 2] {
        set(&mut lab, connection, hidden());
    }
    let events = lab.events();
    assert_eq!((told(&events, 0), told(&events, 1)), (Some(None), None));
    let slow = |max_framerate| Encoding {
        max_framerate: Some(max_framerate),
        ..Encoding::default()
    };
    set(&mut lab, 1, slow(10));
    set(&mut lab, 2, slow(15));
    let framerate = |target: EncodeTarget| target.framerate;
    assert_eq!(told(&lab.events(), 0).flatten().map(framerate), Some(15));
    set(&mut lab, 2, slow(0));
    assert_eq!(told(&lab.events(), 0).flatten().map(framerate), Some(10));
}
