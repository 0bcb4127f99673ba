//! Guards: real descriptions of Chromium 156 and Firefox 153, as answers to our offers and as offers.

use super::*;
use crate::negotiated::{Codecs, Extension};

const CHROMIUM_OFFER: &str = include_str!("../../../fixtures/chromium-offer.sdp");
const CHROMIUM_ANSWER: &str = include_str!("../../../fixtures/chromium-answer.sdp");
const CHROMIUM_SIMULCAST: &str = include_str!("../../../fixtures/chromium-simulcast-offer.sdp");
const FIREFOX_OFFER: &str = include_str!("../../../fixtures/firefox-offer.sdp");
const FIREFOX_ANSWER: &str = include_str!("../../../fixtures/firefox-answer.sdp");
const FIREFOX_SIMULCAST: &str = include_str!("../../../fixtures/firefox-simulcast-offer.sdp");

fn codecs(opus: u8, vp8: u8, rtx: u8) -> Codecs {
    Codecs {
        opus: Some(opus),
        vp8: Some(vp8),
        vp8_rtx: Some(rtx),
    }
}

fn answering(offer: &str) -> (Jsep, Negotiated) {
    let mut jsep = jsep(1);
    jsep.set_remote(described(DescriptionType::Offer, offer))
        .unwrap();
    for state in jsep.transceivers() {
        jsep.set_direction(state.transceiver, Direction::SendRecv)
            .unwrap();
    }
    let negotiated = jsep.set_local(None).unwrap().negotiated.unwrap();
    (jsep, negotiated)
}

#[test]
fn offers_are_answered_with_their_own_numbers() {
    for (offer, numbers) in [
        (CHROMIUM_OFFER, codecs(111, 96, 97)),
        (FIREFOX_OFFER, codecs(109, 120, 124)),
    ] {
        let (jsep, negotiated) = answering(offer);
        assert_eq!(negotiated.codecs, numbers);
        assert!(negotiated.dtls_active && !negotiated.ice_controlling && negotiated.data);
        assert_eq!(negotiated.media.len(), 2);
        for media in &negotiated.media {
            assert!(media.send && media.receive && media.remote_ssrc.is_some());
            assert_eq!(media.remote_rtx.is_some(), media.kind == TrackKind::Video);
            assert_eq!(media.nack, media.kind == TrackKind::Video);
        }
        let found = |wanted| {
            negotiated
                .extensions
                .iter()
                .any(|(_, each)| *each == wanted)
        };
        assert!(found(Extension::Mid) && found(Extension::TransportSequenceNumber));
        let answer = jsep.current_local().unwrap().sdp;
        assert!(has(&answer, 0, "a=setup:active") && has(&answer, 1, "a=sendrecv"));
        assert!(answer.contains("a=group:BUNDLE 0 1 2\r\n"));
        assert_eq!(at(&jsep, "1").remote_streams.len(), 1);
    }
}

#[test]
fn answers_settle_our_offer() {
    for (answer, limit) in [(CHROMIUM_ANSWER, 262_144), (FIREFOX_ANSWER, 1_073_741_823)] {
        let mut jsep = with_media(1);
        jsep.add_data_section().unwrap();
        offer_of(&mut jsep);
        let applied = jsep
            .set_remote(described(DescriptionType::Answer, answer))
            .unwrap();
        let negotiated = applied.negotiated.unwrap();
        assert_eq!(negotiated.codecs, codecs(109, 120, 124));
        assert!(!negotiated.dtls_active && negotiated.ice_controlling);
        assert_eq!(negotiated.remote_max_message_size, limit);
        assert_eq!(negotiated.extensions.len(), 4);
        assert!(
            negotiated
                .media
                .iter()
                .all(|each| each.send && each.receive)
        );
        // Sound is repaired by libwebrtc because our offer asks for it.
        assert!(negotiated.media.iter().all(|each| each.nack));
    }
}

#[test]
fn sections_without_our_codecs_are_refused_and_simulcast_becomes_one_stream() {
    for offer in [CHROMIUM_SIMULCAST, FIREFOX_SIMULCAST] {
        let (jsep, negotiated) = answering(offer);
        let answer = jsep.current_local().unwrap().sdp;
        assert!(section(&answer, 0)[0].starts_with("m=video 0 "));
        assert!(answer.contains("a=group:BUNDLE 1 2\r\n"));
        assert!(!answer.contains("rid") && !answer.contains("simulcast"));
        assert_eq!(jsep.transceivers().len(), 2);
        let mids: Vec<_> = negotiated
            .media
            .iter()
            .map(|each| each.mid.as_str())
            .collect();
        assert_eq!(mids, ["1", "2"]);
    }
}

#[test]
fn what_str0m_offers_and_answers_is_understood() {
    use str0m::change::{SdpAnswer, SdpOffer};
    use str0m::media::{Direction, MediaKind};
    let build = || {
        let builder = str0m::Rtc::builder().clear_codecs().enable_vp8(true);
        builder
            .enable_opus(true, false)
            .build(std::time::Instant::now())
    };
    let mut rtc = build();
    let mut api = rtc.sdp_api();
    api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    api.add_media(MediaKind::Video, Direction::SendRecv, None, None, None);
    api.add_channel("chat".to_owned());
    let (offer, pending) = api.apply().unwrap();
    let (jsep, negotiated) = answering(&offer.to_sdp_string());
    assert_eq!(negotiated.media.len(), 2);
    assert!(
        negotiated.data
            && negotiated
                .media
                .iter()
                .all(|each| each.send && each.receive)
    );
    let answer = jsep.current_local().unwrap().sdp;
    rtc.sdp_api()
        .accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap())
        .unwrap();

    let mut rtc = build();
    let mut own = with_media(2);
    own.add_data_section().unwrap();
    let offer = SdpOffer::from_sdp_string(&offer_of(&mut own).sdp).unwrap();
    let answer = rtc.sdp_api().accept_offer(offer).unwrap().to_sdp_string();
    let applied = own
        .set_remote(described(DescriptionType::Answer, &answer))
        .unwrap();
    assert_eq!(applied.negotiated.unwrap().media.len(), 2);
}
