//! Guards: glare. An offer that is given up leaves nothing behind but what the page itself set.

use super::*;

#[test]
fn a_local_offer_given_up_takes_its_mids_and_credentials_back() {
    let mut one = with_media(1);
    let gathered = one.set_local(None).unwrap().gather;
    one.set_direction(1, Direction::RecvOnly).unwrap();
    let applied = one.set_local(Some(rollback())).unwrap();
    assert_eq!(applied.abandon, gathered);
    assert_eq!(one.signaling(), SignalingState::Stable);
    assert!(one.pending_local().is_none() && one.negotiation_needed());
    let states = one.transceivers();
    assert!(states.iter().all(|each| each.mid.is_none()));
    assert_eq!(states[0].direction, Direction::RecvOnly);
    let again = one.set_local(None).unwrap().gather;
    assert_ne!(again, gathered);
    assert_eq!(at(&one, "0").transceiver, 1);
}

#[test]
fn a_remote_offer_given_up_takes_its_transceivers_along() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    add(&mut other, 9, TrackKind::Audio);
    one.add_data_section().unwrap();
    other.set_remote(offer_of(&mut one)).unwrap();
    assert_eq!(other.transceivers().len(), 3);
    other.set_remote(rollback()).unwrap();
    assert_eq!(other.transceivers().len(), 1);
    assert_eq!(other.signaling(), SignalingState::Stable);
    assert!(other.current_remote().is_none());
    // No data section of the other side is left either.
    assert_eq!(offer_of(&mut other).sdp.matches("m=").count(), 1);
}

#[test]
fn a_remote_offer_given_up_leaves_what_was_negotiated_before() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    let before = other.transceivers();
    one.set_direction(1, Direction::Inactive).unwrap();
    one.stop_transceiver(2).unwrap();
    add(&mut one, 3, TrackKind::Audio);
    other.set_remote(offer_of(&mut one)).unwrap();
    assert!(!at(&other, "0").receiving && !at(&other, "1").receiving);
    other.set_local(Some(rollback())).unwrap();
    assert_eq!(other.transceivers(), before);
}

#[test]
fn the_polite_side_takes_the_other_offer_over_its_own() {
    let (mut one, mut other) = (with_media(1), with_media(2));
    let gathered = other.set_local(None).unwrap().gather;
    let offer = offer_of(&mut one);
    let applied = other.set_remote(offer).unwrap();
    assert_eq!(applied.abandon, gathered);
    assert_eq!(other.signaling(), SignalingState::HaveRemoteOffer);
    assert!(other.pending_local().is_none());
    let answered = other.set_local(None).unwrap();
    assert!(answered.gather.is_some() && answered.gather != gathered);
    one.set_remote(other.current_local().unwrap()).unwrap();
    assert!(other.negotiation_needed() && !one.negotiation_needed());
    settle(&mut one, &mut other);
    assert_eq!(
        (one.transceivers().len(), other.transceivers().len()),
        (4, 4)
    );
}

#[test]
fn an_offer_that_is_refused_does_not_cost_the_own_one() {
    let mut one = with_media(1);
    one.set_local(None).unwrap();
    let broken = described(
        DescriptionType::Offer,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=x\r\n",
    );
    assert_eq!(name(one.set_remote(broken)), EngineErrorName::SyntaxError);
    assert_eq!(one.signaling(), SignalingState::HaveLocalOffer);
}

#[test]
fn an_ice_restart_survives_a_rollback() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (before, _) = negotiate(&mut one, &mut other);
    one.restart_ice();
    let restarted = one.set_local(None).unwrap().gather;
    let applied = one.set_local(Some(rollback())).unwrap();
    assert_eq!(applied.abandon, restarted);
    assert!(one.negotiation_needed());
    // An answer in between goes on with what is there.
    add(&mut other, 5, TrackKind::Audio);
    let (_, agreed) = negotiate(&mut other, &mut one);
    assert_eq!(agreed.local_ice, before.local_ice);
    assert!(one.negotiation_needed());
    let (after, _) = settle(&mut one, &mut other).unwrap();
    assert_ne!(after.local_ice, before.local_ice);
}

#[test]
fn a_restart_given_up_keeps_the_old_credentials_and_candidates() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (before, _) = negotiate(&mut one, &mut other);
    let line = "candidate:1 1 udp 1 192.0.2.1 5000 typ host";
    one.add_local_candidate(&before.local_ice.ufrag, Some(line))
        .unwrap();
    let offer = one.create_offer(true).unwrap();
    one.set_local(Some(offer)).unwrap();
    one.set_local(Some(rollback())).unwrap();
    assert!(!one.negotiation_needed());
    let offer = offer_of(&mut one).sdp;
    assert!(has(
        &offer,
        0,
        &format!("a=ice-ufrag:{}", before.local_ice.ufrag)
    ));
    assert!(has(&offer, 0, &format!("a={line}")));
}

#[test]
fn a_transceiver_stopped_during_an_offer_that_is_given_up_is_gone() {
    let mut one = with_media(1);
    one.set_local(None).unwrap();
    one.stop_transceiver(1).unwrap();
    assert_eq!(one.transceivers().len(), 2);
    one.set_local(Some(rollback())).unwrap();
    assert_eq!(one.transceivers().len(), 1);
}

#[test]
fn there_is_nothing_to_roll_back_when_stable() {
    let mut one = with_media(1);
    assert_eq!(
        name(one.set_local(Some(rollback()))),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.set_remote(rollback())),
        EngineErrorName::InvalidStateError
    );
}
