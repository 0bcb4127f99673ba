//! Guards: two ends that agree agree on the same.

use super::*;
use crate::negotiated::Extension;

#[test]
fn both_ends_of_a_first_negotiation_say_the_same() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    one.add_data_section().unwrap();
    let offer = offer_of(&mut one);
    other.set_remote(offer).unwrap();
    for state in other.transceivers() {
        assert!(state.receiving && state.direction == Direction::RecvOnly);
        assert_eq!(state.remote_streams, ["person"]);
        other
            .set_direction(state.transceiver, Direction::SendRecv)
            .unwrap();
    }
    let theirs = other.set_local(None).unwrap().negotiated.unwrap();
    let ours = one
        .set_remote(other.current_local().unwrap())
        .unwrap()
        .negotiated
        .unwrap();

    assert!(ours.ice_controlling && !theirs.ice_controlling);
    assert!(!ours.dtls_active && theirs.dtls_active);
    assert_eq!(
        (ours.remote_fingerprint, theirs.remote_fingerprint),
        ([2; 32], [1; 32])
    );
    assert_eq!(
        (&ours.local_ice, &ours.remote_ice),
        (&theirs.remote_ice, &theirs.local_ice)
    );
    assert_eq!(ours.codecs, theirs.codecs);
    assert_eq!(ours.extensions, theirs.extensions);
    assert_eq!(ours.extensions.len(), 4);
    assert!(
        ours.extensions
            .iter()
            .any(|(_, each)| *each == Extension::Mid)
    );
    assert!(ours.data && theirs.data && ours.remote_max_message_size == 262_144);
    assert_eq!(ours.media.len(), 2);
    for (mine, yours) in ours.media.iter().zip(&theirs.media) {
        assert_eq!(mine.mid, yours.mid);
        assert!(mine.send && mine.receive && yours.send && yours.receive);
        assert_eq!(mine.remote_ssrc, Some(yours.local_ssrc));
        assert_eq!(yours.remote_ssrc, Some(mine.local_ssrc));
        assert_eq!(
            (mine.remote_rtx, yours.remote_rtx),
            (yours.local_rtx, mine.local_rtx)
        );
        assert_eq!(mine.local_rtx.is_some(), mine.kind == TrackKind::Video);
        assert!(mine.nack && yours.nack);
    }
    assert!(!one.negotiation_needed() && !other.negotiation_needed());
}

#[test]
fn somebody_who_only_listens_answers_sendrecv_without_a_track() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    other.set_remote(offer_of(&mut one)).unwrap();
    for state in other.transceivers() {
        other
            .set_direction(state.transceiver, Direction::SendRecv)
            .unwrap();
    }
    let answer = {
        other.set_local(None).unwrap();
        other.current_local().unwrap()
    };
    assert!(has(&answer.sdp, 0, "a=sendrecv") && has(&answer.sdp, 1, "a=sendrecv"));
}

#[test]
fn an_answer_has_the_directions_that_both_want() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (offered, wanted, answered) in [
        (SendRecv, SendRecv, SendRecv),
        (SendRecv, RecvOnly, RecvOnly),
        (SendOnly, SendRecv, RecvOnly),
        (RecvOnly, SendRecv, SendOnly),
        (SendOnly, SendOnly, Inactive),
        (Inactive, SendRecv, Inactive),
    ] {
        let (mut one, mut other) = (jsep(1), jsep(2));
        one.add_transceiver(1, TrackKind::Audio, offered, vec![])
            .unwrap();
        other.set_remote(offer_of(&mut one)).unwrap();
        let id = other.transceivers()[0].transceiver;
        other.set_direction(id, wanted).unwrap();
        other.set_local(None).unwrap();
        assert_eq!(at(&other, "0").current_direction, Some(answered));
        one.set_remote(other.current_local().unwrap()).unwrap();
        let mirrored = super::super::direction::reversed(answered);
        assert_eq!(at(&one, "0").current_direction, Some(mirrored));
    }
}

