//! Tests of the signaling side.

mod association;
mod browsers;
mod candidates;
mod negotiation;
mod properties;
mod refusals;
mod rollback;

use landline_protocol::engine_api::{
    Description, DescriptionType, Direction, EngineErrorName, SignalingState, TrackKind,
    TransceiverState,
};

use super::{Applied, Identity, Jsep, Random, ReceiverIds};
use crate::negotiated::Negotiated;

/// Repeatable, and good enough to tell one connection's numbers from another's.
fn random(seed: u64) -> Random {
    let mut state = seed;
    Box::new(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}

fn jsep(seed: u8) -> Jsep {
    let identity = Identity {
        fingerprint: [seed; 32],
    };
    Jsep::new(identity, random(u64::from(seed)), ReceiverIds::default())
}

/// With a microphone and a camera, as Landline's page makes them.
fn with_media(seed: u8) -> Jsep {
    let mut jsep = jsep(seed);
    add(&mut jsep, 1, TrackKind::Audio);
    add(&mut jsep, 2, TrackKind::Video);
    jsep
}

fn add(jsep: &mut Jsep, id: u32, kind: TrackKind) {
    let streams = vec!["person".to_owned()];
    jsep.add_transceiver(id, kind, Direction::SendRecv, streams)
        .unwrap();
}

fn offer_of(jsep: &mut Jsep) -> Description {
    jsep.set_local(None).unwrap();
    jsep.pending_local().unwrap()
}

/// Takes the offer and answers it.
fn answer_of(jsep: &mut Jsep, offer: Description) -> (Description, Applied) {
    jsep.set_remote(offer).unwrap();
    let applied = jsep.set_local(None).unwrap();
    (jsep.current_local().unwrap(), applied)
}

/// One whole negotiation; what came of it for each.
fn negotiate(offerer: &mut Jsep, answerer: &mut Jsep) -> (Negotiated, Negotiated) {
    let offer = offer_of(offerer);
    let (answer, applied) = answer_of(answerer, offer);
    let own = offerer.set_remote(answer).unwrap();
    (own.negotiated.unwrap(), applied.negotiated.unwrap())
}

/// As many rounds as the page would make of `negotiationneeded`.
fn settle(one: &mut Jsep, other: &mut Jsep) -> Option<(Negotiated, Negotiated)> {
    let mut last = None;
    for _ in 0..20 {
        if one.negotiation_needed() {
            last = Some(negotiate(one, other));
        } else if other.negotiation_needed() {
            let (theirs, ours) = negotiate(other, one);
            last = Some((ours, theirs));
        } else {
            return last;
        }
    }
    panic!("negotiation never ends");
}

fn described(kind: DescriptionType, sdp: &str) -> Description {
    Description {
        r#type: kind,
        sdp: sdp.to_owned(),
    }
}

fn rollback() -> Description {
    described(DescriptionType::Rollback, "")
}

fn at(jsep: &Jsep, mid: &str) -> TransceiverState {
    let mut all = jsep.transceivers().into_iter();
    all.find(|each| each.mid.as_deref() == Some(mid)).unwrap()
}

fn name<T: std::fmt::Debug>(
    result: Result<T, landline_protocol::engine_api::EngineError>,
) -> EngineErrorName {
    result.unwrap_err().name
}

/// The lines of one section, by its place.
fn section(sdp: &str, index: usize) -> Vec<String> {
    let mut sections = sdp.split("m=").skip(1);
    let text = sections.nth(index).unwrap();
    format!("m={text}").lines().map(str::to_owned).collect()
}

fn has(sdp: &str, index: usize, line: &str) -> bool {
    section(sdp, index).iter().any(|each| each == line)
}

#[test]
fn a_new_connection_is_stable_and_needs_nothing() {
    let jsep = jsep(1);
    assert_eq!(jsep.signaling(), SignalingState::Stable);
    assert!(
        !jsep.negotiation_needed()
            && jsep.current_local().is_none()
            && jsep.transceivers().is_empty()
    );
}
