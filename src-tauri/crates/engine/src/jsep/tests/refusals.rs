//! Guards: what does not fit is refused by its right name, and nothing has changed then.

use super::*;

/// A remote offer with one text in place of another.
fn offer_with(from: &str, to: &str) -> Description {
    let mut offer = offer_of(&mut with_media(1));
    assert!(offer.sdp.contains(from), "{from}");
    offer.sdp = offer.sdp.replace(from, to);
    offer
}

fn answered(offer: Description) -> String {
    let mut other = jsep(2);
    answer_of(&mut other, offer).0.sdp
}

fn refused(sdp: &str, index: usize) -> bool {
    section(sdp, index)[0].split(' ').nth(1) == Some("0")
}

#[test]
fn sections_that_cannot_be_used_are_refused_and_the_others_accepted() {
    for (from, to) in [
        ("BUNDLE 0 1", "BUNDLE 0"),
        ("VP8/90000", "AV1/90000"),
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 UDP/SOMETHING"),
        ("a=mid:1\r\n", ""),
    ] {
        let answer = answered(offer_with(from, to));
        assert!(!refused(&answer, 0) && refused(&answer, 1), "{from}");
        assert!(answer.contains("a=group:BUNDLE 0\r\n"));
    }
    let mut long = offer_with("a=mid:1\r\n", "a=mid:12345678901234567\r\n");
    long.sdp = long.sdp.replace("BUNDLE 0 1", "BUNDLE 0 12345678901234567");
    assert!(refused(&answered(long), 1));
    let mut offer = offer_of(&mut with_media(1));
    offer.sdp = offer.sdp.replace("a=rtcp-mux\r\n", "");
    let answer = answered(offer);
    assert!(refused(&answer, 0) && refused(&answer, 1) && !answer.contains("a=group"));
}

#[test]
fn a_second_data_section_and_unknown_media_are_refused() {
    let mut one = jsep(1);
    one.add_data_section().unwrap();
    let mut offer = offer_of(&mut one);
    let first = offer.sdp.split_once("m=").unwrap().1.to_owned();
    let second = first.replace("a=mid:0", "a=mid:1");
    let third = "m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:2\r\na=rtcp-mux\r\n";
    offer.sdp = offer.sdp.replace("BUNDLE 0", "BUNDLE 0 1 2") + "m=" + &second + third;
    let answer = answered(offer);
    assert!(!refused(&answer, 0) && refused(&answer, 1) && refused(&answer, 2));
    assert!(section(&answer, 2)[0].starts_with("m=text 0 "));
}

#[test]
fn an_offer_in_which_nothing_can_be_used_is_answered_all_the_same() {
    let mut other = jsep(2);
    let mut offer = offer_of(&mut with_media(1));
    offer.sdp = offer.sdp.replace("a=group:BUNDLE 0 1\r\n", "");
    let (answer, applied) = answer_of(&mut other, offer);
    assert!(refused(&answer.sdp, 0) && refused(&answer.sdp, 1));
    assert_eq!((applied.gather, applied.negotiated), (None, None));
    assert!(other.transceivers().is_empty() && other.signaling() == SignalingState::Stable);
}

#[test]
fn later_sections_with_other_numbers_are_refused() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    add(&mut one, 3, TrackKind::Audio);
    let mut offer = offer_of(&mut one);
    let (before, last) = offer.sdp.rsplit_once("m=").unwrap();
    offer.sdp = format!("{before}m={}", last.replace("109", "110"));
    let (answer, applied) = answer_of(&mut other, offer);
    assert!(refused(&answer.sdp, 2));
    assert_eq!(applied.negotiated.unwrap().media.len(), 2);
}

#[test]
fn the_other_side_cannot_become_somebody_else() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    let before = (other.transceivers(), other.current_remote());
    let mut offer = offer_of(&mut one);
    offer.sdp = offer.sdp.replace("01:01", "03:03");
    assert_eq!(
        name(other.set_remote(offer)),
        EngineErrorName::InvalidAccessError
    );
    assert_eq!((other.transceivers(), other.current_remote()), before);
    assert_eq!(other.signaling(), SignalingState::Stable);

    let mut answer = answer_of(&mut other, one.pending_local().unwrap()).0;
    answer.sdp = answer.sdp.replace("02:02", "03:03");
    assert_eq!(
        name(one.set_remote(answer)),
        EngineErrorName::InvalidAccessError
    );
    assert_eq!(one.signaling(), SignalingState::HaveLocalOffer);
}

#[test]
fn an_offer_needs_credentials_a_fingerprint_and_a_role_that_can_be() {
    for (from, to) in [
        ("a=fingerprint:sha-256 ", "a=fingerprint:sha-1 "),
        ("a=ice-ufrag:", "a=x:"),
        ("a=setup:actpass", "a=setup:holdconn"),
    ] {
        let result = jsep(2).set_remote(offer_with(from, to));
        assert_eq!(name(result), EngineErrorName::InvalidAccessError, "{from}");
    }
    let mixed = offer_of(&mut with_media(1));
    let (first, second) = mixed.sdp.rsplit_once("m=").unwrap();
    let two = described(
        DescriptionType::Offer,
        &format!("{first}m={}", second.replace("01:01", "04:04")),
    );
    assert_eq!(
        name(jsep(2).set_remote(two)),
        EngineErrorName::InvalidAccessError
    );
}