#[test]
fn what_was_agreed_stays_what_it_was() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (first, _) = negotiate(&mut one, &mut other);
    add(&mut other, 7, TrackKind::Video);
    let (_, second) = negotiate(&mut other, &mut one);
    assert!(second.ice_controlling && !second.dtls_active);
    assert_eq!(first.codecs, second.codecs);
    assert_eq!(
        (first.local_ice, first.remote_ice),
        (second.local_ice, second.remote_ice)
    );
    assert_eq!(first.media[0].local_ssrc, second.media[0].local_ssrc);
    assert_eq!(second.media.len(), 3);
}

#[test]
fn a_change_of_direction_or_streams_is_to_be_negotiated() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    assert!(one.negotiation_needed());
    negotiate(&mut one, &mut other);
    assert!(!one.negotiation_needed());
    one.set_direction(1, Direction::RecvOnly).unwrap();
    assert!(one.negotiation_needed());
    one.set_direction(1, Direction::SendRecv).unwrap();
    assert!(!one.negotiation_needed());
    one.set_streams(1, vec!["another".to_owned()]).unwrap();
    assert!(one.negotiation_needed());
    settle(&mut one, &mut other);
    assert_eq!(at(&other, "0").remote_streams, ["another"]);
    one.add_data_section().unwrap();
    assert!(one.negotiation_needed());
    assert!(settle(&mut one, &mut other).unwrap().1.data);
}

#[test]
fn an_answerer_sends_more_once_it_is_asked_to() {
    let (mut one, mut other) = (jsep(1), jsep(2));
    one.add_transceiver(1, TrackKind::Audio, Direction::SendOnly, vec![])
        .unwrap();
    other.set_remote(offer_of(&mut one)).unwrap();
    let id = other.transceivers()[0].transceiver;
    other.set_direction(id, Direction::SendRecv).unwrap();
    other.set_local(None).unwrap();
    one.set_remote(other.current_local().unwrap()).unwrap();
    assert!(!other.negotiation_needed());
    one.set_direction(1, Direction::SendRecv).unwrap();
    assert!(one.negotiation_needed());
    settle(&mut one, &mut other);
    assert_eq!(at(&other, "0").current_direction, Some(Direction::SendRecv));
}

#[test]
fn an_own_ice_restart_counts_when_it_is_answered() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (before, _) = negotiate(&mut one, &mut other);
    one.restart_ice();
    assert!(one.negotiation_needed());
    let applied = one.set_local(None).unwrap();
    assert_ne!(applied.gather.as_ref(), Some(&before.local_ice));
    let (answer, theirs) = answer_of(&mut other, one.pending_local().unwrap());
    assert!(theirs.gather.is_some());
    let after = one.set_remote(answer).unwrap().negotiated.unwrap();
    assert_eq!(Some(after.local_ice), applied.gather);
    assert_eq!(Some(after.remote_ice), theirs.gather);
    assert!(!one.negotiation_needed());
    // Without a restart nothing is gathered again.
    assert_eq!(one.set_local(None).unwrap().gather, None);
}

#[test]
fn create_offer_with_ice_restart_restarts_and_without_does_not() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (before, _) = negotiate(&mut one, &mut other);
    let same = one.create_offer(false).unwrap();
    assert!(has(
        &same.sdp,
        0,
        &format!("a=ice-ufrag:{}", before.local_ice.ufrag)
    ));
    let restarting = one.create_offer(true).unwrap();
    assert!(!has(
        &restarting.sdp,
        0,
        &format!("a=ice-ufrag:{}", before.local_ice.ufrag)
    ));
    assert!(one.set_local(Some(restarting)).unwrap().gather.is_some());
}

#[test]
fn the_own_description_is_taken_as_it_was_made_or_not_at_all() {
    let mut one = with_media(1);
    let offer = one.create_offer(false).unwrap();
    let mut changed = offer.clone();
    changed.sdp = changed.sdp.replace("a=sendrecv", "a=sendonly");
    assert_eq!(
        name(one.set_local(Some(changed))),
        EngineErrorName::InvalidModificationError
    );
    let mut trickled = offer.clone();
    let line = "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=mid:0";
    trickled.sdp = trickled.sdp.replace("a=mid:0", line);
    one.set_local(Some(trickled)).unwrap();
    // The same once more changes nothing.
    assert_eq!(one.set_local(Some(offer)).unwrap(), Applied::default());
    assert_eq!(one.signaling(), SignalingState::HaveLocalOffer);
}

