//! Guards: sections, mids and transceivers belong together as RFC 8829 has it, over any number of negotiations.

use super::*;

#[test]
fn a_remote_section_makes_a_transceiver_of_its_own() {
    let (mut one, mut other) = (with_media(1), with_media(2));
    other.set_remote(offer_of(&mut one)).unwrap();
    let states = other.transceivers();
    assert_eq!(states.len(), 4);
    assert_eq!(
        (states[0].mid.as_deref(), states[1].mid.as_deref()),
        (None, None)
    );
    assert!(states[2].transceiver >= landline_protocol::engine_api::REMOTE_IDS);
    assert_eq!(
        (states[2].kind, states[2].mid.as_deref()),
        (TrackKind::Audio, Some("0"))
    );
    other.set_local(None).unwrap();
    one.set_remote(other.current_local().unwrap()).unwrap();
    settle(&mut one, &mut other);
    assert_eq!(one.transceivers().len(), 4);
    assert_eq!(at(&other, "2").transceiver, 1);
}

#[test]
fn a_stopped_transceiver_goes_from_both_lists_and_its_section_is_used_again() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    one.stop_transceiver(1).unwrap();
    assert!(at(&one, "0").stopped && one.negotiation_needed());
    let offer = offer_of(&mut one);
    assert!(section(&offer.sdp, 0)[0].starts_with("m=audio 0 "));
    assert!(offer.sdp.contains("a=group:BUNDLE 1\r\n"));
    let (answer, _) = answer_of(&mut other, offer);
    one.set_remote(answer).unwrap();
    assert_eq!(
        (one.transceivers().len(), other.transceivers().len()),
        (1, 1)
    );
    assert!(!one.negotiation_needed());

    add(&mut other, 5, TrackKind::Video);
    let offer = offer_of(&mut other);
    assert_eq!(offer.sdp.matches("m=").count(), 2);
    assert!(has(&offer.sdp, 0, "a=mid:2"));
    let (answer, _) = answer_of(&mut one, offer);
    other.set_remote(answer).unwrap();
    assert_eq!(at(&one, "2").kind, TrackKind::Video);
}

#[test]
fn a_transceiver_stopped_while_the_other_side_offers_is_refused_in_the_answer() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    one.restart_ice();
    let offer = offer_of(&mut one);
    let stopped = at(&other, "1").transceiver;
    other.stop_transceiver(stopped).unwrap();
    let (answer, applied) = answer_of(&mut other, offer);
    assert!(section(&answer.sdp, 1)[0].starts_with("m=video 0 "));
    assert_eq!(applied.negotiated.unwrap().media.len(), 1);
    one.set_remote(answer).unwrap();
    assert_eq!(one.transceivers().len(), 1);
}

#[test]
fn a_transceiver_stopped_before_it_was_ever_offered_just_goes() {
    let mut one = with_media(1);
    one.stop_transceiver(1).unwrap();
    assert_eq!(one.transceivers().len(), 1);
    one.stop_transceiver(1).unwrap();
    assert_eq!(offer_of(&mut one).sdp.matches("m=").count(), 1);
}

#[test]
fn a_transceiver_stopped_after_its_offer_was_made_is_ended_by_the_next() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let offer = one.create_offer(false).unwrap();
    one.stop_transceiver(2).unwrap();
    one.set_local(Some(offer)).unwrap();
    let (answer, _) = answer_of(&mut other, one.pending_local().unwrap());
    let negotiated = one.set_remote(answer).unwrap().negotiated.unwrap();
    assert!(!negotiated.media[1].send && !negotiated.media[1].receive);
    assert!(one.negotiation_needed());
    settle(&mut one, &mut other);
    assert_eq!(
        (one.transceivers().len(), other.transceivers().len()),
        (1, 1)
    );
}

#[test]
fn the_data_section_comes_last_and_only_once() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    one.add_data_section().unwrap();
    one.add_data_section().unwrap();
    let offer = offer_of(&mut one);
    assert!(has(
        &offer.sdp,
        2,
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"
    ));
    assert!(
        has(&offer.sdp, 2, "a=sctp-port:5000") && has(&offer.sdp, 2, "a=max-message-size:262144")
    );
    assert_eq!(one.max_message_size(), None);
    let (answer, _) = answer_of(&mut other, offer);
    one.set_remote(answer).unwrap();
    assert_eq!(one.max_message_size(), Some(262_144));
    other.add_data_section().unwrap();
    assert!(!other.negotiation_needed());
}

#[test]
fn mids_of_the_other_side_are_not_given_out_again() {
    let (mut one, mut other) = (jsep(1), jsep(2));
    add(&mut one, 1, TrackKind::Audio);
    let mut offer = offer_of(&mut one);
    offer.sdp = offer
        .sdp
        .replace("a=mid:0", "a=mid:1")
        .replace("BUNDLE 0", "BUNDLE 1");
    answer_of(&mut other, offer);
    add(&mut other, 1, TrackKind::Audio);
    add(&mut other, 2, TrackKind::Audio);
    other.set_local(None).unwrap();
    let mids: Vec<_> = other
        .transceivers()
        .into_iter()
        .map(|each| each.mid.unwrap())
        .collect();
    assert_eq!(mids, ["1", "0", "2"]);
}

#[test]
fn more_sections_than_can_be_are_refused() {
    let mut one = jsep(1);
    for id in 0..12 {
        add(&mut one, id, TrackKind::Audio);
    }
    let more = one.add_transceiver(20, TrackKind::Audio, Direction::SendRecv, vec![]);
    assert_eq!(name(more), EngineErrorName::QuotaExceededError);
    assert_eq!(
        name(one.add_data_section()),
        EngineErrorName::QuotaExceededError
    );
    let mut other = jsep(2);
    add(&mut other, 1, TrackKind::Audio);
    answer_of(&mut other, offer_of(&mut one));
    assert_eq!(
        name(other.set_local(None)),
        EngineErrorName::QuotaExceededError
    );
    assert_eq!(other.signaling(), SignalingState::Stable);
}

#[test]
fn ids_and_streams_are_checked() {
    let mut one = with_media(1);
    let mut adding = |id, streams: Vec<String>| {
        one.add_transceiver(id, TrackKind::Audio, Direction::SendRecv, streams)
    };
    assert_eq!(name(adding(1, vec![])), EngineErrorName::InvalidAccessError);
    let remote = landline_protocol::engine_api::REMOTE_IDS;
    assert_eq!(
        name(adding(remote, vec![])),
        EngineErrorName::InvalidAccessError
    );
    let evil = vec!["a\r\na=evil".to_owned()];
    assert_eq!(
        name(adding(3, evil.clone())),
        EngineErrorName::InvalidAccessError
    );
    assert_eq!(
        name(adding(3, vec!["a".to_owned(); 9])),
        EngineErrorName::QuotaExceededError
    );
    assert_eq!(
        name(one.set_streams(1, evil)),
        EngineErrorName::InvalidAccessError
    );
    assert_eq!(
        name(one.set_direction(9, Direction::Inactive)),
        EngineErrorName::InvalidAccessError
    );
}