#[test]
fn the_role_follows_the_offer_and_then_stays() {
    for (offered, active) in [("active", false), ("passive", true), ("actpass", true)] {
        let (mut one, mut other) = (with_media(1), jsep(2));
        let mut offer = offer_of(&mut one);
        offer.sdp = offer
            .sdp
            .replace("a=setup:actpass", &format!("a=setup:{offered}"));
        let (answer, applied) = answer_of(&mut other, offer);
        assert_eq!(applied.negotiated.unwrap().dtls_active, active, "{offered}");
        let ours = one.set_remote(answer).unwrap().negotiated.unwrap();
        assert_eq!(ours.dtls_active, !active);
        let (later, _) = negotiate(&mut other, &mut one);
        assert_eq!(later.dtls_active, active);
        let mut offer = offer_of(&mut one);
        let other_role = if active { "active" } else { "passive" };
        offer.sdp = offer.sdp.replace("actpass", other_role);
        assert_eq!(
            name(other.set_remote(offer)),
            EngineErrorName::InvalidAccessError
        );
    }
}

#[test]
fn firefox_may_call_itself_active_after_a_restart() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    other.restart_ice();
    let (mut answer, _) = answer_of(&mut one, offer_of(&mut other));
    assert!(answer.sdp.contains("a=setup:passive"));
    answer.sdp = answer.sdp.replace("a=setup:passive", "a=setup:active");
    assert!(
        other
            .set_remote(answer)
            .unwrap()
            .negotiated
            .unwrap()
            .dtls_active
    );
}

#[test]
fn an_answer_has_to_fit_the_offer() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let (answer, _) = answer_of(&mut other, offer_of(&mut one));
    let before = one.transceivers();
    for (from, to) in [
        ("a=mid:1", "a=mid:7"),
        ("m=video", "m=audio"),
        ("VP8/90000", "H264/90000"),
        ("BUNDLE 0 1", "BUNDLE 0"),
        ("a=setup:active", "a=setup:actpass"),
        ("a=ice-pwd:", "a=x:"),
    ] {
        let mut changed = answer.clone();
        assert!(changed.sdp.contains(from), "{from}");
        changed.sdp = changed.sdp.replace(from, to);
        assert_eq!(
            name(one.set_remote(changed)),
            EngineErrorName::InvalidAccessError,
            "{from}"
        );
        assert_eq!(one.transceivers(), before);
    }
    let (fewer, _) = answer.sdp.rsplit_once("m=").unwrap();
    let fewer = described(DescriptionType::Answer, fewer);
    assert_eq!(
        name(one.set_remote(fewer)),
        EngineErrorName::InvalidAccessError
    );
    one.set_remote(answer).unwrap();
}

#[test]
fn sections_do_not_become_fewer_or_others() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    let offer = offer_of(&mut one);
    let (fewer, _) = offer.sdp.rsplit_once("m=").unwrap();
    let fewer = described(DescriptionType::Offer, fewer);
    assert_eq!(
        name(other.set_remote(fewer)),
        EngineErrorName::InvalidAccessError
    );
    for (from, to) in [("a=mid:1", "a=mid:5"), ("m=video", "m=audio")] {
        let mut changed = offer.clone();
        changed.sdp = changed.sdp.replace(from, to);
        assert_eq!(
            name(other.set_remote(changed)),
            EngineErrorName::InvalidAccessError
        );
    }
    other.set_remote(offer).unwrap();
}

#[test]
fn an_answer_cannot_restart_ice() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    negotiate(&mut one, &mut other);
    let (mut answer, _) = answer_of(&mut other, offer_of(&mut one));
    answer.sdp = answer.sdp.replace("a=ice-ufrag:", "a=ice-ufrag:x");
    assert_eq!(
        name(one.set_remote(answer)),
        EngineErrorName::InvalidAccessError
    );
}

#[test]
fn descriptions_come_in_their_order_only() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    assert_eq!(
        name(one.create_answer()),
        EngineErrorName::InvalidStateError
    );
    let answer = answer_of(&mut other, offer_of(&mut with_media(3))).0;
    assert_eq!(
        name(one.set_remote(answer.clone())),
        EngineErrorName::InvalidStateError
    );
    assert_eq!(
        name(one.set_local(Some(answer))),
        EngineErrorName::InvalidStateError
    );
    one.set_remote(offer_of(&mut with_media(4))).unwrap();
    assert_eq!(
        name(one.create_offer(false)),
        EngineErrorName::InvalidStateError
    );
}

#[test]
fn a_refused_section_of_ours_ends_its_transceiver() {
    let (mut one, mut other) = (with_media(1), jsep(2));
    let offer = offer_of(&mut one);
    other.set_remote(offer).unwrap();
    let id = at(&other, "1").transceiver;
    other.stop_transceiver(id).unwrap();
    other.set_local(None).unwrap();
    one.set_remote(other.current_local().unwrap()).unwrap();
    assert_eq!(one.transceivers().len(), 1);
    assert!(!one.negotiation_needed());
}