#[test]
fn an_offer_can_be_replaced_before_it_is_answered() {
    let (mut one, mut other) = (jsep(1), jsep(2));
    add(&mut one, 1, TrackKind::Audio);
    let first = offer_of(&mut one);
    add(&mut one, 2, TrackKind::Video);
    other.set_remote(first).unwrap();
    let id = other.transceivers()[0].transceiver;
    let second = offer_of(&mut one);
    let (answer, _) = answer_of(&mut other, second);
    assert_eq!(other.transceivers()[0].transceiver, id);
    one.set_remote(answer).unwrap();
    assert_eq!(one.transceivers().len(), 2);
    assert!(
        one.transceivers()
            .iter()
            .all(|each| each.current_direction.is_some())
    );
}

#[test]
fn credentials_have_the_characters_and_lengths_of_the_standard() {
    let offer = offer_of(&mut with_media(1));
    let lines = section(&offer.sdp, 0);
    let value = |name: &str| {
        lines
            .iter()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .to_owned()
    };
    let (ufrag, pwd) = (value("a=ice-ufrag:"), value("a=ice-pwd:"));
    assert_eq!((ufrag.len(), pwd.len()), (8, 24));
    let ice_char = |each: char| each.is_ascii_alphanumeric() || each == '+' || each == '/';
    assert!(ufrag.chars().chain(pwd.chars()).all(ice_char));
    assert!(has(&offer.sdp, 0, "a=ice-options:trickle"));
}

#[test]
fn receivers_are_numbered_once_for_all_connections() {
    let ids = ReceiverIds::default();
    let identity = Identity {
        fingerprint: [1; 32],
    };
    let mut one = Jsep::new(identity.clone(), random(1), ids.clone());
    let mut other = Jsep::new(identity, random(2), ids);
    add(&mut one, 1, TrackKind::Audio);
    add(&mut other, 1, TrackKind::Audio);
    assert_ne!(
        one.transceivers()[0].receiver,
        other.transceivers()[0].receiver
    );
}

#[test]
fn nothing_works_once_it_is_closed() {
    let mut one = with_media(1);
    let offer = offer_of(&mut with_media(2));
    one.close();
    assert_eq!(one.signaling(), SignalingState::Closed);
    assert!(!one.negotiation_needed());
    assert!(one.transceivers().iter().all(|each| each.stopped));
    assert_eq!(
        name(one.create_offer(false)),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.create_answer()),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.set_local(None)),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.set_remote(offer)),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.set_direction(1, Direction::Inactive)),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.add_data_section()),
        EngineErrorName::InvalidStateError
    );
}

#[test]
fn a_section_that_the_other_side_adds_may_number_the_same_codec_otherwise() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let offer = offer_of(&mut one);
    other.set_remote(offer).unwrap();
    other.set_local(None).unwrap();
    one.set_remote(other.current_local().unwrap()).unwrap();
    // As Chromium does when a screen is shared with sound.
    other
        .add_transceiver(9, TrackKind::Audio, Direction::SendRecv, Vec::new())
        .unwrap();
    let mut added = offer_of(&mut other);
    let at = added.sdp.rfind("m=audio").unwrap();
    let section = added.sdp.split_off(at).replace("109", "111");
    added.sdp.push_str(&section);
    one.set_remote(added).unwrap();
    let agreed = one.set_local(None).unwrap().negotiated.unwrap();
    let numbers: Vec<u8> = agreed.media.iter().map(|each| each.payload_type).collect();
    assert_eq!(numbers, [109, 120, 111]);
    // Offered again by us, each section keeps its own.
    let again = offer_of(&mut one).sdp;
    let last = &again[again.rfind("m=audio").unwrap()..];
    assert!(last.contains("a=rtpmap:111 opus/48000/2") && !last.contains("109"));
}
